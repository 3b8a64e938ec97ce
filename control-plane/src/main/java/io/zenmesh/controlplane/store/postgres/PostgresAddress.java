package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A database and where the credentials of its logins lie.
 *
 * @param host DNS name or IP address, which the server's certificate must bear
 * @param database its name
 * @param credentials {@code root.pem}, and one directory for each login with certificate, key and
 *     {@code password}
 */
public record PostgresAddress(String host, int port, String database, Path credentials) {
  private static final Pattern FORM =
      Pattern.compile(
          "([A-Za-z0-9.-]{1,253}|\\[[0-9a-fA-F:]+\\]):([0-9]{1,5})/([A-Za-z0-9_-]{1,63})");

  /**
   * Reads {@code HOST:PORT/DATABASE}.
   *
   * @throws IllegalArgumentException when the text has another form
   */
  public static PostgresAddress parse(String text, Path credentials) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException("pg: " + text + " (expected: HOST:PORT/DATABASE)");
    }
    return new PostgresAddress(
        match.group(1), Integer.parseInt(match.group(2)), match.group(3), credentials);
  }

  String url() {
    return "jdbc:postgresql://" + host + ":" + port + "/" + database;
  }

  /** The connection properties of a login: TLS with both sides proved, and nothing less. */
  Properties properties(Login login) {
    IdentityFiles identity = new IdentityFiles(credentials.resolve(login.role()));
    Properties properties = new Properties();
    properties.setProperty("user", login.role());
    properties.setProperty("authenticationPluginClassName", PasswordFile.class.getName());
    properties.setProperty(
        PasswordFile.PROPERTY, identity.directory().resolve("password").toString());
    properties.setProperty("sslmode", "verify-full");
    properties.setProperty("sslrootcert", credentials.resolve("root.pem").toString());
    properties.setProperty("sslcert", identity.certificateChain().toString());
    properties.setProperty("sslkey", identity.privateKey().toString());
    properties.setProperty("pemKeyAlgorithm", keyAlgorithm(identity.certificateChain()));
    properties.setProperty("channelBinding", "require");
    properties.setProperty("currentSchema", Login.SCHEMA);
    properties.setProperty("ApplicationName", "zen-control-plane");
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("loginTimeout", "10");
    properties.setProperty("socketTimeout", "30");
    properties.setProperty("tcpKeepAlive", "true");
    return properties;
  }

  /** The driver must be told the key's algorithm; its certificate says it. */
  private static String keyAlgorithm(Path chain) {
    try (InputStream pem = Files.newInputStream(chain)) {
      return CertificateFactory.getInstance("X.509")
          .generateCertificate(pem)
          .getPublicKey()
          .getAlgorithm();
    } catch (IOException | CertificateException e) {
      throw new IllegalArgumentException(
          "pg-credentials: " + chain + " (expected: a readable PEM certificate)", e);
    }
  }

  @Override
  public String toString() {
    return host + ":" + port + "/" + database;
  }
}
