package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.custody.SealedVersion;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.controlplane.custody.VersionState;
import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.DestinationSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.controlplane.publish.StoredKey;
import io.zenmesh.controlplane.publish.StoredSecret;
import io.zenmesh.controlplane.publish.StoredSecret.StoredVersion;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import java.net.URI;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jdbi.v3.core.Handle;

/**
 * Reads whatever rows the handle's login and context may see: one tenant's within {@link TenantTx},
 * everyone's as zen_fleet. No condition on the tenant is written here; the database holds it.
 */
final class VisibleRows {
  private VisibleRows() {}

  private record ClusterKey(Name tenant, Name name) {}

  static List<Name> tenants(Handle handle) {
    return handle
        .createQuery("select name from tenant order by name")
        .map((row, context) -> name(row, "name"))
        .list();
  }

  /** The retention of each tenant that states one. */
  static Map<Name, Retention> retentions(Handle handle) {
    Map<Name, Retention> retentions = new TreeMap<>();
    handle
        .createQuery(
            "select name, audit_retention_days from tenant where audit_retention_days is not null")
        .map((row, context) ->
            Map.entry(name(row, "name"), new Retention(row.getInt("audit_retention_days"))))
        .forEach(it -> retentions.put(it.getKey(), it.getValue()));
    return retentions;
  }

  static List<ClusterSpec> clusters(Handle handle) {
    Map<ClusterKey, List<ClusterSpec.Ingress>> ingress = new LinkedHashMap<>();
    Map<ClusterKey, List<ClusterSpec.Egress>> egress = new LinkedHashMap<>();
    handle
        .createQuery("select * from node order by tenant, cluster, name")
        .map((row, context) -> {
          ClusterKey key = new ClusterKey(name(row, "tenant"), name(row, "cluster"));
          HostPort listen = new HostPort(row.getString("listen_host"), row.getInt("listen_port"));
          return row.getString("role").equals("ingress")
              ? ingress
                  .computeIfAbsent(key, it -> new ArrayList<>())
                  .add(
                      new ClusterSpec.Ingress(
                          name(row, "name"), listen, row.getString("processor_socket")))
              : egress
                  .computeIfAbsent(key, it -> new ArrayList<>())
                  .add(new ClusterSpec.Egress(name(row, "name"), listen));
        })
        .list();
    return handle
        .createQuery("select * from cluster order by tenant, name")
        .map((row, context) -> {
          ClusterKey key = new ClusterKey(name(row, "tenant"), name(row, "name"));
          return new ClusterSpec(
              key.tenant(),
              key.name(),
              name(row, "tls_secret"),
              ingress.getOrDefault(key, List.of()),
              egress.getOrDefault(key, List.of()));
        })
        .list();
  }

  static List<StoredSecret> secrets(Handle handle) {
    Map<SecretRef, List<StoredVersion>> versions = new LinkedHashMap<>();
    handle
        .createQuery("select * from secret_version where state = 'live'")
        .map((row, context) -> {
          SecretRef ref = new SecretRef(name(row, "tenant"), name(row, "secret"));
          return versions.computeIfAbsent(ref, it -> new ArrayList<>()).add(version(row));
        })
        .list();
    return handle
        .createQuery(
            "select tenant, name, type, certificate from secret where type <> 'root'"
                + " order by tenant, name")
        .map((row, context) -> {
          SecretRef ref = new SecretRef(name(row, "tenant"), name(row, "name"));
          return new StoredSecret(
              ref,
              SecretType.valueOf(row.getString("type").toUpperCase(Locale.ROOT)),
              Optional.ofNullable(row.getString("certificate")),
              versions.getOrDefault(ref, List.of()));
        })
        .list();
  }

  private static StoredVersion version(ResultSet row) throws SQLException {
    VersionState.Live live = (VersionState.Live) VersionColumns.state(row);
    return new StoredVersion(
        row.getLong("version"), live.notBefore(), live.notAfter(), VersionColumns.sealed(row));
  }

  static List<StoredKey> keys(Handle handle) {
    return handle
        .createQuery(
            """
            select k.tenant, k.cluster, k.purpose, k.version as key_version, k.state, k.not_before,
                k.not_after, k.ended_at, r.secret, r.version, r.algorithm, r.kek_id, r.wrapped_key,
                r.ciphertext
              from key_version k join secret_version r
                on r.tenant = k.tenant and r.version = k.root_version
              where k.state = 'live' and r.ciphertext is not null
              order by k.tenant, k.cluster, k.purpose, k.version
            """)
        .map((row, context) -> {
          VersionState.Live live = (VersionState.Live) VersionColumns.state(row);
          return new StoredKey(
              KeyRows.line(row),
              row.getLong("key_version"),
              live.notBefore(),
              live.notAfter(),
              new SealedVersion(
                  new SecretRef(name(row, "tenant"), name(row, "secret")),
                  row.getLong("version"),
                  VersionColumns.sealed(row).orElseThrow()));
        })
        .list();
  }

  static List<DestinationSpec> destinations(Handle handle) {
    return handle
        .createQuery("select * from destination order by tenant, name")
        .map((row, context) ->
            new DestinationSpec(
                name(row, "tenant"),
                name(row, "name"),
                URI.create(row.getString("url")),
                Optional.ofNullable(row.getString("ca_secret")).map(Name::new)))
        .list();
  }

  static List<EndpointSpec> endpoints(Handle handle) {
    Map<EndpointRef, List<Name>> secrets = new LinkedHashMap<>();
    handle
        .createQuery("select * from endpoint_secret order by tenant, endpoint, position")
        .map((row, context) ->
            secrets
                .computeIfAbsent(
                    new EndpointRef(name(row, "tenant"), name(row, "endpoint")),
                    it -> new ArrayList<>())
                .add(name(row, "secret")))
        .list();
    return handle
        .createQuery("select * from endpoint order by tenant, name")
        .map((row, context) -> endpoint(row, secrets))
        .list();
  }

  private static EndpointSpec endpoint(ResultSet row, Map<EndpointRef, List<Name>> secrets)
      throws SQLException {
    EndpointRef ref = new EndpointRef(name(row, "tenant"), name(row, "name"));
    int tolerance = row.getInt("tolerance_seconds");
    Optional<Duration> stated =
        row.wasNull() ? Optional.empty() : Optional.of(Duration.ofSeconds(tolerance));
    return new EndpointSpec(
        new EndpointPolicy(
            ref,
            row.getString("scheme"),
            stated,
            row.getInt("max_body_bytes"),
            Optional.ofNullable(row.getString("public_url")),
            OnDuplicate.valueOf(row.getString("on_duplicate").toUpperCase(Locale.ROOT)),
            OnStoreLoss.valueOf(row.getString("on_store_loss").toUpperCase(Locale.ROOT)),
            OnReceiptLoss.valueOf(row.getString("on_receipt_loss").toUpperCase(Locale.ROOT)),
            row.getBoolean("enforce"),
            SettingsRows.read(row),
            CallerColumns.client(row)),
        name(row, "cluster_tenant"),
        name(row, "cluster"),
        row.getString("host"),
        row.getString("path"),
        secrets.getOrDefault(ref, List.of()),
        name(row, "destination"),
        SettingsRows.verifyToken(row),
        CallerColumns.callers(row));
  }

  private static Name name(ResultSet row, String column) throws SQLException {
    return new Name(row.getString(column));
  }
}
