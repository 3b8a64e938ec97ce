package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** One open HTTP/1.1 connection: the caller writes bytes and reads answers. Not thread-safe. */
public final class Http1Conversation implements AutoCloseable {
  private static final int LONGEST_LINE = 64 * 1024;
  private static final int LARGEST_BODY = 16 * 1024 * 1024;
  private static final int NO_BODY_BELOW = 200;

  private final SSLSocket socket;
  private final InputStream in;
  private final Duration patience;
  private long deadline;
  private volatile @Nullable IOException writeFailure;

  Http1Conversation(SSLSocket socket, Duration patience) throws IOException {
    this.socket = socket;
    this.in = new BufferedInputStream(socket.getInputStream());
    this.patience = patience;
  }

  /**
   * Writes the bytes, and while they are written reads the final answer, skipping interim ones: the
   * other side may answer early and stop reading.
   */
  public Outcome ask(byte[] request) throws IOException {
    long start = System.nanoTime();
    Thread writer =
        Thread.ofVirtual()
            .start(() -> {
              try {
                write(request);
              } catch (IOException e) {
                // What became of the request shows in the answer, or in its absence.
                writeFailure = e;
              }
            });
    try {
      return answer(start);
    } finally {
      if (writer.isAlive()) {
        socket.close();
      }
    }
  }

  /** Writes the bytes as they are. */
  public void write(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Reads the next final answer within the client's patience, skipping interim ones. */
  public Outcome answer() throws IOException {
    return answer(System.nanoTime());
  }

  private Outcome answer(long start) throws IOException {
    deadline = System.nanoTime() + patience.toNanos();
    try {
      Outcome.Answered answered = one(start);
      while (answered.code() < NO_BODY_BELOW) {
        answered = one(start);
      }
      return answered;
    } catch (SocketTimeoutException e) {
      return new Outcome.Silent(since(start));
    } catch (EOFException e) {
      IOException failure = writeFailure;
      return new Outcome.Cut(
          failure == null ? "connection closed" : "connection closed: " + failure.getMessage(),
          since(start));
    }
  }

  /** Reads one answer, interim ones included. */
  public Outcome.Answered next() throws IOException {
    deadline = System.nanoTime() + patience.toNanos();
    return one(System.nanoTime());
  }

  /**
   * Reads answers until the other side closes, breaks the connection or stays quiet.
   *
   * @param quiet how long to wait for a further answer
   */
  public Reading drain(Duration quiet) {
    List<Outcome.Answered> answers = new ArrayList<>();
    try {
      while (true) {
        deadline = System.nanoTime() + quiet.toNanos();
        answers.add(one(System.nanoTime()));
      }
    } catch (SocketTimeoutException e) {
      return new Reading(answers, false);
    } catch (IOException e) {
      return new Reading(answers, true);
    }
  }

  /**
   * All that was read from a connection.
   *
   * @param answers the complete answers
   * @param closed whether the other side ended the connection
   */
  public record Reading(List<Outcome.Answered> answers, boolean closed) {
    public Reading {
      answers = List.copyOf(answers);
    }
  }

  private Outcome.Answered one(long start) throws IOException {
    String[] status = line().split(" ", 3);
    if (status.length < 2 || !status[0].startsWith("HTTP/1.")) {
      throw new IOException("status line: not HTTP/1.x");
    }
    int code = Integer.parseInt(status[1]);
    List<Field> headers = fields();
    return new Outcome.Answered(code, headers, body(code, headers), since(start));
  }

  private List<Field> fields() throws IOException {
    List<Field> fields = new ArrayList<>();
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      if (colon < 1) {
        throw new IOException("header line: no name");
      }
      fields.add(new Field(line.substring(0, colon), line.substring(colon + 1).strip()));
    }
    return fields;
  }

  private ByteString body(int code, List<Field> headers) throws IOException {
    if (code < NO_BODY_BELOW || code == 204 || code == 304) {
      return ByteString.EMPTY;
    }
    if (Field.values(headers, "transfer-encoding").contains("chunked")) {
      return chunked();
    }
    List<String> lengths = Field.values(headers, "content-length");
    return lengths.isEmpty() ? untilEnd() : exactly(Integer.parseInt(lengths.getFirst()));
  }

  private ByteString chunked() throws IOException {
    ByteString body = ByteString.EMPTY;
    while (true) {
      int size = Integer.parseInt(line().split(";", 2)[0].strip(), 16);
      if (size == 0) {
        fields();
        return body;
      }
      body = body.concat(exactly(size));
      line();
    }
  }

  private ByteString exactly(int size) throws IOException {
    if (size > LARGEST_BODY) {
      throw new IOException("answer body: " + size + " (expected: at most " + LARGEST_BODY + ")");
    }
    byte[] bytes = new byte[size];
    for (int at = 0; at < size; at++) {
      bytes[at] = (byte) octet();
    }
    return ByteString.copyFrom(bytes);
  }

  private ByteString untilEnd() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      while (out.size() < LARGEST_BODY) {
        out.write(octet());
      }
    } catch (EOFException e) {
      return ByteString.copyFrom(out.toByteArray());
    }
    throw new IOException("answer body: endless");
  }

  private String line() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int octet = octet(); octet != '\n'; octet = octet()) {
      out.write(octet);
      if (out.size() > LONGEST_LINE) {
        throw new IOException("answer line: endless");
      }
    }
    String line = out.toString(StandardCharsets.ISO_8859_1);
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }

  private int octet() throws IOException {
    if (in.available() == 0) {
      long left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
      if (left <= 0) {
        throw new SocketTimeoutException("deadline");
      }
      socket.setSoTimeout(Math.toIntExact(left));
    }
    int octet = in.read();
    if (octet < 0) {
      throw new EOFException();
    }
    return octet;
  }

  private static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
