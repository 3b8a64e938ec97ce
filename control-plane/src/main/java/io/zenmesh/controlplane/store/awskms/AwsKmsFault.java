package io.zenmesh.controlplane.store.awskms;

import io.zenmesh.controlplane.custody.CustodyException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** Why AWS KMS gave no good answer. */
enum AwsKmsFault {
  /** Nothing answers there, or not a server that the JVM's roots vouch for. */
  KMS_UNREACHABLE("AWS KMS to answer there"),
  /** No answer in time. */
  KMS_TIMED_OUT("an answer in time"),
  /** There are no credentials, or they do not allow it. */
  KMS_DENIED("credentials that kms:DescribeKey, kms:Encrypt and kms:Decrypt are allowed to"),
  /** KMS is overloaded or broken. */
  KMS_UNAVAILABLE("a service that works"),
  /** There is no such key, or not one that may be used. */
  KMS_KEY_UNFIT("an enabled symmetric key for encryption"),
  /** The server does not bind the encryption context, so that what it wraps could be moved. */
  KMS_UNBOUND("a server that binds the encryption context"),
  /** It answered something else than its documentation says. */
  KMS_ANSWER_UNKNOWN("AWS KMS");

  private final String expected;

  AwsKmsFault(String expected) {
    this.expected = expected;
  }

  /** What an exception of the SDK means. Its own text may name the account, so the code is told. */
  static CustodyException of(SdkException e, AwsKmsAddress address) {
    if (e instanceof AwsServiceException refused) {
      return of(refused).at(address, "answered " + code(refused) + " " + refused.statusCode(), e);
    }
    AwsKmsFault fault = ofTransport(e);
    return fault.at(address, fault == KMS_DENIED ? "no credentials" : "no good answer", e);
  }

  /** The error code of an answer; empty when there is none in it. */
  static String code(AwsServiceException e) {
    return Optional.ofNullable(e.awsErrorDetails()).map(AwsErrorDetails::errorCode).orElse("");
  }

  private static AwsKmsFault of(AwsServiceException e) {
    if (e.isThrottlingException() || e.statusCode() >= 500) {
      return KMS_UNAVAILABLE;
    }
    return switch (code(e)) {
      case "AccessDeniedException",
          "UnrecognizedClientException",
          "InvalidSignatureException",
          "IncompleteSignature",
          "InvalidClientTokenId",
          "MissingAuthenticationToken",
          "ExpiredTokenException" ->
          KMS_DENIED;
      case "NotFoundException",
          "DisabledException",
          "KMSInvalidStateException",
          "InvalidKeyUsageException" ->
          KMS_KEY_UNFIT;
      default -> KMS_ANSWER_UNKNOWN;
    };
  }

  private static AwsKmsFault ofTransport(SdkException e) {
    if (e instanceof ApiCallTimeoutException || e instanceof ApiCallAttemptTimeoutException) {
      return KMS_TIMED_OUT;
    }
    if (String.valueOf(e.getMessage()).contains("credentials")) {
      return KMS_DENIED;
    }
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof SocketTimeoutException) {
        return KMS_TIMED_OUT;
      }
      if (cause instanceof SocketException
          || cause instanceof UnknownHostException
          || cause instanceof SSLException) {
        return KMS_UNREACHABLE;
      }
    }
    return KMS_ANSWER_UNKNOWN;
  }

  CustodyException at(AwsKmsAddress address, String detail) {
    return new CustodyException(text(address, detail));
  }

  private CustodyException at(AwsKmsAddress address, String detail, Throwable cause) {
    return new CustodyException(text(address, detail), cause);
  }

  private String text(AwsKmsAddress address, String detail) {
    return name().toLowerCase(Locale.ROOT)
        + ": "
        + address
        + ": "
        + detail
        + " (expected: "
        + expected
        + ")";
  }
}
