package io.zenmesh.extproc.standalone;

import java.util.List;

/** A file that the processor cannot start with; its text has a line for each problem. */
public final class UnusableConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  UnusableConfigException(List<String> lines) {
    super(String.join("\n", lines));
  }
}
