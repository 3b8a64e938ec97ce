package io.zenmesh.extproc.replay;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.secret.SecretBytes;

/**
 * How to reach a Redis: always over TLS 1.3, with a client certificate, as an ACL user. Not a
 * record, because it carries a secret.
 */
public final class RedisAccess {
  private final HostPort address;
  private final String user;
  private final SecretBytes password;
  private final IdentityFiles identity;

  /**
   * @param address must be a name or address in the server's certificate
   * @param user an ACL user that may GET, SET, DEL, PING and INFO on {@code zen:*}
   * @param password UTF-8
   * @param identity the client's certificate, key, and the roots the server must chain to; read
   *     again at each connect
   */
  public RedisAccess(HostPort address, String user, SecretBytes password, IdentityFiles identity) {
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

  IdentityFiles identity() {
    return identity;
  }

  @Override
  public String toString() {
    return "RedisAccess[" + address + "]";
  }
}
