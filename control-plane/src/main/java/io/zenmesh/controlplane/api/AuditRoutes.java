package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.audit.ChainReader;
import io.zenmesh.controlplane.audit.Checkpoints;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.tenant.Caller;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The audit record of a tenant, and the checkpoint that anyone may keep. Thread-safe. */
public final class AuditRoutes implements RouteGroup {
  private static final String NOTE = "text/plain; charset=utf-8";
  private static final int USUAL = 100;

  private final ChainReader chains;
  private final Checkpoints checkpoints;
  private final Supplier<Optional<String>> cosigned;
  private final Cursors cursors;

  /**
   * @param cosigned the newest checkpoint that a witness has cosigned, as a signed note
   */
  public AuditRoutes(
      ChainReader chains,
      Checkpoints checkpoints,
      Supplier<Optional<String>> cosigned,
      Cursors cursors) {
    this.cursors = cursors;
    this.chains = chains;
    this.checkpoints = checkpoints;
    this.cosigned = cosigned;
  }

  @Override
  public Map<String, ApiHandler> handlers() {
    return Map.of(
        "getCheckpoint", this::checkpoint,
        "getCosignedCheckpoint",
            request -> cosigned.get().map(it -> Answer.text(NOTE, it)).orElseGet(Answer::notFound),
        "getConsistency", this::consistency,
        "getKeySet", this::keySet,
        "listAudit", this::entries,
        "listAuditLeaves", this::leaves,
        "getEvidence", this::evidence);
  }

  private Answer checkpoint(ApiRequest request) {
    return Answer.json(200, new RecordView.Newest(checkpoints.newest(), checkpoints.verifierKey()));
  }

  private Answer keySet(ApiRequest request) {
    return Answer.json(200, KeySetView.of(checkpoints.verifierKeys()))
        .with("Cache-Control", "max-age=" + KeySetView.MAX_AGE.toSeconds());
  }

  private Answer consistency(ApiRequest request) {
    return number(request, "from")
        .flatMap(checkpoints::consistency)
        .map(it -> Answer.json(200, RecordView.Proof.of(it)))
        .orElseGet(Answer::notFound);
  }

  private Answer entries(ApiRequest request) {
    int limit = number(request, "limit").map(Math::toIntExact).orElse(USUAL);
    List<ChainReader.Recorded> found =
        number(request, "after")
            .map(after -> chains.after(request.tenant(), after, limit))
            .orElseGet(() -> chains.newest(request.tenant(), limit));
    return Answer.json(
        200, new RecordView.Entries(found.stream().map(RecordView.Entry::of).toList()));
  }

  private Answer leaves(ApiRequest request) {
    long from = number(request, "from").orElse(0L);
    int limit = number(request, "limit").map(Math::toIntExact).orElse(USUAL);
    return Answer.json(
        200,
        new RecordView.Leaves(
            chains.log(),
            chains.cut(request.tenant()).map(RecordView.Cut::of),
            chains.leaves(request.tenant(), from, limit).stream()
                .map(RecordView.Leaf::of)
                .toList()));
  }

  /** An id alone names no tenant: a member is shown its own chain, whatever it asks for. */
  private Answer evidence(ApiRequest request) {
    Name asked = request.query("tenant").map(Name::new).orElseGet(() -> ownChain(request));
    boolean shown =
        switch (request.caller()) {
          case Caller.Operator operator -> true;
          case Caller.Member member -> member.tenant().equals(asked);
        };
    return shown ? TenantContext.within(asked, () -> evidence(request, asked)) : Answer.notFound();
  }

  private static Name ownChain(ApiRequest request) {
    return switch (request.caller()) {
      case Caller.Operator operator -> Name.SYSTEM;
      case Caller.Member member -> member.tenant();
    };
  }

  /** Page by page: who chooses ids could bury an act under what comes before it. */
  private Answer evidence(ApiRequest request, Name chain) {
    String correlation = request.path("correlation");
    String list = chain + "/" + correlation + "/";
    Optional<String> cursor = request.query("cursor");
    Optional<Long> after =
        cursor.isEmpty()
            ? Optional.of(0L)
            : cursor
                .flatMap(it -> cursors.place(request, it))
                .filter(it -> it.startsWith(list))
                .map(it -> Long.parseLong(it.substring(list.length())));
    if (after.isEmpty()) {
      return Pages.cursorInvalid(request);
    }
    int limit = number(request, "limit").map(Math::toIntExact).orElse(Pages.USUAL);
    List<ChainReader.Tied> read = chains.correlated(chain, correlation, after.get(), limit + 1);
    List<ChainReader.Tied> shown = read.size() > limit ? read.subList(0, limit) : read;
    if (shown.isEmpty()) {
      return Answer.notFound();
    }
    Optional<String> next =
        read.size() > limit
            ? Optional.of(cursors.behind(request, list + shown.getLast().recorded().entry().seq()))
            : Optional.empty();
    return Answer.json(
        200,
        new RecordView.Evidence(
            chains.log(),
            chain.value(),
            correlation,
            shown.stream().map(this::proved).toList(),
            next));
  }

  private RecordView.Proved proved(ChainReader.Tied tied) {
    return new RecordView.Proved(
        RecordView.Entry.of(tied.recorded()),
        tied.previous().map(Hash::toString),
        tied.recorded().position().flatMap(checkpoints::inclusion).map(RecordView.Proof::of));
  }

  /** The contract has checked that it is a number in its bounds. */
  private static Optional<Long> number(ApiRequest request, String parameter) {
    return request.query(parameter).map(Long::parseLong);
  }
}
