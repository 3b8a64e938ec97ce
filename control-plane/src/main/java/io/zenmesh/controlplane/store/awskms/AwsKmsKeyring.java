package io.zenmesh.controlplane.store.awskms;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.retry.RetryMode;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.KmsClientBuilder;
import software.amazon.awssdk.services.kms.model.DecryptRequest;
import software.amazon.awssdk.services.kms.model.DecryptResponse;
import software.amazon.awssdk.services.kms.model.EncryptRequest;
import software.amazon.awssdk.services.kms.model.EncryptResponse;
import software.amazon.awssdk.services.kms.model.KeyMetadata;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;
import software.amazon.awssdk.services.kms.model.KmsException;

/**
 * Wraps data keys with symmetric keys of AWS KMS. Each key is a key-encryption key of ours: {@code
 * aws-kms:ARN}. See the <a
 * href="https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html">encryption
 * context</a>.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The keys never leave KMS. What is wrapped is bound by the encryption context, which holds the
 * SHA-256 of the associated data: KMS shows it in its log, and the log is not to tell tenants and
 * names. A server that ignores it is found out at the start and refused. Keys are neither made nor
 * deleted here. What cannot be asked is not wrapped and not opened. Thread-safe.
 */
public final class AwsKmsKeyring implements Keyring {
  /** For one answer; a question is asked up to three times. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration CONNECT = Duration.ofSeconds(2);

  /** A data key and its tag are longer than this, whatever else KMS puts around them. */
  private static final int LEAST = 48;

  /** The most that KMS takes. */
  private static final int MOST = 6_144;

  private final AwsKmsAddress address;
  private final Duration patience;
  private final KmsClient kms;
  private final String current;
  private final List<String> present;

