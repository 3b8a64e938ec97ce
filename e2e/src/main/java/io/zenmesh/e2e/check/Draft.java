package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import io.zenmesh.xds.model.EndpointPolicy;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * What to send in a scenario: a message of a source, with what is wrong about it. Immutable.
 *
 * @param to the endpoint it is posted to, as {@code tenant/endpoint}
 * @param secretOf the endpoint whose secret signs it
 * @param schemeOf the endpoint whose scheme it is signed by
 * @param content the body
 * @param shift how far its timestamp lies from now, negative for the past
 * @param claim what its signature says of authority and path, where that is not the truth
 * @param tamper what happens to the message after it was signed
 */
public record Draft(
    String to,
    String secretOf,
    String schemeOf,
    Content content,
    Duration shift,
    Claim claim,
    UnaryOperator<WireRequest> tamper) {
  /**
   * What a signature says of where a message goes.
   *
   * @param authority empty for the true one
   * @param path empty for the true one
   */
  public record Claim(Optional<String> authority, Optional<String> path) {
    static final Claim TRUE = new Claim(Optional.empty(), Optional.empty());
  }

  /** The body of a message. */
  public sealed interface Content {
    /** A small JSON document, different in each message. */
    Content EVENT = new Event();

    /** Nothing. */
    Content EMPTY = new Exactly(ByteString.EMPTY);

    /** One byte more than an endpoint accepts that states no limit. */
    Content OVERSIZED = zeros(EndpointPolicy.DEFAULT_MAX_BODY_BYTES + 1);

    /** So many zero bytes. */
    static Content zeros(int size) {
      return new Exactly(ByteString.copyFrom(new byte[size]));
    }
  }

  /** A small JSON document, different in each message. */
  record Event() implements Content {}

  /**
   * These bytes.
   *
   * @param bytes the body
   */
  record Exactly(ByteString bytes) implements Content {}

  /** A correct message. */
  public static Draft correct(String to) {
    return new Draft(
        to, to, to, Content.EVENT, Duration.ZERO, Claim.TRUE, UnaryOperator.identity());
  }

  /** The same, signed with the secret of another endpoint. */
  public Draft withSecretOf(String other) {
    return new Draft(to, other, schemeOf, content, shift, claim, tamper);
  }

  /** The same, signed as another endpoint's source signs, with that source's secret. */
  public Draft signedLike(String other) {
    return new Draft(to, other, other, content, shift, claim, tamper);
  }

  /** The same with another body. */
  public Draft with(Content other) {
    return new Draft(to, secretOf, schemeOf, other, shift, claim, tamper);
  }

  /** The same with this body. */
  public Draft with(ByteString body) {
    return with(new Exactly(body));
  }

  /** The same with another timestamp. */
  public Draft shifted(Duration other) {
    return new Draft(to, secretOf, schemeOf, content, other, claim, tamper);
  }

  /** The same, signed for another authority than it is sent to. */
  public Draft signedFor(String authority) {
    return claiming(new Claim(Optional.of(authority), claim.path()));
  }

  /** The same, signed for another path than it is sent to. */
  public Draft signedAt(String path) {
    return claiming(new Claim(claim.authority(), Optional.of(path)));
  }

  private Draft claiming(Claim other) {
    return new Draft(to, secretOf, schemeOf, content, shift, other, tamper);
  }

  /** The same, with a change made after signing. */
  public Draft then(UnaryOperator<WireRequest> change) {
    return new Draft(
        to,
        secretOf,
        schemeOf,
        content,
        shift,
        claim,
        request -> change.apply(tamper.apply(request)));
  }

  /** A change that flips the lowest bit of the body's last byte. */
  static WireRequest oneByteChanged(WireRequest request) {
    ByteString body = request.body();
    byte[] last = {(byte) (body.byteAt(body.size() - 1) ^ 1)};
    return request.withBody(body.substring(0, body.size() - 1).concat(ByteString.copyFrom(last)));
  }
}
