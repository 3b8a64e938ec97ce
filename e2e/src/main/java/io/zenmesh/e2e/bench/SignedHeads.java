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
import java.util.stream.IntStream;

/**
 * Requests signed before they are needed, each with a nonce of its own, so that the load client
 * does no cryptography while the clock runs.
 */
final class SignedHeads {
  private final Scheme scheme;
  private final SecretBytes secret;
  private final String authority;
  private final String path;
  private final byte[] body;
  private final InstantSource clock;
  private final BlockingQueue<byte[]> ready = new LinkedBlockingQueue<>();

  SignedHeads(SecretBytes secret, String authority, String path, byte[] body, InstantSource clock) {
    this.scheme = Catalogue.bundled().find("zen").orElseThrow();
    this.secret = secret;
    this.authority = authority;
    this.path = path;
    this.body = body.clone();
    this.clock = clock;
  }

  byte[] body() {
    return body.clone();
  }

  /** Drops what is left and signs so many anew, on all processors. */
  void prepare(int count) {
    ready.clear();
    IntStream.range(0, count).parallel().forEach(i -> ready.add(sign()));
  }

  /** The next request's bytes up to its body; signed now when none is left. */
  byte[] next() {
    byte[] head = ready.poll();
    return head == null ? sign() : head;
  }

  private byte[] sign() {
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
    return head.append("\r\n\r\n").toString().getBytes(StandardCharsets.US_ASCII);
  }
}
