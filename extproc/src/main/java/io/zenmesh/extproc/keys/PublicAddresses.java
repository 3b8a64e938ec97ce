package io.zenmesh.extproc.keys;

import java.math.BigInteger;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/**
 * Tells addresses of the public internet from all others (IANA's special-purpose registries, RFC
 * 6890). IPv6 is an allow list: only global unicast, without the ranges that carry an IPv4 address
 * inside.
 */
final class PublicAddresses {
  private static final List<Prefix> DENIED_V4 =
      prefixes(
          "0.0.0.0/8",
          "10.0.0.0/8",
          "100.64.0.0/10",
          "127.0.0.0/8",
          "169.254.0.0/16",
          "172.16.0.0/12",
          "192.0.0.0/24",
          "192.0.2.0/24",
          "192.88.99.0/24",
          "192.168.0.0/16",
          "198.18.0.0/15",
          "198.51.100.0/24",
          "203.0.113.0/24",
          "224.0.0.0/4",
          "240.0.0.0/4");
  private static final List<Prefix> GLOBAL_V6 = prefixes("2000::/3");
  private static final List<Prefix> DENIED_V6 =
      prefixes(
          "2001::/23", // IETF protocols, Teredo among them
          "2001:db8::/32",
          "2002::/16", // 6to4: an IPv4 address inside
          "3fff::/20");

  private PublicAddresses() {}

  private record Prefix(BigInteger network, int shift, int bytes) {
    boolean holds(byte[] address) {
      return address.length == bytes
          && new BigInteger(1, address).shiftRight(shift).equals(network);
    }
  }

  private static List<Prefix> prefixes(String... shown) {
    return Arrays.stream(shown).map(PublicAddresses::prefix).toList();
  }

  private static Prefix prefix(String shown) {
    int slash = shown.indexOf('/');
    byte[] address = literal(shown.substring(0, slash));
    int shift = address.length * Byte.SIZE - Integer.parseInt(shown.substring(slash + 1));
    return new Prefix(new BigInteger(1, address).shiftRight(shift), shift, address.length);
  }

  private static byte[] literal(String shown) {
    try {
      // A literal: nothing is looked up.
      return InetAddress.getByName(shown).getAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException(shown, e);
    }
  }

  /** Whether an address is a host's on the public internet. IPv4-mapped ones were IPv4 to Java. */
  static boolean isPublic(InetAddress address) {
    byte[] bytes = address.getAddress();
    boolean v4 = bytes.length == 4;
    List<Prefix> denied = v4 ? DENIED_V4 : DENIED_V6;
    boolean global = v4 || GLOBAL_V6.stream().anyMatch(prefix -> prefix.holds(bytes));
    return global && denied.stream().noneMatch(prefix -> prefix.holds(bytes));
  }
}
