package io.zenmesh.e2e.bench;

import io.zenmesh.e2e.harness.DemoEndpoint;
import io.zenmesh.e2e.harness.EnvoyBinary;
import io.zenmesh.e2e.harness.EnvoyProcess;
import io.zenmesh.e2e.harness.Mesh;
import io.zenmesh.e2e.harness.MeshFiles;
import io.zenmesh.e2e.harness.Ports;
import io.zenmesh.e2e.harness.Progress;
import io.zenmesh.e2e.harness.StateDirectory;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.resource.Bootstrap;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.resource.StaticConfig;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.snapshot.ContentVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A whole mesh, and beside it one Envoy for each arm. The full arm asks the mesh's first processor,
 * which has its policies from the control plane and its Redis over TLS with a client certificate.
 */
final class BenchMesh implements AutoCloseable {
  private static final String CERTIFICATE = "edge-tls";

  private final StateDirectory state;
  private final Mesh mesh;

  /**
   * An Envoy to measure.
   *
   * @param name the arm's name
   * @param port where it listens, without TLS
   * @param pid its process
   */
  record Arm(String name, int port, long pid) {}

  private BenchMesh(StateDirectory state, Mesh mesh) {
    this.state = state;
    this.mesh = mesh;
  }

  static BenchMesh start(Path directory, Progress progress) {
    StateDirectory state = StateDirectory.open(directory);
    try {
      MeshFiles files = MeshFiles.prepare(state, Ports.free(), Clock.systemUTC());
      files.add(ArmPlan.HMAC_ONLY);
      return new BenchMesh(state, Mesh.start(files, Mesh.Options.embedded(), progress));
    } catch (RuntimeException e) {
      state.close();
      throw e;
    }
  }

  /** The secret that an endpoint's senders sign with. */
  SecretBytes secret(DemoEndpoint endpoint) throws IOException {
    byte[] shown = Files.readAllBytes(mesh.files().secret(endpoint));
    int end = shown.length;
    while (end > 0 && shown[end - 1] == '\n') {
      end--;
    }
    return SecretBytes.takeOver(Arrays.copyOf(shown, end));
  }

  /** The processor that the full arm asks. */
  long processorPid() {
    return mesh.processor(mesh.ingressNodes().getFirst()).process().pid();
  }

  /** Starts the Envoy of a plan. */
  Arm arm(ArmPlan plan) throws IOException {
    String name = plan.name();
    int port = Ports.anyFree();
    NodeId node = new NodeId(MeshFiles.CLUSTER, NodeRole.ENVOY, new Name("bench-" + name));
    Path admin = state.socketPath("bench-" + name);
    String process = "envoy-bench-" + name;
    EnvoyProcess envoy =
        EnvoyProcess.start(
                mesh.supervisor(),
                new EnvoyProcess.Spec(
                    process,
                    EnvoyBinary.find(),
                    state.envoy("bench-" + name),
                    state.log(process),
                    configuration(plan, rendered(plan, node, port, admin)),
                    admin,
                    Optional.of("ingress"),
                    "warning"))
            .awaitReady();
    return new Arm(name, port, envoy.process().pid());
  }

  private static String configuration(ArmPlan plan, String rendered) {
    return plan.verified() ? BenchConfig.full(rendered) : BenchConfig.plain(rendered);
  }

  private String rendered(ArmPlan plan, NodeId node, int port, Path admin) throws IOException {
    MeshFiles files = mesh.files();
    String ingress = mesh.ingressNodes().getFirst();
    byte[] key = new byte[32];
    new SecureRandom().nextBytes(key);
    try (ContentVersion versions = new ContentVersion(SecretBytes.takeOver(key))) {
      IngressNode model =
          new IngressNode(
              node,
              new HostPort("127.0.0.1", port),
              CERTIFICATE,
              files.processorSocket(ingress).toString(),
              List.of(),
              List.of(
                  new IngressRoute(
                      plan.endpoint().ref(),
                      plan.endpoint().host(),
                      plan.endpoint().path(),
                      plan.outcomeNeeded())));
      // The certificate is left out with the TLS of the listener; the factory wants one by name.
      TlsIdentity unused =
          new TlsIdentity(CERTIFICATE, "", SecretBytes.takeOver(new byte[] {'\n'}));
      return StaticConfig.render(
          new SnapshotFactory(versions).ingress(model, unused),
          new Bootstrap.Spec(
              node,
              new HostPort("127.0.0.1", 1),
              "spiffe://" + MeshFiles.TRUST_DOMAIN,
              files.identity("envoy-" + ingress),
              admin));
    }
  }

  @Override
  public void close() {
    try (state) {
      mesh.close();
    }
  }
}
