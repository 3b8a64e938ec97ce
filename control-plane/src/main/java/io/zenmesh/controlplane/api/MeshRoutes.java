package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.apply.Author;
import io.zenmesh.controlplane.apply.MeshApply;
import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.publish.Publication;
import io.zenmesh.xds.server.NodeStatus;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The desired state as a whole, and the nodes that follow it. Thread-safe. */
public final class MeshRoutes implements RouteGroup {
  private final MeshApply apply;
  private final Supplier<List<NodeStatus>> status;
  private final Pages pages;

  /**
   * @param apply takes mesh files
   * @param status of every node
   */
  public MeshRoutes(MeshApply apply, Supplier<List<NodeStatus>> status, Cursors cursors) {
    this.pages = new Pages(cursors);
    this.apply = apply;
    this.status = status;
  }

  @Override
  public Map<String, ApiHandler> handlers() {
    return Map.of("listProxies", this::proxies, "applyMesh", this::mesh);
  }

  private Answer proxies(ApiRequest request) {
    return pages.answer(
        request, status.get().stream().map(ProxyView::of).toList(), ProxyView::node);
  }

  private Answer mesh(ApiRequest request) {
    String text;
    try {
      text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(request.body())).toString();
    } catch (CharacterCodingException e) {
      return Answer.problem(
          Problem.Kind.BODY_MALFORMED,
          List.of("body: not text (expected: UTF-8)"),
          request.correlation());
    }
    return switch (apply.apply(
        new Author(request.caller().actor(), request.correlation()),
        request.query("file").orElse("mesh.yaml"),
        text)) {
      case MeshApply.Outcome.Rejected(List<MeshProblem> problems) ->
          Answer.problem(
              Problem.Kind.MESH_INVALID,
              problems.stream().map(MeshProblem::toString).toList(),
              request.correlation());
      case MeshApply.Outcome.Applied applied -> answer(request, applied);
    };
  }

  private static Answer answer(ApiRequest request, MeshApply.Outcome.Applied applied) {
    return switch (applied.publication()) {
      case Publication.Refused(List<String> findings) -> pending(request, findings);
      case Publication.Failed(String reason) -> pending(request, List.of(reason));
      case Publication.Published published ->
          Answer.json(
              200,
              new AppliedView(
                  applied.changes().stream().map(AppliedView.ChangeView::of).toList(),
                  published.nodes(),
                  published.behind()));
    };
  }

  private static Answer pending(ApiRequest request, List<String> problems) {
    return Answer.problem(Problem.Kind.PUBLICATION_PENDING, problems, request.correlation());
  }
}
