package io.zenmesh.e2e.bench;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A closed loop of keep-alive HTTP/1.1 connections on one thread: each sends its next request when
 * the answer to the last is complete. Not thread-safe.
 */
final class LoadClient implements AutoCloseable {
  private static final byte[] LENGTH = "content-length: ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] OK = "HTTP/1.1 200".getBytes(StandardCharsets.US_ASCII);
  private static final int BUFFER = 16 * 1024;
  private static final Duration DRAIN = Duration.ofSeconds(5);

  private final SignedRequests requests;
  private final Selector selector = Selector.open();
  private final List<Connection> connections = new ArrayList<>();

  /**
   * What a run came to.
   *
   * @param requests answered with 200
   * @param failures answered otherwise, by status
   * @param took how long it was
   * @param latencies of all answers
   */
  record Run(long requests, Map<String, Integer> failures, Duration took, Latencies latencies) {
    double perSecond() {
      return requests / (took.toNanos() / 1e9);
    }
  }

  LoadClient(int port, int count, SignedRequests requests) throws IOException {
    this.requests = requests;
    for (int i = 0; i < count; i++) {
      SocketChannel channel =
          SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
      channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
      channel.configureBlocking(false);
      Connection connection = new Connection(channel);
      channel.register(selector, SelectionKey.OP_READ, connection);
      connections.add(connection);
    }
  }

  /** Sends until the time is over or so many were answered, then lets the last answers come. */
  Run run(Duration longest, long mostRequests) throws IOException {
    Latencies latencies = new Latencies();
    Map<String, Integer> failures = new TreeMap<>();
    long start = System.nanoTime();
    long end = start + longest.toNanos();
    for (Connection connection : connections) {
      connection.send(requests.next());
    }
    int open = connections.size();
    while (open > 0) {
      long now = System.nanoTime();
      if (now > end + DRAIN.toNanos()) {
        throw new IOException("load: " + open + " requests without answer");
      }
      selector.select(DRAIN.toMillis());
      for (SelectionKey key : selector.selectedKeys()) {
        Connection connection = (Connection) key.attachment();
        if (connection.answered()) {
          now = System.nanoTime();
          latencies.add(now - connection.sentAt);
          if (!connection.ok) {
            failures.merge(connection.status(), 1, Integer::sum);
          }
          if (now < end && latencies.total() < mostRequests) {
            connection.send(requests.next());
          } else {
            open--;
          }
        }
      }
      selector.selectedKeys().clear();
    }
    Duration took = Duration.ofNanos(System.nanoTime() - start);
    long failed = failures.values().stream().mapToLong(Integer::longValue).sum();
    return new Run(latencies.total() - failed, failures, took, latencies);
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.channel.close();
    }
    selector.close();
  }

  private static final class Connection {
    private final SocketChannel channel;
    private final ByteBuffer in = ByteBuffer.allocate(BUFFER);
    private boolean ok;
    private long sentAt;

    Connection(SocketChannel channel) {
      this.channel = channel;
    }

    void send(SignedRequests.Request request) throws IOException {
      ByteBuffer[] bytes = {ByteBuffer.wrap(request.head()), ByteBuffer.wrap(request.body())};
      in.clear();
      sentAt = System.nanoTime();
      // A request fits a loopback socket's buffer: the loop turns once.
      while (bytes[1].hasRemaining()) {
        channel.write(bytes);
      }
    }

    /** Reads what is there; true when the answer is complete. */
    boolean answered() throws IOException {
      if (channel.read(in) < 0) {
        throw new EOFException("load: connection closed by Envoy");
      }
      int end = headEnd();
      return end >= 0 && in.position() >= end + contentLength(end);
    }

    String status() {
      return new String(in.array(), 0, OK.length, StandardCharsets.US_ASCII);
    }

    private int headEnd() {
      byte[] bytes = in.array();
      for (int i = 3; i < in.position(); i++) {
        if (bytes[i] == '\n' && bytes[i - 1] == '\r' && bytes[i - 2] == '\n') {
          ok = startsWith(bytes, 0, OK);
          return i + 1;
        }
      }
      return -1;
    }

    private int contentLength(int headEnd) throws IOException {
      byte[] bytes = in.array();
      for (int i = 0; i < headEnd; i++) {
        if (bytes[i] == '\n' && startsWith(bytes, i + 1, LENGTH)) {
          int length = 0;
          for (int at = i + 1 + LENGTH.length; bytes[at] >= '0' && bytes[at] <= '9'; at++) {
            length = length * 10 + (bytes[at] - '0');
          }
          return length;
        }
      }
      throw new IOException("load: answer without content-length");
    }

    private static boolean startsWith(byte[] bytes, int from, byte[] wanted) {
      for (int i = 0; i < wanted.length; i++) {
        if (bytes[from + i] != wanted[i]) {
          return false;
        }
      }
      return true;
    }
  }
}
