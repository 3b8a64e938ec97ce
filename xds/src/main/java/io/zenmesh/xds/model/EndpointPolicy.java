package io.zenmesh.xds.model;

import java.time.Duration;
import java.util.Optional;

/**
 * What the external processor enforces on the requests of one endpoint.
 *
 * @param ref the endpoint, which is also the Envoy route it applies to
 * @param scheme a name from the signature catalogue, such as {@code stripe}
 * @param tolerance how far the signed timestamp may lie from now, 1 s to 600 s; empty for the
 *     scheme's own
 * @param maxBodyBytes the largest body accepted, 1 to {@value #MAX_BODY_BYTES_CEILING}
 * @param publicUrl the URL the sender knows, for schemes that sign it; empty when the request's own
 *     authority is what was signed
 * @param onDuplicate the answer to a message already accepted
 * @param onStoreLoss what to do with schemes without a timestamp after the replay store forgot
 * @param onReceiptLoss what to do while no receipt can be kept
 * @param enforce whether a refused request is refused; false is dry run, where the verdict is only
 *     recorded and tagged
 * @param settings what the scheme and its challenges need to know beyond the keys
 * @param client which client certificate the request must have come with
 */
public record EndpointPolicy(
    EndpointRef ref,
    String scheme,
    Optional<Duration> tolerance,
    int maxBodyBytes,
    Optional<String> publicUrl,
    OnDuplicate onDuplicate,
    OnStoreLoss onStoreLoss,
    OnReceiptLoss onReceiptLoss,
    boolean enforce,
    SchemeSettings settings,
    ClientRequirement client) {
  /** The largest configurable body limit, in bytes; Envoy's buffer lies above it. */
  public static final int MAX_BODY_BYTES_CEILING = 3 * 1024 * 1024;

  /** The body limit of an endpoint that states none, in bytes. */
  public static final int DEFAULT_MAX_BODY_BYTES = 1024 * 1024;

  /** A policy that is enforced, without settings and for any client. */
  public EndpointPolicy(
      EndpointRef ref,
      String scheme,
      Optional<Duration> tolerance,
      int maxBodyBytes,
      Optional<String> publicUrl,
      OnDuplicate onDuplicate,
      OnStoreLoss onStoreLoss) {
    this(
        ref,
        scheme,
        tolerance,
        maxBodyBytes,
        publicUrl,
        onDuplicate,
        onStoreLoss,
        true,
        SchemeSettings.NONE,
        ClientRequirement.NONE);
  }

  /** A policy that accepts although no receipt can be kept. */
  public EndpointPolicy(
      EndpointRef ref,
      String scheme,
      Optional<Duration> tolerance,
      int maxBodyBytes,
      Optional<String> publicUrl,
      OnDuplicate onDuplicate,
      OnStoreLoss onStoreLoss,
      boolean enforce,
      SchemeSettings settings,
      ClientRequirement client) {
    this(
        ref,
        scheme,
        tolerance,
        maxBodyBytes,
        publicUrl,
        onDuplicate,
        onStoreLoss,
        OnReceiptLoss.ACCEPT,
        enforce,
        settings,
        client);
  }

  /** The answer to a message that was accepted before. */
  public enum OnDuplicate {
    /** 409 {@code replayed}. */
    REFUSE,
    /** 200, and only when the first delivery is known to have been committed. */
    ACKNOWLEDGE
  }

  /** What happens to messages that carry no timestamp after the replay store lost its memory. */
  public enum OnStoreLoss {
    /** 503 {@code store_unavailable} for as long as the scheme's replay window lasts. */
    REFUSE,
    /** Accept, count and log. */
    ACCEPT
  }

  /** What happens to messages while the processor can keep no receipt. */
  public enum OnReceiptLoss {
    /** Accept; the lost receipts are counted. */
    ACCEPT,
    /** 503 {@code receipt_unavailable}. */
    REFUSE
  }

  /**
   * @throws IllegalArgumentException when a bound is broken
   */
  public EndpointPolicy {
    if (maxBodyBytes < 1 || maxBodyBytes > MAX_BODY_BYTES_CEILING) {
      throw new IllegalArgumentException(
          "maxBodyBytes: " + maxBodyBytes + " (expected: 1 to " + MAX_BODY_BYTES_CEILING + ")");
    }
    if (tolerance.isPresent()
        && (tolerance.get().compareTo(Duration.ofSeconds(1)) < 0
            || tolerance.get().compareTo(Duration.ofSeconds(600)) > 0)) {
      throw new IllegalArgumentException(
          "tolerance: " + tolerance.get() + " (expected: 1s to 600s)");
    }
  }
}
