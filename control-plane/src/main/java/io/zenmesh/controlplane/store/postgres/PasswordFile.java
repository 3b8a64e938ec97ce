package io.zenmesh.controlplane.store.postgres;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Properties;
import org.postgresql.plugin.AuthenticationPlugin;
import org.postgresql.plugin.AuthenticationRequestType;
import org.postgresql.util.PSQLException;
import org.postgresql.util.PSQLState;

/**
 * Reads a login's password from its file at each connect, so that it is never a String in the pool
 * and a changed one counts from the next connection on. The driver makes it by its name.
 */
public final class PasswordFile implements AuthenticationPlugin {
  /** The connection property that names the file. */
  static final String PROPERTY = "zen.passwordFile";

  private final Path file;

  /** Called by the driver. */
  public PasswordFile(Properties connection) {
    this.file = Path.of(connection.getProperty(PROPERTY));
  }

  @Override
  public char[] getPassword(AuthenticationRequestType type) throws PSQLException {
    if (type != AuthenticationRequestType.SASL) {
      throw new PSQLException(
          "server asks for " + type + " (expected: SCRAM)", PSQLState.CONNECTION_REJECTED);
    }
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(file);
    } catch (IOException e) {
      throw new PSQLException(
          "password file: " + file + " cannot be read", PSQLState.CONNECTION_REJECTED, e);
    }
    int length = bytes.length;
    while (length > 0 && (bytes[length - 1] == '\n' || bytes[length - 1] == '\r')) {
      length--;
    }
    CharBuffer decoded = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes, 0, length));
    char[] password = new char[decoded.remaining()];
    decoded.get(password);
    Arrays.fill(bytes, (byte) 0);
    Arrays.fill(decoded.array(), '\0');
    return password;
  }
}
