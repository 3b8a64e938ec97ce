package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.audit.ChainReader;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Optional;

/** A record with nothing on it. */
record NoChains() implements ChainReader {
  @Override
  public String log() {
    return "log.test";
  }

  @Override
  public Optional<ExportItem.Cut> cut(Name chain) {
    return Optional.empty();
  }

  @Override
  public List<Recorded> after(Name chain, long seq, int limit) {
    return List.of();
  }

  @Override
  public List<Recorded> newest(Name chain, int limit) {
    return List.of();
  }

  @Override
  public List<Tied> correlated(Name chain, String correlation, long seq, int limit) {
    return List.of();
  }

  @Override
  public List<ClaimedLeaf> leaves(Name chain, long from, int limit) {
    return List.of();
  }
}
