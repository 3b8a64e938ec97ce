package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.signature.Challenge;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The question of a CloudEvents sender whether it may send here (HTTP 1.1 Web Hooks for Event
 * Delivery, section 4): an OPTIONS that names its origin, answered for the origins that the
 * endpoint's owner allowed.
 */
final class WebhookHandshake {
  private static final String REQUEST_ORIGIN = "webhook-request-origin";
  private static final String REQUEST_RATE = "webhook-request-rate";
  private static final String ALLOWED_ORIGIN = "webhook-allowed-origin";
  private static final String ALLOWED_RATE = "webhook-allowed-rate";
  private static final int OK = 200;

  private WebhookHandshake() {}

  static Challenge answer(HeadAndBody request, List<String> origins) {
    List<String> asking = request.header(REQUEST_ORIGIN);
    boolean allowed =
        request.method().equals("OPTIONS")
            && asking.size() == 1
            && origins.contains(asking.getFirst());
    if (!allowed) {
      return new Challenge.None();
    }
    Map<String, String> headers = new HashMap<>();
    headers.put(ALLOWED_ORIGIN, asking.getFirst());
    if (!request.header(REQUEST_RATE).isEmpty()) {
      // What is too much is answered 429; there is no rate to agree on.
      headers.put(ALLOWED_RATE, "*");
    }
    return new Challenge.Answer(OK, headers, "");
  }
}
