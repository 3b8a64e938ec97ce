package io.zenmesh.xds.model;

import java.util.List;
import java.util.Optional;

/**
 * What an endpoint's scheme and its challenges need to know beyond the keys.
 *
 * @param definition a scheme of the tenant's own, as YAML text in the catalogue's language; the
 *     policy's scheme is then its name
 * @param topicArns the topics whose messages {@code aws-sns} accepts
 * @param autoConfirm whether a subscription is confirmed without asking the operator
 */
public record SchemeSettings(
    Optional<String> definition, List<String> topicArns, boolean autoConfirm) {
  /** Nothing beyond the keys. */
  public static final SchemeSettings NONE = new SchemeSettings(Optional.empty(), List.of(), false);

  /** Copies the list. */
  public SchemeSettings {
    topicArns = List.copyOf(topicArns);
  }
}