  private AwsKmsKeyring(AwsKmsAddress address, Duration patience) {
    this.address = address;
    this.patience = patience;
    this.current = AwsKmsAddress.PREFIX + address.current();
    this.present = new CopyOnWriteArrayList<>(address.kekIds());
    KmsClientBuilder builder =
        KmsClient.builder()
            .region(Region.of(address.region()))
            .credentialsProvider(DefaultCredentialsProvider.builder().build())
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT)
                    .socketTimeout(patience))
            // Standard: three attempts, and only what may be asked twice.
            .overrideConfiguration(it ->
                it.retryStrategy(RetryMode.STANDARD)
                    .apiCallAttemptTimeout(patience)
                    .apiCallTimeout(patience.multipliedBy(4)));
    address.endpoint().ifPresent(builder::endpointOverride);
    this.kms = builder.build();
  }

  /**
   * Looks at the current key and proves that it can be used.
   *
   * @throws CustodyException when it cannot be reached or used, with a code and what to do
   */
  public static AwsKmsKeyring open(AwsKmsAddress address) {
    return open(address, PATIENCE);
  }

  static AwsKmsKeyring open(AwsKmsAddress address, Duration patience) {
    AwsKmsKeyring keyring = new AwsKmsKeyring(address, patience);
    try {
      keyring.proveFit();
      keyring.proveBound();
      return keyring;
    } catch (RuntimeException e) {
      keyring.close();
      throw e;
    }
  }

  private void proveFit() {
    try {
      KeyMetadata key = kms.describeKey(it -> it.keyId(address.current())).keyMetadata();
      if (key == null
          || !address.current().equals(key.arn())
          || !Boolean.TRUE.equals(key.enabled())
          || key.keyUsage() != KeyUsageType.ENCRYPT_DECRYPT
          || key.keySpec() != KeySpec.SYMMETRIC_DEFAULT) {
        throw AwsKmsFault.KMS_KEY_UNFIT.at(address, "is not one to wrap with");
      }
    } catch (SdkException e) {
      throw AwsKmsFault.of(e, address);
    }
  }

  private void proveBound() {
    try (SecretBytes probe = SecretBytes.takeOver(new byte[32])) {
      byte[] wrapped = wrap(current, probe, new byte[] {1});
      unwrap(current, wrapped, new byte[] {1}).close();
      try {
        unwrap(current, wrapped, new byte[] {2}).close();
      } catch (SealBrokenException asItMust) {
        return;
      }
    }
    throw AwsKmsFault.KMS_UNBOUND.at(address, "opens what is bound to another place");
  }

  @Override
  public String kekId() {
    return current;
  }

  @Override
  public List<String> kekIds() {
    return List.copyOf(present);
  }

  /** Refused: who rights a key policy makes the key, and names it at the next start. */
  @Override
  public String addCurrent() {
    throw new CustodyException(
        "kek: "
            + current
            + " (expected: a key made in AWS as --kek-aws-kms, and this one as"
            + " --kek-aws-kms-former, at the next start)");
  }

  /** Lets go of the key for good; to delete it in KMS is its owner's to do. */
  @Override
  public void destroy(String kekId) {
    if (kekId.equals(current)) {
      throw new IllegalArgumentException("kek: " + kekId + " is the current one");
    }
    present.remove(kekId);
  }

  private Optional<String> arn(String kekId) {
    return Optional.of(kekId)
        .filter(present::contains)
        .map(it -> it.substring(AwsKmsAddress.PREFIX.length()));
  }

  @Override
  public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
    String arn =
        arn(kekId)
            .orElseThrow(
                () -> new CustodyException("data key: kek " + kekId + " is not in use here"));
    byte[] clear = dataKey.copy(SecretAccess.granted());
    try {
      EncryptResponse answer =
          kms.encrypt(
              EncryptRequest.builder()
                  .keyId(arn)
                  .plaintext(SdkBytes.fromByteArrayUnsafe(clear))
                  .encryptionContext(context(associatedData))
                  .build());
      if (answer.ciphertextBlob() == null || !arn.equals(answer.keyId())) {
        throw AwsKmsFault.KMS_ANSWER_UNKNOWN.at(address, "wrapped under another key");
      }
      return answer.ciphertextBlob().asByteArray();
    } catch (SdkException e) {
      throw AwsKmsFault.of(e, address);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  @Override
  public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
    String arn =
        arn(kekId)
            .orElseThrow(
                () -> new SealBrokenException("data key: kek " + kekId + " is not in use here"));
    if (wrapped.length < LEAST || wrapped.length > MOST) {
      throw new SealBrokenException("data key: does not open under kek " + kekId);
    }
    try {
      DecryptResponse answer =
          kms.decrypt(
              DecryptRequest.builder()
                  .keyId(arn)
                  .ciphertextBlob(SdkBytes.fromByteArrayUnsafe(wrapped))
                  .encryptionContext(context(associatedData))
                  .build());
      if (answer.plaintext() == null) {
        throw AwsKmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no key");
      }
      SecretBytes opened = SecretBytes.takeOver(answer.plaintext().asByteArrayUnsafe());
      if (!arn.equals(answer.keyId())) {
        opened.close();
        throw new SealBrokenException("data key: is not under kek " + kekId);
      }
      return opened;
    } catch (KmsException e) {
      if (saysBroken(e) || (mayMeanBroken(e) && opensAnother(arn, associatedData))) {
        throw new SealBrokenException("data key: does not open under kek " + kekId);
      }
      throw AwsKmsFault.of(e, address);
    } catch (SdkException e) {
      throw AwsKmsFault.of(e, address);
    }
  }

  private static boolean saysBroken(KmsException e) {
    return switch (AwsKmsFault.code(e)) {
      case "InvalidCiphertextException", "IncorrectKeyException" -> true;
      default -> false;
    };
  }

  /**
   * A ciphertext that names no known key is told as a right that is missing. The text of a right
   * that is missing only saves the questions of a probe: it never makes a seal broken.
   */
  private static boolean mayMeanBroken(KmsException e) {
    return AwsKmsFault.code(e).equals("AccessDeniedException")
        && !String.valueOf(e.getMessage()).contains("is not authorized to perform");
  }

  /**
   * Whether the right to open is there: then it is the ciphertext that is wrong. Two questions at
   * most, each with the time of one attempt.
   */
  private boolean opensAnother(String arn, byte[] associatedData) {
    SdkBytes probe = SdkBytes.fromByteArray(new byte[] {1, 2, 3, 4});
    try {
      SdkBytes wrapped =
          kms.encrypt(it ->
                  it.keyId(arn)
                      .plaintext(probe)
                      .encryptionContext(context(associatedData))
                      .overrideConfiguration(time -> time.apiCallTimeout(patience)))
              .ciphertextBlob();
      DecryptResponse answer =
          kms.decrypt(it ->
              it.keyId(arn)
                  .ciphertextBlob(wrapped)
                  .encryptionContext(context(associatedData))
                  .overrideConfiguration(time -> time.apiCallTimeout(patience)));
      return probe.equals(answer.plaintext()) && arn.equals(answer.keyId());
    } catch (SdkException e) {
      return false;
    }
  }

  private static Map<String, String> context(byte[] associatedData) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(associatedData);
      return Map.of("zen-mesh-place", HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    kms.close();
  }
}
