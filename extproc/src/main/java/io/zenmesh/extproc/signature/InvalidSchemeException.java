package io.zenmesh.extproc.signature;

import java.util.List;

/** A scheme document that does not follow the language; says everything that is wrong with it. */
public final class InvalidSchemeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  InvalidSchemeException(List<String> problems) {
    super(String.join("; ", problems));
    this.problems = List.copyOf(problems);
  }

  /** One line per problem: path, value and what was expected. */
  public List<String> problems() {
    return problems;
  }
}
