package io.zenmesh.xds.standalone;

import io.zenmesh.xds.document.Position;
import io.zenmesh.xds.model.EndpointPolicy;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One endpoint of an {@code endpoints.yaml}.
 *
 * @param at where it stands
 * @param path the way to it in the file, such as {@code endpoints[0]}
 * @param policy what is enforced; a scheme of the user's own is not in its settings yet
 * @param secrets 1 to {@value #MAX_SECRETS} keys, all of which verify
 * @param definition the file of a scheme of the user's own
 * @param way how Envoy gets there, for rendering; empty when the file does not say
 */
public record StandaloneEndpoint(
    Position at,
    String path,
    EndpointPolicy policy,
    List<SecretRef> secrets,
    Optional<Definition> definition,
    Optional<Way> way) {
  /** As many secrets as an endpoint may have at once. */
  public static final int MAX_SECRETS = 8;

  /** Copies the list. */
  public StandaloneEndpoint {
    secrets = List.copyOf(secrets);
  }

  /** Where a secret is; the file never holds its value. */
  public sealed interface SecretRef {
    /** Where the reference stands. */
    Position at();

    /** Names the key in logs; not secret. */
    String id();

    /** A file that only its owner (and group) may read. */
    record File(Position at, Path file) implements SecretRef {
      @Override
      public String id() {
        return String.valueOf(file.getFileName());
      }
    }

    /** An environment variable, read once at the start. */
    record Variable(Position at, String name) implements SecretRef {
      @Override
      public String id() {
        return name;
      }
    }

    /** A file in a directory that is replaced as a whole, as Kubernetes mounts secrets. */
    record Mounted(Position at, Path directory, String key) implements SecretRef {
      @Override
      public String id() {
        return key;
      }
    }
  }

  /** A scheme of the user's own, in the catalogue's language. */
  public record Definition(Position at, Path file) {}

  /**
   * The public URL and what is behind it.
   *
   * @param host lower case, without port
   * @param path exact
   * @param upstream where accepted requests go
   */
  public record Way(String host, String path, Upstream upstream) {}

  /** Where Envoy forwards accepted requests. */
  public sealed interface Upstream {
    /** A cluster that the user's Envoy has already. */
    record Named(String cluster) implements Upstream {}

    /** A URL of scheme, host and port, for which a cluster is rendered. */
    record Url(URI url) implements Upstream {}
  }
}
