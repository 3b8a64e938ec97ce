package io.zenmesh.controlplane.api;

import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.zenmesh.controlplane.apply.MeshApply;
import io.zenmesh.controlplane.apply.MeshWatch;
import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.publish.Publication;
import io.zenmesh.xds.server.NodeStatus;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** What the API answers. Thread-safe. */
public final class ApiRoutes {
  /** The largest body taken, in bytes. */
  static final int MAX_BODY_BYTES = MeshWatch.MAX_BYTES;

  private static final Logger LOG = LoggerFactory.getLogger(ApiRoutes.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String RETRY_SECONDS = "2";

  private final MeshApply apply;
  private final Supplier<List<NodeStatus>> status;
  private final BooleanSupplier ready;

  /**
   * @param apply takes mesh files
   * @param status of every node
   * @param ready whether this process can do its work now
   */
  public ApiRoutes(MeshApply apply, Supplier<List<NodeStatus>> status, BooleanSupplier ready) {
    this.apply = apply;
    this.status = status;
    this.ready = ready;
  }

  void register(RoutesConfig routes) {
    routes.get("/healthz", request -> json(request, 200, "{\"status\":\"ok\"}"));
    routes.get("/readyz", this::readiness);
    routes.get("/v1/proxies", this::proxies);
    routes.post("/v1/mesh", this::mesh);
    routes.exception(
        StoreException.class,
        (failure, request) -> {
          LOG.error("store: {}", failure.getMessage());
          request.header("Retry-After", RETRY_SECONDS);
          refuse(request, Problem.of(Problem.Kind.STORE_UNAVAILABLE));
        });
    routes.exception(
        HttpResponseException.class,
        (failure, request) -> refuse(request, Problem.of(kindOf(failure.getStatus()))));
    routes.exception(
        Exception.class,
        (failure, request) -> {
          LOG.error("request failed", failure);
          refuse(request, Problem.of(Problem.Kind.INTERNAL));
        });
  }

  private static Problem.Kind kindOf(int status) {
    return switch (status) {
      case 404 -> Problem.Kind.NOT_FOUND;
      case 405 -> Problem.Kind.METHOD_NOT_ALLOWED;
      case 413 -> Problem.Kind.BODY_TOO_LARGE;
      default -> Problem.Kind.INTERNAL;
    };
  }

  private void readiness(Context request) {
    if (ready.getAsBoolean()) {
      json(request, 200, "{\"status\":\"ready\"}");
    } else {
      json(request, 503, "{\"status\":\"not ready\"}");
    }
  }

  private void proxies(Context request) {
    List<ProxyView> views = status.get().stream().map(ProxyView::of).toList();
    json(request, 200, JSON.writeValueAsString(new ProxyView.Proxies(views)));
  }

  private void mesh(Context request) throws IOException {
    byte[] body = request.bodyInputStream().readNBytes(MAX_BODY_BYTES + 1);
    if (body.length > MAX_BODY_BYTES) {
      refuse(request, Problem.of(Problem.Kind.BODY_TOO_LARGE));
      return;
    }
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      refuse(request, Problem.of(Problem.Kind.BODY_MALFORMED));
      return;
    }
    // Only a label in the problems we send back.
    String file =
        Optional.ofNullable(request.queryParam("file"))
            .filter(name -> name.matches("[A-Za-z0-9._-]{1,100}"))
            .orElse("mesh.yaml");
    switch (apply.apply(file, text)) {
      case MeshApply.Outcome.Rejected(List<MeshProblem> problems) ->
          refuse(
              request,
              Problem.of(
                  Problem.Kind.MESH_INVALID,
                  problems.stream().map(MeshProblem::toString).toList()));
      case MeshApply.Outcome.Applied applied -> answer(request, applied);
    }
  }

  private static void answer(Context request, MeshApply.Outcome.Applied applied) {
    switch (applied.publication()) {
      case Publication.Refused(List<String> findings) ->
          refuse(request, Problem.of(Problem.Kind.PUBLICATION_PENDING, findings));
      case Publication.Failed(String reason) ->
          refuse(request, Problem.of(Problem.Kind.PUBLICATION_PENDING, List.of(reason)));
      case Publication.Published published ->
          json(
              request,
              200,
              JSON.writeValueAsString(
                  new AppliedView(
                      applied.changes().stream().map(AppliedView.ChangeView::of).toList(),
                      published.nodes(),
                      published.behind())));
    }
  }

  static void refuse(Context request, Problem problem) {
    request
        .status(problem.status())
        .contentType(Problem.CONTENT_TYPE)
        .result(JSON.writeValueAsString(problem));
  }

  private static void json(Context request, int status, String body) {
    request.status(status).contentType("application/json").result(body);
  }
}
