package io.zenmesh.xds.model;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What an endpoint's scheme and its challenges need to know beyond the keys.
 *
 * @param definition a scheme of the tenant's own, as YAML text in the catalogue's language, at most
 *     {@value #MAX_DEFINITION_LENGTH} characters; the policy's scheme is then its name
 * @param topicArns the topics whose messages {@code aws-sns} accepts, at most {@value #MAX_ITEMS}
 * @param autoConfirm whether a subscription is confirmed without asking the operator
 * @param handshakeUntil the end of the hour in which a provider may hand over its secret, if none
 *     is stored; empty when none may
 * @param webhookOrigins the CloudEvents senders that are told they may send, at most {@value
 *     #MAX_ITEMS}, lower-case DNS names
 */
public record SchemeSettings(
    Optional<String> definition,
    List<String> topicArns,
    boolean autoConfirm,
    Optional<Instant> handshakeUntil,
    List<String> webhookOrigins) {
  /** The longest scheme definition, in characters. */
  public static final int MAX_DEFINITION_LENGTH = 16 * 1024;

  /** How many topics, and how many origins. */
  public static final int MAX_ITEMS = 16;

  /** How long before its end a handshake window opens. */
  public static final Duration HANDSHAKE_WINDOW = Duration.ofHours(1);

  /** Nothing beyond the keys. */
  public static final SchemeSettings NONE = new SchemeSettings(Optional.empty(), List.of(), false);

  private static final int MAX_TOPIC_LENGTH = 256;
  private static final String TOPIC = "arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+";
  private static final int MAX_ORIGIN_LENGTH = 253;
  private static final String ORIGIN = "[a-z0-9-]+(\\.[a-z0-9-]+)*";

  /** Without handshake and origins. */
  public SchemeSettings(Optional<String> definition, List<String> topicArns, boolean autoConfirm) {
    this(definition, topicArns, autoConfirm, Optional.empty(), List.of());
  }

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException when a bound is broken
   */
  public SchemeSettings {
    topicArns = List.copyOf(topicArns);
    webhookOrigins = List.copyOf(webhookOrigins);
    int length = definition.map(String::length).orElse(1);
    if (length < 1 || length > MAX_DEFINITION_LENGTH) {
      throw new IllegalArgumentException(
          "definition: "
              + length
              + " characters (expected: 1 to "
              + MAX_DEFINITION_LENGTH
              + " characters)");
    }
    requireFew("topicArns", topicArns);
    requireFew("webhookOrigins", webhookOrigins);
    if (!topicArns.stream().allMatch(SchemeSettings::isTopic)) {
      throw new IllegalArgumentException("topicArns: malformed (expected: ARNs of SNS topics)");
    }
    if (!webhookOrigins.stream().allMatch(SchemeSettings::isOrigin)) {
      throw new IllegalArgumentException(
          "webhookOrigins: malformed (expected: lower-case DNS names)");
    }
  }

  /** Whether {@code text} names an SNS topic. */
  public static boolean isTopic(String text) {
    return text.length() <= MAX_TOPIC_LENGTH && text.matches(TOPIC);
  }

  /** Whether {@code text} may name a CloudEvents sender. */
  public static boolean isOrigin(String text) {
    return text.length() <= MAX_ORIGIN_LENGTH && text.matches(ORIGIN);
  }

  /** Whether a provider may hand over its secret now. */
  public boolean handshakeOpenAt(Instant now) {
    return handshakeUntil
        .filter(end -> !now.isAfter(end) && !now.isBefore(end.minus(HANDSHAKE_WINDOW)))
        .isPresent();
  }

  private static void requireFew(String name, List<String> items) {
    if (items.size() > MAX_ITEMS) {
      throw new IllegalArgumentException(
          name + ": " + items.size() + " given (expected: at most " + MAX_ITEMS + ")");
    }
  }
}
