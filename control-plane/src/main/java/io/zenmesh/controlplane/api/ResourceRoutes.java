package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.apply.MeshEdit;
import io.zenmesh.controlplane.apply.ResourceRef;
import io.zenmesh.controlplane.apply.ResourceRef.Kind;
import io.zenmesh.controlplane.apply.TenantRows;
import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.mesh.MeshText;
import io.zenmesh.controlplane.publish.Publication;
import io.zenmesh.controlplane.tenant.TenantStore;
import io.zenmesh.xds.model.Name;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * Tenants and what they declare: clusters, destinations, endpoints. Read through the tenant's own
 * door; changed the way a mesh file is, one document at a time. Thread-safe.
 */
public final class ResourceRoutes implements RouteGroup {
  private final TenantStore tenants;
  private final TenantRows rows;
  private final Optional<MeshEdit> edit;
  private final Pages pages;
  private final ChangeRecord record;

  /**
   * @param edit empty where a mesh file rules: then nothing can be changed here
   */
  public ResourceRoutes(
      TenantStore tenants,
      TenantRows rows,
      Optional<MeshEdit> edit,
      Cursors cursors,
      ChangeRecord record) {
    this.tenants = tenants;
    this.rows = rows;
    this.edit = edit;
    this.pages = new Pages(cursors);
    this.record = record;
  }

  @Override
  public Map<String, ApiHandler> handlers() {
    Map<String, ApiHandler> handlers = new HashMap<>();
    handlers.put("listTenants", this::listTenants);
    handlers.put("getTenant", request -> get(request, Kind.TENANT));
    handlers.put("putTenant", request -> put(request, Kind.TENANT));
    handlers.put("deleteTenant", request -> delete(request, Kind.TENANT));
    for (Kind kind : List.of(Kind.CLUSTER, Kind.DESTINATION, Kind.ENDPOINT)) {
      handlers.put("list" + kind.word() + "s", request -> list(request, kind));
      handlers.put("get" + kind.word(), request -> get(request, kind));
      handlers.put("put" + kind.word(), request -> put(request, kind));
      handlers.put("delete" + kind.word(), request -> delete(request, kind));
    }
    return handlers;
  }

  private Answer listTenants(ApiRequest request) {
    Map<Name, Retention> retentions = tenants.retentions();
    return pages.answer(
        request,
        (after, limit) -> tenants.names(after.map(Name::new), limit),
        Name::value,
        it -> MeshText.tenant(it, Optional.ofNullable(retentions.get(it))));
  }

  private Answer list(ApiRequest request, Kind kind) {
    return pages.answer(
        request,
        Pages.of(List.copyOf(documents(kind).values()), ResourceRoutes::nameOf),
        ResourceRoutes::nameOf,
        it -> it);
  }

  private static String nameOf(Map<String, Object> document) {
    return document.get("metadata") instanceof Map<?, ?> metadata
        ? String.valueOf(metadata.get("name"))
        : "";
  }

  /** The documents of the tenant in context, by name and in its order. */
  private Map<String, Map<String, Object>> documents(Kind kind) {
    Map<String, Map<String, Object>> documents = new LinkedHashMap<>();
    switch (kind) {
      case TENANT -> {}
      case CLUSTER ->
          rows.clusters().forEach(it -> documents.put(it.name().value(), MeshText.cluster(it)));
      case DESTINATION ->
          rows.destinations()
              .forEach(it -> documents.put(it.name().value(), MeshText.destination(it)));
      case ENDPOINT ->
          rows.endpoints().forEach(it -> documents.put(it.name().value(), MeshText.endpoint(it)));
    }
    return documents;
  }

  private Answer get(ApiRequest request, Kind kind) {
    Optional<Map<String, Object>> document =
        kind == Kind.TENANT
            ? Optional.of(request.tenant())
                .filter(it -> tenants.exists())
                .map(it -> MeshText.tenant(it, tenants.retention()))
            : Optional.ofNullable(documents(kind).get(request.path("name")));
    return document.map(it -> Answer.tagged(200, it)).orElseGet(Answer::notFound);
  }

