package io.zenmesh.controlplane.store.s3;

import io.zenmesh.controlplane.audit.ArchiveException;
import io.zenmesh.controlplane.audit.ArchiveFault;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.SSLException;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.ApiCallAttemptTimeoutException;
import software.amazon.awssdk.core.exception.ApiCallTimeoutException;
import software.amazon.awssdk.core.exception.SdkException;

/** What the SDK's exceptions mean to who keeps archives. */
final class S3Fault {
  private S3Fault() {}

  /** Its own text may name the account, so the code is told. */
  static ArchiveException of(SdkException e, String shown) {
    if (e instanceof AwsServiceException refused) {
      return of(refused).at(shown, "answered " + refused.statusCode() + " " + code(refused), e);
    }
    ArchiveFault fault = ofTransport(e);
    return fault.at(
        shown, fault == ArchiveFault.ARCHIVE_DENIED ? "no credentials" : "no good answer", e);
  }

  /** The error code of an answer, if it looks like one; a server may send anything. */
  private static String code(AwsServiceException e) {
    return Optional.ofNullable(e.awsErrorDetails())
        .map(AwsErrorDetails::errorCode)
        .filter(it -> it.matches("[A-Za-z0-9]{1,64}"))
        .orElse("");
  }

  private static ArchiveFault of(AwsServiceException e) {
    if (e.isThrottlingException()) {
      return ArchiveFault.ARCHIVE_UNAVAILABLE;
    }
    if (code(e).equals("EntityTooLarge")) {
      return ArchiveFault.ARCHIVE_TOO_LARGE;
    }
    if (code(e).equals("BadDigest")) {
      return ArchiveFault.ARCHIVE_DAMAGED;
    }
    return switch (e.statusCode()) {
      case 401, 403 -> ArchiveFault.ARCHIVE_DENIED;
      case 404 -> ArchiveFault.ARCHIVE_MISSING;
      case 412 -> ArchiveFault.ARCHIVE_CONFLICT;
      // Somebody else writes it just now: whose it is shows at the next pass.
      case 409 -> ArchiveFault.ARCHIVE_UNAVAILABLE;
      default ->
          e.statusCode() >= 500
              ? ArchiveFault.ARCHIVE_UNAVAILABLE
              : ArchiveFault.ARCHIVE_ANSWER_UNKNOWN;
    };
  }

  private static ArchiveFault ofTransport(SdkException e) {
    if (e instanceof ApiCallTimeoutException
        || e instanceof ApiCallAttemptTimeoutException
        || e instanceof AbortedException) {
      return ArchiveFault.ARCHIVE_TIMED_OUT;
    }
    String text = String.valueOf(e.getMessage());
    if (text.contains("credentials")) {
      return ArchiveFault.ARCHIVE_DENIED;
    }
    if (text.contains("different checksum")) {
      return ArchiveFault.ARCHIVE_DAMAGED;
    }
    for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
      if (cause instanceof UncheckedIOException) {
        return ArchiveFault.ARCHIVE_DISK;
      }
      if (cause instanceof SocketTimeoutException) {
        return ArchiveFault.ARCHIVE_TIMED_OUT;
      }
      if (cause instanceof SocketException
          || cause instanceof UnknownHostException
          || cause instanceof SSLException) {
        return ArchiveFault.ARCHIVE_UNREACHABLE;
      }
      if (cause instanceof IOException) {
        return ArchiveFault.ARCHIVE_UNAVAILABLE; // a body that broke off
      }
    }
    return ArchiveFault.ARCHIVE_ANSWER_UNKNOWN;
  }
}
