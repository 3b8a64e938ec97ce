package io.zenmesh.controlplane.store.gcpkms;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.controlplane.store.kms.KeyService;
import io.zenmesh.controlplane.store.kms.KmsFault;
import io.zenmesh.controlplane.store.kms.KmsHttp;
import io.zenmesh.controlplane.store.kms.KmsHttp.Reply;
import io.zenmesh.controlplane.store.kms.KmsHttp.Verdict;
import io.zenmesh.controlplane.store.kms.NamedKeyring;
import io.zenmesh.controlplane.store.kms.OwnBytes;
import io.zenmesh.xds.secret.SecretBytes;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import java.util.zip.CRC32C;
import javax.net.ssl.SSLContext;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Asks Google Cloud KMS over its REST interface, version 1. Checksums (CRC32C) go with what is
 * sent, and what comes is not taken without one that fits, as Google's <a
 * href="https://cloud.google.com/kms/docs/data-integrity-guidelines">guidelines</a> ask.
 * Thread-safe.
 */
public final class GcpKmsService implements KeyService {
  /** For one answer; a question is asked up to three times. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final JsonMapper JSON = new JsonMapper();

  private final GcpKmsAddress address;
  private final Duration patience;
  private final GcpCaller caller;
  private final KmsHttp http;

  private GcpKmsService(GcpKmsAddress address, Duration patience) {
    this.address = address;
    this.patience = patience;
    this.caller = new GcpCaller(address, patience);
    try {
      this.http = new KmsHttp(address, patience, SSLContext.getDefault());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * Looks at the current key and proves that it can be used.
   *
   * @throws CustodyException when it cannot be reached or used, with a code and what to do
   */
  public static NamedKeyring open(GcpKmsAddress address) {
    return open(address, PATIENCE);
  }

  static NamedKeyring open(GcpKmsAddress address, Duration patience) {
    return NamedKeyring.open(address, new GcpKmsService(address, patience));
  }

  @Override
  public void proveFit(String key) {
    JsonNode found = http.ask(KmsHttp.ATTEMPTS, () -> request(key, "", new byte[0]), this::tree);
    JsonNode primary = found.path("primary");
    if (!key.equals(found.path("name").asString(""))
        || !"ENCRYPT_DECRYPT".equals(found.path("purpose").asString(""))
        || !"ENABLED".equals(primary.path("state").asString(""))
        || !"GOOGLE_SYMMETRIC_ENCRYPTION".equals(primary.path("algorithm").asString(""))) {
      throw KmsFault.KMS_KEY_UNFIT.at(address, "is not one to wrap with");
    }
  }

  @Override
  public byte[] wrap(String key, byte[] clear, byte[] place) {
    return asked(key, "encrypt", "plaintext", clear, place, reply -> wrapped(reply, key));
  }

  @Override
  public SecretBytes unwrap(String key, byte[] wrapped, byte[] place) {
    return asked(key, "decrypt", "ciphertext", wrapped, place, reply -> opened(reply, key));
  }

  private <T> T asked(
      String key,
      String verb,
      String field,
      byte[] value,
      byte[] place,
      Function<Reply, Verdict<T>> reader) {
    byte[] body = body(field, value, place);
    try {
      return http.ask(KmsHttp.ATTEMPTS, () -> request(key, ":" + verb, body), reader);
    } finally {
      Arrays.fill(body, (byte) 0);
    }
  }

  private HttpRequest request(String key, String verb, byte[] body) {
    URI uri = address.uri(key, verb);
    HttpRequest.Builder request = HttpRequest.newBuilder(uri).timeout(patience);
    caller.headers(uri).forEach((name, values) -> values.forEach(it -> request.header(name, it)));
    return body.length == 0
        ? request.GET().build()
        : request.header("Content-Type", "application/json").POST(new OwnBytes(body)).build();
  }

  /** Put together by hand, so that the key never becomes a text of ours. */
  private static byte[] body(String field, byte[] value, byte[] place) {
    byte[] head = ("{\"" + field + "\":\"").getBytes(StandardCharsets.US_ASCII);
    byte[] encoded = Base64.getEncoder().encode(value);
    byte[] tail =
        ("\",\""
                + field
                + "Crc32c\":\""
                + checksum(value)
                + "\",\"additionalAuthenticatedData\":\""
                + Base64.getEncoder().encodeToString(place)
                + "\",\"additionalAuthenticatedDataCrc32c\":\""
                + checksum(place)
                + "\"}")
            .getBytes(StandardCharsets.US_ASCII);
    byte[] body = Arrays.copyOf(head, head.length + encoded.length + tail.length);
    System.arraycopy(encoded, 0, body, head.length, encoded.length);
    System.arraycopy(tail, 0, body, head.length + encoded.length, tail.length);
    Arrays.fill(encoded, (byte) 0);
    return body;
  }

