package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.pki.DevPki;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;

/** Who gets through the TLS of the API, and as whom. */
class ApiTlsTest extends ApiServerFixture {
  @Test
  void X01_noCertificate_isRefusedOnEveryOperatorPath() throws Exception {
    assertProblem(send(anonymous(), request("/v1/proxies")), 401, "unauthenticated");
    assertProblem(
        send(anonymous(), mesh("", BodyPublishers.ofString("kind: X"))), 401, "unauthenticated");
    assertProblem(send(anonymous(), request("/v1/nothing")), 404, "not_found");
  }

  @Test
  void X01_certificateOfAnotherAuthority_failsTheHandshake() throws IOException {
    DevPki other = DevPki.openOrCreate(folder.resolve("other-pki"), "zen.test", Clock.systemUTC());
    IdentityFiles strange = issue(other, "/operator/admin");
    Files.writeString(strange.trustBundle(), pki.rootPem());
    HttpClient client = client(MutualTls.load(strange).client(SERVER));
    assertThatThrownBy(() -> send(client, request("/v1/proxies"))).isInstanceOf(IOException.class);
  }

  @Test
  void X01_operatorOfAnotherTrustDomain_isRefused() throws Exception {
    DevPki sameRoot =
        DevPki.openOrCreate(folder.resolve("mesh-pki"), "other.test", Clock.systemUTC());
    IdentityFiles foreign = issue(sameRoot, "/operator/foreign");
    assertProblem(
        send(client(MutualTls.load(foreign).client(SERVER)), request("/v1/proxies")),
        401,
        "unauthenticated");
  }

  @Test
  void certificatePastItsEnd_isRefusedOnAKeptConnection() throws Exception {
    try (HttpClient client = operator()) {
      assertThat(client.send(request("/v1/proxies").build(), BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
      now = now.plus(Duration.ofDays(4000));
      assertProblem(
          client.send(request("/v1/proxies").build(), BodyHandlers.ofString()),
          401,
          "unauthenticated");
    }
  }

  @Test
  void plaintext_isNotSpoken() throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(64);
      assertThat(new String(answer, StandardCharsets.ISO_8859_1)).doesNotContain("HTTP/1.1 200");
    }
  }

  @Test
  void tls12_isNotSpoken() throws Exception {
    SSLParameters old = new SSLParameters();
    old.setProtocols(new String[] {"TLSv1.2"});
    SSLContext tls = MutualTls.load(issue(pki, "/operator/admin")).client(SERVER);
    HttpClient client = HttpClient.newBuilder().sslContext(tls).sslParameters(old).build();
    assertThatThrownBy(() -> send(client, request("/healthz"))).isInstanceOf(SSLException.class);
  }
}
