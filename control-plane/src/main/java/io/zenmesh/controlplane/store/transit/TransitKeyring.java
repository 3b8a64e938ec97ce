package io.zenmesh.controlplane.store.transit;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.controlplane.store.kms.Binding;
import io.zenmesh.controlplane.store.kms.KmsFault;
import io.zenmesh.controlplane.store.transit.TransitClient.Reply;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Wraps data keys with one key of a transit engine (Vault, OpenBao). Each version of that key is a
 * key-encryption key of ours: {@code transit:MOUNT/KEY:VERSION}.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The key never leaves the engine. What is wrapped is bound by {@code associated_data}; an
 * engine that ignores it is found out at the start and refused. The key is never made here. What
 * cannot be asked is not wrapped and not opened. Thread-safe.
 */
public final class TransitKeyring implements Keyring {
  /** For one answer; a question is asked up to three times. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final List<String> AEADS = List.of("aes256-gcm96", "chacha20-poly1305");
  private static final JsonMapper JSON = new JsonMapper();

  private final TransitAddress address;
  private final TransitClient client;
  private volatile String current = "";

  private TransitKeyring(TransitAddress address, Duration patience) {
    this.address = address;
    this.client = new TransitClient(address, patience);
  }

  /**
   * Looks at the key and proves that it can be used.
   *
   * @throws CustodyException when it cannot be reached or used, with a code and what to do
   */
  public static TransitKeyring open(TransitAddress address) {
    return open(address, PATIENCE);
  }

  static TransitKeyring open(TransitAddress address, Duration patience) {
    TransitKeyring keyring = new TransitKeyring(address, patience);
    try {
      JsonNode key = keyring.key();
      if (!AEADS.contains(key.path("type").asString())
          || !key.path("supports_encryption").asBoolean(false)
          || key.path("derived").asBoolean(true)
          || key.path("exportable").asBoolean(true)
          || key.path("allow_plaintext_backup").asBoolean(true)) {
        throw KmsFault.KMS_KEY_UNFIT.at(address, "is not one to wrap with");
      }
      Binding.prove(keyring, address);
      return keyring;
    } catch (RuntimeException e) {
      keyring.close();
      throw e;
    }
  }

  /** The key as the engine describes it; what is current is noted. */
  private JsonNode key() {
    Reply reply = client.get("keys/" + address.key());
    JsonNode key = tree(reply).path("data");
    long latest = key.path("latest_version").asLong(0);
    if (latest < 1) {
      throw KmsFault.KMS_ANSWER_UNKNOWN.at(address, "tells no version");
    }
    current = address.prefix() + latest;
    return key;
  }

  private JsonNode tree(Reply reply) {
    try {
      if (reply.status() == 200) {
        return JSON.readTree(reply.body());
      }
    } catch (JacksonException e) {
      throw KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no JSON", e);
    }
    throw KmsFault.KMS_KEY_UNFIT.at(address, "answered " + reply.status());
  }

  @Override
  public String kekId() {
    return current;
  }

  @Override
  public List<String> kekIds() {
    TreeSet<Long> versions = new TreeSet<>();
    key().path("keys").propertyNames().forEach(it -> versions.add(Long.parseLong(it)));
    return versions.stream().map(it -> address.prefix() + it).toList();
  }

  @Override
  public synchronized String addCurrent() {
    var unused = tree(client.postOnce("keys/" + address.key() + "/rotate", new byte[0]));
    var described = key();
    return described.isEmpty() ? "" : current;
  }

  @Override
  public synchronized void destroy(String kekId) {
    List<String> present = kekIds();
    if (kekId.equals(current)) {
      throw new IllegalArgumentException("kek: " + kekId + " is the current one");
    }
    if (!present.contains(kekId)) {
      return;
    }
    if (!present.getFirst().equals(kekId)) {
      // An engine only forgets everything below a version.
      throw new CustodyException(
          "kek: "
              + kekId
              + " cannot go before "
              + present.getFirst()
              + " (expected: oldest first)");
    }
    long least = version(kekId).orElseThrow() + 1;
    done(
        "config",
        "{\"min_decryption_version\":" + least + ",\"min_encryption_version\":" + least + "}");
    done("trim", "{\"min_available_version\":" + least + "}");
  }

