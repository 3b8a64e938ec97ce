package io.zenmesh.xds.identity;

import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;

/**
 * Makes TLS 1.3 contexts from the identity files of a process.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A peer is accepted only when its chain leads to the bundle and its leaf is an end-entity
 * certificate for the direction it is used in. A client context also demands that the server's leaf
 * has exactly one URI name and that this is the expected SPIFFE id; host names are not looked at. A
 * server context proves only the chain: <em>who</em> the client is must be read from the session's
 * leaf with {@link SpiffeId#ofLeaf} and authorised by the caller. A resumed session is not checked
 * again, so callers that keep connections check the leaf's end as well.
 *
 * <p>The files are read once, by {@link #load}; to take up renewed files, load again. Immutable and
 * thread-safe.
 */
public final class MutualTls {
  private static final String PROTOCOL = "TLSv1.3";

  private final KeyManager keys;
  private final List<X509Certificate> roots;

  private MutualTls(KeyManager keys, List<X509Certificate> roots) {
    this.keys = keys;
    this.roots = roots;
  }

  /**
   * Reads the three files.
   *
   * @throws IOException when a file is missing or malformed, or when key and leaf do not belong
   *     together; the text names the file
   */
  public static MutualTls load(IdentityFiles files) throws IOException {
    List<X509Certificate> chain = PemFiles.certificates(files.certificateChain());
    PrivateKey key = PemFiles.privateKey(files.privateKey());
    List<X509Certificate> roots = PemFiles.certificates(files.trustBundle());
    try {
      if (!belongTogether(key, chain.get(0).getPublicKey())) {
        throw new IOException(files.privateKey() + ": another key (expected: that of the leaf)");
      }
      return new MutualTls(keyManager(chain, key), roots);
    } catch (GeneralSecurityException e) {
      throw new IOException(files.directory() + ": unusable (expected: a key and its chain)", e);
    }
  }

  private static boolean belongTogether(PrivateKey key, PublicKey leaf)
      throws GeneralSecurityException {
    String algorithm =
        switch (key.getAlgorithm()) {
          case "EC" -> "SHA256withECDSA";
          case "RSA" -> "SHA256withRSA";
          default -> key.getAlgorithm();
        };
    byte[] probe = "svid".getBytes(StandardCharsets.US_ASCII);
    Signature signer = Signature.getInstance(algorithm);
    signer.initSign(key);
    signer.update(probe);
    byte[] signature = signer.sign();
    try {
      Signature verifier = Signature.getInstance(algorithm);
      verifier.initVerify(leaf);
      verifier.update(probe);
      return verifier.verify(signature);
    } catch (InvalidKeyException | SignatureException otherKind) {
      return false;
    }
  }

  private static KeyManager keyManager(List<X509Certificate> chain, PrivateKey key)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    char[] inMemoryOnly = new char[0];
    store.setKeyEntry("svid", key, inMemoryOnly, chain.toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(store, inMemoryOnly);
    return factory.getKeyManagers()[0];
  }

  /** For a gRPC server: the client must show a certificate that chains to the bundle. */
  public SslContext grpcServer() throws IOException {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forServer(keys)
              .trustManager(PeerTrust.ofClients(roots))
              .clientAuth(ClientAuth.REQUIRE);
      return GrpcSslContexts.configure(builder, SslProvider.JDK).protocols(PROTOCOL).build();
    } catch (GeneralSecurityException e) {
      throw unusable(e);
    }
  }

  /** For a gRPC client that talks to exactly one server. */
  public SslContext grpcClient(SpiffeId server) throws IOException {
    try {
      SslContextBuilder builder =
          SslContextBuilder.forClient()
              .keyManager(keys)
              .trustManager(PeerTrust.ofServer(roots, server));
      return GrpcSslContexts.configure(builder, SslProvider.JDK).protocols(PROTOCOL).build();
    } catch (GeneralSecurityException e) {
      throw unusable(e);
    }
  }

  /**
   * For any other server. Whether a client certificate is needed or only wanted is set by the
   * caller on the engine or socket, together with {@code TLSv1.3} as its only protocol; a
   * certificate that is shown must chain to the bundle.
   */
  public SSLContext server() throws IOException {
    try {
      return context(PeerTrust.ofClients(roots));
    } catch (GeneralSecurityException e) {
      throw unusable(e);
    }
  }

  /** For any other client, of exactly one server. */
  public SSLContext client(SpiffeId server) throws IOException {
    try {
      return context(PeerTrust.ofServer(roots, server));
    } catch (GeneralSecurityException e) {
      throw unusable(e);
    }
  }

  /**
   * For a client of exactly one server that shows no certificate and proves itself in another way.
   *
   * @param bundle the roots that the server's chain leads to
   * @throws IOException when the bundle is missing or malformed
   */
  public static SSLContext anonymousClient(Path bundle, SpiffeId server) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance(PROTOCOL);
      TrustManager trust = PeerTrust.ofServer(PemFiles.certificates(bundle), server);
      context.init(new KeyManager[0], new TrustManager[] {trust}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw unusable(e);
    }
  }

  /**
   * When the peer's leaf of an established session ends, and with it what the connection may be
   * used for; empty when it showed none.
   */
  public static Optional<Instant> peerEnd(SSLSession session) {
    try {
      return session.getPeerCertificates()[0] instanceof X509Certificate leaf
          ? Optional.of(leaf.getNotAfter().toInstant())
          : Optional.empty();
    } catch (SSLPeerUnverifiedException anonymous) {
      return Optional.empty();
    }
  }

  private SSLContext context(PeerTrust trust) throws GeneralSecurityException {
    SSLContext context = SSLContext.getInstance(PROTOCOL);
    context.init(new KeyManager[] {keys}, new TrustManager[] {trust}, null);
    return context;
  }

  private static IOException unusable(GeneralSecurityException cause) {
    return new IOException("identity: unusable (expected: a bundle of certificates)", cause);
  }
}
