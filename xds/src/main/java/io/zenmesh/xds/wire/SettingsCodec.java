package io.zenmesh.xds.wire;

import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.wire.v1.EndpointPolicy;
import java.util.Optional;

/** Translates what a scheme needs to know beyond the keys; strict as {@link PolicyCodec}. */
final class SettingsCodec {
  private SettingsCodec() {}

  static void encode(SchemeSettings settings, EndpointPolicy.Builder wire) {
    settings.definition().ifPresent(wire::setSchemeDefinition);
    settings.handshakeUntil().ifPresent(end -> wire.setHandshakeUntil(PolicyCodec.encode(end)));
    wire.addAllTopicArns(settings.topicArns())
        .setAutoConfirm(settings.autoConfirm())
        .addAllWebhookOrigins(settings.webhookOrigins());
  }

  static SchemeSettings decode(EndpointPolicy wire) {
    String definition = wire.getSchemeDefinition();
    return new SchemeSettings(
        definition.isEmpty() ? Optional.empty() : Optional.of(definition),
        wire.getTopicArnsList(),
        wire.getAutoConfirm(),
        wire.hasHandshakeUntil()
            ? Optional.of(PolicyCodec.instant("handshake_until", wire.getHandshakeUntil()))
            : Optional.empty(),
        wire.getWebhookOriginsList());
  }
}
