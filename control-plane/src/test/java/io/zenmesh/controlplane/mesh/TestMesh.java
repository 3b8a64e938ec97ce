package io.zenmesh.controlplane.mesh;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** A small mesh of two tenants, with the secret files it names. */
public final class TestMesh {
  private final Path folder;

  private TestMesh(Path folder) {
    this.folder = folder;
  }

  /** Writes certificates and keys into {@code folder}. */
  public static TestMesh in(Path folder) {
    try {
      DevPki pki = DevPki.openOrCreate(folder.resolve("pki"), "zen.test", Clock.systemUTC());
      IdentityFiles edge =
          pki.issue(folder.resolve("edge"), Leaf.server("edge", "hooks.acme.test"));
      Files.copy(edge.certificateChain(), folder.resolve("edge.pem"));
      Files.copy(edge.privateKey(), folder.resolve("edge.key"));
      Files.writeString(folder.resolve("target-ca.pem"), pki.rootPem());
      TestMesh mesh = new TestMesh(folder);
      mesh.writeSecret("acme.key", zenKey(1));
      mesh.writeSecret("globex.key", zenKey(2));
      mesh.writeSecret("stripe.key", "whsec_stripe-test-secret");
      return mesh;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Path folder() {
    return folder;
  }

  /** A key of scheme zen whose bytes all are {@code fill}. */
  public static String zenKey(int fill) {
    byte[] key = new byte[32];
    Arrays.fill(key, (byte) fill);
    return "zenk1_" + Base64.getUrlEncoder().withoutPadding().encodeToString(key);
  }

  public void writeSecret(String file, String value) {
    try {
      Files.writeString(folder.resolve(file), value + "\n", StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public MeshReader reader() {
    return new MeshReader(
        Catalogue.bundled(),
        new SecretSource(folder, name -> Optional.empty()),
        InstantSource.system());
  }

  /** A mesh that must be good, the caller's to close. */
  public Mesh mesh(String yaml) {
    return switch (reader().read("mesh.yaml", yaml)) {
      case MeshReading.Good(Mesh mesh) -> mesh;
      case MeshReading.Bad bad -> throw new AssertionError("bad mesh: " + bad.problems());
    };
  }

  /** What is wrong with it, a line each; empty for a good mesh. */
  List<String> problems(String yaml) {
    return switch (reader().read("mesh.yaml", yaml)) {
      case MeshReading.Bad(List<MeshProblem> problems) ->
          problems.stream().map(MeshProblem::toString).toList();
      case MeshReading.Good good -> {
        good.mesh().close();
        yield List.of();
      }
    };
  }

  /** Everything: platform, acme and globex. */
  public static String all() {
    return platform()
        + tenant("acme")
        + endpoint("acme", "zen")
        + tenant("globex")
        + endpoint("globex", "zen");
  }

  /** The platform's part: a cluster of two ingress Envoys and an egress Envoy. */
  public static String platform() {
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Secret
    metadata: {name: edge-tls, tenant: system}
    spec: {type: tls, certificate: {file: edge.pem}, valueFrom: {file: edge.key}}
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Cluster
    metadata: {name: edge-local, tenant: system}
    spec:
      tls: {secretRef: edge-tls}
      ingress:
        - {name: ingress-1, listen: 127.0.0.1:18443, processorSocket: /tmp/zen/1.sock}
        - {name: ingress-2, listen: 127.0.0.1:18444, processorSocket: /tmp/zen/2.sock}
      egress:
        - {name: egress-1, listen: 127.0.0.1:18543}
    """;
  }

  /** A tenant with a signing secret, a trust root and a destination. */
  public static String tenant(String name) {
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Tenant
    metadata: {name: %1$s}
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Secret
    metadata: {name: signing, tenant: %1$s}
    spec: {type: signing, valueFrom: {file: %1$s.key}}
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Secret
    metadata: {name: target-ca, tenant: %1$s}
    spec: {type: ca, certificate: {file: target-ca.pem}}
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Destination
    metadata: {name: target, tenant: %1$s}
    spec: {url: "https://localhost:19443/%1$s", caRef: target-ca}
    """
        .formatted(name);
  }

  /** An endpoint of scheme zen at {@code /<tenant>/<name>} of the tenant's host. */
  public static String endpoint(String tenant, String name) {
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Endpoint
    metadata: {name: %2$s, tenant: %1$s}
    spec:
      cluster: edge-local
      host: hooks.%1$s.test
      path: /%1$s/%2$s
      scheme: zen
      secretRefs: [signing]
      destination: target
    """
        .formatted(tenant, name);
  }

  /** Everything an endpoint may say of its callers. */
  public static String callers() {
    return """
      client:
        tls: required
        mtls: required
        caRef: target-ca
        spiffeIds: ["spiffe://sender.test/ci", "spiffe://sender.test/cd"]
        sans: [sender.acme.test]
      limits: {requestsPerMinute: 90, burst: 7}
      allowFrom: [192.0.2.0/24, "2001:db8::/32", 198.51.100.7/32]
    """;
  }
}
