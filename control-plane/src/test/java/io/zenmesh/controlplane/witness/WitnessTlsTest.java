package io.zenmesh.controlplane.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class WitnessTlsTest extends WitnessFixture {
  private static final SpiffeId WITNESS = SpiffeId.parse("spiffe://zen.test/witness").orElseThrow();

  private int status(SSLContext tls, int port) throws IOException, InterruptedException {
    try (HttpClient http =
        HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(tls).build()) {
      return http.send(
              HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + port + "/add-checkpoint"))
                  .POST(BodyPublishers.ofString(log.request(0, 100)))
                  .build(),
              BodyHandlers.ofString())
          .statusCode();
    }
  }

  @Test
  void withIdentity_onlyClientsOfTheBundleAreServed() throws IOException, InterruptedException {
    stopWitness();
    DevPki pki = DevPki.openOrCreate(folder.resolve("pki"), "zen.test", Clock.systemUTC());
    DevPki other = DevPki.openOrCreate(folder.resolve("other"), "zen.test", Clock.systemUTC());
    IdentityFiles server = pki.issue(folder.resolve("server"), Leaf.workload("/witness"));
    IdentityFiles client = pki.issue(folder.resolve("client"), Leaf.workload("/control-plane"));
    IdentityFiles stranger = other.issue(folder.resolve("stranger"), Leaf.workload("/x"));
    Files.copy(client.trustBundle(), stranger.trustBundle(), StandardCopyOption.REPLACE_EXISTING);
    try (Witness witness = open();
        WitnessServer https =
            new WitnessServer(
                new InetSocketAddress("127.0.0.1", 0), Optional.of(server), witness)) {
      int port = https.start();
      assertThatThrownBy(
              () -> status(MutualTls.anonymousClient(client.trustBundle(), WITNESS), port))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> status(MutualTls.load(stranger).client(WITNESS), port))
          .isInstanceOf(IOException.class);
      assertThat(status(MutualTls.load(client).client(WITNESS), port)).isEqualTo(200);
    }
    startWitness();
  }
}
