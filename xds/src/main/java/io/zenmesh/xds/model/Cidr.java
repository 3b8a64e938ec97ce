package io.zenmesh.xds.model;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A network of IP addresses, strictly written: {@code 192.0.2.0/24} or {@code 2001:db8::/32}.
 *
 * <p>Only {@link #parse} makes one. The bits behind the prefix are zero. An IPv4 network is never
 * written as an IPv4-mapped IPv6 one: Envoy would compare it with no IPv4 address.
 *
 * @param address the first address, as written
 * @param prefixLength 0 to 32 or 128
 */
public record Cidr(String address, int prefixLength) {
  private static final Pattern TEXT = Pattern.compile("([0-9a-f.:]{2,39})/(0|[1-9][0-9]{0,2})");
  private static final String OCTET = "(0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])";
  private static final Pattern IPV4 = Pattern.compile(OCTET + "(\\." + OCTET + "){3}");
  private static final Pattern IPV6 = Pattern.compile("[0-9a-f:]*:[0-9a-f:]*");

  /**
   * @throws IllegalArgumentException when the two make no network
   */
  public Cidr {
    if (!isNetwork(address, prefixLength)) {
      throw new IllegalArgumentException("network: malformed (expected: ADDRESS/PREFIX)");
    }
  }

  /** Reads what {@link #toString} writes; empty for anything else. */
  public static Optional<Cidr> parse(String text) {
    Matcher match = TEXT.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    int length = Integer.parseInt(match.group(2));
    return isNetwork(match.group(1), length)
        ? Optional.of(new Cidr(match.group(1), length))
        : Optional.empty();
  }

  private static boolean isNetwork(String address, int prefixLength) {
    boolean literal = IPV4.matcher(address).matches() || IPV6.matcher(address).matches();
    if (!literal) {
      return false;
    }
    try {
      InetAddress parsed = InetAddress.ofLiteral(address);
      boolean six = address.indexOf(':') >= 0;
      // Java reads an IPv4-mapped address as the IPv4 address that it stands for.
      return six == parsed instanceof Inet6Address
          && prefixLength >= 0
          && prefixLength <= 8 * parsed.getAddress().length
          && zeroBehind(parsed.getAddress(), prefixLength);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean zeroBehind(byte[] address, int prefixLength) {
    for (int bit = prefixLength; bit < 8 * address.length; bit++) {
      if ((address[bit / 8] & (0x80 >> (bit % 8))) != 0) {
        return false;
      }
    }
    return true;
  }

  @Override
  public String toString() {
    return address + "/" + prefixLength;
  }
}
