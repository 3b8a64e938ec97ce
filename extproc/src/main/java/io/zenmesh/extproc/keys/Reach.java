package io.zenmesh.extproc.keys;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/**
 * What a fetch may reach: how names become addresses, which addresses are allowed, and whose
 * certificates count. Immutable.
 */
public final class Reach {
  private final Names names;
  private final Predicate<InetAddress> allowed;
  private final Supplier<List<X509Certificate>> roots;

  /** Finds the addresses of a host; asked exactly once per fetch. */
  @FunctionalInterface
  public interface Names {
    /**
     * All addresses, in the order of preference.
     *
     * @throws UnknownHostException when there is none
     */
    List<InetSocketAddress> resolve(String host, int port) throws UnknownHostException;
  }

  /**
   * A reach of one's own, for tests: nothing else opens the way to a private address.
   *
   * @param names finds addresses
   * @param allowed the addresses that may be connected to
   * @param roots the certificate authorities that count
   */
  public Reach(Names names, Predicate<InetAddress> allowed, List<X509Certificate> roots) {
    this(names, allowed, () -> List.copyOf(roots));
  }

  private Reach(
      Names names, Predicate<InetAddress> allowed, Supplier<List<X509Certificate>> roots) {
    this.names = names;
    this.allowed = allowed;
    this.roots = roots;
  }

  /** The public internet: the system's names and roots, and no address that is not public. */
  public static Reach internet() {
    return new Reach(Reach::system, PublicAddresses::isPublic, Reach::systemRoots);
  }

  /**
   * The same rule for addresses with names and roots of one's own, for tests.
   *
   * @param names finds addresses
   * @param roots the certificate authorities that count
   */
  public static Reach publicOnly(Names names, List<X509Certificate> roots) {
    return new Reach(names, PublicAddresses::isPublic, roots);
  }

  private static List<InetSocketAddress> system(String host, int port) throws UnknownHostException {
    return Arrays.stream(InetAddress.getAllByName(host))
        .map(address -> new InetSocketAddress(address, port))
        .toList();
  }

  private static List<X509Certificate> systemRoots() {
    try {
      TrustManagerFactory factory =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      factory.init((KeyStore) null);
      return Arrays.stream(factory.getTrustManagers())
          .filter(X509TrustManager.class::isInstance)
          .flatMap(manager -> Arrays.stream(((X509TrustManager) manager).getAcceptedIssuers()))
          .toList();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the system's certificate authorities cannot be read", e);
    }
  }

  Names names() {
    return names;
  }

  boolean allows(InetAddress address) {
    return allowed.test(address);
  }

  List<X509Certificate> roots() {
    return roots.get();
  }
}
