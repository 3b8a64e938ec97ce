package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.controlplane.mesh.MeshDocument.ClusterDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.DestinationDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.EndpointDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.Heading;
import io.zenmesh.controlplane.mesh.MeshDocument.SecretDocument;
import io.zenmesh.controlplane.mesh.MeshDocument.TenantDocument;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Looks up every reference between documents and holds what must be unique to it. Not thread-safe.
 */
final class MeshLinker {
  private record Key(Name tenant, Name name) {}

  private final Problems problems;
  private final List<MeshDocument> documents;
  private final boolean archives;
  private final Map<Key, TenantDocument> tenants = new LinkedHashMap<>();
  private final Map<Name, ClusterDocument> clusters = new LinkedHashMap<>();
  private final Map<Key, SecretDocument> secrets = new LinkedHashMap<>();
  private final Map<Key, SecretType> kept = new HashMap<>();
  private final Map<Key, DestinationDocument> destinations = new LinkedHashMap<>();
  private final Map<Key, EndpointDocument> endpoints = new LinkedHashMap<>();

  MeshLinker(
      List<MeshDocument> documents, List<KeptSecret> kept, boolean archives, Problems problems) {
    this.archives = archives;
    this.documents = documents;
    this.problems = problems;
    kept.forEach(it -> this.kept.put(new Key(it.ref().tenant(), it.ref().name()), it.type()));
  }

  void check() {
    documents.forEach(this::register);
    documents.forEach(this::checkTenant);
    tenants.values().forEach(this::checkRetention);
    clusters.values().forEach(this::checkCluster);
    destinations.values().forEach(this::checkDestination);
    endpoints.values().forEach(this::checkEndpoint);
    checkUrls();
    new ClientCheck(problems).check(endpoints.values());
  }

  private void register(MeshDocument document) {
    Heading heading = document.heading();
    Key key = new Key(heading.tenant().value(), heading.name());
    Optional<? extends MeshDocument> earlier =
        switch (document) {
          case TenantDocument it -> Optional.ofNullable(tenants.putIfAbsent(key, it));
          case ClusterDocument it -> Optional.ofNullable(clusters.putIfAbsent(key.name(), it));
          case SecretDocument it -> Optional.ofNullable(secrets.putIfAbsent(key, it));
          case DestinationDocument it -> Optional.ofNullable(destinations.putIfAbsent(key, it));
          case EndpointDocument it -> Optional.ofNullable(endpoints.putIfAbsent(key, it));
        };
    earlier.ifPresent(it ->
        problem(
            document,
            heading.line(),
            "metadata.name",
            heading.name() + " is also at line " + it.heading().line(),
            document instanceof ClusterDocument
                ? "a name unique in the mesh"
                : "each " + heading.kind() + " once"));
    if (document instanceof TenantDocument && heading.name().equals(Name.SYSTEM)) {
      problem(document, heading.line(), "metadata.name", "system", "another name; it is built in");
    }
  }

  private void checkTenant(MeshDocument document) {
    Located<Name> tenant = document.heading().tenant();
    boolean known =
        tenant.value().equals(Name.SYSTEM)
            || tenants.containsKey(new Key(tenant.value(), tenant.value()));
    if (!known) {
      problem(
          document, tenant.line(), "metadata.tenant", tenant.value() + "", "a Tenant of this file");
    }
  }

  /** Nothing is pruned that is not archived, and a wish that is never met is no setting. */
  private void checkRetention(TenantDocument tenant) {
    tenant
        .auditRetention()
        .filter(it -> !archives)
        .ifPresent(it ->
            problem(
                tenant,
                it.line(),
                "spec.auditRetention",
                it.value() + "",
                "none, or a control plane with --audit-archive; nothing is pruned without"));
  }

  private void checkCluster(ClusterDocument cluster) {
    cluster
        .tlsSecret()
        .ifPresent(ref -> checkSecret(cluster, ref, "spec.tls.secretRef", SecretType.TLS));
  }

  private void checkDestination(DestinationDocument destination) {
    destination.ca().ifPresent(ref -> checkSecret(destination, ref, "spec.caRef", SecretType.CA));
  }

  private void checkEndpoint(EndpointDocument endpoint) {
    Name tenant = endpoint.heading().tenant().value();
    endpoint
        .cluster()
        .filter(ref -> clusterOwner(tenant, ref.value()).isEmpty())
        .ifPresent(ref ->
            problem(
                endpoint,
                ref.line(),
                "spec.cluster",
                ref.value() + "",
                "a Cluster of tenant " + tenant + " or system"));
    endpoint
        .destination()
        .filter(ref -> !destinations.containsKey(new Key(tenant, ref.value())))
        .ifPresent(ref ->
            problem(
                endpoint,
                ref.line(),
                "spec.destination",
                ref.value() + "",
                "a Destination of tenant " + tenant));
    int index = 0;
    for (Located<Name> ref : endpoint.secrets()) {
      checkSecret(endpoint, ref, "spec.secretRefs[" + index++ + "]", SecretType.SIGNING);
    }
    endpoint
        .trust()
        .verifyToken()
        .ifPresent(ref -> checkSecret(endpoint, ref, "spec.verifyTokenRef", SecretType.SIGNING));
    endpoint
        .callers()
        .ca()
        .ifPresent(ref -> checkSecret(endpoint, ref, "spec.client.caRef", SecretType.CA));
  }

