package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.audit.Checkpoints;
import java.util.List;
import java.util.Optional;

/** Before the first checkpoint. */
record NoCheckpoints() implements Checkpoints {
  @Override
  public Optional<String> newest() {
    return Optional.empty();
  }

  @Override
  public String verifierKey() {
    return "log.test+00000000+AA==";
  }

  @Override
  public List<String> verifierKeys() {
    return List.of();
  }

  @Override
  public Optional<Proof> inclusion(long position) {
    return Optional.empty();
  }

  @Override
  public Optional<Proof> consistency(long size) {
    return Optional.empty();
  }
}
