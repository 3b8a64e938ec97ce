package io.zenmesh.controlplane.store.awskms;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.store.kms.KmsFault;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** Why AWS KMS gave no good answer, told by what its SDK throws. */
final class AwsKmsFaults {
  private AwsKmsFaults() {}

  /** What an exception of the SDK means. Its own text may name the account, so the code is told. */
  static CustodyException of(SdkException e, AwsKmsAddress address) {
    if (e instanceof AwsServiceException refused) {
      return of(refused).at(address, "answered " + code(refused) + " " + refused.statusCode(), e);
    }
    KmsFault fault = ofTransport(e);
    return fault.at(address, fault == KmsFault.KMS_DENIED ? "no credentials" : "no good answer", e);
  }

  /** The error code of an answer; empty when there is none in it. */
  static String code(AwsServiceException e) {
    return Optional.ofNullable(e.awsErrorDetails()).map(AwsErrorDetails::errorCode).orElse("");
  }

  private static KmsFault of(AwsServiceException e) {
    if (e.isThrottlingException() || e.statusCode() >= 500) {
      return KmsFault.KMS_UNAVAILABLE;
    }
    return switch (code(e)) {
      case "AccessDeniedException",
          "UnrecognizedClientException",
          "InvalidSignatureException",
          "IncompleteSignature",
          "InvalidClientTokenId",
          "MissingAuthenticationToken",
          "ExpiredTokenException" ->
          KmsFault.KMS_DENIED;
      case "NotFoundException",
          "DisabledException",
          "KMSInvalidStateException",
          "InvalidKeyUsageException" ->
          KmsFault.KMS_KEY_UNFIT;
      default -> KmsFault.KMS_ANSWER_UNKNOWN;
    };
  }

  private static KmsFault ofTransport(SdkException e) {
    if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
      return KmsFault.KMS_TIMED_OUT;
    }
    if (String.valueOf(e.getMessage()).contains("credentials")) {
      return KmsFault.KMS_DENIED;
    }
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return KmsFault.KMS_TIMED_OUT;
      }
      if (cause instanceof SocketException
          || cause instanceof UnknownHostException
          || cause instanceof SSLException) {
        return KmsFault.KMS_UNREACHABLE;
      }
    }
    return KmsFault.KMS_ANSWER_UNKNOWN;
  }
}
