package io.zenmesh.xds.standalone;

import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The forms of the texts in an {@code endpoints.yaml}. The JSON Schema spells the same patterns; a
 * test holds both against one corpus.
 */
final class Forms {
  static final String NAME = "[a-z0-9][a-z0-9-]{0,62}";
  static final String SOCKET = "an absolute path of at most 100 bytes [A-Za-z0-9._/-]";
  static final String LISTEN = "IP:PORT, such as 127.0.0.1:9000 or [::1]:9000";
  static final String ADDRESS = "HOST:PORT";
  static final String FILE = "a path of at most 1024 characters";
  static final String VARIABLE = "[A-Za-z_][A-Za-z0-9_]{0,127}";
  static final String MOUNT_KEY = "a file name [A-Za-z0-9._-]{1,253}";
  static final String SCHEME = "a scheme of the catalogue";
  static final String DURATION = "1s to 600s";
  static final String PUBLIC_URL = "https://host[:port][/path]";
  static final String UPSTREAM_URL = "http://host:port or https://host[:port], without a path";
  static final String HOST = "a lower-case host name without port";
  static final String PATH =
      "an absolute path in normal form of at most 1024 characters [A-Za-z0-9._~!$&'()*+,=:@/-]";
  static final String SPIFFE_ID = "spiffe://domain/path";
  static final String TOPIC_ARN = "arn:PARTITION:sns:REGION:ACCOUNT:TOPIC";

  static final Pattern SOCKET_FORM = Pattern.compile("/[A-Za-z0-9._/-]{1,99}");
  static final Pattern LISTEN_FORM =
      Pattern.compile("([0-9]{1,3}(\\.[0-9]{1,3}){3}|\\[[0-9a-f:]{2,39}\\]):[1-9][0-9]{0,4}");
  static final Pattern ADDRESS_FORM =
      Pattern.compile("([A-Za-z0-9.-]{1,253}|\\[[0-9a-f:]{2,39}\\]):[1-9][0-9]{0,4}");
  static final Pattern FILE_FORM = Pattern.compile("[^\\x00-\\x1f]{1,1024}");
  static final Pattern VARIABLE_FORM = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
  static final Pattern MOUNT_KEY_FORM = Pattern.compile("(?!\\.{1,2}$)[A-Za-z0-9._-]{1,253}");
  static final Pattern DURATION_FORM = Pattern.compile("([1-9][0-9]?|[1-5][0-9]{2}|600)s");
  static final Pattern HOST_FORM =
      Pattern.compile(
          "(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
  static final Pattern PATH_FORM =
      Pattern.compile("(?=.{1,1024}$)(?!.*/\\.{1,2}(/|$))(/[A-Za-z0-9._~!$&'()*+,=:@-]+)*/?");
  static final Pattern CLUSTER_FORM = Pattern.compile("[A-Za-z0-9._/|:-]{1,128}");
  static final Pattern USER_FORM = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  static final Pattern SAN_FORM = Pattern.compile("[A-Za-z0-9.-]{1,253}");
  static final Pattern TOPIC_ARN_FORM =
      Pattern.compile("(?=.{1,256}$)arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+");

  private static final int MAX_PORT = 65_535;
  private static final int MAX_OCTET = 255;
  private static final int MAX_URL = 2048;
  private static final int MAX_SOCKET_BYTES = 100;

  private Forms() {}

  static boolean name(String text) {
    return Name.isValid(text);
  }

  static boolean socket(String text) {
    return SOCKET_FORM.matcher(text).matches()
        && text.getBytes(StandardCharsets.UTF_8).length <= MAX_SOCKET_BYTES;
  }

  static boolean listen(String text) {
    if (!LISTEN_FORM.matcher(text).matches() || port(text) > MAX_PORT) {
      return false;
    }
    String host = hostPort(text).host();
    if (host.indexOf(':') >= 0) {
      return true;
    }
    for (String octet : host.split("\\.", -1)) {
      if (Integer.parseInt(octet) > MAX_OCTET) {
        return false;
      }
    }
    return true;
  }

  static boolean address(String text) {
    return ADDRESS_FORM.matcher(text).matches() && port(text) <= MAX_PORT;
  }

  private static int port(String text) {
    return Integer.parseInt(text.substring(text.lastIndexOf(':') + 1));
  }

  /** The parts of a text of form {@link #ADDRESS}. */
  static HostPort hostPort(String text) {
    String host = text.substring(0, text.lastIndexOf(':'));
    return new HostPort(
        host.startsWith("[") ? host.substring(1, host.length() - 1) : host, port(text));
  }

  static boolean loopback(HostPort address) {
    return address.host().startsWith("127.") || address.host().equals("::1");
  }

  static boolean spiffeId(String text) {
    return SpiffeId.parse(text).filter(id -> !id.path().isEmpty()).isPresent();
  }

  static boolean publicUrl(String text) {
    return url(text).filter(url -> "https".equals(url.getScheme())).isPresent();
  }

  static boolean upstreamUrl(String text) {
    return url(text)
        .filter(url ->
            ("https".equals(url.getScheme())
                    || ("http".equals(url.getScheme()) && url.getPort() > 0))
                && (url.getRawPath().isEmpty() || url.getRawPath().equals("/")))
        .isPresent();
  }

  private static Optional<URI> url(String text) {
    try {
      URI url = new URI(text);
      boolean fit =
          text.length() <= MAX_URL
              && url.getHost() != null
              && url.getPort() != 0
              && url.getPort() <= MAX_PORT
              && url.getRawPath() != null
              && url.getRawUserInfo() == null
              && url.getRawQuery() == null
              && url.getRawFragment() == null;
      return fit ? Optional.of(url) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }
}
