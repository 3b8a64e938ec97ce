package io.zenmesh.e2e.harness;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A GET over a Unix socket, for Envoy's admin interface. */
final class UnixHttp {
  private UnixHttp() {}

  /** An answer. */
  record Answer(int status, String body) {}

  static Answer get(Path socket, String path) throws IOException {
    return request(socket, "GET", path);
  }

  static Answer request(Path socket, String method, String path) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      var _ = channel.connect(UnixDomainSocketAddress.of(socket));
      ByteBuffer request =
          StandardCharsets.US_ASCII.encode(
              method + " " + path + " HTTP/1.1\r\nhost: admin\r\nconnection: close\r\n\r\n");
      while (request.hasRemaining()) {
        channel.write(request);
      }
      ByteBuffer buffer = ByteBuffer.allocate(16_384);
      while (channel.read(buffer.clear()) >= 0) {
        answer.write(buffer.array(), 0, buffer.position());
      }
    }
    return parse(answer.toString(StandardCharsets.UTF_8));
  }

  private static Answer parse(String text) throws IOException {
    int blank = text.indexOf("\r\n\r\n");
    String[] words = text.split(" ", 3);
    if (blank < 0 || words.length < 3) {
      throw new IOException("admin: answer cut short");
    }
    String body = text.substring(blank + 4);
    boolean chunked = text.substring(0, blank).contains("transfer-encoding: chunked");
    return new Answer(Integer.parseInt(words[1]), chunked ? joined(body) : body);
  }

  private static String joined(String chunks) {
    StringBuilder body = new StringBuilder();
    int at = 0;
    while (at < chunks.length()) {
      int line = chunks.indexOf("\r\n", at);
      int length = line < 0 ? 0 : Integer.parseInt(chunks.substring(at, line).strip(), 16);
      if (length == 0) {
        break;
      }
      // The admin interface speaks ASCII, so characters and bytes agree.
      body.append(chunks, line + 2, Math.min(chunks.length(), line + 2 + length));
      at = line + 2 + length + 2;
    }
    return body.toString();
  }
}