  private void checkSecret(MeshDocument document, Located<Name> ref, String path, SecretType type) {
    Name tenant = document.heading().tenant().value();
    Key key = new Key(tenant, ref.value());
    SecretDocument secret = secrets.get(key);
    SecretType already = kept.get(key);
    String expected = "a Secret of tenant " + tenant + " of type " + type.word();
    if (secret == null && already == null) {
      // A signing secret of hexadecimal digits is a well-formed name.
      problem(document, ref.line(), path, "unknown", expected);
      return;
    }
    Optional<SecretType> stated = secret == null ? Optional.ofNullable(already) : secret.type();
    if (stated.isPresent() && stated.get() != type) {
      String found = ref.value() + " of type " + stated.get().word();
      problem(document, ref.line(), path, found, expected);
    }
  }

  private Optional<Name> clusterOwner(Name tenant, Name cluster) {
    return Optional.ofNullable(clusters.get(cluster))
        .map(it -> it.heading().tenant().value())
        .filter(owner -> owner.equals(tenant) || owner.equals(Name.SYSTEM));
  }

  /** One host belongs to one tenant, and one URL to one endpoint. */
  private void checkUrls() {
    Map<String, EndpointDocument> hosts = new HashMap<>();
    Map<String, EndpointDocument> urls = new HashMap<>();
    for (EndpointDocument endpoint : endpoints.values()) {
      if (endpoint.host().isEmpty()) {
        continue;
      }
      Located<String> host = endpoint.host().get();
      EndpointDocument first = hosts.putIfAbsent(host.value(), endpoint);
      if (first != null
          && !first.heading().tenant().value().equals(endpoint.heading().tenant().value())) {
        problem(
            endpoint,
            host.line(),
            "spec.host",
            host.value() + " belongs to tenant " + first.heading().tenant().value(),
            "a host of one tenant only");
        continue;
      }
      if (endpoint.path().isPresent() && endpoint.cluster().isPresent()) {
        Located<String> path = endpoint.path().get();
        String url = endpoint.cluster().get().value() + " " + host.value() + path.value();
        EndpointDocument other = urls.putIfAbsent(url, endpoint);
        if (other != null) {
          problem(
              endpoint,
              path.line(),
              "spec.path",
              host.value() + path.value() + " is served by " + other.heading().subject(),
              "one endpoint for each host and path");
        }
      }
    }
  }

  private void problem(
      MeshDocument document, int line, String path, String value, String expected) {
    problems.add(line, document.heading().subject(), path, value, expected);
  }

  List<SecretDocument> secrets() {
    return List.copyOf(secrets.values());
  }

  List<EndpointDocument> endpoints() {
    return List.copyOf(endpoints.values());
  }

  /** The mesh; only when no problem was noted, so that nothing is absent. */
  Mesh mesh(List<SecretSpec> values) {
    TreeSet<Name> names = new TreeSet<>();
    names.add(Name.SYSTEM);
    Map<Name, Retention> retentions = new HashMap<>();
    tenants.forEach((key, tenant) -> {
      names.add(key.name());
      tenant.auditRetention().ifPresent(it -> retentions.put(key.name(), it.value()));
    });
    return new Mesh(
        names,
        retentions,
        clusters.values().stream().map(MeshLinker::toSpec).toList(),
        values,
        destinations.values().stream().map(MeshLinker::toSpec).toList(),
        endpoints.values().stream().map(this::toSpec).toList());
  }

  private static ClusterSpec toSpec(ClusterDocument document) {
    return new ClusterSpec(
        document.heading().tenant().value(),
        document.heading().name(),
        document.tlsSecret().orElseThrow().value(),
        document.ingress(),
        document.egress());
  }

  private static DestinationSpec toSpec(DestinationDocument document) {
    return new DestinationSpec(
        document.heading().tenant().value(),
        document.heading().name(),
        document.url().orElseThrow(),
        document.ca().map(Located::value));
  }

  private EndpointSpec toSpec(EndpointDocument document) {
    Name tenant = document.heading().tenant().value();
    Name cluster = document.cluster().orElseThrow().value();
    return new EndpointSpec(
        new EndpointPolicy(
            new EndpointRef(tenant, document.heading().name()),
            document.scheme().orElseThrow().value(),
            document.rules().tolerance(),
            document.rules().maxBodyBytes(),
            document.rules().publicUrl(),
            document.rules().onDuplicate(),
            document.rules().onStoreLoss(),
            document.rules().onReceiptLoss(),
            document.trust().enforce(),
            document.trust().settings(),
            new ClientRequirement(
                document.callers().mtls(),
                document.callers().spiffeIds().stream().map(it -> it.value().toString()).toList(),
                document.callers().sans().stream().map(Located::value).toList())),
        clusterOwner(tenant, cluster).orElseThrow(),
        cluster,
        document.host().orElseThrow().value(),
        document.path().orElseThrow().value(),
        document.secrets().stream().map(Located::value).toList(),
        document.destination().orElseThrow().value(),
        document.trust().verifyToken().map(Located::value),
        new EndpointSpec.Callers(
            document.callers().ca().map(Located::value),
            document.callers().rateLimit(),
            document.callers().allowFrom()));
  }

  static SecretRef ref(SecretDocument document) {
    return new SecretRef(document.heading().tenant().value(), document.heading().name());
  }
}
