package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.apply.Change;
import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.DestinationSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.SecretSpec;
import io.zenmesh.xds.model.Name;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/** Makes the rows of one tenant equal to a mesh, within that tenant's context. */
final class TenantWriter {
  private final Handle handle;
  private final Name tenant;
  private final Mesh desired;
  private final SecretRows secrets;
  private final List<Change> changes;

  TenantWriter(
      Handle handle, Name tenant, Mesh desired, SecretRows.Tools tools, List<Change> changes) {
    this.handle = handle;
    this.tenant = tenant;
    this.desired = desired;
    this.secrets = new SecretRows(handle, tenant, tools);
    this.changes = changes;
  }

  /** The first visit: everything new or changed, and endpoints that are to go. */
  void write(boolean isNew) {
    if (isNew) {
      handle.execute("insert into tenant (name) values (?)", tenant.value());
      changes.add(new Change(Change.Kind.ADDED, "Tenant " + tenant));
    }
    writeRetention(isNew);
    if (!desired.secretsKept()) {
      Difference<Name, SecretSpec> secretChange = secretDifference();
      secretChange.added().forEach(secrets::insert);
      secretChange.changed().forEach(secrets::update);
      note("Secret", secretChange, it -> it.ref().name());
    }

    Difference<Name, ClusterSpec> clusterChange = clusterDifference();
    clusterChange.added().forEach(this::insert);
    clusterChange.changed().forEach(this::update);
    note("Cluster", clusterChange, ClusterSpec::name);

    Difference<Name, DestinationSpec> destinationChange = destinationDifference();
    destinationChange.added().forEach(this::insert);
    destinationChange.changed().forEach(this::update);
    note("Destination", destinationChange, DestinationSpec::name);

    Difference<Name, EndpointSpec> endpointChange = endpointDifference();
    endpointChange.removed().forEach(name -> delete("endpoint", name));
    endpointChange.changed().forEach(this::update);
    endpointChange.added().forEach(this::insert);
    note("Endpoint", endpointChange, EndpointSpec::name);
    noteRemoved("Endpoint", endpointChange.removed());
  }

  private void writeRetention(boolean isNew) {
    Optional<Retention> stored = Optional.ofNullable(VisibleRows.retentions(handle).get(tenant));
    Optional<Retention> wanted = desired.auditRetention(tenant);
    // A tenant that is to go keeps what it has until it goes.
    if (stored.equals(wanted) || !desired.tenants().contains(tenant)) {
      return;
    }
    handle
        .createUpdate("update tenant set audit_retention_days = :days where name = :tenant")
        .bind("days", wanted.map(Retention::days))
        .bind("tenant", tenant.value())
        .execute();
    if (!isNew) {
      changes.add(new Change(Change.Kind.CHANGED, "Tenant " + tenant));
    }
  }

  /** The second visit: what nothing refers to any more. */
  void remove(boolean tenantStays) {
    List<Name> destinations = destinationDifference().removed();
    destinations.forEach(name -> delete("destination", name));
    noteRemoved("Destination", destinations);
    List<Name> clusters = clusterDifference().removed();
    clusters.forEach(name -> delete("cluster", name));
    noteRemoved("Cluster", clusters);
    List<Name> gone = desired.secretsKept() ? List.of() : secretDifference().removed();
    gone.forEach(secrets::remove);
    noteRemoved("Secret", gone);
    if (!tenantStays) {
      secrets.removeAll();
      handle.execute("delete from tenant where name = ?", tenant.value());
      changes.add(new Change(Change.Kind.REMOVED, "Tenant " + tenant));
    }
  }

  private Difference<Name, SecretSpec> secretDifference() {
    return Difference.between(
        byName(secrets.declared(), SecretRows.Declared::name),
        byName(
            desired.secrets().stream().filter(it -> it.ref().tenant().equals(tenant)).toList(),
            it -> it.ref().name()),
        secrets::same);
  }

