package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.custody.KekStore;
import io.zenmesh.controlplane.custody.SealedVersion;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.publish.StateReader;
import io.zenmesh.controlplane.publish.StoredState;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.transaction.TransactionIsolationLevel;

/** Reads across tenants as zen_fleet, which may write nothing. Thread-safe. */
final class FleetRows implements StateReader {
  /** Of each key-encryption key: one may be damaged. */
  private static final int SAMPLES = 5;

  private final Jdbi fleet;

  FleetRows(Jdbi fleet) {
    this.fleet = fleet;
  }

  @Override
  public StoredState read() {
    return snapshot(handle ->
        new StoredState(
            VisibleRows.clusters(handle),
            VisibleRows.secrets(handle),
            VisibleRows.destinations(handle),
            VisibleRows.endpoints(handle),
            VisibleRows.keys(handle)));
  }

  List<Name> tenants() {
    return snapshot(VisibleRows::tenants);
  }

  Map<Name, Retention> retentions() {
    return snapshot(VisibleRows::retentions);
  }

  boolean holdsCiphertexts() {
    return snapshot(handle ->
        handle
            .createQuery("select exists (select from secret_version where ciphertext is not null)")
            .mapTo(Boolean.class)
            .one());
  }

  /** One sealed version under each key-encryption key in use. */
  List<SealedVersion> someOfEachKek() {
    return snapshot(handle ->
        handle
            .createQuery(
                "select * from (select *, row_number() over"
                    + " (partition by kek_id order by tenant, secret, version) as nth"
                    + " from secret_version where kek_id is not null) as each where nth <= "
                    + SAMPLES)
            .map((row, context) ->
                new SealedVersion(
                    new SecretRef(
                        new Name(row.getString("tenant")), new Name(row.getString("secret"))),
                    row.getLong("version"),
                    VersionColumns.sealed(row).orElseThrow()))
            .list());
  }

  List<KekStore.Use> kekUses() {
    return snapshot(handle ->
        handle
            .createQuery(
                "select id, live, wraps, (select count(*) from secret_version where kek_id = id)"
                    + " as versions from kek order by id")
            .map((row, context) ->
                new KekStore.Use(
                    row.getString("id"),
                    row.getBoolean("live"),
                    row.getLong("wraps"),
                    row.getLong("versions")))
            .list());
  }

  List<Name> tenantsNotUnder(String kekId) {
    return snapshot(handle ->
        handle
            .createQuery(
                "select distinct tenant from secret_version where kek_id <> :kekId order by 1")
            .bind("kekId", kekId)
            .map((row, context) -> new Name(row.getString("tenant")))
            .list());
  }

  /** One view for all reads of the work, however long it takes. */
  private <T> T snapshot(Function<Handle, T> work) {
    return Failures.translated(() -> {
      try (Handle handle = fleet.open()) {
        return handle.inTransaction(TransactionIsolationLevel.REPEATABLE_READ, work::apply);
      }
    });
  }
}
