package io.zenmesh.xds.server;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.NodeId;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * The node at the other end of a call, as its certificate names it.
 *
 * @param node who it is
 * @param until when its certificate ends, and with it what the call may do
 */
record Peer(NodeId node, Instant until) {
  private static final Context.Key<Peer> KEY = Context.key("xds-peer");

  /** The peer of the current call, which {@link Authenticator} let in. */
  static Peer current() {
    return KEY.get();
  }

  /** Lets a call in only when its client certificate is the SVID of a node of this mesh. */
  static final class Authenticator implements ServerInterceptor {
    private final String trustDomain;
    private final Clock clock;
    private final XdsEvents events;

    Authenticator(String trustDomain, Clock clock, XdsEvents events) {
      this.trustDomain = trustDomain;
      this.clock = clock;
      this.events = events;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
      Optional<X509Certificate> leaf =
          leaf(Optional.ofNullable(call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION)));
      if (leaf.isEmpty()) {
        return refuse(
            call, "anonymous", Status.UNAUTHENTICATED, "no certificate (expected: an X.509-SVID)");
      }
      Optional<SpiffeId> id = SpiffeId.ofLeaf(leaf.get());
      if (id.isEmpty()) {
        return refuse(
            call,
            "nameless",
            Status.PERMISSION_DENIED,
            "no SPIFFE id (expected: exactly one URI name)");
      }
      if (!id.get().trustDomain().equals(trustDomain)) {
        return refuse(
            call,
            id.get().toString(),
            Status.PERMISSION_DENIED,
            "foreign (expected: trust domain " + trustDomain + ")");
      }
      Optional<NodeId> node = NodeId.fromSpiffePath(id.get().path());
      if (node.isEmpty()) {
        return refuse(
            call,
            id.get().toString(),
            Status.PERMISSION_DENIED,
            "not a node (expected: /cluster/<cluster>/<envoy|extproc>/<name>)");
      }
      Instant until = leaf.get().getNotAfter().toInstant();
      if (!clock.instant().isBefore(until)) {
        // A resumed TLS session is not validated again.
        return refuse(
            call,
            id.get().toString(),
            Status.UNAUTHENTICATED,
            "expired (expected: a current X.509-SVID)");
      }
      Context context = Context.current().withValue(KEY, new Peer(node.get(), until));
      return Contexts.interceptCall(context, call, headers, next);
    }

    private static Optional<X509Certificate> leaf(Optional<SSLSession> session) {
      if (session.isEmpty()) {
        return Optional.empty();
      }
      try {
        Certificate[] chain = session.get().getPeerCertificates();
        return chain[0] instanceof X509Certificate leaf ? Optional.of(leaf) : Optional.empty();
      } catch (SSLPeerUnverifiedException anonymous) {
        return Optional.empty();
      }
    }

    private <Q, A> ServerCall.Listener<Q> refuse(
        ServerCall<Q, A> call, String caller, Status status, String text) {
      events.refused(caller, text);
      call.close(status.withDescription("peer: " + text), new Metadata());
      return new ServerCall.Listener<>() {};
    }
  }
}
