package io.zenmesh.extproc.server;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.zenmesh.xds.identity.SpiffeId;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Lets a call in only when the client's certificate carries one of a few names and has not ended.
 * The handshake has checked its chain.
 */
final class AllowedClients implements ServerInterceptor {
  private static final int DNS_SAN = 2;

  private final Set<SpiffeId> spiffeIds;
  private final Set<String> sans;
  private final InstantSource clock;

  AllowedClients(Set<SpiffeId> spiffeIds, Set<String> sans, InstantSource clock) {
    if (spiffeIds.isEmpty() && sans.isEmpty()) {
      throw new IllegalArgumentException("clients: none (expected: at least one name)");
    }
    this.spiffeIds = Set.copyOf(spiffeIds);
    this.sans = Set.copyOf(sans);
    this.clock = clock;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    Optional<X509Certificate> leaf =
        leaf(Optional.ofNullable(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
    if (leaf.filter(this::allowed).isEmpty()) {
      call.close(
          Status.PERMISSION_DENIED.withDescription("peer: (expected: a client of the list)"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    return next.startCall(call, headers);
  }

  boolean allowed(X509Certificate leaf) {
    // A connection may outlive the certificate that opened it.
    if (!clock.instant().isBefore(leaf.getNotAfter().toInstant())) {
      return false;
    }
    return SpiffeId.ofLeaf(leaf).filter(spiffeIds::contains).isPresent()
        || dnsNames(leaf).stream().anyMatch(sans::contains);
  }

  private static List<String> dnsNames(X509Certificate leaf) {
    try {
      Collection<List<?>> names = leaf.getSubjectAlternativeNames();
      return names == null
          ? List.of()
          : names.stream()
              .filter(name -> Integer.valueOf(DNS_SAN).equals(name.get(0)))
              .map(name -> String.valueOf(name.get(1)))
              .toList();
    } catch (CertificateParsingException e) {
      return List.of();
    }
  }

  private static Optional<X509Certificate> leaf(Optional<SSLSession> session) {
    try {
      return session.isPresent()
              && session.get().getPeerCertificates()[0] instanceof X509Certificate leaf
          ? Optional.of(leaf)
          : Optional.empty();
    } catch (SSLPeerUnverifiedException anonymous) {
      return Optional.empty();
    }
  }
}
