package io.zenmesh.xds.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.server.ReceiptIntake;
import io.zenmesh.xds.server.ReceiptsUnavailableException;
import io.zenmesh.xds.server.XdsEvents;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.EncodedReceipts;
import io.zenmesh.xds.wire.ReceiptCodec;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Receipts over real mutual TLS: who may deliver which. */
@Timeout(120)
class ReceiptDeliveryTest extends ClientSteps {
  private static final String SPOOL = "0123456789abcdef0123456789abcdef";

  private final List<String> recorded = new CopyOnWriteArrayList<>();
  private final List<String> heard = new CopyOnWriteArrayList<>();
  private volatile Optional<String> away = Optional.empty();

  /** In place of the server without intake. */
  @BeforeEach
  void takeReceipts() throws IOException {
    server.close();
    ReceiptIntake intake =
        (node, batch) -> {
          away.ifPresent(why -> {
            throw new ReceiptsUnavailableException(why, new IllegalStateException());
          });
          batch
              .receipts()
              .forEach(it -> recorded.add(node + " " + it.number() + " " + it.receipt().ref()));
        };
    XdsEvents events =
        new XdsEvents() {
          @Override
          public void refused(String caller, String reason) {
            heard.add(caller + ": " + reason);
          }

          @Override
          public void connected(NodeId node) {}

          @Override
          public void disconnected(NodeId node) {}

          @Override
          public void rejected(NodeId node, ResourceType type, String detail) {}

          @Override
          public void foreignReceipts(NodeId node, String what) {
            heard.add(node + ": " + what);
          }
        };
    server =
        new XdsServer(
            new XdsServer.Config(
                new InetSocketAddress("127.0.0.1", 0), serverIdentity, "zen.local"),
            Clock.systemUTC(),
            events,
            intake);
    open.add(server);
    port = server.start();
  }

  private static EncodedReceipts batch(String... endpoints) {
    List<Numbered> receipts = new ArrayList<>();
    for (String endpoint : endpoints) {
      receipts.add(
          new Numbered(
              receipts.size() + 1,
              new Receipt(
                  EndpointRef.parse(endpoint),
                  Receipt.Outcome.ACCEPTED,
                  "",
                  "request-1",
                  "event-1",
                  1)));
    }
    return ReceiptCodec.encode(new ReceiptBatch(SPOOL, receipts));
  }

  private PolicyClient connected() throws InterruptedException {
    server.publish(NODE, NodeSnapshot.of(List.of(policy(ORDERS, "zen"), keys(ORDERS, "k"))));
    PolicyClient client = client();
    offered(set -> !set.policies().isEmpty());
    return client;
  }

  @Test
  void receiptsOutOfOrder_areAnInvalidArgument_andNotRecorded() throws Exception {
    PolicyClient client = connected();
    EncodedReceipts one = batch("acme/orders");
    EncodedReceipts twice =
        new EncodedReceipts(SPOOL, List.of(one.receipts().getFirst(), one.receipts().getFirst()));
    assertThatThrownBy(() -> client.deliver(twice))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("INVALID_ARGUMENT")
        .hasMessageContaining("ascending");
    assertThat(recorded).isEmpty();
  }

  @Test
  void receipts_goTheWayOfThePolicies_andAreAnsweredOnceRecorded() throws Exception {
    PolicyClient client = connected();
    assertThat(client.deliver(batch("acme/orders", "acme/other"))).isEqualTo(2);
    assertThat(recorded).containsExactly(NODE + " 1 acme/orders", NODE + " 2 acme/other");
    assertThat(heard).isEmpty();
  }

  @Test
  void X01_receiptsOfATenantThatTheNodeDoesNotServe_areLeftOutAndReported() throws Exception {
    PolicyClient client = connected();
    assertThat(client.deliver(batch("globex/zen", "acme/orders", "globex/zen"))).isEqualTo(3);
    assertThat(recorded).containsExactly(NODE + " 2 acme/orders");
    assertThat(heard).containsExactly(NODE + ": 2_of_globex");
  }

  @Test
  void A13_recordThatIsAway_isAnError_andWorksAgain() throws Exception {
    PolicyClient client = connected();
    away = Optional.of("audit: down");
    assertThatThrownBy(() -> client.deliver(batch("acme/orders")))
        .isInstanceOf(IOException.class)
        .hasMessage("UNAVAILABLE receipts: not on record");
    away = Optional.empty();
    assertThat(client.deliver(batch("acme/orders"))).isEqualTo(1);
  }

  @Test
  void clientThatIsNotConnected_saysSo() {
    PolicyClient client = client("spiffe://zen.local/somebody-else", set -> Optional.empty());
    assertThatThrownBy(() -> client.deliver(batch("acme/orders")))
        .isInstanceOf(IOException.class)
        .hasMessage("not connected");
  }

  private Status refusal(String spiffePath) throws Exception {
    IdentityFiles identity =
        pki.issue(
            directory.resolve("who" + spiffePath.replace('/', '_')), Leaf.workload(spiffePath));
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new InetSocketAddress("127.0.0.1", port))
            .sslContext(
                MutualTls.load(identity).grpcClient(SpiffeId.parse(SERVER_ID).orElseThrow()))
            .build();
    try {
      ClientCalls.blockingUnaryCall(
          channel, ReceiptCodec.RECORD, CallOptions.DEFAULT, batch("acme/orders"));
      throw new AssertionError("recorded: " + recorded);
    } catch (io.grpc.StatusRuntimeException e) {
      return e.getStatus();
    } finally {
      channel.shutdownNow();
      channel.awaitTermination(5, TimeUnit.SECONDS);
    }
  }

  @Test
  void X01_envoy_mayRecordNothing() throws Exception {
    NodeId envoy = new NodeId(new Name("edge"), NodeRole.ENVOY, new Name("ingress-1"));
    server.publish(envoy, NodeSnapshot.of(List.of(policy(ORDERS, "zen"))));
    Status status = refusal(envoy.spiffePath());
    assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(status.getDescription()).isEqualTo("receipts: role ENVOY (expected: EXTPROC)");
    assertThat(recorded).isEmpty();
    assertThat(heard)
        .containsExactly(envoy.spiffePath() + ": receipts: role ENVOY (expected: EXTPROC)");
  }

  @Test
  void X01_operator_mayRecordNothing() throws Exception {
    assertThat(refusal("/operator/ann").getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(recorded).isEmpty();
  }

  @Test
  void nodeThatNothingIsPublishedFor_comesAgainLater() throws Exception {
    Status status = refusal("/cluster/edge/extproc/stranger");
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    assertThat(recorded).isEmpty();
  }
}
