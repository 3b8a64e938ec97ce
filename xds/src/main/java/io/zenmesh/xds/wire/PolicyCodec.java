package io.zenmesh.xds.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.util.Durations;
import com.google.protobuf.util.Timestamps;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Translates endpoint policies and keys between the model and the wire.
 *
 * <p>Decoding is strict: an unset enum, a name outside its grammar, an impossible time, an unknown
 * field or a key id used twice throws {@link IllegalArgumentException}, whose text names the field
 * and never a key byte. An unknown field may be a restriction this process does not know to
 * enforce, so it is refused rather than ignored. Stateless.
 */
public final class PolicyCodec {
  private static final int MAX_KEY_ID_LENGTH = 128;
  private static final int MAX_SECRET_BYTES = 16 * 1024;

  private PolicyCodec() {}

  /** The wire form of a policy. */
  public static io.zenmesh.xds.wire.v1.EndpointPolicy encode(EndpointPolicy policy) {
    io.zenmesh.xds.wire.v1.EndpointPolicy.Builder wire =
        io.zenmesh.xds.wire.v1.EndpointPolicy.newBuilder()
            .setTenant(policy.ref().tenant().value())
            .setEndpoint(policy.ref().endpoint().value())
            .setScheme(policy.scheme())
            .setMaxBodyBytes(policy.maxBodyBytes())
            .setOnDuplicate(encode(policy.onDuplicate()))
            .setOnStoreLoss(encode(policy.onStoreLoss()));
    policy.tolerance().ifPresent(tolerance -> wire.setTolerance(encode(tolerance)));
    policy.publicUrl().ifPresent(wire::setPublicUrl);
    SettingsCodec.encode(policy.settings(), wire);
    ClientCodec.encode(policy.client(), wire);
    return wire.setDryRun(!policy.enforce())
        .setRefuseWithoutReceipt(policy.onReceiptLoss() == OnReceiptLoss.REFUSE)
        .build();
  }

  /**
   * The policy in a wire message.
   *
   * @throws IllegalArgumentException when a field is malformed; the text names it
   */
  public static EndpointPolicy decode(io.zenmesh.xds.wire.v1.EndpointPolicy wire) {
    refuseUnknown("policy", wire);
    if (wire.getScheme().isEmpty()) {
      throw malformed("scheme", "empty", "a scheme of the catalogue");
    }
    return new EndpointPolicy(
        ref(wire.getTenant(), wire.getEndpoint()),
        wire.getScheme(),
        wire.hasTolerance() ? Optional.of(tolerance(wire.getTolerance())) : Optional.empty(),
        wire.getMaxBodyBytes(),
        wire.getPublicUrl().isEmpty() ? Optional.empty() : Optional.of(wire.getPublicUrl()),
        onDuplicate(wire),
        onStoreLoss(wire),
        wire.getRefuseWithoutReceipt() ? OnReceiptLoss.REFUSE : OnReceiptLoss.ACCEPT,
        !wire.getDryRun(),
        SettingsCodec.decode(wire),
        ClientCodec.decode(wire));
  }

  /** The wire form of an endpoint's keys, which holds their secrets in the clear. */
  public static io.zenmesh.xds.wire.v1.EndpointKeys encode(EndpointKeys keys) {
    io.zenmesh.xds.wire.v1.EndpointKeys.Builder wire =
        io.zenmesh.xds.wire.v1.EndpointKeys.newBuilder()
            .setTenant(keys.ref().tenant().value())
            .setEndpoint(keys.ref().endpoint().value());
    keys.keys().forEach(key -> wire.addKeys(encode(key)));
    keys.verifyToken().ifPresent(token -> wire.setVerifyToken(bytes(token)));
    return wire.build();
  }

  /**
   * The keys in a wire message.
   *
   * @throws IllegalArgumentException when a field is malformed; the text names it and holds no
   *     secret
   */
  public static EndpointKeys decode(io.zenmesh.xds.wire.v1.EndpointKeys wire) {
    refuseUnknown("keys", wire);
    EndpointRef ref = ref(wire.getTenant(), wire.getEndpoint());
    List<VerificationKey> keys = new ArrayList<>(wire.getKeysCount());
    Set<String> ids = new HashSet<>();
    for (io.zenmesh.xds.wire.v1.EndpointKeys.Key key : wire.getKeysList()) {
      if (!ids.add(key.getId())) {
        throw malformed("keys.id", "used twice", "unique within the endpoint");
      }
      keys.add(decode(key));
    }
    ByteString token = wire.getVerifyToken();
    return new EndpointKeys(
        ref, keys, token.isEmpty() ? Optional.empty() : Optional.of(secret("verify_token", token)));
  }

  private static io.zenmesh.xds.wire.v1.EndpointKeys.Key encode(VerificationKey key) {
    io.zenmesh.xds.wire.v1.EndpointKeys.Key.Builder wire =
        io.zenmesh.xds.wire.v1.EndpointKeys.Key.newBuilder()
            .setId(key.id())
            .setNotBefore(encode(key.notBefore()));
    key.notAfter().ifPresent(end -> wire.setNotAfter(encode(end)));
    return wire.setSecret(bytes(key.secret())).build();
  }

  private static ByteString bytes(SecretBytes secret) {
    byte[] copy = secret.copy(SecretAccess.granted());
    try {
      return ByteString.copyFrom(copy);
    } finally {
      Arrays.fill(copy, (byte) 0);
    }
  }