  static String checksum(byte[] bytes) {
    CRC32C sum = new CRC32C();
    sum.update(bytes);
    return Long.toString(sum.getValue());
  }

  private Verdict<byte[]> wrapped(Reply reply, String key) {
    return switch (tree(reply)) {
      case Verdict.Bad<JsonNode>(CustodyException fault, boolean again) ->
          new Verdict.Bad<>(fault, again);
      case Verdict.Good<JsonNode>(JsonNode answer) -> wrapped(answer, key);
    };
  }

  private Verdict<byte[]> wrapped(JsonNode answer, String key) {
    if (!answer.path("name").asString("").startsWith(key + "/cryptoKeyVersions/")) {
      return new Verdict.Bad<>(
          KmsFault.KMS_ANSWER_UNKNOWN.at(address, "wrapped under another key"), false);
    }
    try {
      byte[] sealed = Base64.getDecoder().decode(answer.path("ciphertext").asString(""));
      return answer.path("verifiedPlaintextCrc32c").asBoolean(false)
              && answer.path("verifiedAdditionalAuthenticatedDataCrc32c").asBoolean(false)
              && checksum(sealed).equals(answer.path("ciphertextCrc32c").asString(""))
          ? new Verdict.Good<>(sealed)
          : changed();
    } catch (IllegalArgumentException e) {
      return new Verdict.Bad<>(KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no base64", e), false);
    }
  }

  private <T> Verdict<T> changed() {
    return new Verdict.Bad<>(
        KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent or got something changed on its way"), true);
  }

  private Verdict<SecretBytes> opened(Reply reply, String key) {
    if (reply.status() != 200) {
      JsonNode error = error(reply);
      if (reply.status() == 400 && "INVALID_ARGUMENT".equals(error.path("status").asString(""))) {
        if (error.path("message").asString("").contains("crc32c")) {
          return changed();
        }
        throw new SealBrokenException("data key: does not open under kek " + address.kekId(key));
      }
      return refused(reply.status(), error);
    }
    try {
      return plaintext(reply.body());
    } finally {
      Arrays.fill(reply.body(), (byte) 0);
    }
  }

  /** Read as it comes, so that the key never becomes a text of ours. */
  private Verdict<SecretBytes> plaintext(byte[] answer) {
    Optional<byte[]> clear = Optional.empty();
    String sum = "";
    try (JsonParser json = JSON.createParser(answer)) {
      for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
        if (token == JsonToken.VALUE_STRING && "plaintext".equals(json.currentName())) {
          clear = Optional.of(json.getBinaryValue());
        } else if (token == JsonToken.VALUE_STRING
            && "plaintextCrc32c".equals(json.currentName())) {
          sum = json.getString();
        }
      }
    } catch (JacksonException e) {
      return new Verdict.Bad<>(KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no JSON", e), false);
    }
    if (clear.isEmpty()) {
      return new Verdict.Bad<>(KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no key"), false);
    }
    if (!checksum(clear.get()).equals(sum)) {
      Arrays.fill(clear.get(), (byte) 0);
      return changed();
    }
    return new Verdict.Good<>(SecretBytes.takeOver(clear.get()));
  }

  private Verdict<JsonNode> tree(Reply reply) {
    if (reply.status() != 200) {
      return refused(reply.status(), error(reply));
    }
    try {
      return new Verdict.Good<>(JSON.readTree(reply.body()));
    } catch (JacksonException e) {
      return new Verdict.Bad<>(KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no JSON", e), false);
    }
  }

  private static JsonNode error(Reply reply) {
    try {
      return JSON.readTree(reply.body()).path("error");
    } catch (JacksonException e) {
      return JSON.createObjectNode();
    }
  }

  /** Its own text may name the project, so only status and code are told. */
  private <T> Verdict<T> refused(int status, JsonNode error) {
    String code = error.path("status").asString("").replaceAll("[^A-Z_]", "");
    KmsFault fault =
        switch (status) {
          case 401, 403 -> KmsFault.KMS_DENIED;
          case 404 -> KmsFault.KMS_KEY_UNFIT;
          case 429, 500, 502, 503, 504 -> KmsFault.KMS_UNAVAILABLE;
          default ->
              code.equals("FAILED_PRECONDITION")
                  ? KmsFault.KMS_KEY_UNFIT
                  : KmsFault.KMS_ANSWER_UNKNOWN;
        };
    return new Verdict.Bad<>(
        fault.at(address, "answered " + status + " " + code), fault == KmsFault.KMS_UNAVAILABLE);
  }

  @Override
  public void close() {
    http.close();
    caller.close();
  }
}
