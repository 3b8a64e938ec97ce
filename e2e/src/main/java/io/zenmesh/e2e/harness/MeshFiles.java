package io.zenmesh.e2e.harness;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/**
 * Everything on disk that a mesh needs before its first process starts: certificates (issued anew
 * each time, by the same authority), secrets (generated once), {@code mesh.yaml} (generated once;
 * later only its addresses are brought up to date) and {@code zenctl.yaml}.
 *
 * @param state where it lies
 * @param ports who listens where
 */
public record MeshFiles(StateDirectory state, Ports ports) {
  public static final String TRUST_DOMAIN = "zen.local";
  public static final Name CLUSTER = new Name("edge-local");
  static final List<String> INGRESS = List.of("ingress-1", "ingress-2");
  static final String EGRESS = "egress-1";
  static final List<String> LOGIN_ROLES =
      List.of("zen_owner", "zen_app", "zen_fleet", "zen_audit", "zen_retention");

  /** Writes what is missing and renews what is renewed each time. */
  public static MeshFiles prepare(StateDirectory state, Ports ports, Clock clock) {
    MeshFiles files = new MeshFiles(state, ports);
    try {
      files.issueIdentities(DevPki.openOrCreate(state.pki(), TRUST_DOMAIN, clock));
      files.generateSecrets();
      files.writeDocuments();
      return files;
    } catch (IOException e) {
      throw new HarnessException("state: " + state.root() + " cannot be written", e);
    }
  }

  /** The certificate, key and trust bundle of a process. */
  public IdentityFiles identity(String process) {
    return new IdentityFiles(state.identity(process));
  }

  /** The certificates that every server of the mesh chains to, PEM. */
  public Path roots() {
    return state.pki().resolve("root.pem");
  }

  /** The secret that the senders of an endpoint sign with. */
  public Path secret(DemoEndpoint endpoint) {
    return state.secrets().resolve(endpoint.secretFile());
  }

  /** Where an operator's tools find the admin API. */
  public IdentityFiles operator() {
    return identity("operator");
  }

  /** The sample target's own certificate, for {@code localhost}. */
  public IdentityFiles target() {
    return identity("target");
  }

  public HostPort ingress(String node) {
    return ports.address(node.equals(INGRESS.getFirst()) ? Part.INGRESS_1 : Part.INGRESS_2);
  }

  /** The socket on which the Envoy {@code node} finds its processor. */
  public Path processorSocket(String node) {
    return state.socketPath("extproc-" + node);
  }

  static NodeId envoy(String name) {
    return new NodeId(CLUSTER, NodeRole.ENVOY, new Name(name));
  }

  static NodeId processor(String name) {
    return new NodeId(CLUSTER, NodeRole.EXTPROC, new Name(name));
  }

  Path postgresCredentials() {
    return state.identity("postgres-roles");
  }

  Path redisPassword() {
    return state.secrets().resolve("redis-zen.password");
  }

  Path redisAdminPassword() {
    return state.secrets().resolve("redis-admin.password");
  }

  private void issueIdentities(DevPki pki) throws IOException {
    pki.issue(state.identity("control-plane"), Leaf.workload("/control-plane"));
    pki.issue(state.identity("operator"), Leaf.workload("/operator/admin"));
    for (String node : INGRESS) {
      pki.issue(state.identity("envoy-" + node), Leaf.workload(envoy(node).spiffePath()));
      pki.issue(state.identity("extproc-" + node), Leaf.workload(processor(node).spiffePath()));
    }
    pki.issue(state.identity("envoy-" + EGRESS), Leaf.workload(envoy(EGRESS).spiffePath()));
    pki.issue(state.identity("postgres"), Leaf.server("postgres"));
    pki.issue(state.identity("postgres-superuser"), Leaf.client("postgres"));
    pki.issue(state.identity("redis"), Leaf.server("redis"));
    pki.issue(state.identity("target"), Leaf.server("localhost"));
    Path roles = postgresCredentials();
    for (String role : LOGIN_ROLES) {
      pki.issue(roles.resolve(role), Leaf.client(role));
      SecretFiles.password(roles.resolve(role).resolve("password"));
    }
    Files.writeString(roles.resolve("root.pem"), pki.rootPem());
    String[] hosts =
        DemoEndpoint.ALL.stream().map(DemoEndpoint::host).distinct().toArray(String[]::new);
    IdentityFiles edge = pki.issue(state.identity("edge"), Leaf.server(hosts[0], hosts));
    copy(edge.certificateChain(), state.secrets().resolve("edge.pem"));
    copy(edge.privateKey(), state.secrets().resolve("edge.key"));
    Files.writeString(state.secrets().resolve("target-ca.pem"), pki.rootPem());
  }

  private void generateSecrets() throws IOException {
    for (DemoEndpoint endpoint : DemoEndpoint.ALL) {
      SecretFiles.provider(secret(endpoint), endpoint.kind());
    }
    SecretFiles.password(redisPassword());
    SecretFiles.password(redisAdminPassword());
  }

  /** Adds an endpoint that is not of the demo set, in a state directory that is new. */
  public void add(DemoEndpoint endpoint) {
    try {
      SecretFiles.provider(secret(endpoint), endpoint.kind());
      Files.writeString(
          state.meshFile(),
          MeshDocuments.endpoint(endpoint, this),
          StandardCharsets.UTF_8,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new HarnessException("mesh.yaml: " + endpoint.ref() + " cannot be added", e);
    }
  }

  private void writeDocuments() throws IOException {
    Addresses now = Addresses.of(this);
    Optional<Addresses> before = Addresses.read(state);
    if (before.isPresent() && Files.exists(state.meshFile())) {
      String text = Files.readString(state.meshFile(), StandardCharsets.UTF_8);
      String moved = before.get().moved(text, now);
      if (!moved.equals(text)) {
        Addresses.replace(state.meshFile(), moved);
      }
    } else {
      Addresses.replace(state.meshFile(), MeshDocuments.render(this));
    }
    now.write(state);
    Files.writeString(
        state.zenctlFile(),
        """
        # Where zenctl finds the control plane, and as whom it comes.
        api: https://%s
        identity: %s
        server: spiffe://%s/control-plane
        """
            .formatted(ports.address(Part.API), Yaml.quoted(operator().directory()), TRUST_DOMAIN));
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
  }
}
