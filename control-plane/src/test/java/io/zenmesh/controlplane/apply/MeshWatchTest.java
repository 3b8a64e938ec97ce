package io.zenmesh.controlplane.apply;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.InMemoryTrail;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.publish.IdleNodes;
import io.zenmesh.controlplane.publish.Publisher;
import io.zenmesh.controlplane.publish.SnapshotCheck;
import io.zenmesh.controlplane.publish.StoredState;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class MeshWatchTest {
  @TempDir Path folder;
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private Path file;
  private int replaced;
  private boolean storeAway;
  private boolean stateAway;
  private List<String> finding = List.of();
  private final InMemoryTrail trail = new InMemoryTrail();
  private MeshApply apply;
  private ContentVersion versions;
  private MeshWatch watch;

  @BeforeEach
  void open() throws IOException {
    TestMesh files = TestMesh.in(folder);
    file = folder.resolve("mesh.yaml");
    Files.writeString(file, TestMesh.all());
    KeysetFile keyset = KeysetFile.openOrCreate(folder.resolve("keyset.json"), false);
    versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
    IdleNodes none = new IdleNodes();
    Publisher publisher =
        new Publisher(
            new Publisher.Sources(
                this::state,
                new SecretOpener(new Envelope(keyset, new SecureRandom()), new RecordingTrail()),
                Catalogue.bundled(),
                "zen.test",
                InstantSource.system()),
            new SnapshotFactory(versions),
            new Faults(),
            none);
    MeshStore store =
        (desired, beforeCommit) -> {
          if (storeAway) {
            throw new StoreException("database: gone", new SQLException("gone"));
          }
          beforeCommit.accept(List.of(new Change(Change.Kind.ADDED, "Endpoint acme/zen")));
          replaced++;
          return List.of();
        };
    apply = new MeshApply(files.reader(), store, publisher, trail);
    watch = new MeshWatch(file, apply);
    log.start();
    logger().addAppender(log);
  }

  private StoredState state() {
    if (stateAway) {
      throw new StoreException("database: no state", new SQLException("gone"));
    }
    return new StoredState(List.of(), List.of(), List.of(), List.of());
  }

  /** Finds fault with every ingress when told to. */
  private final class Faults implements SnapshotCheck {
    @Override
    public List<String> findings(NodeSnapshot snapshot) {
      return List.of();
    }

    @Override
    public List<String> findings(NodeSnapshot ingress, NodeSnapshot processor) {
      return finding;
    }

    @Override
    public List<String> overLimits(NodeSnapshot snapshot) {
      return List.of();
    }
  }

  @AfterEach
  void end() {
    logger().detachAppender(log);
    watch.close();
    versions.close();
  }

  private static Logger logger() {
    return (Logger) LoggerFactory.getLogger(MeshWatch.class);
  }

  private List<String> logged() {
    return log.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  @Test
  void unchangedFile_isNotAppliedAgain() throws IOException {
    watch.first();
    watch.look();
    watch.look();
    assertThat(replaced).isOne();
  }

  @Test
  void changedFile_isApplied() throws IOException {
    watch.first();
    Files.writeString(file, TestMesh.all() + "# more\n");
    watch.look();
    watch.look();
    assertThat(replaced).isEqualTo(2);
  }

  @Test
  void halfWrittenFile_isNotApplied() throws IOException {
    watch.first();
    Files.writeString(file, TestMesh.platform());
    watch.look();
    Files.writeString(file, TestMesh.platform() + TestMesh.tenant("acme"));
    watch.look();
    Files.writeString(file, TestMesh.all() + "# whole\n");
    watch.look();
    assertThat(replaced).isOne();
    watch.look();
    watch.look();
    assertThat(replaced).isEqualTo(2);
  }

  @Test
  void emptiedFile_removesNothing() throws IOException {
    watch.first();
    Files.writeString(file, "");
    watch.look();
    watch.look();
    watch.look();
    assertThat(replaced).isOne();
    assertThat(logged()).filteredOn(it -> it.contains("file: no documents")).hasSize(1);
  }

  @Test
  void badFile_isReportedOnceAndLeavesWhatRuns() throws IOException {
    watch.first();
    Files.writeString(file, "kind: Nonsense\n");
    watch.look();
    watch.look();
    watch.look();
    assertThat(replaced).isOne();
    assertThat(logged())
        .filteredOn(it -> it.startsWith("mesh.yaml:1: Nonsense #1: kind: Nonsense"))
        .hasSize(1);
  }

  @Test
  void missingFile_isReportedOnceAndTakenUpWhenItIsBack() throws IOException {
    watch.first();
    Files.delete(file);
    watch.look();
    watch.look();
    assertThat(logged()).filteredOn(it -> it.contains("cannot be read")).hasSize(1);
    Files.writeString(file, TestMesh.all() + "# back\n");
    watch.look();
    watch.look();
    assertThat(replaced).isEqualTo(2);
  }

  @Test
  void storeThatComesBack_getsTheChangeItMissed() throws IOException {
    watch.first();
    storeAway = true;
    Files.writeString(file, TestMesh.all() + "# more\n");
    watch.look();
    watch.look();
    watch.look();
    assertThat(logged()).filteredOn(it -> it.contains("database: gone")).hasSize(1);
    storeAway = false;
    watch.look();
    assertThat(replaced).isEqualTo(2);
  }

  @Test
  void E14_meshThatWouldNotBePublished_isNotStored() throws IOException {
    finding = List.of("LISTENER ingress: no gate");
    assertThat(watch.first())
        .isInstanceOfSatisfying(
            MeshApply.Outcome.Rejected.class,
            it ->
                assertThat(it.problems())
                    .extracting(MeshProblem::toString)
                    .contains(
                        "mesh.yaml:1: snapshot: edge-local/envoy/ingress-1: LISTENER ingress: no"
                            + " gate"));
    assertThat(replaced).isZero();
  }

  @Test
  void publicationThatFailsAfterTheCommit_isSaidSoAndTriedAgain() throws IOException {
    watch.first();
    stateAway = true;
    Files.writeString(file, TestMesh.all() + "# more\n");
    watch.look();
    watch.look();
    watch.look();
    assertThat(replaced).isEqualTo(2);
    assertThat(logged()).anyMatch(it -> it.contains("stored, not yet published"));
    assertThat(logged()).noneMatch(it -> it.contains("what runs stays"));
    assertThat(apply.behind()).isTrue();
    stateAway = false;
    watch.look();
    assertThat(apply.behind()).isFalse();
    assertThat(replaced).isEqualTo(2);
  }

  @Test
  void unreadableFirstFile_isToldToTheCaller() throws IOException {
    Files.write(file, new byte[] {(byte) 0xc3, (byte) 0x28});
    assertThatThrownBy(watch::first)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not UTF-8");
    Files.write(file, new byte[MeshWatch.MAX_BYTES + 1]);
    assertThatThrownBy(watch::first)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is too large (expected: at most 10485760 bytes)");
  }

  @Test
  void A13_changeThatCannotBeRecorded_isNotStored_andTriedAgain() throws IOException {
    var _ = watch.first();
    assertThat(replaced).isOne();
    assertThat(trail.events())
        .extracting(AuditEvent::action)
        .containsExactly("mesh.apply", "mesh.added", "mesh.publish");
    trail.unavailable(true);
    Files.writeString(file, TestMesh.all() + "# changed\n");
    watch.look();
    watch.look();
    assertThat(replaced).isOne();
    trail.unavailable(false);
    watch.look();
    assertThat(replaced).isEqualTo(2);
  }

  @Test
  void rejectedFile_isOnRecord() throws IOException {
    Files.writeString(file, "kind: Nonsense\n");
    var _ = watch.first();
    assertThat(trail.events())
        .singleElement()
        .satisfies(event -> {
          assertThat(event.outcome()).isEqualTo(AuditEvent.Outcome.DENIED);
          assertThat(event.reason()).isEqualTo("mesh_invalid");
          assertThat(event.object()).isEqualTo("mesh/mesh.yaml");
        });
  }

  @Test
  void publicationTriedAgain_isOnRecordOnce() throws IOException {
    stateAway = true;
    var _ = watch.first();
    watch.look();
    watch.look();
    stateAway = false;
    watch.look();
    assertThat(apply.behind()).isFalse();
    assertThat(trail.events())
        .extracting(AuditEvent::action)
        .containsExactly("mesh.apply", "mesh.added", "mesh.publish");
  }
}
