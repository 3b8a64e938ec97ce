package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.RecordView;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/** Entries of the audit record as lines for people. */
final class AuditLines {
  private AuditLines() {}

  static List<List<String>> rows(List<RecordView.Entry> entries) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("SEQ", "TIME", "ACTOR", "ACTION", "OBJECT", "OUTCOME", "REASON"));
    entries.forEach(it -> rows.add(cells(it)));
    return rows;
  }

  /** One entry alone, for a list that has no end. */
  static String line(RecordView.Entry entry) {
    return TextTable.lines(List.of(cells(entry))).getFirst();
  }

  private static List<String> cells(RecordView.Entry entry) {
    return List.of(
        Long.toString(entry.seq()),
        Instant.EPOCH.plus(entry.time(), ChronoUnit.MICROS).toString(),
        entry.actor(),
        entry.action(),
        entry.object(),
        entry.outcome(),
        entry.reason());
  }
}
