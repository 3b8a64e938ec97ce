package io.zenmesh.controlplane.apply;

import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.mesh.MeshReader;
import io.zenmesh.controlplane.mesh.MeshReading;
import io.zenmesh.controlplane.publish.Publication;
import io.zenmesh.controlplane.publish.Publisher;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way by which a mesh file takes effect: read, stored, published. Thread-safe: one at a
 * time.
 */
public final class MeshApply {
  private static final Logger LOG = LoggerFactory.getLogger(MeshApply.class);

  private final MeshReader reader;
  private final MeshStore store;
  private final Publisher publisher;
  private final AuditTrail trail;
  private boolean announced;
  private volatile Optional<Publication> owed = Optional.empty();

  public MeshApply(MeshReader reader, MeshStore store, Publisher publisher, AuditTrail trail) {
    this.reader = reader;
    this.trail = trail;
    this.store = store;
    this.publisher = publisher;
  }

  /** What became of a mesh file. */
  public sealed interface Outcome {
    /**
     * It is stored and the desired state now.
     *
     * @param changes what differed from before
     * @param publication whether it reached the nodes; what did not is tried again by {@link
     *     #catchUp}
     */
    record Applied(List<Change> changes, Publication publication) implements Outcome {
      /** Copies the list. */
      public Applied {
        changes = List.copyOf(changes);
      }
    }

    /**
     * Nothing has changed.
     *
     * @param problems all of them; never empty
     */
    record Rejected(List<MeshProblem> problems) implements Outcome {
      /** Copies the list. */
      public Rejected {
        problems = List.copyOf(problems);
      }
    }
  }

  /**
   * Makes {@code text} the whole desired state, or changes nothing. Who did it and what changes is
   * on record before it is stored.
   *
   * @param file what problems call the text
   * @throws StoreException when the store fails; nothing has changed then
   * @throws io.zenmesh.controlplane.audit.AuditUnavailableException when it cannot be recorded;
   *     nothing has changed then
   */
  public synchronized Outcome apply(Author author, String file, String text) {
    switch (reader.read(file, text)) {
      case MeshReading.Bad(List<MeshProblem> problems) -> {
        trail.record(author.rejected(file, "mesh_invalid"));
        return new Outcome.Rejected(problems);
      }
      case MeshReading.Good(Mesh mesh) -> {
        List<Change> changes;
        try (mesh) {
          // Before it is stored: a state that cannot be published would outlive a restart.
          List<String> findings = publisher.findings(mesh);
          if (!findings.isEmpty()) {
            trail.record(author.rejected(file, "snapshot_refused"));
            return new Outcome.Rejected(
                findings.stream()
                    .map(it -> new MeshProblem(file, 1, "", "snapshot: " + it))
                    .toList());
          }
          changes =
              store.replace(mesh, found -> author.applied(file, found).forEach(trail::record));
        }
        LOG.info("mesh {} applied: {} changes", file, changes.size());
        // Also when nothing differs: after a restart the nodes have yet to hear of it.
        return new Outcome.Applied(changes, publishStored());
      }
    }
  }

  /** Runs work that changes the desired state, while no one else does. */
  synchronized <T> T exclusively(Supplier<T> work) {
    return work.get();
  }

  /** Publishes what is stored. */
  public synchronized Publication publishStored() {
    Publication publication = announce().orElseGet(publisher::publish);
    Optional<Publication> before = owed;
    owed = Optional.of(publication).filter(it -> !(it instanceof Publication.Published));
    announced &= owed.isPresent();
    if (owed.isPresent() && !owed.equals(before)) {
      switch (publication) {
        case Publication.Refused(List<String> findings) ->
            findings.forEach(it -> LOG.error("stored state not published: refused: {}", it));
        case Publication.Failed(String reason) ->
            LOG.error("stored state not published: failed: {}", reason);
        case Publication.Published published -> {}
      }
    }
    return publication;
  }

  /** Each publication is on record before it begins, and once however often it is tried. */
  private Optional<Publication> announce() {
    try {
      if (!announced) {
        trail.record(Author.SYSTEM.published());
      }
      announced = true;
      return Optional.empty();
    } catch (AuditUnavailableException e) {
      return Optional.of(new Publication.Failed(String.valueOf(e.getMessage())));
    }
  }

  /** Publishes what is stored when the last attempt did not succeed; else does nothing. */
  public synchronized void catchUp() {
    if (owed.isPresent() && publishStored() instanceof Publication.Published) {
      LOG.info("stored state published");
    }
  }

  /** Whether the last publication has yet to succeed. */
  public boolean behind() {
    return owed.isPresent();
  }
}
