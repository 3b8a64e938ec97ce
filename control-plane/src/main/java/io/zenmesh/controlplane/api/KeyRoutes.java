package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.custody.KekRotation;
import io.zenmesh.controlplane.custody.KeyIssuer;
import io.zenmesh.controlplane.custody.KeySchedule.KeyLine;
import io.zenmesh.controlplane.custody.KeySchedule.Purpose;
import io.zenmesh.controlplane.custody.RootRotation;
import io.zenmesh.controlplane.custody.VersionHistory;
import io.zenmesh.controlplane.publish.Publication;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Derived keys of a tenant, and the platform's key-encryption keys. Thread-safe. */
public final class KeyRoutes implements RouteGroup {
  /** Which key the body is. */
  static final String KEY_ID = "X-Zen-Key-Id";

  private final KeyIssuer issuer;
  private final RootRotation roots;
  private final KekRotation keks;
  private final Supplier<Publication> publish;
  private final Predicate<KeyLine> serves;
  private final Pages pages;

  /**
   * @param publish brings the stored state to the nodes
   * @param serves whether a cluster of that name may serve the tenant
   */
  public KeyRoutes(
      KeyIssuer issuer,
      RootRotation roots,
      KekRotation keks,
      Supplier<Publication> publish,
      Predicate<KeyLine> serves,
      Cursors cursors) {
    this.pages = new Pages(cursors);
    this.issuer = issuer;
    this.roots = roots;
    this.keks = keks;
    this.publish = publish;
    this.serves = serves;
  }

  @Override
  public Map<String, ApiHandler> handlers() {
    return Map.of(
        "listKeys", this::list,
        "issueKey", this::issue,
        "retireKeyVersion",
            request ->
                ended(
                    request,
                    issuer.retire(request.caller().actor(), line(request), version(request))),
        "revokeKeyVersion",
            request ->
                ended(
                    request,
                    issuer.revoke(request.caller().actor(), line(request), version(request))),
        "rotateRoot", this::rotateRoot,
        "listKeks", this::keks,
        "rotateKek", this::rotate);
  }

  private static KeyLine line(ApiRequest request) {
    return new KeyLine(
        request.tenant(),
        new Name(request.path("cluster")),
        Purpose.ofWord(request.path("purpose")).orElseThrow());
  }

  private static long version(ApiRequest request) {
    return Long.parseLong(request.path("version"));
  }

  private Answer list(ApiRequest request) {
    Map<KeyLine, VersionHistory> lines = issuer.list(request.caller().actor(), request.tenant());
    return pages.answer(
        request,
        lines.entrySet().stream()
            .map(it ->
                new KeyView(
                    it.getKey().cluster().value(),
                    it.getKey().purpose().word(),
                    SecretView.VersionView.of(it.getValue())))
            .toList(),
        it -> it.cluster() + "/" + it.purpose());
  }

  /** The one time that the key is shown: when every node that must know it was told. */
  private Answer issue(ApiRequest request) {
    KeyLine line = line(request);
    if (!serves.test(line)) {
      return Answer.notFound();
    }
    return switch (issuer.issue(request.caller().actor(), line)) {
      case KeyIssuer.Answer.Refused(String code) -> SecretRoutes.refusal(request, code, "");
      case KeyIssuer.Answer.Ended ended -> Answer.notFound();
      case KeyIssuer.Answer.Issued issued -> {
        try (issued) {
          // Told in any case: what is not published yet is tried again, and the key counts then.
          var unused = publish.get();
          yield new Answer(
                  201,
                  "application/octet-stream",
                  Map.of(KEY_ID, issued.id()),
                  issued.key().copy(SecretAccess.granted()))
              .keeping(
                  Answer.problem(
                      Problem.Kind.ANSWER_NOT_KEPT,
                      List.of("key: " + issued.id() + " was shown (expected: once)"),
                      request.correlation()));
        }
      }
    };
  }

  private Answer ended(ApiRequest request, KeyIssuer.Answer answer) {
    return switch (answer) {
      case KeyIssuer.Answer.Refused(String code) -> SecretRoutes.refusal(request, code, "");
      case KeyIssuer.Answer.Ended(VersionHistory history) ->
          Publications.answer(
              request,
              publish.get(),
              published ->
                  new KeyView(
                      request.path("cluster"),
                      request.path("purpose"),
                      SecretView.VersionView.of(history)));
      case KeyIssuer.Answer.Issued issued ->
          throw new IllegalStateException("key: issued (expected: ended)");
    };
  }

  private Answer rotateRoot(ApiRequest request) {
    return switch (roots.rotate(request.caller().actor(), request.tenant())) {
      case RootRotation.Answer.Refused(String code) -> SecretRoutes.refusal(request, code, "");
      case RootRotation.Answer.Rotated(long version, List<Long> erased) ->
          Answer.json(200, new KeyView.Root(version, erased));
    };
  }

  private Answer keks(ApiRequest request) {
    return pages.answer(request, keks.status().stream().map(KekView::of).toList(), KekView::id);
  }

  private Answer rotate(ApiRequest request) {
    KekRotation.Progress progress = keks.rotate(request.caller().actor());
    return Answer.json(
        200,
        new KekView.Rotated(
            progress.current(), progress.rewrapped(), progress.destroyed(), progress.broken()));
  }
}
