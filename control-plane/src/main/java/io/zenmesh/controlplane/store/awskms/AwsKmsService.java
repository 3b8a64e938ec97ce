package io.zenmesh.controlplane.store.awskms;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.controlplane.store.kms.KeyService;
import io.zenmesh.controlplane.store.kms.KmsFault;
import io.zenmesh.controlplane.store.kms.NamedKeyring;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;
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
 * Asks AWS KMS. What is bound goes as its <a
 * href="https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html">encryption
 * context</a>. Thread-safe.
 */
public final class AwsKmsService implements KeyService {
  /** For one answer; a question is asked up to three times. */
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private static final Duration CONNECT = Duration.ofSeconds(2);

  private final AwsKmsAddress address;
  private final Duration patience;
  private final KmsClient kms;

  private AwsKmsService(AwsKmsAddress address, Duration patience) {
    this.address = address;
    this.patience = patience;
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
  public static NamedKeyring open(AwsKmsAddress address) {
    return open(address, PATIENCE);
  }

  static NamedKeyring open(AwsKmsAddress address, Duration patience) {
    return NamedKeyring.open(address, new AwsKmsService(address, patience));
  }

  @Override
  public void proveFit(String arn) {
    try {
      KeyMetadata key = kms.describeKey(it -> it.keyId(arn)).keyMetadata();
      if (key == null
          || !arn.equals(key.arn())
          || !Boolean.TRUE.equals(key.enabled())
          || key.keyUsage() != KeyUsageType.ENCRYPT_DECRYPT
          || key.keySpec() != KeySpec.SYMMETRIC_DEFAULT) {
        throw KmsFault.KMS_KEY_UNFIT.at(address, "is not one to wrap with");
      }
    } catch (SdkException e) {
      throw AwsKmsFaults.of(e, address);
    }
  }

  @Override
  public byte[] wrap(String arn, byte[] clear, byte[] place) {
    try {
      EncryptResponse answer =
          kms.encrypt(
              EncryptRequest.builder()
                  .keyId(arn)
                  .plaintext(SdkBytes.fromByteArrayUnsafe(clear))
                  .encryptionContext(context(place))
                  .build());
      if (answer.ciphertextBlob() == null || !arn.equals(answer.keyId())) {
        throw KmsFault.KMS_ANSWER_UNKNOWN.at(address, "wrapped under another key");
      }
      return answer.ciphertextBlob().asByteArray();
    } catch (SdkException e) {
      throw AwsKmsFaults.of(e, address);
    }
  }

  @Override
  public SecretBytes unwrap(String arn, byte[] wrapped, byte[] place) {
    try {
      DecryptResponse answer =
          kms.decrypt(
              DecryptRequest.builder()
                  .keyId(arn)
                  .ciphertextBlob(SdkBytes.fromByteArrayUnsafe(wrapped))
                  .encryptionContext(context(place))
                  .build());
      if (answer.plaintext() == null) {
        throw KmsFault.KMS_ANSWER_UNKNOWN.at(address, "sent no key");
      }
      SecretBytes opened = SecretBytes.takeOver(answer.plaintext().asByteArrayUnsafe());
      if (!arn.equals(answer.keyId())) {
        opened.close();
        throw new SealBrokenException("data key: is not under kek " + address.kekId(arn));
      }
      return opened;
    } catch (KmsException e) {
      if (saysBroken(e) || (mayMeanBroken(e) && opensAnother(arn, place))) {
        throw new SealBrokenException("data key: does not open under kek " + address.kekId(arn));
      }
      throw AwsKmsFaults.of(e, address);
    } catch (SdkException e) {
      throw AwsKmsFaults.of(e, address);
    }
  }

  private static boolean saysBroken(KmsException e) {
    return switch (AwsKmsFaults.code(e)) {
      case "InvalidCiphertextException", "IncorrectKeyException" -> true;
      default -> false;
    };
  }

  /**
   * A ciphertext that names no known key is told as a right that is missing. The text of a right
   * that is missing only saves the questions of a probe: it never makes a seal broken.
   */
  private static boolean mayMeanBroken(KmsException e) {
    return AwsKmsFaults.code(e).equals("AccessDeniedException")
        && !String.valueOf(e.getMessage()).contains("is not authorized to perform");
  }

  /**
   * Whether the right to open is there: then it is the ciphertext that is wrong. Two questions at
   * most, each with the time of one attempt.
   */
  private boolean opensAnother(String arn, byte[] place) {
    SdkBytes probe = SdkBytes.fromByteArray(new byte[] {1, 2, 3, 4});
    try {
      SdkBytes wrapped =
          kms.encrypt(it ->
                  it.keyId(arn)
                      .plaintext(probe)
                      .encryptionContext(context(place))
                      .overrideConfiguration(time -> time.apiCallTimeout(patience)))
              .ciphertextBlob();
      DecryptResponse answer =
          kms.decrypt(it ->
              it.keyId(arn)
                  .ciphertextBlob(wrapped)
                  .encryptionContext(context(place))
                  .overrideConfiguration(time -> time.apiCallTimeout(patience)));
      return probe.equals(answer.plaintext()) && arn.equals(answer.keyId());
    } catch (SdkException e) {
      return false;
    }
  }

  private static Map<String, String> context(byte[] place) {
    return Map.of("zen-mesh-place", HexFormat.of().formatHex(place));
  }

  @Override
  public void close() {
    kms.close();
  }
}
