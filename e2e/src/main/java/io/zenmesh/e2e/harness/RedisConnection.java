package io.zenmesh.e2e.harness;

import io.zenmesh.xds.model.HostPort;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/**
 * One plain conversation with Redis in its own protocol (RESP2), for the harness: administration
 * and probes of what is refused. Not for use by several threads.
 */
public final class RedisConnection implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 5_000;

  private final Socket socket;
  private final InputStream input;

  private RedisConnection(Socket socket) throws IOException {
    this.socket = socket;
    this.input = new BufferedInputStream(socket.getInputStream());
  }

  /** An error that Redis answered, such as {@code NOPERM} or {@code WRONGPASS}. */
  public static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;

    Refused(String answer) {
      super(answer);
    }
  }

  /**
   * Connects; by TLS 1.3 and with the host name checked when there is a context, else in clear
   * text.
   */
  public static RedisConnection open(HostPort address, Optional<SSLContext> tls)
      throws IOException {
    Socket plain = new Socket();
    try {
      plain.connect(new InetSocketAddress(address.host(), address.port()), TIMEOUT_MILLIS);
      plain.setSoTimeout(TIMEOUT_MILLIS);
      if (tls.isEmpty()) {
        return new RedisConnection(plain);
      }
      SSLSocket socket =
          (SSLSocket)
              tls.get()
                  .getSocketFactory()
                  .createSocket(plain, address.host(), address.port(), true);
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm("HTTPS");
      parameters.setProtocols(new String[] {"TLSv1.3"});
      socket.setSSLParameters(parameters);
      socket.startHandshake();
      return new RedisConnection(socket);
    } catch (IOException | RuntimeException e) {
      plain.close();
      throw e;
    }
  }

  /** Logs in with the password in a file. */
  public void login(String user, Path passwordFile) throws IOException {
    var _ =
        command("AUTH", user, Files.readString(passwordFile, StandardCharsets.US_ASCII).strip());
  }

  /**
   * Sends a command and returns the answer as text; arrays joined by line breaks, nil as "(nil)".
   *
   * @throws Refused when the answer is an error
   */
  public String command(String... words) throws IOException {
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    request.writeBytes(ascii("*" + words.length + "\r\n"));
    for (String word : words) {
      byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
      request.writeBytes(ascii("$" + bytes.length + "\r\n"));
      request.writeBytes(bytes);
      request.writeBytes(ascii("\r\n"));
    }
    socket.getOutputStream().write(request.toByteArray());
    socket.getOutputStream().flush();
    return answer();
  }

  /**
   * Waits for the server to speak first, which it does only to refuse: under TLS 1.3 its verdict on
   * the client's certificate comes after the client's own handshake has ended.
   *
   * @throws IOException the refusal, or that none came
   */
  void awaitRefusal() throws IOException {
    if (input.read() >= 0) {
      throw new IOException("redis: spoke first");
    }
    throw new EOFException("redis: connection closed");
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }

  private String answer() throws IOException {
    String line = line();
    String rest = line.isEmpty() ? "" : line.substring(1);
    return switch (line.isEmpty() ? ' ' : line.charAt(0)) {
      case '+', ':' -> rest;
      case '-' -> throw new Refused(rest);
      case '$' -> bulk(Integer.parseInt(rest));
      case '*' -> {
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < Integer.parseInt(rest); i++) {
          parts.add(answer());
        }
        yield String.join("\n", parts);
      }
      default -> throw new IOException("redis: not an answer in its protocol");
    };
  }

  private String bulk(int length) throws IOException {
    if (length < 0) {
      return "(nil)";
    }
    byte[] bytes = input.readNBytes(length);
    if (bytes.length < length || !line().isEmpty()) {
      throw new EOFException("redis: answer cut short");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private String line() throws IOException {
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int b = input.read(); b != '\n'; b = input.read()) {
      if (b < 0) {
        throw new EOFException("redis: connection closed");
      }
      if (b != '\r') {
        line.write(b);
      }
    }
    return line.toString(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
