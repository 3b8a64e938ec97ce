package io.zenmesh.controlplane.audit;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An archive could not be kept or read: nothing of what it is to hold may be pruned. */
public final class ArchiveException extends IOException {
  private static final long serialVersionUID = 1L;

  private final ArchiveFault fault;

  ArchiveException(ArchiveFault fault, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.fault = fault;
  }

  /** Why, as a stable code. */
  public ArchiveFault fault() {
    return fault;
  }
}
