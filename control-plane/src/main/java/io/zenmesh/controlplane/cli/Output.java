package io.zenmesh.controlplane.cli;

/** The form of a command's output. */
enum Output {
  /** For people. */
  table,
  /** For programs. */
  json
}
