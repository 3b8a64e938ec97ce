package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.custody.Custodian;
import io.zenmesh.controlplane.custody.Overlap;
import io.zenmesh.controlplane.custody.SecretRecord;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.publish.NodeSecret;
import io.zenmesh.controlplane.publish.Publication;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The secrets of a tenant. Values come in as {@code application/octet-stream} and never go out. A
 * change is pushed to the nodes before it is answered. Thread-safe.
 */
public final class SecretRoutes implements RouteGroup {
  private final Custodian custodian;
  private final Supplier<Publication> publish;
  private final Function<SecretRef, List<NodeSecret>> followers;
  private final Pages pages;

  /**
   * @param publish brings the stored state to the nodes
   * @param followers tells how far each node has followed a secret
   */
  public SecretRoutes(
      Custodian custodian,
      Supplier<Publication> publish,
      Function<SecretRef, List<NodeSecret>> followers,
      Cursors cursors) {
    this.pages = new Pages(cursors);
    this.custodian = custodian;
    this.publish = publish;
    this.followers = followers;
  }

  @Override
  public Map<String, ApiHandler> handlers() {
    return Map.of(
        "listSecrets", this::list,
        "getSecret", this::get,
        "putSecret", this::put,
        "rotateSecret", this::rotate,
        "retireSecretVersion", request -> end(request, custodian::retire),
        "revokeSecretVersion", request -> end(request, custodian::revoke),
        "destroySecretVersion", request -> end(request, custodian::destroy),
        "getSecretStatus", this::status);
  }

  private interface End {
    Custodian.Answer of(Actor actor, SecretRef ref, long version);
  }

  private static SecretRef ref(ApiRequest request) {
    return new SecretRef(request.tenant(), new Name(request.path("name")));
  }

  private static boolean acceptWeak(ApiRequest request) {
    return request.query("acceptWeak").map(Boolean::parseBoolean).orElse(false);
  }

  private Answer list(ApiRequest request) {
    return pages.answer(
        request,
        custodian.list(request.caller().actor(), request.tenant()).stream()
            .map(SecretView::of)
            .toList(),
        SecretView::name);
  }

  private Answer get(ApiRequest request) {
    return find(request)
        .map(it -> Answer.tagged(200, SecretView.of(it)))
        .orElseGet(Answer::notFound);
  }

  private Optional<SecretRecord> find(ApiRequest request) {
    SecretRef ref = ref(request);
    return custodian.list(request.caller().actor(), request.tenant()).stream()
        .filter(it -> it.ref().equals(ref))
        .findFirst();
  }

  private Answer put(ApiRequest request) {
    try (SecretBytes value = SecretBytes.takeOver(request.body())) {
      return answer(
          request,
          custodian.put(
              request.caller().actor(),
              ref(request),
              value,
              acceptWeak(request),
              current -> EntityTag.expected(request, current.map(SecretView::of))));
    }
  }

  private Answer rotate(ApiRequest request) {
    Duration overlap = request.query("overlap").flatMap(Overlap::parse).orElse(Overlap.DEFAULT);
    if (request.query("overlap").filter(it -> Overlap.parse(it).isEmpty()).isPresent()) {
      return Answer.problem(
          Problem.Kind.PARAMETER_INVALID,
          List.of("overlap: malformed (expected: " + Overlap.GRAMMAR + ")"),
          request.correlation());
    }
    try (SecretBytes value = SecretBytes.takeOver(request.body())) {
      return answer(
          request,
          custodian.rotate(
              request.caller().actor(), ref(request), value, overlap, acceptWeak(request)));
    }
  }

  private Answer end(ApiRequest request, End verb) {
    long version = Long.parseLong(request.path("version"));
    return answer(request, verb.of(request.caller().actor(), ref(request), version));
  }

  private Answer status(ApiRequest request) {
    return find(request)
        .map(SecretRecord::ref)
        .map(ref ->
            Answer.json(
                200,
                new SecretView.Status(
                    ref.name().value(),
                    followers.apply(ref).stream().map(SecretView.Follower::of).toList())))
        .orElseGet(Answer::notFound);
  }

  private Answer answer(ApiRequest request, Custodian.Answer answer) {
    return switch (answer) {
      case Custodian.Answer.Refused(String code, String detail) -> refusal(request, code, detail);
      case Custodian.Answer.Done(SecretRecord secret, long version) ->
          Publications.answer(
              request,
              publish.get(),
              published ->
                  new SecretView.Changed(
                      SecretView.of(secret), version, published.nodes(), published.behind()));
    };
  }

  static Answer refusal(ApiRequest request, String code, String detail) {
    if (code.equals("unknown_secret") || code.equals("unknown_version")) {
      return Answer.notFound();
    }
    if (code.equals(Custodian.UNEXPECTED)) {
      return Answer.problem(Problem.Kind.PRECONDITION_FAILED, List.of(), request.correlation());
    }
    Problem.Kind kind =
        code.startsWith("value_") ? Problem.Kind.BODY_MALFORMED : Problem.Kind.CONFLICT;
    return Answer.problem(
        kind, List.of(detail.isEmpty() ? code : code + ": " + detail), request.correlation());
  }
}
