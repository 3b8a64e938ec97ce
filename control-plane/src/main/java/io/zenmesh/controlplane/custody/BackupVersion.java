package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;

/**
 * One version of a signing secret within an open backup. Holds its value, so it is no record;
 * {@link #close()} zeroes it.
 */
final class BackupVersion implements AutoCloseable {
  private final Name name;
  private final long version;
  private final VersionState state;
  private final SecretBytes value;

  /**
   * @param state live or retired
   * @param value closed with this
   */
  BackupVersion(Name name, long version, VersionState state, SecretBytes value) {
    this.name = name;
    this.version = version;
    this.state = state;
    this.value = value;
  }

  Name name() {
    return name;
  }

  /** Its number where the backup was made. */
  long version() {
    return version;
  }

  VersionState state() {
    return state;
  }

  SecretBytes value() {
    return value;
  }

  @Override
  public void close() {
    value.close();
  }
}