  private Difference<Name, ClusterSpec> clusterDifference() {
    return Difference.between(
        byName(VisibleRows.clusters(handle), ClusterSpec::name),
        byName(
            desired.clusters().stream().filter(it -> it.tenant().equals(tenant)).toList(),
            ClusterSpec::name),
        TenantWriter::sameNodes);
  }

  private Difference<Name, DestinationSpec> destinationDifference() {
    return Difference.between(
        byName(VisibleRows.destinations(handle), DestinationSpec::name),
        byName(
            desired.destinations().stream().filter(it -> it.tenant().equals(tenant)).toList(),
            DestinationSpec::name),
        Objects::equals);
  }

  private Difference<Name, EndpointSpec> endpointDifference() {
    return Difference.between(
        byName(VisibleRows.endpoints(handle), EndpointSpec::name),
        byName(
            desired.endpoints().stream().filter(it -> it.tenant().equals(tenant)).toList(),
            EndpointSpec::name),
        Objects::equals);
  }

  /** The order in which a file lists nodes means nothing. */
  private static boolean sameNodes(ClusterSpec one, ClusterSpec other) {
    return one.tlsSecret().equals(other.tlsSecret())
        && Map.copyOf(byName(one.ingress(), ClusterSpec.Ingress::name))
            .equals(byName(other.ingress(), ClusterSpec.Ingress::name))
        && Map.copyOf(byName(one.egress(), ClusterSpec.Egress::name))
            .equals(byName(other.egress(), ClusterSpec.Egress::name));
  }

  private static <V> Map<Name, V> byName(Collection<V> values, Function<V, Name> name) {
    Map<Name, V> map = new LinkedHashMap<>();
    values.forEach(value -> map.put(name.apply(value), value));
    return map;
  }

  private <V> void note(String kind, Difference<Name, V> difference, Function<V, Name> name) {
    difference.added().forEach(it -> changes.add(change(Change.Kind.ADDED, kind, name.apply(it))));
    difference
        .changed()
        .forEach(it -> changes.add(change(Change.Kind.CHANGED, kind, name.apply(it))));
  }

  private void noteRemoved(String kind, List<Name> names) {
    names.forEach(name -> changes.add(change(Change.Kind.REMOVED, kind, name)));
  }

  private Change change(Change.Kind kind, String document, Name name) {
    return new Change(kind, document + " " + tenant + "/" + name);
  }

  private void delete(String table, Name name) {
    handle
        .createUpdate("delete from <table> where tenant = :tenant and name = :name")
        .define("table", table)
        .bind("tenant", tenant.value())
        .bind("name", name.value())
        .execute();
  }

  private void insert(ClusterSpec cluster) {
    handle.execute(
        "insert into cluster (tenant, name, tls_secret) values (?, ?, ?)",
        tenant.value(),
        cluster.name().value(),
        cluster.tlsSecret().value());
    insertNodes(cluster);
  }

  private void update(ClusterSpec cluster) {
    handle.execute(
        "update cluster set tls_secret = ? where tenant = ? and name = ?",
        cluster.tlsSecret().value(),
        tenant.value(),
        cluster.name().value());
    handle.execute(
        "delete from node where tenant = ? and cluster = ?",
        tenant.value(),
        cluster.name().value());
    insertNodes(cluster);
  }

  private void insertNodes(ClusterSpec cluster) {
    String sql =
        "insert into node"
            + " (tenant, cluster, name, role, listen_host, listen_port, processor_socket)"
            + " values (?, ?, ?, ?, ?, ?, ?)";
    for (ClusterSpec.Ingress node : cluster.ingress()) {
      handle.execute(
          sql,
          tenant.value(),
          cluster.name().value(),
          node.name().value(),
          "ingress",
          node.listen().host(),
          node.listen().port(),
          node.processorSocket());
    }
    for (ClusterSpec.Egress node : cluster.egress()) {
      handle
          .createUpdate(
              "insert into node (tenant, cluster, name, role, listen_host, listen_port)"
                  + " values (:tenant, :cluster, :name, 'egress', :host, :port)")
          .bind("tenant", tenant.value())
          .bind("cluster", cluster.name().value())
          .bind("name", node.name().value())
          .bind("host", node.listen().host())
          .bind("port", node.listen().port())
          .execute();
    }
  }

