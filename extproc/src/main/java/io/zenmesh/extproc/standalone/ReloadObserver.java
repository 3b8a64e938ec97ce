package io.zenmesh.extproc.standalone;

/** Hears what became of each changed file. Implementations are thread-safe and do not block. */
public interface ReloadObserver {
  /** It is in force. */
  void taken();

  /** It is not, and what was in force before stays. */
  void refused();
}
