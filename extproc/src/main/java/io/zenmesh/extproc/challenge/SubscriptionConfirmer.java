package io.zenmesh.extproc.challenge;

import io.zenmesh.xds.model.EndpointRef;
import java.net.URI;

/**
 * The port to whoever confirms a subscription of a provider (Amazon SNS): an operator who is told,
 * or a client that opens the URL.
 *
 * <p>The message that asks was verified, and the scheme pins the URL's host. An implementation must
 * not block, and must not log the URL: whoever has it can confirm.
 */
@FunctionalInterface
public interface SubscriptionConfirmer {
  /** Does nothing. */
  SubscriptionConfirmer NONE = (endpoint, url) -> {};

  /**
   * Begins to have the subscription confirmed.
   *
   * @param url opened by HTTP GET, it confirms; HTTPS, without user information and port
   */
  void confirm(EndpointRef endpoint, URI url);
}
