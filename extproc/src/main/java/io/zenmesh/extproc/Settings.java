package io.zenmesh.extproc;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.secret.SecretBytes;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/** Everything a processor is told at its start. Not a record, because it carries a secret. */
final class Settings {
  private final NodeId node;
  private final String trustDomain;
  private final IdentityFiles identity;
  private final HostPort xds;
  private final Path socket;
  private final Redis redis;
  private final InetSocketAddress admin;
  private final Optional<Path> state;

  /** The replay store. */
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

  Settings(
      NodeId node,
      String trustDomain,
      IdentityFiles identity,
      HostPort xds,
      Path socket,
      Redis redis,
      InetSocketAddress admin,
      Optional<Path> state) {
    this.node = node;
    this.trustDomain = trustDomain;
    this.identity = identity;
    this.xds = xds;
    this.socket = socket;
    this.redis = redis;
    this.admin = admin;
    this.state = state;
  }

  NodeId node() {
    return node;
  }

  /** The only control plane that this processor listens to. */
  String xdsSpiffeId() {
    return "spiffe://" + trustDomain + "/control-plane";
  }

  IdentityFiles identity() {
    return identity;
  }

  HostPort xds() {
    return xds;
  }

  Path socket() {
    return socket;
  }

  Redis redis() {
    return redis;
  }

  InetSocketAddress admin() {
    return admin;
  }

  /** Where what providers hand over is kept; empty when nothing is. */
  Optional<Path> state() {
    return state;
  }
}
