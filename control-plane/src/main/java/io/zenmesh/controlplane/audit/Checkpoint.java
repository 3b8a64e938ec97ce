package io.zenmesh.controlplane.audit;

/**
 * What the log was at one moment: its length and its root (C2SP tlog-checkpoint).
 *
 * @param origin the id of the log
 * @param size how many entries it had
 * @param root over all of them
 */
public record Checkpoint(String origin, long size, Hash root) {
  /** The text that is signed: three lines. */
  String text() {
    return origin + "\n" + size + "\n" + root.base64() + "\n";
  }
}
