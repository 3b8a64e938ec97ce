package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.xds.model.Name;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Writes what is on record as a file that can be checked without us: one JSON object a line. What
 * is in it, and in what order, is in {@code docs/audit.md}.
 */
public final class AuditExport {
  private static final JsonFactory JSON =
      JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET).build();

  private final JsonGenerator out;
  private long entries;
  private long leaves;

  private AuditExport(JsonGenerator out) {
    this.out = out;
  }

  /**
   * Writes a view, of one chain or of all.
   *
   * @param only the chain; of others only the hashes are written, and not whose they are
   * @param checkpoint the newest at hand, as a signed note
   */
  public static void write(
      AuditView view, Optional<Name> only, Optional<String> checkpoint, OutputStream to) {
    try (JsonGenerator generator = JSON.createGenerator(to)) {
      AuditExport export = new AuditExport(generator);
      export.header(view.log());
      checkpoint.ifPresent(export::note);
      Predicate<Name> wanted = chain -> only.isEmpty() || only.get().equals(chain);
      List<Name> chains = view.heads().stream().map(ChainHead::chain).filter(wanted).toList();
      chains.forEach(chain -> view.cut(chain).ifPresent(export::cut));
      chains.forEach(chain -> view.entries(chain, 0, Long.MAX_VALUE, export::entry));
      view.leaves(
          0,
          Long.MAX_VALUE,
          leaf ->
              export.leaf(
                  leaf, leaf.entry().filter(place -> wanted.test(new Name(place.chain())))));
      export.end();
    }
  }

  private void header(String log) {
    out.writeStartObject();
    out.writeStringProperty("format", "zen-audit-export-v1");
    out.writeStringProperty("log", log);
    finish();
  }

  private void note(String note) {
    out.writeStartObject();
    out.writeStringProperty("checkpoint", note);
    finish();
  }

  private void cut(ExportItem.Cut cut) {
    out.writeStartObject();
    out.writeStringProperty("cut", cut.chain());
    out.writeNumberProperty("seq", cut.seq());
    out.writeStringProperty("hash", cut.hash().toString());
    finish();
  }

  private void entry(ClaimedEntry entry) {
    entries++;
    out.writeStartObject();
    out.writeStringProperty("entry", entry.chain());
    out.writeNumberProperty("seq", entry.seq());
    out.writeNumberProperty("time", entry.timeMicros());
    out.writeStringProperty("actorKind", entry.actorKind());
    out.writeStringProperty("actor", entry.actorId());
    out.writeStringProperty("action", entry.action());
    out.writeStringProperty("object", entry.object());
    out.writeStringProperty("outcome", entry.outcome());
    out.writeStringProperty("reason", entry.reason());
    out.writeStringProperty("correlation", entry.correlation());
    out.writeStringProperty("hash", entry.hash().toString());
    finish();
  }

  private void leaf(ClaimedLeaf leaf, Optional<ClaimedLeaf.Place> shown) {
    leaves++;
    out.writeStartObject();
    out.writeNumberProperty("leaf", leaf.position());
    shown.ifPresent(place -> {
      out.writeStringProperty("chain", place.chain());
      out.writeNumberProperty("seq", place.seq());
    });
    out.writeStringProperty("hash", leaf.hash().toString());
    finish();
  }

  private void end() {
    out.writeStartObject();
    out.writeNumberProperty("end", entries);
    out.writeNumberProperty("leaves", leaves);
    finish();
  }

  private void finish() {
    out.writeEndObject();
    out.writeRaw('\n');
  }
}