  private void done(String what, String body) {
    Reply reply =
        client.post("keys/" + address.key() + "/" + what, body.getBytes(StandardCharsets.US_ASCII));
    if (!reply.good()) {
      throw KmsFault.KMS_ANSWER_UNKNOWN.at(address, what + " answered " + reply.status());
    }
  }

  private Optional<Long> version(String kekId) {
    String rest =
        kekId.startsWith(address.prefix()) ? kekId.substring(address.prefix().length()) : "";
    return rest.matches("[1-9][0-9]{0,8}") ? Optional.of(Long.parseLong(rest)) : Optional.empty();
  }

  @Override
  public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
    long version =
        version(kekId)
            .orElseThrow(
                () -> new CustodyException("data key: kek " + kekId + " is not in " + address));
    byte[] clear = dataKey.copy(SecretAccess.granted());
    byte[] encoded = Base64.getEncoder().encode(clear);
    byte[] body = body("plaintext", encoded, associatedData, Optional.of(version));
    try {
      Reply reply = client.post("encrypt/" + address.key(), body);
      if (!reply.good()) {
        throw new CustodyException("data key: kek " + kekId + " is not in " + address);
      }
      String sealed = tree(reply).path("data").path("ciphertext").asString("");
      String head = "vault:v" + version + ":";
      if (!sealed.startsWith(head)) {
        throw KmsFault.KMS_ANSWER_UNKNOWN.at(address, "wrapped under another version");
      }
      return Base64.getDecoder().decode(sealed.substring(head.length()));
    } catch (IllegalArgumentException e) {
      throw KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no base64", e);
    } finally {
      Arrays.fill(clear, (byte) 0);
      Arrays.fill(encoded, (byte) 0);
      Arrays.fill(body, (byte) 0);
    }
  }

  @Override
  public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
    long version =
        version(kekId)
            .orElseThrow(
                () -> new SealBrokenException("data key: kek " + kekId + " is not in " + address));
    // Ours alone say which version: a ciphertext cannot name another.
    String sealed = "vault:v" + version + ":" + Base64.getEncoder().encodeToString(wrapped);
    byte[] body =
        body(
            "ciphertext",
            sealed.getBytes(StandardCharsets.US_ASCII),
            associatedData,
            Optional.empty());
    Reply reply = client.post("decrypt/" + address.key(), body);
    if (!reply.good()) {
      throw new SealBrokenException("data key: does not open under kek " + kekId);
    }
    try {
      return plaintext(reply.body());
    } finally {
      Arrays.fill(reply.body(), (byte) 0);
    }
  }

  /** Read as it comes, so that the key never becomes a text of ours. */
  private SecretBytes plaintext(byte[] answer) {
    try (JsonParser json = JSON.createParser(answer)) {
      while (json.nextToken() != null) {
        if (json.currentToken() == JsonToken.VALUE_STRING
            && "plaintext".equals(json.currentName())) {
          return SecretBytes.takeOver(json.getBinaryValue());
        }
      }
    } catch (JacksonException e) {
      throw KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no JSON", e);
    }
    throw KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no key");
  }

  /** In one array of its exact length: one that grows leaves the value behind in those before. */
  private static byte[] body(
      String field, byte[] value, byte[] associatedData, Optional<Long> version) {
    byte[] head = ascii("{\"" + field + "\":\"");
    byte[] tail =
        ascii(
            "\",\"associated_data\":\""
                + Base64.getEncoder().encodeToString(associatedData)
                + version.map(it -> "\",\"key_version\":" + it + "}").orElse("\"}"));
    byte[] body = new byte[head.length + value.length + tail.length];
    ByteBuffer.wrap(body).put(head).put(value).put(tail);
    return body;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Override
  public void close() {
    client.close();
  }
}
