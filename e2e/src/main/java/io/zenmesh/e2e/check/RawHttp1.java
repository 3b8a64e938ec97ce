package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.WireRequest.Framing;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * HTTP/1.1 over a TLS socket, byte for byte: a header twice, odd casing, both lengths, bare line
 * feeds, whatever the caller writes.
 */
public final class RawHttp1 implements WireClient {
  private static final byte[] CRLF = {'\r', '\n'};
  private static final int CHUNK = 16 * 1024;

  private final ClientTls tls;
  private final Duration patience;

  /**
   * Makes a client.
   *
   * @param patience the longest wait for connect, handshake and answer each
   */
  public RawHttp1(ClientTls tls, Duration patience) {
    this.tls = tls;
    this.patience = patience;
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP_1;
  }

  @Override
  public Outcome send(int port, String serverName, WireRequest request) {
    long start = System.nanoTime();
    try (Http1Conversation conversation = open(port, serverName)) {
      return conversation.ask(render(request).toByteArray());
    } catch (SocketTimeoutException e) {
      return new Outcome.Silent(since(start));
    } catch (IOException e) {
      return new Outcome.Cut(String.valueOf(e.getMessage()), since(start));
    }
  }

  /**
   * Opens a connection for exchanges the caller spells out.
   *
   * @throws IOException when the connection or the handshake fails
   */
  public Http1Conversation open(int port, String serverName) throws IOException {
    Socket plain = new Socket();
    try {
      int millis = Math.toIntExact(patience.toMillis());
      plain.setTcpNoDelay(true);
      plain.setSoTimeout(millis);
      plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), millis);
      SSLSocket socket =
          (SSLSocket) tls.context().getSocketFactory().createSocket(plain, serverName, port, true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setApplicationProtocols(new String[] {Protocol.HTTP_1.alpn()});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return new Http1Conversation(socket, patience);
    } catch (IOException e) {
      plain.close();
      throw e;
    }
  }

  /** The bytes of a request: {@code Host} first, then its fields, then what its framing needs. */
  public static ByteString render(WireRequest request) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    line(out, request.method() + " " + request.path() + " HTTP/1.1");
    line(out, "Host: " + request.authority());
    for (Field field : request.headers()) {
      line(out, field.name() + ": " + field.value());
    }
    switch (request.framing()) {
      case CONTENT_LENGTH -> line(out, "Content-Length: " + request.body().size());
      case CHUNKED -> line(out, "Transfer-Encoding: chunked");
      case NONE -> {}
    }
    line(out, "");
    if (request.framing() == Framing.CHUNKED) {
      chunks(out, request);
    } else {
      out.writeBytes(request.body().toByteArray());
    }
    return ByteString.copyFrom(out.toByteArray());
  }

  private static void chunks(ByteArrayOutputStream out, WireRequest request) {
    ByteString body = request.body();
    for (int at = 0; at < body.size(); at += CHUNK) {
      ByteString chunk = body.substring(at, Math.min(body.size(), at + CHUNK));
      line(out, Integer.toHexString(chunk.size()));
      out.writeBytes(chunk.toByteArray());
      out.writeBytes(CRLF);
    }
    line(out, "0");
    for (Field trailer : request.trailers()) {
      line(out, trailer.name() + ": " + trailer.value());
    }
    line(out, "");
  }

  private static void line(ByteArrayOutputStream out, String text) {
    out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(CRLF);
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Override
  public void close() {}
}
