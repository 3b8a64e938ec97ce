package io.zenmesh.extproc;

import io.zenmesh.extproc.server.Door;
import io.zenmesh.extproc.standalone.ConfigWatch;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.secret.SecretBytes;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Everything a processor is told at its start.
 *
 * @param source where its policies come from
 * @param door where Envoy comes in
 * @param listening what the ready line says of the door
 * @param redis the replay store; empty for this process's memory
 * @param admin health and metrics; empty for none
 * @param state where what providers hand over is kept; empty when nothing is
 * @param receipts where receipts wait for the control plane; empty when none are made
 */
record Settings(
    Source source,
    Door door,
    String listening,
    Optional<Redis> redis,
    Optional<Admin> admin,
    Optional<Path> state,
    Optional<Receipts> receipts) {

  /**
   * Where receipts wait.
   *
   * @param mostBytes of the directory
   */
  record Receipts(Path directory, long mostBytes) {}

  /** Where policies come from. */
  sealed interface Source {
    /** A control plane. */
    record ControlPlane(NodeId node, String trustDomain, IdentityFiles identity, HostPort xds)
        implements Source {
      /** The only control plane that this processor listens to. */
      String spiffeId() {
        return "spiffe://" + trustDomain + "/control-plane";
      }
    }

    /** A file. */
    record File(ConfigWatch.Start start) implements Source {}
  }

  /**
   * Where the admin server listens.
   *
   * @param identity empty for plain HTTP
   */
  record Admin(InetSocketAddress address, Optional<IdentityFiles> identity) {}

  /** The replay store. Not a record, because it carries a secret. */
  static final class Redis {
    private final HostPort address;
    private final String user;
    private final SecretBytes password;
    private final IdentityFiles identity;

    Redis(HostPort address, String user, SecretBytes password, IdentityFiles identity) {
      this.address = address;
      this.user = user;
      this.password = password;
      this.identity = identity;
    }

    HostPort address() {
      return address;
    }

    String user() {
      return user;
    }

    SecretBytes password() {
      return password;
    }

    /** The client certificate shown to it, and the CAs its own must chain to. */
    IdentityFiles identity() {
      return identity;
    }
  }
}
