package io.zenmesh.e2e.bench;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeSigner;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Requests of one arm, signed before they are needed, none twice, so that the load client does no
 * cryptography while the clock runs. Thread-safe.
 */
final class SignedRequests implements AutoCloseable {
  private final ArmPlan plan;
  private final SecretBytes secret;
  private final Scheme scheme;
  private final byte[] constantBody;
  private final InstantSource clock;
  private final AtomicLong bodies = new AtomicLong();
  private final BlockingQueue<Request> ready = new LinkedBlockingQueue<>();

  /**
   * A request's bytes.
   *
   * @param head up to and with the empty line
   * @param body the same array in each request when the plan's body does not vary
   */
  record Request(byte[] head, byte[] body) {}

  /**
   * @param secret the endpoint's; closed with this
   */
  SignedRequests(ArmPlan plan, SecretBytes secret, InstantSource clock) {
    this.plan = plan;
    this.secret = secret;
    this.scheme = Catalogue.bundled().find(plan.endpoint().scheme()).orElseThrow();
    this.constantBody = new byte[plan.bodyBytes()];
    this.clock = clock;
  }

  /** Drops what is left and signs so many anew, on all processors. */
  void prepare(int count) {
    ready.clear();
    if (!plan.verified()) {
      // Any request will do, and it takes more of them than could be prepared.
      ready.add(sign());
      return;
    }
    IntStream.range(0, count).parallel().forEach(i -> ready.add(sign()));
  }

  /** The next request; signed now when none is left. */
  Request next() {
    Request request = plan.verified() ? ready.poll() : ready.peek();
    return request == null ? sign() : request;
  }

  private Request sign() {
    byte[] body = constantBody;
    if (plan.bodyVaries()) {
      body = constantBody.clone();
      ByteBuffer.wrap(body).putLong(bodies.incrementAndGet());
    }
    String path = plan.endpoint().path();
    String authority = plan.endpoint().host();
    Map<String, String> headers =
        SchemeSigner.sign(
            scheme,
            secret,
            new SchemeSigner.Message("POST", authority, path, ByteBuffer.wrap(body)),
            new SchemeSigner.Delivery(clock.instant(), CheckSuite.newCheckId()));
    StringBuilder head = new StringBuilder(512);
    head.append("POST ").append(path).append(" HTTP/1.1\r\nHost: ").append(authority);
    head.append("\r\nContent-Type: application/json\r\nContent-Length: ").append(body.length);
    headers.forEach((name, value) -> head.append("\r\n").append(name).append(": ").append(value));
    return new Request(
        head.append("\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII), body);
  }

  @Override
  public void close() {
    secret.close();
  }
}
