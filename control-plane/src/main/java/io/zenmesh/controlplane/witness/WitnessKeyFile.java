package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.NoteKey;
import io.zenmesh.controlplane.custody.SecretFile;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Set;

/**
 * The file of mode 0600 with a witness's private key, one line: {@code zen-witness-key-v1 NAME
 * BASE64}, the last being the Ed25519 seed. Stateless.
 */
public final class WitnessKeyFile {
  private static final String FORMAT = "zen-witness-key-v1 ";
  private static final int LONGEST_NAME = 200;

  private WitnessKeyFile() {}

  /**
   * Makes a new key and its file.
   *
   * @param name of the key: 1 to 200 characters of {@code [A-Za-z0-9./_-]}
   * @throws IOException when there is a file already, or it cannot be written
   * @throws IllegalArgumentException when the name has another form
   */
  public static void create(Path file, String name, SecureRandom random) throws IOException {
    if (!name.matches("[A-Za-z0-9./_-]{1," + LONGEST_NAME + "}")) {
      throw new IllegalArgumentException(
          "name: malformed (expected: 1 to 200 characters of [A-Za-z0-9./_-])");
    }
    byte[] seed = new byte[NoteKey.SEED_BYTES];
    random.nextBytes(seed);
    byte[] encoded = Base64.getEncoder().encode(seed);
    byte[] head = (FORMAT + name + " ").getBytes(StandardCharsets.US_ASCII);
    ByteBuffer line = ByteBuffer.allocate(head.length + encoded.length + 1);
    line.put(head).put(encoded).put((byte) '\n').flip();
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      while (line.hasRemaining()) {
        channel.write(line);
      }
      channel.force(true);
    } finally {
      Arrays.fill(seed, (byte) 0);
      Arrays.fill(encoded, (byte) 0);
      Arrays.fill(line.array(), (byte) 0);
    }
  }

  /**
   * Reads a key.
   *
   * @throws IllegalArgumentException when the file has another form
   * @throws io.zenmesh.controlplane.custody.CustodyException when it cannot be read or is open to
   *     others
   */
  public static NoteKey read(Path file) {
    try (SecretBytes content = SecretFile.read(file, "witness key")) {
      byte[] line = content.copy(SecretAccess.granted());
      byte[] format = FORMAT.getBytes(StandardCharsets.US_ASCII);
      int space = lastSpace(line);
      if (space <= format.length
          || space > format.length + LONGEST_NAME
          || !Arrays.equals(line, 0, format.length, format, 0, format.length)) {
        throw malformed(file);
      }
      byte[] encoded = Arrays.copyOfRange(line, space + 1, line.length);
      String name =
          new String(line, format.length, space - format.length, StandardCharsets.US_ASCII);
      Arrays.fill(line, (byte) 0);
      try (SecretBytes seed = SecretBytes.takeOver(Base64.getDecoder().decode(encoded))) {
        return NoteKey.of(name, NoteKey.WITNESS, seed);
      } catch (IllegalArgumentException e) {
        throw malformed(file);
      } finally {
        Arrays.fill(encoded, (byte) 0);
      }
    }
  }

  private static int lastSpace(byte[] line) {
    for (int i = line.length - 1; i >= 0; i--) {
      if (line[i] == ' ') {
        return i;
      }
    }
    return -1;
  }

  private static IllegalArgumentException malformed(Path file) {
    return new IllegalArgumentException(
        "witness key: " + file + " is malformed (expected: a file made with --generate)");
  }
}
