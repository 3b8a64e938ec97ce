package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.mesh.MeshDocument.Callers;
import io.zenmesh.controlplane.mesh.MeshDocument.EndpointDocument;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.Name;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Holds together what endpoints say of client certificates: a host asks one way in each cluster,
 * whose Envoys share its filter chain, since the handshake comes before the path; and within a
 * tenant a SPIFFE trust domain and its roots belong to each other, since roots may vouch for any
 * name.
 */
final class ClientCheck {
  /** Each host with client certificates is a filter chain of its own. */
  static final int MAX_HOSTS = 256;

  private record Served(Name cluster, String host) {}

  private record Bound(Name tenant, String what) {}

  private record Owner(String value, EndpointDocument document) {}

  private final Problems problems;
  private final Map<Served, EndpointDocument> hosts = new HashMap<>();
  private final Map<Name, Set<String>> hostsOfCluster = new HashMap<>();
  private final Map<Bound, Owner> rootsOfDomain = new HashMap<>();
  private final Map<Bound, Owner> domainOfRoots = new HashMap<>();

  ClientCheck(Problems problems) {
    this.problems = problems;
  }

  void check(Collection<EndpointDocument> endpoints) {
    for (EndpointDocument endpoint : endpoints) {
      checkHost(endpoint);
      checkCount(endpoint);
      checkDomains(endpoint);
    }
  }

  private void checkHost(EndpointDocument endpoint) {
    if (endpoint.host().isEmpty() || endpoint.cluster().isEmpty()) {
      return;
    }
    Served served = new Served(endpoint.cluster().get().value(), endpoint.host().get().value());
    EndpointDocument first = hosts.putIfAbsent(served, endpoint);
    if (first != null
        && first.heading().tenant().value().equals(endpoint.heading().tenant().value())
        && !asked(first.callers()).equals(asked(endpoint.callers()))) {
      add(
          endpoint,
          endpoint.callers().line(),
          "spec.client",
          asked(endpoint.callers()),
          asked(first.callers())
              + ", as "
              + first.heading().subject()
              + " says of host "
              + served.host()
              + " in cluster "
              + served.cluster());
    }
  }

  private static String asked(Callers callers) {
    String mtls = "mtls " + CallersReader.word(callers.mtls());
    return callers.ca().map(ca -> mtls + " with caRef " + ca.value()).orElse(mtls);
  }

  private void checkCount(EndpointDocument endpoint) {
    if (endpoint.callers().mtls() == Mtls.NONE
        || endpoint.cluster().isEmpty()
        || endpoint.host().isEmpty()) {
      return;
    }
    Set<String> found =
        hostsOfCluster.computeIfAbsent(
            endpoint.cluster().get().value(), cluster -> new HashSet<>());
    if (found.add(endpoint.host().get().value()) && found.size() == MAX_HOSTS + 1) {
      add(
          endpoint,
          endpoint.callers().line(),
          "spec.client",
          "one host more",
          "at most " + MAX_HOSTS + " hosts with client certificates in a cluster");
    }
  }

  private void checkDomains(EndpointDocument endpoint) {
    if (endpoint.callers().ca().isEmpty()) {
      return;
    }
    Name tenant = endpoint.heading().tenant().value();
    Located<Name> ca = endpoint.callers().ca().get();
    String roots = ca.value().value();
    for (Located<SpiffeId> id : endpoint.callers().spiffeIds()) {
      String domain = id.value().trustDomain();
      Owner bound = bind(domainOfRoots, new Bound(tenant, roots), domain, endpoint);
      if (!bound.value().equals(domain)) {
        add(
            endpoint,
            id.line(),
            "spec.client.spiffeIds",
            Problems.shown(id.value().toString()),
            "an id of trust domain "
                + bound.value()
                + ", which caRef "
                + roots
                + " is bound to by "
                + bound.document().heading().subject());
        continue;
      }
      Owner other = bind(rootsOfDomain, new Bound(tenant, domain), roots, endpoint);
      if (!other.value().equals(roots)) {
        add(
            endpoint,
            ca.line(),
            "spec.client.caRef",
            roots,
            other.value()
                + ", which trust domain "
                + domain
                + " is bound to by "
                + other.document().heading().subject());
      }
    }
  }

  private static Owner bind(
      Map<Bound, Owner> bindings, Bound key, String value, EndpointDocument document) {
    return bindings.computeIfAbsent(key, unused -> new Owner(value, document));
  }

  private void add(
      EndpointDocument document, int line, String path, String value, String expected) {
    problems.add(line, document.heading().subject(), path, value, expected);
  }
}
