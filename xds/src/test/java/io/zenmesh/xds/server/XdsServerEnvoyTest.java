package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The server against a real Envoy. */
@Timeout(180)
class XdsServerEnvoyTest extends EnvoySteps {
  @Test
  void X03_envoy_acksEverything_refusesABrokenListenerOnce_andTakesTheNext() throws Exception {
    TlsIdentity certificate = certificate("edge");
    NodeSnapshot good = ingress(certificate);
    server.publish(ENVOY, good);
    awaitAllAcked();
    assertThat(acked()).isTrue();
    Waits.until("served", () -> served(port).isPresent());
    assertThat(served(port)).contains(leaf(certificate));

    int probePort = RestartPort.pick();
    Listener.Builder probe = listener(good).toBuilder().setName("probe");
    probe.getAddressBuilder().getSocketAddressBuilder().setPortValue(probePort);
    Resource second = versions.resource(ResourceType.LISTENER, "probe", probe.build());
    NodeSnapshot bad = with(good, broken(good), second);
    server.publish(ENVOY, bad);
    assertThat(acked()).isFalse();
    Waits.until("the good listener beside it", () -> served(probePort).isPresent());
    assertThat(state(ResourceType.LISTENER)).isEqualTo(TypeStatus.State.NACKED);
    assertThat(status(ResourceType.LISTENER).flatMap(TypeStatus::detail).orElseThrow())
        .contains("UnheardOf");
    assertThat(state(ResourceType.CLUSTER)).isEqualTo(TypeStatus.State.ACKED);
    assertThat(served(port)).contains(leaf(certificate));

    // Once in company, once alone, and never again.
    Waits.until("settled", () -> rejected() == 2);
    for (int i = 0; i < 5; i++) {
      server.publish(ENVOY, bad);
    }
    TlsIdentity renewed = certificate("edge-2");
    server.publish(ENVOY, with(ingress(renewed), broken(good), second));
    Waits.until("renewed certificate", () -> served(port).equals(Optional.of(quietLeaf(renewed))));
    assertThat(rejected()).isEqualTo(2);

    server.publish(ENVOY, with(ingress(renewed), second));
    assertThat(acked()).isTrue();
    assertThat(rejected()).isEqualTo(2);
  }

  @Test
  void X07_serverRestart_envoyKeepsServing_andFollowsTheRemovalItMissed() throws Exception {
    NodeSnapshot good = ingress(certificate("edge"));
    server.publish(ENVOY, good);
    awaitAllAcked();
    Waits.until("served", () -> served(port).isPresent());
    server.close();
    assertThat(served(port)).isPresent();

    server =
        new XdsServer(
            new XdsServer.Config(
                new InetSocketAddress("127.0.0.1", mesh.port()),
                mesh.identity(TestMesh.SERVER.path()),
                TestMesh.TRUST_DOMAIN),
            Clock.systemUTC());
    server.start();
    Waits.until("envoy back", () -> server.status().stream().anyMatch(NodeStatus::connected));
    assertThat(served(port)).isPresent();
    long updates = envoy.stat("cluster_manager.cluster_updated");
    server.publish(ENVOY, without(good, ResourceType.LISTENER));
    Waits.until("listener gone", () -> refusesConnections());
    assertThat(acked()).isTrue();
    assertThat(envoy.stat("cluster_manager.cluster_updated")).isEqualTo(updates);
  }
}
