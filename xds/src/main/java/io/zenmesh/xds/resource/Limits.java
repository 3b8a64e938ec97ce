package io.zenmesh.xds.resource;

import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;

/**
 * Every limit of the Envoy configuration.
 *
 * <p>The times form a ladder: the processor's answer (1 s) < a destination's answer (14 s) < an
 * ingress route (15 s) < the deadline of a replay claim (20 s).
 */
public final class Limits {
  /** The largest body that Envoy can hand to the processor. */
  public static final int INGRESS_BUFFER_BYTES = 4 * 1024 * 1024;

  static final int EGRESS_BUFFER_BYTES = 1024 * 1024;
  static final int STREAMS_PER_CONNECTION = 100;

  /**
   * Over HTTP/2 Envoy buffers at most one stream window of a body, whatever the listener's limit
   * says: a smaller window answers 413 to bodies that an endpoint accepts.
   */
  static final int STREAM_WINDOW_BYTES = INGRESS_BUFFER_BYTES;

  static final int CONNECTION_WINDOW_BYTES = 1024 * 1024;
  static final int REQUEST_HEADERS_KB = 32;
  static final int REQUEST_HEADERS_COUNT = 100;

  /**
   * How many headers a request may have when the processor sees it, Envoy's own and the
   * pseudo-headers included. Envoy holds what the processor adds to the listener's limit again, and
   * the egress Envoy what arrives to its own: a request that fills it would fail after its message
   * was claimed. There is no second number in Envoy, so the processor keeps 16 free.
   */
  public static final int VERIFIABLE_HEADERS_COUNT = REQUEST_HEADERS_COUNT - 16;

  /** The same for the bytes of their names and values: it keeps 2 KiB free. */
  public static final int VERIFIABLE_HEADERS_BYTES = REQUEST_HEADERS_KB * 1024 - 2 * 1024;

  static final int DOWNSTREAM_CONNECTIONS = 10_000;
  static final long HEAP_BYTES = 1024L * 1024 * 1024;

  static final Duration REQUEST_HEADERS = seconds(10);
  static final Duration REQUEST = seconds(30);
  static final Duration STREAM_IDLE = seconds(30);
  static final Duration INGRESS_CONNECTION_IDLE = seconds(60);
  static final Duration HANDSHAKE = seconds(10);

  /** How long Envoy waits for one answer of the processor. */
  public static final Duration PROCESSOR_MESSAGE = seconds(1);

  /** How long an ingress route may take, retries included. */
  public static final Duration INGRESS_ROUTE = seconds(15);

  static final Duration EGRESS_ROUTE = seconds(14);
  static final Duration CONNECT = seconds(5);
  static final Duration PROCESSOR_CONNECT = seconds(1);

  /** A client closes an idle connection before its server does, so that no request meets a FIN. */
  static final Duration UPSTREAM_IDLE = seconds(60);

  static final Duration EGRESS_CONNECTION_IDLE = seconds(300);

  private Limits() {}

  static Duration seconds(long seconds) {
    return Duration.newBuilder().setSeconds(seconds).build();
  }

  static UInt32Value number(int value) {
    return UInt32Value.of(value);
  }
}
