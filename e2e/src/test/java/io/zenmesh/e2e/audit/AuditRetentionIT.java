package io.zenmesh.e2e.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.e2e.control.Zenctl;
import io.zenmesh.e2e.fixture.AdminApi;
import io.zenmesh.e2e.fixture.ExtraDocuments;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.ControlPlaneProcess;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.xds.model.Name;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What a tenant's retention takes out of the database, seen by who verifies it with zenctl. */
@ExtendWith(FaultyMesh.class)
class AuditRetentionIT {
  private static final Name TENANT = new Name("brief");
  private static final int OLD = 40;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Pattern PRUNED =
      Pattern.compile("audit: brief entries 1 to 40 archived and pruned");
  private static final String DOCUMENT =
      """
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Tenant
      metadata: {name: brief}
      spec: {auditRetention: 1d}
      """;

  @TempDir Path folder;
  private final RunningMesh running;
  private final Path audit;
  private final Path archives;

  AuditRetentionIT(RunningMesh running) {
    this.running = running;
    this.audit = running.state().controlPlane().resolve("audit");
    this.archives = running.state().controlPlane().resolve("archive").resolve("brief");
  }

  /** Ten days ago nobody was there to say anything: the product's own store, its clock put back. */
  private void recordOldEntries() {
    PostgresAddress address = running.mesh().database();
    try (Database database = Database.open(address)) {
      database
          .auditStore(InstantSource.offset(InstantSource.system(), Duration.ofDays(-10)))
          .append(IntStream.rangeClosed(1, OLD).mapToObj(AuditRetentionIT::event).toList());
    }
  }

  private static AuditEvent event(int number) {
    return new AuditEvent(
        TENANT,
        new Actor(Actor.Kind.PRINCIPAL, "spiffe://zen.local/operator/admin"),
        "secret.unwrap",
        "secret/brief/number-" + number,
        AuditEvent.Outcome.DONE,
        "",
        "");
  }

  private boolean declared() throws IOException {
    try (AdminApi api = new AdminApi(running)) {
      return api.status("/v1/tenants/" + TENANT) == 200;
    }
  }

  private Zenctl.Result verified(Path export) {
    return new Zenctl(running.state())
        .run(
            "audit",
            "verify",
            "--export",
            export.toString(),
            "--from-checkpoint",
            folder.resolve("checkpoint").toString(),
            "--key",
            audit.resolve("verifier-keys").toString(),
            "--archive",
            archives.toString());
  }

  private Path archive() throws IOException {
    try (Stream<Path> files = Files.list(archives)) {
      List<Path> all = files.toList();
      assertThat(all).hasSize(1);
      return all.getFirst();
    }
  }

  private static void repack(Path archive, String from, String to) throws IOException {
    String text;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    assertThat(text).contains(from);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
      out.write(text.replace(from, to).getBytes(StandardCharsets.UTF_8));
    }
  }

  @Test
  void A16_oldEntries_areArchivedAndPruned_andATamperedArchiveIsNamed() throws Exception {
    recordOldEntries();
    ControlPlaneProcess controlPlane = running.mesh().controlPlane();
    try (ExtraDocuments documents =
        ExtraDocuments.add(running, List.of(), DOCUMENT, this::declared)) {
      // Archiving begins a moment after a start, and then once an hour.
      controlPlane.restart();
      Path log = controlPlane.process().log();
      Eventually.holds("pruned", PATIENCE, () -> PRUNED.matcher(Files.readString(log)).find());
      verify();
    }
  }

  private void verify() throws IOException {
    // Pinned before the export: a later one covers entries that are not in it.
    Files.copy(audit.resolve("checkpoint"), folder.resolve("checkpoint"));
    Path export = folder.resolve("brief.jsonl");
    Zenctl.Result exported =
        new Zenctl(running.state())
            .run("audit", "export", "--tenant", TENANT.value(), "--out", export.toString());
    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(Files.readString(export))
        .contains("{\"cut\":\"brief\",\"seq\":" + OLD + ",", "audit.archive")
        .doesNotContain("secret/brief/number-" + OLD + "\"");
    Zenctl.Result whole = verified(export);
    assertThat(whole.status()).as(whole.err()).isZero();
    assertThat(whole.out()).contains("archive of chain brief: entries 1 to " + OLD);

    Path archive = archive();
    repack(archive, "secret/brief/number-7\"", "secret/other/number-7\"");
    Zenctl.Result tampered = verified(export);
    assertThat(tampered.status()).isEqualTo(3);
    assertThat(tampered.err())
        .startsWith("first bad position: " + archive + ": chain brief entry 7: ");
  }
}