  private static SecretBytes secret(String field, ByteString wire) {
    if (wire.isEmpty() || wire.size() > MAX_SECRET_BYTES) {
      throw malformed(field, wire.size() + " bytes", "1 to " + MAX_SECRET_BYTES + " bytes");
    }
    return SecretBytes.takeOver(wire.toByteArray());
  }

  private static VerificationKey decode(io.zenmesh.xds.wire.v1.EndpointKeys.Key wire) {
    refuseUnknown("keys", wire);
    if (wire.getId().isEmpty() || wire.getId().length() > MAX_KEY_ID_LENGTH) {
      throw malformed(
          "keys.id",
          wire.getId().length() + " characters",
          "1 to " + MAX_KEY_ID_LENGTH + " characters");
    }
    if (!wire.hasNotBefore()) {
      throw malformed("keys.not_before", "unset", "a time");
    }
    Instant notBefore = instant("keys.not_before", wire.getNotBefore());
    Optional<Instant> notAfter =
        wire.hasNotAfter()
            ? Optional.of(instant("keys.not_after", wire.getNotAfter()))
            : Optional.empty();
    if (notAfter.isPresent() && notAfter.get().isBefore(notBefore)) {
      throw malformed("keys.not_after", "before not_before", "not before it");
    }
    SecretBytes secret = secret("keys.secret", wire.getSecret());
    return new VerificationKey(wire.getId(), notBefore, notAfter, secret);
  }

  private static EndpointRef ref(String tenant, String endpoint) {
    return new EndpointRef(name("tenant", tenant), name("endpoint", endpoint));
  }

  private static Name name(String field, String value) {
    if (!Name.isValid(value)) {
      throw malformed(field, "malformed", "[a-z0-9][a-z0-9-]{0,62}");
    }
    return new Name(value);
  }

  private static io.zenmesh.xds.wire.v1.EndpointPolicy.OnDuplicate encode(OnDuplicate value) {
    return switch (value) {
      case REFUSE -> io.zenmesh.xds.wire.v1.EndpointPolicy.OnDuplicate.ON_DUPLICATE_REFUSE;
      case ACKNOWLEDGE ->
          io.zenmesh.xds.wire.v1.EndpointPolicy.OnDuplicate.ON_DUPLICATE_ACKNOWLEDGE;
    };
  }

  private static io.zenmesh.xds.wire.v1.EndpointPolicy.OnStoreLoss encode(OnStoreLoss value) {
    return switch (value) {
      case REFUSE -> io.zenmesh.xds.wire.v1.EndpointPolicy.OnStoreLoss.ON_STORE_LOSS_REFUSE;
      case ACCEPT -> io.zenmesh.xds.wire.v1.EndpointPolicy.OnStoreLoss.ON_STORE_LOSS_ACCEPT;
    };
  }

  private static OnDuplicate onDuplicate(io.zenmesh.xds.wire.v1.EndpointPolicy wire) {
    return switch (wire.getOnDuplicate()) {
      case ON_DUPLICATE_REFUSE -> OnDuplicate.REFUSE;
      case ON_DUPLICATE_ACKNOWLEDGE -> OnDuplicate.ACKNOWLEDGE;
      case ON_DUPLICATE_UNSPECIFIED, UNRECOGNIZED ->
          throw malformed(
              "on_duplicate", String.valueOf(wire.getOnDuplicateValue()), "refuse or acknowledge");
    };
  }

  private static OnStoreLoss onStoreLoss(io.zenmesh.xds.wire.v1.EndpointPolicy wire) {
    return switch (wire.getOnStoreLoss()) {
      case ON_STORE_LOSS_REFUSE -> OnStoreLoss.REFUSE;
      case ON_STORE_LOSS_ACCEPT -> OnStoreLoss.ACCEPT;
      case ON_STORE_LOSS_UNSPECIFIED, UNRECOGNIZED ->
          throw malformed(
              "on_store_loss", String.valueOf(wire.getOnStoreLossValue()), "refuse or accept");
    };
  }

  private static Duration encode(java.time.Duration duration) {
    return Duration.newBuilder()
        .setSeconds(duration.getSeconds())
        .setNanos(duration.getNano())
        .build();
  }

  private static java.time.Duration tolerance(Duration wire) {
    if (!Durations.isValid(wire)) {
      throw malformed("tolerance", "not a duration", "1s to 600s");
    }
    return java.time.Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
  }

  static Timestamp encode(Instant instant) {
    return Timestamp.newBuilder()
        .setSeconds(instant.getEpochSecond())
        .setNanos(instant.getNano())
        .build();
  }

  static Instant instant(String field, Timestamp wire) {
    if (!Timestamps.isValid(wire)) {
      throw malformed(field, "not a timestamp", "a time in the years 1 to 9999");
    }
    return Instant.ofEpochSecond(wire.getSeconds(), wire.getNanos());
  }

  private static void refuseUnknown(String where, com.google.protobuf.Message message) {
    message
        .getUnknownFields()
        .asMap()
        .keySet()
        .forEach(number -> {
          throw malformed(where, "unknown field " + number, "fields of zenmesh.v1");
        });
  }

  static IllegalArgumentException malformed(String field, String value, String expected) {
    return new IllegalArgumentException(field + ": " + value + " (expected: " + expected + ")");
  }
}
