package io.zenmesh.e2e.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.ClientTls;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.RawHttp1;
import io.zenmesh.e2e.check.RawHttp2;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.ExtraDocuments;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.PemIdentity;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Client certificates by host, on both ingress nodes and over both protocols. */
@ExtendWith(FaultyMesh.class)
@TestInstance(Lifecycle.PER_CLASS)
class ClientCertificateIT {
  private static final String REQUIRED = "mtls.acme.test";
  private static final String OPTIONAL = "maybe.globex.test";
  private static final String OPEN = "hooks.acme.test";
  private static final String FORBIDDEN = "client_certificate_required";
  private static final String DOCUMENTS =
      """
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Secret
      metadata: {name: client-ca, tenant: acme}
      spec: {type: ca, certificate: {file: client-acme.pem}}
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Secret
      metadata: {name: client-ca, tenant: globex}
      spec: {type: ca, certificate: {file: client-globex.pem}}
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Endpoint
      metadata: {name: client-named, tenant: acme}
      spec:
        cluster: edge-local
        host: mtls.acme.test
        path: /named
        scheme: zen
        secretRefs: [zen-key]
        destination: zen
        client: {mtls: required, caRef: client-ca, spiffeIds: ["spiffe://sender.acme/ci"]}
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Endpoint
      metadata: {name: client-any, tenant: acme}
      spec:
        cluster: edge-local
        host: mtls.acme.test
        path: /any
        scheme: zen
        secretRefs: [zen-key]
        destination: zen
        client: {tls: required, mtls: required, caRef: client-ca}
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Endpoint
      metadata: {name: client-maybe, tenant: globex}
      spec:
        cluster: edge-local
        host: maybe.globex.test
        path: /maybe
        scheme: zen
        secretRefs: [zen-key]
        destination: zen
        client:
          mtls: optional
          caRef: client-ca
          spiffeIds: ["spiffe://sender.globex/ci"]
          sans: [ci.globex.test]
      """;

  private final RunningMesh running;
  private final List<AutoCloseable> open = new ArrayList<>();
  private final Path folder;
  private final DevPki acme;
  private final DevPki globex;
  private final DevPki acmeAsGlobex;
  private final DevPki globexAsAcme;

  ClientCertificateIT(RunningMesh running) {
    this.running = running;
    this.folder = running.state().root().resolve("clients");
    Clock clock = Clock.systemUTC();
    acme = DevPki.openOrCreate(folder.resolve("ca-acme"), "sender.acme", clock);
    globex = DevPki.openOrCreate(folder.resolve("ca-globex"), "sender.globex", clock);
    acmeAsGlobex = DevPki.openOrCreate(folder.resolve("ca-acme"), "sender.globex", clock);
    globexAsAcme = DevPki.openOrCreate(folder.resolve("ca-globex"), "sender.acme", clock);
  }

  @BeforeAll
  void apply() throws IOException {
    Path secrets = running.state().secrets();
    Files.writeString(secrets.resolve("client-acme.pem"), acme.rootPem());
    Files.writeString(secrets.resolve("client-globex.pem"), globex.rootPem());
    IdentityFiles right = identity(acme, Leaf.workload("/ci"));
    open.add(
        ExtraDocuments.add(
            running, List.of(REQUIRED, OPTIONAL), DOCUMENTS, () -> everyNodeServes(right)));
  }

  private boolean everyNodeServes(IdentityFiles identity) throws IOException {
    for (Rig.Ingress node : running.rig().ingresses()) {
      Caller caller = new Caller(Protocol.HTTP_1, node);
      WireRequest request = caller.request(REQUIRED, "/any", CheckSuite.newCheckId());
      if (!caller
          .send(Optional.of(identity), REQUIRED, request)
          .status()
          .equals(Optional.of(200))) {
        return false;
      }
    }
    return true;
  }

  @AfterAll
  void restore() throws Exception {
    for (AutoCloseable each : open) {
      each.close();
    }
  }

