package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.custody.SecretRecord;
import io.zenmesh.controlplane.custody.VersionHistory;
import io.zenmesh.controlplane.custody.VersionState;
import io.zenmesh.controlplane.publish.NodeSecret;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A secret as the API shows it: everything but its values.
 *
 * @param fromFile whether its value comes from where the mesh file points
 */
public record SecretView(
    String name, String type, boolean declared, boolean fromFile, List<VersionView> versions) {
  /** Copies the list. */
  public SecretView {
    versions = List.copyOf(versions);
  }

  static SecretView of(SecretRecord secret) {
    return new SecretView(
        secret.ref().name().value(),
        secret.type().word(),
        secret.declared(),
        secret.fromFile(),
        VersionView.of(secret.history()));
  }

  /** Every secret of a tenant. */
  public record Secrets(List<SecretView> items) {
    /** Copies the list. */
    public Secrets {
      items = List.copyOf(items);
    }
  }

  /**
   * One version of a secret or of a derived key.
   *
   * @param state live, retired, revoked or destroyed
   * @param endedAt since when it is not live
   */
  public record VersionView(
      long version,
      String state,
      Optional<Instant> notBefore,
      Optional<Instant> notAfter,
      Optional<Instant> endedAt) {
    static List<VersionView> of(VersionHistory history) {
      return history.versions().entrySet().stream()
          .map(it -> of(it.getKey(), it.getValue()))
          .toList();
    }

    private static VersionView of(long version, VersionState state) {
      return switch (state) {
        case VersionState.Live(Instant notBefore, Optional<Instant> notAfter) ->
            new VersionView(
                version, state.word(), Optional.of(notBefore), notAfter, Optional.empty());
        case VersionState.Retired(Instant at) -> ended(version, state, at);
        case VersionState.Revoked(Instant at) -> ended(version, state, at);
        case VersionState.Destroyed(Instant at) -> ended(version, state, at);
      };
    }

    private static VersionView ended(long version, VersionState state, Instant at) {
      return new VersionView(
          version, state.word(), Optional.empty(), Optional.empty(), Optional.of(at));
    }
  }

  /**
   * What a change has led to.
   *
   * @param version the version that was changed or made
   * @param nodes how many nodes got something new
   * @param behind nodes that have not followed yet
   */
  public record Changed(SecretView secret, long version, int nodes, List<String> behind) {
    /** Copies the list. */
    public Changed {
      behind = List.copyOf(behind);
    }
  }

  /** How far every node has followed a secret. */
  public record Status(String name, List<Follower> nodes) {
    /** Copies the list. */
    public Status {
      nodes = List.copyOf(nodes);
    }
  }

  /**
   * How far one node has.
   *
   * @param resource what carries the secret there
   * @param published the versions it is to hold
   * @param acknowledged the versions it is known to hold
   * @param at when it acknowledged them
   * @param current whether it acknowledged what is published now
   */
  public record Follower(
      String node,
      String resource,
      List<Long> published,
      List<Long> acknowledged,
      Optional<Instant> at,
      boolean current) {
    static Follower of(NodeSecret node) {
      return new Follower(
          node.node().toString(),
          node.resource(),
          node.published(),
          node.acknowledged(),
          node.at(),
          node.current());
    }
  }
}
