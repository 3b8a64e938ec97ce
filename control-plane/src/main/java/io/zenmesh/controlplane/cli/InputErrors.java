package io.zenmesh.controlplane.cli;

import java.util.function.Supplier;

/** What the engine finds wrong in what was typed. */
final class InputErrors {
  private InputErrors() {}

  /** Runs it; a refused argument is wrong usage, whose message holds nothing secret. */
  static <T> T asUsage(Supplier<T> engine) {
    try {
      return engine.get();
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }
}
