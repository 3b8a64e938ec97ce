package io.zenmesh.extproc;

import static io.zenmesh.extproc.fixture.Eventually.eventually;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.fixture.EnvoySide;
import io.zenmesh.extproc.fixture.EnvoySide.Exchange;
import io.zenmesh.extproc.fixture.RedisFixture;
import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.server.ReceiptsUnavailableException;
import io.zenmesh.xds.server.XdsEvents;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.ContentVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A processor that is killed while the record is away, and the receipts it had written. */
class ReceiptKillTest {
  private static final byte[] BODY = "{\"order\":1}".getBytes(UTF_8);
  private static final Clock CLOCK = Clock.systemUTC();
  private static final NodeId NODE =
      new NodeId(new Name("edge"), NodeRole.EXTPROC, new Name("ingress-1"));

  @TempDir Path directory;
  private RedisFixture redis;
  private XdsServer xds;
  private int port;
  private volatile boolean away = true;
  private final List<ReceiptBatch.Numbered> recorded = new CopyOnWriteArrayList<>();

  @BeforeEach
  void surroundings() throws Exception {
    redis = RedisFixture.start(directory);
    IdentityFiles controlPlane =
        redis.pki().issue(directory.resolve("control-plane"), Leaf.workload("/control-plane"));
    xds =
        new XdsServer(
            new XdsServer.Config(new InetSocketAddress("127.0.0.1", 0), controlPlane, "zen.test"),
            CLOCK,
            XdsEvents.NONE,
            (node, batch) -> {
              if (away) {
                throw new ReceiptsUnavailableException("away", new IllegalStateException());
              }
              recorded.addAll(batch.receipts());
            });
    port = xds.start();
    PolicySet mesh = TestMesh.policies();
    ContentVersion versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
    xds.publish(
        NODE,
        new SnapshotFactory(versions).processor(mesh.policies().values(), mesh.keys().values()));
    Files.writeString(directory.resolve("redis.password"), RedisFixture.PASSWORD + "\n");
  }

  @AfterEach
  void stop() {
    xds.close();
    redis.close();
  }

  private ProcessorProcess start(Path socket) throws IOException {
    ProcessorProcess process =
        ProcessorProcess.start(
            directory,
            List.of(
                "serve",
                "--node=ingress-1",
                "--cluster=edge",
                "--trust-domain=zen.test",
                "--identity=" + redis.client().directory(),
                "--xds=127.0.0.1:" + port,
                "--socket=" + socket,
                "--redis=rediss://" + redis.address(),
                "--redis-user=" + RedisFixture.USER,
                "--redis-password-file=" + directory.resolve("redis.password"),
                "--admin=127.0.0.1:0",
                "--receipts=" + directory.resolve("receipts")));
    assertThat(process.readyLine()).startsWith("ready ");
    return process;
  }

  private static boolean answered(EnvoySide envoy, String requestId) {
    Map<String, String> headers =
        new LinkedHashMap<>(
            TestMesh.signed(TestMesh.ZEN, BODY, CLOCK.instant(), UUID.randomUUID().toString()));
    headers.put("x-request-id", requestId);
    Exchange exchange = envoy.open().head(TestMesh.ZEN, headers, false);
    return !exchange.answer().hasImmediateResponse()
        && exchange.body(BODY, true).answer().hasDynamicMetadata();
  }

  private String spooled() {
    try (Stream<Path> files = Files.list(directory.resolve("receipts"))) {
      StringBuilder all = new StringBuilder();
      for (Path file : files.filter(it -> it.toString().endsWith(".receipts")).toList()) {
        all.append(Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1));
      }
      return all.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<String> ids() {
    return recorded.stream().map(it -> it.receipt().correlation()).toList();
  }

  @Test
  void A13_killedProcessor_deliversAfterItsRestartWhatItHadWritten() throws Exception {
    Path socket = directory.resolve("extproc.sock");
    try (ProcessorProcess process = start(socket);
        EnvoySide envoy = new EnvoySide(socket)) {
      eventually("policies", () -> answered(envoy, "first-request"), let -> let);
      assertThat(answered(envoy, "second-request")).isTrue();
      eventually("spool", this::spooled, text -> text.contains("second-request"));
      process.kill();
    }
    assertThat(recorded).isEmpty();
    away = false;
    try (ProcessorProcess process = start(socket)) {
      eventually("receipts", this::ids, ids -> ids.contains("second-request"));
      process.terminate();
      assertThat(process.exitStatus()).isZero();
    }
    assertThat(ids()).containsSubsequence("first-request", "second-request");
    assertThat(recorded.stream().map(ReceiptBatch.Numbered::number)).doesNotHaveDuplicates();
    assertThat(spooled()).doesNotContain("order", "zenk1_");
  }
}
