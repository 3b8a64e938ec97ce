package io.zenmesh.controlplane.apply;

import io.zenmesh.controlplane.mesh.KeptSecret;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.mesh.MeshReader;
import io.zenmesh.controlplane.mesh.MeshReading;
import io.zenmesh.controlplane.mesh.MeshText;
import io.zenmesh.controlplane.publish.Publication;
import io.zenmesh.controlplane.publish.Publisher;
import io.zenmesh.controlplane.publish.StoredState;
import io.zenmesh.xds.model.Name;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Changes one document of the desired state, the same way a mesh file takes effect: the whole state
 * is written as documents, one of them is exchanged, and what comes out is read, checked, stored
 * and published. Thread-safe: one at a time, and none while a mesh file is applied.
 */
public final class MeshEdit {
  private static final Logger LOG = LoggerFactory.getLogger(MeshEdit.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String FILE = "request";

  private final MeshReader reader;
  private final ResourceStore store;
  private final Publisher publisher;
  private final MeshApply apply;

  public MeshEdit(MeshReader reader, ResourceStore store, Publisher publisher, MeshApply apply) {
    this.reader = reader;
    this.store = store;
    this.publisher = publisher;
    this.apply = apply;
  }

  /** What became of a change. */
  public sealed interface Outcome {
    /**
     * It is stored.
     *
     * @param created whether there was nothing before
     */
    record Applied(boolean created, Publication publication) implements Outcome {}

    /** There is nothing to be removed. */
    record Absent() implements Outcome {}

    /** What is there is not what the caller expected. */
    record Unexpected() implements Outcome {}

    /** Other documents need it. */
    record InUse() implements Outcome {}

    /**
     * Nothing has changed.
     *
     * @param problems fit for the tenant: none of them names another one
     */
    record Rejected(List<String> problems) implements Outcome {
      /** Copies the list. */
      public Rejected {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * A change.
   *
   * @param json the whole document; empty to remove it
   * @param expected judges what is there now
   * @param before runs when all is checked and nothing is committed yet; what it throws stops the
   *     change
   */
  public record Change(
      ResourceRef ref,
      Optional<String> json,
      Predicate<Optional<Map<String, Object>>> expected,
      Runnable before) {}

  /**
   * Makes a change take effect.
   *
   * @throws StoreException when the store fails; nothing has changed then
   */
  public Outcome apply(Change change) {
    // On a thread of its own: the caller's works for one tenant, and the mesh is everybody's.
    FutureTask<Outcome> task = new FutureTask<>(() -> apply.exclusively(() -> applied(change)));
    Thread.ofVirtual().name("mesh-edit").start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("mesh edit: interrupted", e);
    }
  }

  private Outcome applied(Change change) {
    ResourceStore.Stored stored = store.read();
    Map<ResourceRef, String> documents = new LinkedHashMap<>();
    Map<ResourceRef, Map<String, Object>> trees = trees(stored);
    trees.forEach((ref, tree) -> documents.put(ref, JSON.writeValueAsString(tree)));
    Optional<Map<String, Object>> current = Optional.ofNullable(trees.get(change.ref()));
    if (!change.expected().test(current)) {
      return new Outcome.Unexpected();
    }
    if (change.json().isEmpty() && current.isEmpty()) {
      return new Outcome.Absent();
    }
    if (change.json().isEmpty()
        && change.ref().kind() == ResourceRef.Kind.TENANT
        && owns(change.ref().tenant(), trees, stored.state())) {
      return new Outcome.InUse();
    }
    documents.remove(change.ref());
    // Last, so that what contradicts another document is told of this one.
    change.json().ifPresent(it -> documents.put(change.ref(), it));
    return switch (reader.readBeside(FILE, text(documents), kept(stored.state()))) {
      case MeshReading.Bad(List<MeshProblem> problems) ->
          new Outcome.Rejected(
              problems.stream().map(it -> told(change.ref(), it)).distinct().toList());
      case MeshReading.Good(Mesh mesh) -> store(change, mesh, stored.state(), current.isEmpty());
    };
  }

  private Outcome store(Change change, Mesh mesh, StoredState stored, boolean created) {
    List<String> findings =
        publisher.findings(
            new StoredState(
                mesh.clusters(), stored.secrets(), mesh.destinations(), mesh.endpoints()));
    if (!findings.isEmpty()) {
      findings.forEach(it -> LOG.warn("{} refused: {}", change.ref().subject(), it));
      return new Outcome.Rejected(
          List.of(change.ref().subject() + ": the mesh could not be published with it"));
    }
    store.replace(mesh, changes -> change.before().run());
    return new Outcome.Applied(created, apply.publishStored());
  }

  private static Map<ResourceRef, Map<String, Object>> trees(ResourceStore.Stored stored) {
    Map<ResourceRef, Map<String, Object>> trees = new LinkedHashMap<>();
    stored.tenants().stream()
        .filter(it -> !it.equals(Name.SYSTEM))
        .forEach(it ->
            trees.put(
                new ResourceRef(ResourceRef.Kind.TENANT, it, it),
                MeshText.tenant(it, Optional.ofNullable(stored.retentions().get(it)))));
    StoredState state = stored.state();
    state
        .clusters()
        .forEach(it ->
            trees.put(
                new ResourceRef(ResourceRef.Kind.CLUSTER, it.tenant(), it.name()),
                MeshText.cluster(it)));
    state
        .destinations()
        .forEach(it ->
            trees.put(
                new ResourceRef(ResourceRef.Kind.DESTINATION, it.tenant(), it.name()),
                MeshText.destination(it)));
    state
        .endpoints()
        .forEach(it ->
            trees.put(
                new ResourceRef(ResourceRef.Kind.ENDPOINT, it.tenant(), it.name()),
                MeshText.endpoint(it)));
    return trees;
  }

  private static boolean owns(
      Name tenant, Map<ResourceRef, Map<String, Object>> trees, StoredState state) {
    return trees.keySet().stream()
            .anyMatch(it -> it.kind() != ResourceRef.Kind.TENANT && it.tenant().equals(tenant))
        || state.secrets().stream().anyMatch(it -> it.ref().tenant().equals(tenant));
  }

  private static List<KeptSecret> kept(StoredState state) {
    return state.secrets().stream().map(it -> new KeptSecret(it.ref(), it.type())).toList();
  }

  /** JSON is YAML: each document on a line of its own. */
  private static String text(Map<ResourceRef, String> documents) {
    StringBuilder text = new StringBuilder();
    documents.values().forEach(it -> text.append("---\n").append(it).append('\n'));
    return text.toString();
  }

  /** A problem as the tenant may see it. */
  private static String told(ResourceRef ref, MeshProblem problem) {
    boolean own =
        problem.subject().equals(ref.subject())
            || problem.subject().contains(" " + ref.tenant() + "/");
    if (!own) {
      return ref.subject() + ": others refer to it or forbid it";
    }
    return problem.text().contains(" belongs to tenant ")
        ? problem.subject() + ": spec.host: not free (expected: a host of this tenant only)"
        : problem.subject() + ": " + problem.text();
  }
}
