package io.zenmesh.controlplane.apply;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditEvent.Outcome;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.xds.model.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Who changes the desired state, and how that is told on record.
 *
 * @param actor who
 * @param correlation the id that joins it to a request; empty when there is none
 */
public record Author(Actor actor, String correlation) {
  /** The control plane itself. */
  static final Author SYSTEM = new Author(Actor.system("control-plane"), "");

  /** Whoever may write the mesh file. */
  public static final Author MESH_FILE = new Author(Actor.system("mesh-file"), "");

  AuditEvent rejected(String file, String reason) {
    return event(AuditEvent.SYSTEM, "mesh.apply", "mesh/" + file, Outcome.DENIED, reason);
  }

  AuditEvent published() {
    return event(AuditEvent.SYSTEM, "mesh.publish", "mesh/stored", Outcome.DONE, "");
  }

  /**
   * That the file was applied, and each change on the chain of the tenant it belongs to; in lists
   * that can be recorded at once.
   */
  List<List<AuditEvent>> applied(String file, List<Change> changes) {
    List<AuditEvent> events = new ArrayList<>();
    events.add(
        event(
            AuditEvent.SYSTEM,
            "mesh.apply",
            "mesh/" + file,
            Outcome.DONE,
            changes.size() + "_changes"));
    for (Change change : changes) {
      int kind = change.subject().indexOf(' ');
      String name = change.subject().substring(kind + 1);
      int end = name.indexOf('/');
      events.add(
          event(
              new Name(end < 0 ? name : name.substring(0, end)),
              "mesh." + lower(change.kind().name()),
              lower(change.subject().substring(0, kind)) + "/" + name,
              Outcome.DONE,
              ""));
    }
    List<List<AuditEvent>> batches = new ArrayList<>();
    for (int from = 0; from < events.size(); from += GroupCommitTrail.MAX_BATCH) {
      int to = Math.min(events.size(), from + GroupCommitTrail.MAX_BATCH);
      batches.add(events.subList(from, to));
    }
    return batches;
  }

  private AuditEvent event(
      Name chain, String action, String object, Outcome outcome, String reason) {
    return new AuditEvent(chain, actor, action, object, outcome, reason, correlation);
  }

  private static String lower(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
