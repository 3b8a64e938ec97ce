package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.SecretSpec;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.publish.StoredSecret.StoredVersion;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A publisher whose state, check, record and nodes are in the hands of the test. */
abstract class PublisherFixture {
  static final NodeId PROCESSOR = node(NodeRole.EXTPROC, "ingress-1");
  static final NodeId INGRESS = node(NodeRole.ENVOY, "ingress-1");
  static final NodeId EGRESS = node(NodeRole.ENVOY, "egress-1");

  @TempDir Path folder;
  TestMesh files;
  KeysetFile keyset;
  Envelope envelope;
  ContentVersion versions;
  final FakeNodeServer server = new FakeNodeServer();
  final Check check = new Check();
  final RecordingTrail trail = new RecordingTrail();
  Instant now = Instant.parse("2026-01-01T00:00:00Z");
  StoredState state = new StoredState(List.of(), List.of(), List.of(), List.of());
  Publisher publisher;

  static NodeId node(NodeRole role, String name) {
    return new NodeId(new Name("edge-local"), role, new Name(name));
  }

  /** A check that finds fault with any snapshot when told to. */
  static final class Check implements SnapshotCheck {
    List<String> finding = List.of();
    List<String> over = List.of();

    @Override
    public List<String> overLimits(NodeSnapshot snapshot) {
      return over;
    }

    @Override
    public List<String> findings(NodeSnapshot snapshot) {
      return finding;
    }

    @Override
    public List<String> findings(NodeSnapshot ingress, NodeSnapshot processor) {
      return finding;
    }
  }

  @BeforeEach
  void open() {
    files = TestMesh.in(folder);
    keyset = KeysetFile.openOrCreate(folder.resolve("keyset.json"), false);
    envelope = new Envelope(keyset, new SecureRandom());
    versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
    publisher =
        new Publisher(
            new Publisher.Sources(
                () -> state,
                new SecretOpener(envelope, trail),
                Catalogue.bundled(),
                "zen.test",
                () -> now),
            new SnapshotFactory(versions),
            check,
            server);
  }

  @AfterEach
  void end() {
    versions.close();
  }

  void store(String yaml) {
    try (Mesh mesh = files.mesh(yaml)) {
      state =
          new StoredState(
              mesh.clusters(),
              mesh.secrets().stream().map(this::sealed).toList(),
              mesh.destinations(),
              mesh.endpoints());
    }
  }

  StoredSecret sealed(SecretSpec secret) {
    return new StoredSecret(
        secret.ref(),
        secret.type(),
        secret.certificatePem(),
        secret.value().stream()
            .map(value ->
                new StoredVersion(
                    1,
                    Instant.EPOCH,
                    Optional.empty(),
                    Optional.of(envelope.seal(secret.ref(), 1, value))))
            .toList());
  }
}