  static Stream<Arguments> everywhere() {
    return Stream.of(Protocol.values())
        .flatMap(protocol -> Stream.of(0, 1).map(node -> Arguments.of(protocol, node)));
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void X02_requiredCertificate_isAskedForAndItsNameJudged(Protocol protocol, int node)
      throws IOException {
    Caller caller = new Caller(protocol, running.rig().ingresses().get(node));
    caller.passes(identity(acme, Leaf.workload("/ci")), REQUIRED, "/named");
    caller.passes(identity(acme, Leaf.workload("/cd")), REQUIRED, "/any");
    caller.isCut(Optional.empty(), REQUIRED, "/named");
    caller.isCut(Optional.empty(), REQUIRED, "/any");
    // The right name from another authority, and one whose time is over.
    caller.isCut(Optional.of(identity(globexAsAcme, Leaf.workload("/ci"))), REQUIRED, "/named");
    caller.isCut(
        Optional.of(identity(acme, Leaf.workload("/ci").lasting(Duration.ofHours(-1)))),
        REQUIRED,
        "/named");
    for (String path : List.of("/cd", "/ci-too", "/ci/more")) {
      caller.isForbidden(identity(acme, Leaf.workload(path)), REQUIRED, "/named");
    }
    // The name as CN and as DNS name.
    caller.isForbidden(identity(acme, Leaf.client("spiffe://sender.acme/ci")), REQUIRED, "/named");
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void S01_authorityThatIssuesAnothersName_gainsNothing(Protocol protocol, int node)
      throws IOException {
    Caller caller = new Caller(protocol, running.rig().ingresses().get(node));
    IdentityFiles forged = identity(acmeAsGlobex, Leaf.workload("/ci"));
    caller.isCut(Optional.of(forged), OPTIONAL, "/maybe");
    caller.isForbidden(forged, REQUIRED, "/named");
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void X02_optionalCertificate_mayBeMissingButNotWrong(Protocol protocol, int node)
      throws IOException {
    Caller caller = new Caller(protocol, running.rig().ingresses().get(node));
    caller.passes(Optional.empty(), OPTIONAL, "/maybe");
    caller.passes(identity(globex, Leaf.workload("/ci")), OPTIONAL, "/maybe");
    caller.passes(identity(globex, dns("ci.globex.test")), OPTIONAL, "/maybe");
    caller.isForbidden(identity(globex, Leaf.workload("/cd")), OPTIONAL, "/maybe");
    caller.isForbidden(identity(globex, dns("*.globex.test")), OPTIONAL, "/maybe");
    caller.isForbidden(identity(globex, Leaf.client("ci.globex.test")), OPTIONAL, "/maybe");
    caller.isCut(Optional.of(identity(acme, Leaf.workload("/ci"))), OPTIONAL, "/maybe");
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void X08_serverNameOfOneHost_withTheAuthorityOfAnother_reachesNeither(Protocol protocol, int node)
      throws IOException {
    Caller caller = new Caller(protocol, running.rig().ingresses().get(node));
    Optional<IdentityFiles> right = Optional.of(identity(acme, Leaf.workload("/ci")));
    caller.isUnknown(right, REQUIRED, OPTIONAL, "/maybe");
    caller.isUnknown(right, REQUIRED, OPEN, "/acme/zen");
    caller.isUnknown(Optional.empty(), OPEN, REQUIRED, "/named");
    caller.isUnknown(Optional.empty(), OPEN, OPTIONAL, "/maybe");
    caller.isUnknown(Optional.empty(), OPTIONAL, REQUIRED, "/named");
  }

  @ParameterizedTest
  @MethodSource("everywhere")
  void E06_certificateClaimedByHeaders_countsForNothing(Protocol protocol, int node)
      throws IOException {
    Caller caller = new Caller(protocol, running.rig().ingresses().get(node));
    IdentityFiles other = identity(acme, Leaf.workload("/cd"));
    String checkId = CheckSuite.newCheckId();
    WireRequest request =
        caller
            .request(REQUIRED, "/named", checkId)
            .plus("X-Forwarded-Client-Cert", "By=x;URI=spiffe://sender.acme/ci")
            .plus("Client-Cert", ":AA==:");
    Outcome outcome = caller.send(Optional.of(other), REQUIRED, request);
    assertThat(outcome.status()).as("%s", outcome).hasValue(403);
    assertThat(running.arrived(checkId)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void sessionOfAClientHost_isNeverResumed(String version)
      throws IOException, GeneralSecurityException {
    assertThat(certificatesAskedFor(version, REQUIRED)).isEqualTo(2);
    // The same client does resume where sessions may be.
    if (version.equals("TLSv1.2")) {
      assertThat(sameSession(version, OPEN)).isTrue();
      assertThat(sameSession(version, REQUIRED)).isFalse();
    }
  }

  private int certificatesAskedFor(String version, String host)
      throws IOException, GeneralSecurityException {
    CountingKeys keys = CountingKeys.of(PemIdentity.keys(identity(acme, Leaf.workload("/ci"))));
    SSLContext context = keys.context(running.mesh().files().roots(), version);
    exchange(context, host);
    exchange(context, host);
    return keys.asked();
  }

  private boolean sameSession(String version, String host)
      throws IOException, GeneralSecurityException {
    CountingKeys keys = CountingKeys.of(PemIdentity.keys(identity(acme, Leaf.workload("/ci"))));
    SSLContext context = keys.context(running.mesh().files().roots(), version);
    return Arrays.equals(exchange(context, host), exchange(context, host));
  }

  /** One request on a fresh connection; the id of its session. */
  private byte[] exchange(SSLContext context, String host) throws IOException {
    int port = running.first().port();
    try (var plain = new java.net.Socket(InetAddress.getLoopbackAddress(), port);
        SSLSocket socket =
            (SSLSocket) context.getSocketFactory().createSocket(plain, host, port, true)) {
      socket.setSoTimeout(Math.toIntExact(RunningMesh.PATIENCE.toMillis()));
      socket
          .getOutputStream()
          .write(
              ("GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
          .startsWith("HTTP/1.1 404");
      return socket.getSession().getId();
    }
  }

  private static Leaf dns(String name) {
    return new Leaf("sender", Optional.empty(), List.of(name), List.of(), Duration.ofDays(1));
  }

  private IdentityFiles identity(DevPki pki, Leaf leaf) throws IOException {
    return pki.issue(Files.createTempDirectory(Files.createDirectories(folder), "leaf-"), leaf);
  }

  /** A client of one node over one protocol. */
  private final class Caller {
    private final Protocol protocol;
    private final Rig.Ingress node;

    Caller(Protocol protocol, Rig.Ingress node) {
      this.protocol = protocol;
      this.node = node;
    }

    WireRequest request(String host, String path, String checkId) {
      String authority = host + ":" + node.port();
      String signer = host.equals(OPTIONAL) ? "globex/zen" : "acme/zen";
      return running
          .compose(Draft.correct(signer).signedFor(authority).signedAt(path), node, checkId)
          .to(authority, path);
    }

    Outcome send(Optional<IdentityFiles> identity, String serverName, WireRequest request)
        throws IOException {
      Path roots = running.mesh().files().roots();
      ClientTls tls =
          identity.isPresent()
              ? ClientTls.showing(roots, identity.get())
              : ClientTls.trusting(roots);
      return switch (protocol) {
        case HTTP_1 -> {
          try (RawHttp1 client = new RawHttp1(tls, RunningMesh.PATIENCE)) {
            yield client.send(node.port(), serverName, request);
          }
        }
        case HTTP_2 -> {
          try (RawHttp2 client = new RawHttp2(tls, RunningMesh.PATIENCE)) {
            yield client.send(node.port(), serverName, request);
          }
        }
      };
    }

    void passes(IdentityFiles identity, String host, String path) throws IOException {
      passes(Optional.of(identity), host, path);
    }

    void passes(Optional<IdentityFiles> identity, String host, String path) throws IOException {
      String checkId = CheckSuite.newCheckId();
      Outcome outcome = send(identity, host, request(host, path, checkId));
      assertThat(outcome.status()).as("%s", outcome).hasValue(200);
      assertThat(running.arrived(checkId)).hasSize(1);
    }

    void isForbidden(IdentityFiles identity, String host, String path) throws IOException {
      String checkId = CheckSuite.newCheckId();
      Outcome outcome = send(Optional.of(identity), host, request(host, path, checkId));
      assertThat(outcome.status()).as("%s", outcome).hasValue(403);
      assertThat(outcome.problemCode()).hasValue(FORBIDDEN);
      assertThat(running.arrived(checkId)).isEmpty();
    }

    void isCut(Optional<IdentityFiles> identity, String host, String path) throws IOException {
      String checkId = CheckSuite.newCheckId();
      Outcome outcome = send(identity, host, request(host, path, checkId));
      assertThat(outcome).isInstanceOf(Outcome.Cut.class);
      assertThat(running.arrived(checkId)).isEmpty();
    }

    void isUnknown(
        Optional<IdentityFiles> identity, String serverName, String authority, String path)
        throws IOException {
      String checkId = CheckSuite.newCheckId();
      Outcome outcome = send(identity, serverName, request(authority, path, checkId));
      assertThat(outcome.status()).as("%s", outcome).hasValue(404);
      assertThat(outcome.problemCode()).hasValue("endpoint_unknown");
      assertThat(running.arrived(checkId)).isEmpty();
    }
  }
}
