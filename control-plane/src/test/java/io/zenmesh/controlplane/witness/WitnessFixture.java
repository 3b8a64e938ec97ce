package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.CheckpointSigner;
import io.zenmesh.controlplane.audit.NoteKey;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import io.zenmesh.controlplane.audit.verify.WitnessKey;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A witness on a real socket, and a log that it knows. */
abstract class WitnessFixture {
  static final Instant NOW = Instant.parse("2026-12-01T10:00:00Z");

  @TempDir Path folder;
  final CheckpointSigner signer = signer(TestEvents.LOG);
  final GrowingLog log = new GrowingLog(signer, 300, Integer.MAX_VALUE);
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final Cosigner cosigner = cosigner();
  final WitnessKey witnessKey = WitnessKey.parse(cosigner.verifierKey());
  private Witness witness;
  private WitnessServer server;
  private int port;

  WitnessFixture() {}

  static CheckpointSigner signer(String name) {
    try (SecretBytes seed = TestEvents.seed()) {
      return CheckpointSigner.of(name, seed);
    }
  }

  static Cosigner cosigner() {
    try (SecretBytes seed = TestEvents.seed()) {
      return new Cosigner(
          NoteKey.of("witness.example/w1", NoteKey.WITNESS, seed), InstantSource.fixed(NOW));
    }
  }

  /** Again where it was, when it was. */
  @BeforeEach
  void startWitness() throws IOException {
    witness = open();
    server =
        new WitnessServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            Optional.empty(),
            witness);
    port = server.start();
  }

  Witness open() throws IOException {
    return open(folder.resolve("state"));
  }

  Witness open(Path state) throws IOException {
    return Witness.open(state, cosigner, List.of(VerifierKey.parse(signer.verifierKey())));
  }

  @AfterEach
  void stopWitness() throws IOException {
    server.close();
    witness.close();
  }

  int port() {
    return port;
  }

  HttpResponse<String> post(String body) throws IOException, InterruptedException {
    return post(BodyPublishers.ofString(body));
  }

  HttpResponse<String> post(HttpRequest.BodyPublisher body)
      throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/add-checkpoint"))
            .POST(body)
            .build(),
        BodyHandlers.ofString());
  }

  /** Whether the line of an answer is a good cosignature of that note. */
  Optional<Instant> cosigned(String note, String line) {
    return witnessKey.cosigned(SignedCheckpoint.parse(note + line));
  }
}
