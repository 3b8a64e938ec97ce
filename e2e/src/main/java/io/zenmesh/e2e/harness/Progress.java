package io.zenmesh.e2e.harness;

import java.time.Duration;

/** Told what a mesh is doing while it starts; called from several threads. */
public interface Progress {
  /** Tells nobody. */
  Progress NONE =
      new Progress() {
        @Override
        public void started(String part) {}

        @Override
        public void ready(String part, Duration took) {}
      };

  void started(String part);

  void ready(String part, Duration took);
}
