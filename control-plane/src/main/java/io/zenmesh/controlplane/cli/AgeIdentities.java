package io.zenmesh.controlplane.cli;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.framework.armor.ArmoredDecryptingChannelFactory;
import com.exceptionfactory.jagged.framework.stream.StandardDecryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The X25519 identities of a file, as {@code age-keygen} writes them; they open what was sealed to
 * one of their recipients (age-encryption.org/v1). Not thread-safe.
 */
final class AgeIdentities {
  private static final String ARMOR = "-----BEGIN AGE ENCRYPTED FILE-----";
  private static final int MOST = 16;

  private final List<RecipientStanzaReader> readers;

  private AgeIdentities(List<RecipientStanzaReader> readers) {
    this.readers = List.copyOf(readers);
  }

  /**
   * Reads the lines of a file: identities, comments that begin with {@code #}, and empty ones.
   *
   * @param title what the file is called in problems
   * @throws CliException when a line is anything else, or there is no identity
   */
  static AgeIdentities parse(SecretBytes file, String title) {
    byte[] bytes = file.copy(SecretAccess.granted());
    CharBuffer text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(bytes));
    try {
      List<RecipientStanzaReader> readers = new ArrayList<>();
      int number = 1;
      for (int from = 0; from < text.length(); number++) {
        int end = from;
        while (end < text.length() && text.charAt(end) != '\n') {
          end++;
        }
        CharSequence line = text.subSequence(from, withoutBlanks(text, from, end));
        if (!line.isEmpty() && line.charAt(0) != '#') {
          readers.add(reader(line, title, number));
        }
        from = end + 1;
      }
      if (readers.isEmpty() || readers.size() > MOST) {
        throw CliException.usage(
            title + ": " + readers.size() + " identities (expected: 1 to " + MOST + ")");
      }
      return new AgeIdentities(readers);
    } finally {
      Arrays.fill(bytes, (byte) 0);
      Arrays.fill(text.array(), '\0');
    }
  }

  private static int withoutBlanks(CharBuffer text, int from, int end) {
    int to = end;
    while (to > from && text.charAt(to - 1) <= ' ') {
      to--;
    }
    return to;
  }

  private static RecipientStanzaReader reader(CharSequence line, String title, int number) {
    try {
      return X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(line);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      // Without its cause, whose text may hold the line.
      throw CliException.usage(
          title + ":" + number + ": no X25519 identity (expected: AGE-SECRET-KEY-1...)");
    }
  }

  /**
   * Opens one file, binary or armored; the value is the caller's to close.
   *
   * @param most the longest value, in bytes
   * @throws GeneralSecurityException when it is sealed to nobody here, or was changed
   * @throws IOException when it is cut short, has another form, or holds more
   */
  SecretBytes open(byte[] sealed, int most) throws GeneralSecurityException, IOException {
    byte[] value = new byte[most + 1];
    try (ReadableByteChannel clear = clear(sealed)) {
      ByteBuffer into = ByteBuffer.wrap(value);
      while (into.hasRemaining() && clear.read(into) >= 0) {}
      if (!into.hasRemaining()) {
        throw new IOException("longer than " + most + " bytes");
      }
      return SecretBytes.takeOver(Arrays.copyOf(value, into.position()));
    } finally {
      Arrays.fill(value, (byte) 0);
    }
  }

  private ReadableByteChannel clear(byte[] sealed) throws GeneralSecurityException, IOException {
    ReadableByteChannel in = Channels.newChannel(new ByteArrayInputStream(sealed));
    String start =
        new String(sealed, 0, Math.min(sealed.length, ARMOR.length()), StandardCharsets.US_ASCII);
    return start.equals(ARMOR)
        ? new ArmoredDecryptingChannelFactory().newDecryptingChannel(in, readers)
        : new StandardDecryptingChannelFactory().newDecryptingChannel(in, readers);
  }
}
