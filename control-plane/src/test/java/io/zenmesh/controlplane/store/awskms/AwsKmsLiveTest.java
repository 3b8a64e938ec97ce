package io.zenmesh.controlplane.store.awskms;

import static org.junit.jupiter.api.Assumptions.abort;

import io.zenmesh.controlplane.custody.KeyWrapper;
import io.zenmesh.controlplane.custody.KeyWrapperContract;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/**
 * The contract against AWS KMS itself, with credentials of the SDK's default chain: where {@code
 * ZEN_AWS_KMS_ARN} and {@code ZEN_AWS_KMS_OTHER_ARN} name two keys of one region; skipped, with the
 * reason, where they do not. A run asks about a thousand questions, which are paid for.
 */
@Tag("slow")
class AwsKmsLiveTest extends KeyWrapperContract {
  private static final String ZEN = named("ZEN_AWS_KMS_ARN");
  private static final String OTHER = named("ZEN_AWS_KMS_OTHER_ARN");

  private final List<AwsKmsKeyring> opened = new ArrayList<>();

  private static String named(String variable) {
    return Optional.ofNullable(System.getenv(variable)).orElse("");
  }

  @BeforeAll
  static void keys() {
    if (ZEN.isEmpty() || OTHER.isEmpty()) {
      String reason =
          "SKIPPED, nothing was checked against AWS KMS: ZEN_AWS_KMS_ARN, ZEN_AWS_KMS_OTHER_ARN"
              + " (expected: ARNs of two keys)";
      System.err.println(reason);
      abort(reason);
    }
  }

  @AfterEach
  void close() {
    opened.forEach(AwsKmsKeyring::close);
  }

  private KeyWrapper open(String arn) {
    AwsKmsKeyring keyring = AwsKmsKeyring.open(new AwsKmsAddress(arn, List.of(), Optional.empty()));
    opened.add(keyring);
    return keyring;
  }

  @Override
  protected KeyWrapper wrapper() {
    return open(ZEN);
  }

  @Override
  protected KeyWrapper strange() {
    return open(OTHER);
  }

  @Override
  protected int wraps() {
    return 200;
  }
}
