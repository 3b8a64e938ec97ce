package io.zenmesh.controlplane.store.s3;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import software.amazon.awssdk.core.exception.RetryableException;
import software.amazon.awssdk.core.exception.SdkClientException;

/**
 * A file of this machine that an archive passes through on its way, readable by the owner only and
 * gone when it is closed.
 */
final class Spool implements AutoCloseable {
  private final Path file;

  private Spool(Path file) {
    this.file = file;
  }

  static Spool in(Path folder) throws IOException {
    return new Spool(Files.createTempFile(folder, "zen-archive-", ".spool"));
  }

  Path file() {
    return file;
  }

  long length() throws IOException {
    return Files.size(file);
  }

  /** Its SHA-256 in base64, the form that S3 takes. */
  String sha256() throws IOException {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
    try (InputStream in = new DigestInputStream(Files.newInputStream(file), digest)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return Base64.getEncoder().encodeToString(digest.digest());
  }

  /**
   * Holds what comes, from the beginning, however often it is tried.
   *
   * @param length what was announced; less is an end too early
   */
  void fill(InputStream in, long length, long most) {
    if (length < 0 || length > most) {
      throw SdkClientException.create("body of " + length + " bytes");
    }
    long filled = 0;
    byte[] piece = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int n = next(in, piece); n >= 0; n = next(in, piece)) {
        out.write(piece, 0, n);
        filled += n;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (filled != length) {
      throw RetryableException.create("body cut off", new EOFException());
    }
  }

  /** The network's faults are worth another attempt, this machine's are not. */
  private static int next(InputStream in, byte[] piece) {
    try {
      return in.read(piece);
    } catch (IOException e) {
      throw RetryableException.create("body broke off", e);
    }
  }

  boolean sameAs(Spool other) throws IOException {
    return Files.mismatch(file, other.file) < 0;
  }

  /** Its bytes; the file is gone when the stream is closed. */
  InputStream handOver() throws IOException {
    return Files.newInputStream(file, StandardOpenOption.READ, StandardOpenOption.DELETE_ON_CLOSE);
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
