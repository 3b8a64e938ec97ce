package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bodies that are announced and do not come: they hold up nobody else. */
@Timeout(120)
class SlowBodiesTest extends ApiServerFixture {
  /** More than the server has threads. */
  private static final int MANY = 40;

  private final List<SSLSocket> open = new ArrayList<>();

  @AfterEach
  void closeAll() throws IOException {
    for (SSLSocket socket : open) {
      socket.close();
    }
  }

  private SSLSocket announced(SSLContext tls, String head) throws IOException {
    SSLSocket socket =
        (SSLSocket) tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
    open.add(socket);
    socket.setSoTimeout(30_000);
    socket
        .getOutputStream()
        .write((head + "\r\nHost: x\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static String statusLine(SSLSocket socket) throws IOException {
    return new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
        .readLine();
  }

  private SSLContext of(String path) throws IOException {
    IdentityFiles identity = issue(pki, path);
    return MutualTls.load(identity).client(SERVER);
  }

  @Test
  void H04_bodyThatNoOperationTakes_isRefusedWithoutWaitingForIt() throws Exception {
    SSLContext nobody = of("/elsewhere/nobody");
    for (int i = 0; i < MANY; i++) {
      String path = i % 2 == 0 ? "/v1/jwks" : "/healthz";
      announced(nobody, "GET " + path + " HTTP/1.1\r\nContent-Length: 1");
    }
    for (SSLSocket socket : open) {
      assertThat(statusLine(socket)).isEqualTo("HTTP/1.1 400 Bad Request");
    }
    assertThat(statusLine(announced(nobody, "GET /v1/jwks HTTP/1.1\r\nTransfer-Encoding: chunked")))
        .isEqualTo("HTTP/1.1 400 Bad Request");
  }

  @Test
  void H04_bodiesOfACallerThatDoNotCome_leaveTheOthersServed() throws Exception {
    SSLContext slow = of("/operator/slow");
    for (int i = 0; i < MANY; i++) {
      announced(
          slow, "POST /v1/mesh HTTP/1.1\r\nContent-Type: application/yaml\r\nContent-Length: 1000");
    }
    try (HttpClient other = operator()) {
      for (int i = 0; i < 20; i++) {
        HttpResponse<String> answer =
            other.send(request("/v1/proxies").build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      }
    }
    assertThat(statusLine(open.getLast())).isEqualTo("HTTP/1.1 429 Too Many Requests");
  }

  @Test
  void H06_bodyOverTheLimit_isRefusedBeforeItIsSent() throws Exception {
    SSLSocket socket =
        announced(
            of("/operator/admin"),
            "POST /v1/mesh HTTP/1.1\r\nContent-Type: application/yaml\r\nExpect: 100-continue\r\n"
                + "Content-Length: 20000000");
    assertThat(statusLine(socket)).startsWith("HTTP/1.1 413");
  }
}