  private void insert(DestinationSpec destination) {
    writeDestination(
        "insert into destination (tenant, name, url, ca_secret) values (:tenant, :name, :url, :ca)",
        destination);
  }

  private void update(DestinationSpec destination) {
    writeDestination(
        "update destination set url = :url, ca_secret = :ca"
            + " where tenant = :tenant and name = :name",
        destination);
  }

  private void writeDestination(String sql, DestinationSpec destination) {
    handle
        .createUpdate(sql)
        .bind("tenant", tenant.value())
        .bind("name", destination.name().value())
        .bind("url", destination.url().toString())
        .bind("ca", destination.ca().map(Name::value))
        .execute();
  }

  private void insert(EndpointSpec endpoint) {
    writeEndpoint(
        """
        insert into endpoint (tenant, name, cluster_tenant, cluster, host, path, scheme,
            tolerance_seconds, max_body_bytes, public_url, on_duplicate, on_store_loss, on_receipt_loss,
            destination)
          values (:tenant, :name, :clusterTenant, :cluster, :host, :path, :scheme,
            :tolerance, :maxBodyBytes, :publicUrl, :onDuplicate, :onStoreLoss, :onReceiptLoss,
            :destination)
        """,
        endpoint);
  }

  private void update(EndpointSpec endpoint) {
    writeEndpoint(
        """
        update endpoint set cluster_tenant = :clusterTenant, cluster = :cluster, host = :host,
            path = :path, scheme = :scheme, tolerance_seconds = :tolerance,
            max_body_bytes = :maxBodyBytes, public_url = :publicUrl, on_duplicate = :onDuplicate,
            on_store_loss = :onStoreLoss, on_receipt_loss = :onReceiptLoss,
            destination = :destination
          where tenant = :tenant and name = :name
        """,
        endpoint);
  }

  private void writeEndpoint(String sql, EndpointSpec endpoint) {
    String name = endpoint.name().value();
    handle
        .createUpdate(sql)
        .bind("tenant", tenant.value())
        .bind("name", name)
        .bind("clusterTenant", endpoint.clusterTenant().value())
        .bind("cluster", endpoint.cluster().value())
        .bind("host", endpoint.host())
        .bind("path", endpoint.path())
        .bind("scheme", endpoint.policy().scheme())
        .bind("tolerance", endpoint.policy().tolerance().map(it -> (int) it.toSeconds()))
        .bind("maxBodyBytes", endpoint.policy().maxBodyBytes())
        .bind("publicUrl", endpoint.policy().publicUrl())
        .bind("onDuplicate", word(endpoint.policy().onDuplicate()))
        .bind("onStoreLoss", word(endpoint.policy().onStoreLoss()))
        .bind("onReceiptLoss", word(endpoint.policy().onReceiptLoss()))
        .bind("destination", endpoint.destination().value())
        .execute();
    CallerColumns.bind(
            handle
                .createUpdate(
                    "update endpoint set "
                        + CallerColumns.ASSIGNMENTS
                        + " where tenant = :tenant and name = :name")
                .bind("tenant", tenant.value())
                .bind("name", name),
            endpoint)
        .execute();
    SettingsRows.write(handle, endpoint);
    handle.execute(
        "delete from endpoint_secret where tenant = ? and endpoint = ?", tenant.value(), name);
    int position = 0;
    for (Name secret : endpoint.secrets()) {
      handle.execute(
          "insert into endpoint_secret (tenant, endpoint, position, secret) values (?, ?, ?, ?)",
          tenant.value(),
          name,
          position++,
          secret.value());
    }
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