  private static ResourceRef ref(ApiRequest request, Kind kind) {
    return new ResourceRef(
        kind,
        request.tenant(),
        kind == Kind.TENANT ? request.tenant() : new Name(request.path("name")));
  }

  private Answer put(ApiRequest request, Kind kind) {
    ResourceRef ref = ref(request, kind);
    JsonNode body = request.body().length == 0 ? ApiJson.MAPPER.createObjectNode() : request.json();
    Map<String, Object> whole = new LinkedHashMap<>(MeshText.tenant(ref.tenant()));
    if (kind != Kind.TENANT) {
      whole.put("kind", kind.word());
      whole.put("metadata", Map.of("name", ref.name().value(), "tenant", ref.tenant().value()));
      whole.put("spec", body.path("spec"));
    } else if (body.has("spec")) {
      whole.put("spec", body.path("spec"));
    }
    List<String> others = others(body, whole);
    if (!others.isEmpty()) {
      return Answer.problem(Problem.Kind.BODY_MALFORMED, others, request.correlation());
    }
    return change(request, ref, Optional.of(ApiJson.MAPPER.writeValueAsString(whole)), "put");
  }

  /** What the body says of itself must be what the path says. */
  private static List<String> others(JsonNode body, Map<String, Object> whole) {
    JsonNode stated = ApiJson.MAPPER.valueToTree(whole);
    return List.of("apiVersion", "kind", "metadata").stream()
        .filter(it -> body.has(it) && !body.get(it).equals(stated.get(it)))
        .map(it -> "/" + it + ": another than the path's (expected: the same, or none)")
        .toList();
  }

  private Answer delete(ApiRequest request, Kind kind) {
    return change(request, ref(request, kind), Optional.empty(), "delete");
  }

  private Answer change(ApiRequest request, ResourceRef ref, Optional<String> json, String action) {
    if (edit.isEmpty()) {
      return Answer.problem(Problem.Kind.MANAGED_BY_FILE, List.of(), request.correlation());
    }
    String kind = EntityTag.word(ref.kind());
    MeshEdit.Change change =
        new MeshEdit.Change(
            ref,
            json,
            current -> EntityTag.expected(request, current),
            () ->
                record.before(
                    request, kind + "." + action, kind + "/" + ref.tenant() + "/" + ref.name()));
    return switch (edit.get().apply(change)) {
      case MeshEdit.Outcome.Absent absent -> Answer.notFound();
      case MeshEdit.Outcome.Unexpected unexpected ->
          Answer.problem(Problem.Kind.PRECONDITION_FAILED, List.of(), request.correlation());
      case MeshEdit.Outcome.InUse inUse ->
          Answer.problem(
              Problem.Kind.CONFLICT,
              List.of(ref.subject() + ": still has documents or secrets (expected: none)"),
              request.correlation());
      case MeshEdit.Outcome.Rejected(List<String> problems) ->
          Answer.problem(Problem.Kind.MESH_INVALID, problems, request.correlation());
      case MeshEdit.Outcome.Applied applied -> applied(request, ref, json.isPresent(), applied);
    };
  }

  private Answer applied(
      ApiRequest request, ResourceRef ref, boolean put, MeshEdit.Outcome.Applied applied) {
    if (!(applied.publication() instanceof Publication.Published)) {
      return Answer.problem(Problem.Kind.PUBLICATION_PENDING, List.of(), request.correlation());
    }
    if (!put) {
      return Answer.empty(204);
    }
    Map<String, Object> document =
        ref.kind() == Kind.TENANT
            ? MeshText.tenant(ref.tenant(), tenants.retention())
            : Optional.ofNullable(documents(ref.kind()).get(ref.name().value()))
                .orElseThrow(() -> new IllegalStateException(ref.subject() + ": gone at once"));
    return Answer.tagged(applied.created() ? 201 : 200, document);
  }
}
