package io.zenmesh.controlplane.custody;

import io.zenmesh.controlplane.custody.VersionState.Live;
import io.zenmesh.controlplane.custody.VersionState.Retired;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How a backup is written: the line of {@link BackupHead}, then everything else sealed under a
 * passphrase ({@link PassphraseSeal}) and bound to that line. Inside: a count, then each version as
 * name, type, number, state, window and value, with lengths before what varies. Stateless.
 */
final class BackupForm {
  /** The largest file, in bytes. */
  static final int MAX_BYTES = 8 * 1024 * 1024;

  /** The most versions in one. */
  static final int MAX_VERSIONS = 2_000;

  /** No version needs more beside its value, nor does the file beside its versions. */
  static final int OVERHEAD_BYTES = 512;

  private static final byte LIVE = 1;
  private static final byte LIVE_UNTIL = 2;
  private static final byte RETIRED = 3;
  private static final long LAST_MICRO = // the end of the year 9999
      ChronoUnit.MICROS.between(Instant.EPOCH, Instant.parse("9999-12-31T23:59:59Z"));

  private BackupForm() {}

  static byte[] write(BackupHead head, List<BackupVersion> versions, PassphraseSeal seal) {
    int size = OVERHEAD_BYTES;
    for (BackupVersion version : versions) {
      size += OVERHEAD_BYTES + version.value().length();
    }
    byte[] clear = new byte[size];
    try {
      ByteBuffer out = ByteBuffer.wrap(clear).putInt(versions.size());
      versions.forEach(it -> put(out, it));
      byte[] exact = Arrays.copyOf(clear, out.position());
      try {
        byte[] line = head.line().getBytes(StandardCharsets.US_ASCII);
        byte[] sealed = seal.seal(head.use(), exact);
        return ByteBuffer.allocate(line.length + sealed.length).put(line).put(sealed).array();
      } finally {
        Arrays.fill(exact, (byte) 0);
      }
    } catch (GeneralSecurityException e) {
      throw new CustodyException("backup: cannot be sealed", e);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  private static void put(ByteBuffer out, BackupVersion version) {
    putText(out, version.name().value());
    putText(out, SecretType.SIGNING.word());
    out.putLong(version.version());
    switch (version.state()) {
      case Live(Instant notBefore, Optional<Instant> notAfter) -> {
        out.put(notAfter.isPresent() ? LIVE_UNTIL : LIVE).putLong(micros(notBefore));
        notAfter.ifPresent(it -> out.putLong(micros(it)));
      }
      case Retired(Instant at) -> out.put(RETIRED).putLong(micros(at));
      case VersionState.Revoked revoked -> throw new IllegalArgumentException("state: revoked");
      case VersionState.Destroyed gone -> throw new IllegalArgumentException("state: destroyed");
    }
    byte[] value = version.value().copy(SecretAccess.granted());
    out.putInt(value.length).put(value);
    Arrays.fill(value, (byte) 0);
  }

  /**
   * The versions in a file; the caller's to close.
   *
   * @throws GeneralSecurityException when it was sealed under another passphrase or line, was
   *     changed, or does not hold what {@link #write} writes
   */
  static List<BackupVersion> read(BackupHead head, byte[] file, PassphraseSeal seal)
      throws GeneralSecurityException {
    byte[] clear =
        seal.open(head.use(), Arrays.copyOfRange(file, head.line().length(), file.length));
    List<BackupVersion> versions = new ArrayList<>();
    try {
      ByteBuffer in = ByteBuffer.wrap(clear);
      int count = in.getInt();
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < count; i++) {
        BackupVersion version = take(in);
        versions.add(version);
        must(seen.add(version.name() + "/" + version.version()));
      }
      must(count >= 0 && count <= MAX_VERSIONS && !in.hasRemaining());
      return versions;
    } catch (BufferUnderflowException | GeneralSecurityException e) {
      versions.forEach(BackupVersion::close);
      throw new GeneralSecurityException("not what a backup holds", e);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  private static BackupVersion take(ByteBuffer in) throws GeneralSecurityException {
    String name = text(in);
    must(Name.isValid(name) && !name.equals(TenantRoots.NAME.value()));
    must(text(in).equals(SecretType.SIGNING.word()));
    long version = in.getLong();
    must(version > 0);
    byte word = in.get();
    VersionState state =
        switch (word) {
          case LIVE -> new Live(moment(in), Optional.empty());
          case LIVE_UNTIL -> new Live(moment(in), Optional.of(moment(in)));
          case RETIRED -> new Retired(moment(in));
          default -> throw new GeneralSecurityException("state unknown");
        };
    must(
        !(state instanceof Live(Instant notBefore, Optional<Instant> notAfter))
            || notAfter.map(it -> !it.isBefore(notBefore)).orElse(true));
    int length = in.getInt();
    must(length >= 1 && length <= Custodian.MAX_BYTES);
    byte[] value = new byte[length];
    in.get(value);
    return new BackupVersion(new Name(name), version, state, SecretBytes.takeOver(value));
  }

  private static void must(boolean holds) throws GeneralSecurityException {
    if (!holds) {
      throw new GeneralSecurityException("out of bounds");
    }
  }

  private static void putText(ByteBuffer out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.putShort((short) bytes.length).put(bytes);
  }

  private static String text(ByteBuffer in) throws GeneralSecurityException {
    int length = in.getShort();
    must(length >= 0);
    byte[] bytes = new byte[length];
    in.get(bytes);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static long micros(Instant instant) {
    return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  private static Instant moment(ByteBuffer in) throws GeneralSecurityException {
    long micros = in.getLong();
    must(micros >= 0 && micros <= LAST_MICRO);
    return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
  }
}
