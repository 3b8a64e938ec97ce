package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.apply.Author;
import io.zenmesh.controlplane.apply.MeshApply;
import io.zenmesh.controlplane.apply.MeshEdit;
import io.zenmesh.controlplane.audit.InMemoryTrail;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.custody.CountedWrapper;
import io.zenmesh.controlplane.custody.Custodian;
import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.Installation;
import io.zenmesh.controlplane.custody.KekRotation;
import io.zenmesh.controlplane.custody.KeyIssuer;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.MacKey;
import io.zenmesh.controlplane.custody.RootRotation;
import io.zenmesh.controlplane.custody.SecretExport;
import io.zenmesh.controlplane.custody.SecretImport;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.custody.TenantRoots;
import io.zenmesh.controlplane.custody.ValueMark;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.publish.EndpointFit;
import io.zenmesh.controlplane.publish.IdleNodes;
import io.zenmesh.controlplane.publish.Publisher;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.tenant.Credentials;
import io.zenmesh.controlplane.tenant.Principal;
import io.zenmesh.controlplane.tenant.PrincipalStore;
import io.zenmesh.controlplane.tenant.Role;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.snapshot.ContentVersion;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * The whole API on a real database with the mesh of {@link TestMesh}, over real TLS; a recording
 * audit trail, and a clock that can be set.
 */
final class TestApi implements AutoCloseable {
  private static final SpiffeId SERVER = new SpiffeId("zen.test", "/control-plane");

  final RecordedDecisions decisions = new RecordedDecisions();
  volatile Instant now = Clock.systemUTC().instant();
  volatile Optional<String> cosigned = Optional.empty();
  final Database database;
  final TestMesh files;

  private final Path folder;
  private final DevPki pki;
  private final ContentVersion versions;
  private final MacKey cursorKey;
  private final ValueMark mark;
  private final Credentials credentials;
  private final PrincipalStore principals;
  private final ApiServer server;
  private final int port;
  private final HttpClient anonymous;
  private final HttpClient operator;

