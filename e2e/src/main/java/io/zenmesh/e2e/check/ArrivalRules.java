package io.zenmesh.e2e.check;

import java.util.ArrayList;
import java.util.List;

/** What must be true of the requests that reached the target. Pure. */
final class ArrivalRules {
  private ArrivalRules() {}

  /** What is not as it must be; empty when all is well. */
  static List<String> complaints(
      Scenario scenario, Source source, WireRequest sent, List<ReceivedRequest> arrived) {
    List<String> complaints = new ArrayList<>();
    int wanted = scenario.expected().arrivals();
    if (arrived.size() != wanted) {
      complaints.add("at the target " + arrived.size() + " times (expected: " + wanted + ")");
    }
    for (ReceivedRequest request : arrived) {
      if (!request.body().equals(sent.body())) {
        complaints.add("body differs from what was sent");
      }
      only(complaints, request, "x-zen-tenant", source.ref().tenant().toString());
      only(complaints, request, "x-zen-endpoint", source.ref().endpoint().toString());
      only(complaints, request, "x-zen-verified", "true");
      eventId(complaints, request);
      for (Field field : sent.headers()) {
        if (field.is("x-zen-signature") && !request.header(field.name()).contains(field.value())) {
          complaints.add("X-Zen-Signature did not arrive");
        }
      }
    }
    return complaints;
  }

  private static void only(
      List<String> complaints, ReceivedRequest request, String header, String value) {
    List<String> values = request.header(header);
    if (!values.equals(List.of(value))) {
      complaints.add(header + ": " + values + " (expected: " + value + ", once)");
    }
  }

  private static void eventId(List<String> complaints, ReceivedRequest request) {
    List<String> ids = request.header("x-zen-event-id");
    if (ids.size() != 1 || ids.getFirst().startsWith("mallory")) {
      complaints.add("x-zen-event-id: " + ids + " (expected: one, ours)");
    }
  }
}