  TestApi(Path folder, PostgresAddress address) {
    this.folder = folder;
    this.pki = DevPki.openOrCreate(folder.resolve("mesh-pki"), "zen.test", Clock.systemUTC());
    this.files = TestMesh.in(folder);
    this.database = Database.open(address);
    KeysetFile keyset = KeysetFile.openOrCreate(folder.resolve("keyset.json"), false);
    this.versions = new ContentVersion(SecretBytes.takeOver(new byte[32]));
    this.cursorKey = new MacKey(SecretBytes.takeOver(new byte[32]));
    this.mark = new ValueMark(SecretBytes.takeOver(new byte[32]));
    Envelope envelope =
        new Envelope(new CountedWrapper(keyset, database.wrapLedger()), new SecureRandom());
    SecretOpener opener = new SecretOpener(envelope, new RecordingTrail());
    IdleNodes nodes = new IdleNodes();
    Publisher publisher =
        new Publisher(
            new Publisher.Sources(
                database.stateReader(), opener, Catalogue.bundled(), "zen.test", () -> now),
            new SnapshotFactory(versions),
            nodes,
            nodes);
    MeshApply apply =
        new MeshApply(
            files.reader(),
            database.meshStore(envelope, mark, () -> now),
            publisher,
            new InMemoryTrail());
    if (!(apply.apply(Author.MESH_FILE, "mesh.yaml", TestMesh.all())
        instanceof MeshApply.Outcome.Applied)) {
      throw new AssertionError("test mesh refused");
    }
    this.principals = database.principalStore();
    this.credentials = new Credentials(principals, new SecureRandom(), () -> now);
    this.server =
        new ApiServer(
            new ApiServer.Config(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                issue("/control-plane"),
                "zen.test"),
            List.of(
                new ProcessRoutes(() -> true, () -> "# nothing\n"),
                new MeshRoutes(apply, List::of, new Cursors(cursorKey)),
                new AuditRoutes(
                    database.chainReader(),
                    new NoCheckpoints(),
                    () -> cosigned,
                    new Cursors(cursorKey)),
                new PrincipalRoutes(
                    principals,
                    credentials,
                    new Cursors(cursorKey),
                    new ChangeRecord(decisions),
                    "zen.test",
                    () -> now),
                new ResourceRoutes(
                    database.tenantStore(),
                    database.tenantRows(),
                    Optional.of(
                        new MeshEdit(
                            files.reader(),
                            database.resourceStore(envelope, mark, () -> now),
                            publisher,
                            apply)),
                    new Cursors(cursorKey),
                    new ChangeRecord(decisions)),
                new SecretRoutes(
                    new Custodian(
                        database.secretStore(),
                        envelope,
                        decisions,
                        new EndpointFit(database.stateReader(), Catalogue.bundled()),
                        () -> now),
                    apply::publishStored,
                    publisher::followers,
                    new Cursors(cursorKey)),
                backups(envelope, apply),
                new KeyRoutes(
                    new KeyIssuer(
                        database.secretStore(),
                        new TenantRoots(
                            database.secretStore(),
                            envelope,
                            opener,
                            new SecureRandom(),
                            () -> now),
                        opener,
                        decisions,
                        () -> now),
                    new RootRotation(
                        database.secretStore(),
                        new TenantRoots(
                            database.secretStore(),
                            envelope,
                            opener,
                            new SecureRandom(),
                            () -> now),
                        decisions,
                        () -> now),
                    new KekRotation(keyset, database.kekStore(), envelope, decisions),
                    apply::publishStored,
                    line -> line.cluster().value().equals("edge-local"),
                    new Cursors(cursorKey))),
            new ApiServer.Tenancy(
                database.tenantStore(), credentials, database.repeats(), cursorKey),
            decisions,
            () -> now);
    try {
      this.port = server.start();
      this.anonymous = client(trustOnly());
      this.operator = certificate("/operator/admin");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private BackupRoutes backups(Envelope envelope, MeshApply apply) {
    SecretOpener opener = new SecretOpener(envelope, decisions);
    Installation installation =
        Installation.of(
            new TenantRoots(
                database.secretStore(), envelope, opener, new SecureRandom(), () -> now));
    return new BackupRoutes(
        new SecretExport(
            database.secretStore(), opener, decisions, installation, new SecureRandom(), () -> now),
        new SecretImport(
            database.secretStore(),
            envelope,
            opener,
            decisions,
            new EndpointFit(database.stateReader(), Catalogue.bundled()),
            installation,
            new SecureRandom(),
            () -> now),
        apply::publishStored);
  }

  private IdentityFiles issue(String path) {
    return pki.issue(folder.resolve("id" + path.replace('/', '-')), Leaf.workload(path));
  }

  private static HttpClient client(SSLContext tls) {
    return HttpClient.newBuilder().sslContext(tls).version(HttpClient.Version.HTTP_1_1).build();
  }

  /** Trusts the mesh's root and shows nothing. */
  private SSLContext trustOnly() {
    try {
      KeyStore roots = KeyStore.getInstance(KeyStore.getDefaultType());
      roots.load(null, null);
      roots.setCertificateEntry(
          "root",
          CertificateFactory.getInstance("X.509")
              .generateCertificate(
                  new ByteArrayInputStream(pki.rootPem().getBytes(StandardCharsets.US_ASCII))));
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(roots);
      SSLContext tls = SSLContext.getInstance("TLSv1.3");
      tls.init(null, trust.getTrustManagers(), null);
      return tls;
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The directory of an identity of that path. */
  String identity(String path) {
    return issue(path).directory().toString();
  }

  String rootPem() {
    return pki.rootPem();
  }

  int port() {
    return port;
  }

  /** A client with a certificate of that path; the caller's to close. */
  HttpClient certificate(String path) {
    try {
      return client(MutualTls.load(issue(path)).client(SERVER));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A token of a principal of that role, made when it is not there. */
  String token(String tenant, Role role) {
    return TenantContext.within(
        new Name(tenant),
        () -> {
          Name name = new Name("test-" + role.word());
          principals.put(new Principal(name, role, Optional.empty()), any -> true);
          try (Credentials.Issued issued =
              credentials.issue(name, role, Duration.ofHours(1)).orElseThrow()) {
            return new String(
                issued.text().copy(SecretAccess.granted()), StandardCharsets.US_ASCII);
          }
        });
  }

  /** A request, to be completed and sent. */
  HttpRequest.Builder request(String method, String path, Optional<String> json) {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + path))
            .method(method, json.map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody));
    json.ifPresent(it -> builder.header("Content-Type", "application/json"));
    return builder;
  }

  HttpResponse<String> send(HttpClient client, HttpRequest.Builder request) {
    try {
      return client.send(request.build(), BodyHandlers.ofString());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** Trusts the mesh's root and shows nothing. */
  HttpClient anonymous() {
    return anonymous;
  }

  /** Without a certificate. */
  HttpResponse<String> sendAnonymously(HttpRequest.Builder request) {
    return send(anonymous, request);
  }

  /** As the operator. */
  HttpResponse<String> operator(String method, String path, String... json) {
    return send(operator, request(method, path, List.of(json).stream().findFirst()));
  }

  /** With a token. */
  HttpResponse<String> with(String token, String method, String path, String... json) {
    return send(
        anonymous,
        request(method, path, List.of(json).stream().findFirst())
            .header("Authorization", "Bearer " + token));
  }

  @Override
  public void close() {
    operator.close();
    anonymous.close();
    server.close();
    cursorKey.close();
    mark.close();
    versions.close();
    database.close();
  }
}
