package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.KekStore;
import io.zenmesh.controlplane.custody.SealedVersion;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.WrapLedger;
import io.zenmesh.xds.model.Name;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;

/** Key-encryption keys as the database knows them: their uses, and what is under them. */
final class KekRows implements WrapLedger, KekStore {
  private final TenantTx tenants;
  private final FleetRows fleet;

  KekRows(TenantTx tenants, FleetRows fleet) {
    this.tenants = tenants;
    this.fleet = fleet;
  }

  @Override
  public List<Use> uses() {
    return fleet.kekUses();
  }

  @Override
  public List<Name> behind(String current) {
    return fleet.tenantsNotUnder(current);
  }

  @Override
  public long countBehind(Name tenant, String current) {
    return tenants.touring(tour ->
        tour.visit(
            tenant,
            handle ->
                handle
                    .createQuery("select count(*) from secret_version where kek_id <> :current")
                    .bind("current", current)
                    .mapTo(Long.class)
                    .one()));
  }

  @Override
  public List<SealedVersion> someBehind(Name tenant, String current, int most) {
    return tenants.touring(tour ->
        tour.visit(
            tenant,
            handle ->
                handle
                    .createQuery(
                        "select * from secret_version where kek_id <> :current"
                            + " order by secret, version limit :most")
                    .bind("current", current)
                    .bind("most", most)
                    .map((row, context) -> sealed(tenant, row))
                    .list()));
  }

  @Override
  public int replace(Name tenant, List<Rewrapped> rewrapped) {
    return tenants.touring(tour ->
        tour.visit(
            tenant,
            handle ->
                rewrapped.stream()
                    .mapToInt(it ->
                        handle.execute(
                            "update secret_version set kek_id = ?, wrapped_key = ?"
                                + " where tenant = ? and secret = ? and version = ?"
                                + " and kek_id = ? and wrapped_key = ?",
                            it.after().kekId(),
                            it.after().wrappedKey(),
                            tenant.value(),
                            it.before().ref().name().value(),
                            it.before().version(),
                            it.before().sealed().kekId(),
                            it.before().sealed().wrappedKey()))
                    .sum()));
  }

  private static SealedVersion sealed(Name tenant, ResultSet row) throws SQLException {
    return new SealedVersion(
        new SecretRef(tenant, new Name(row.getString("secret"))),
        row.getLong("version"),
        VersionColumns.sealed(row).orElseThrow());
  }

  @Override
  public boolean retire(String kekId) {
    if (uses().stream().anyMatch(it -> it.id().equals(kekId) && it.versions() > 0)) {
      return false;
    }
    try {
      tenants.touring(tour ->
          tour.visit(
              Name.SYSTEM,
              handle ->
                  handle.execute(
                      "insert into kek (id, live) values (?, false)"
                          + " on conflict (id) do update set live = false",
                      kekId)));
      return true;
    } catch (StoreException e) {
      // What was put under it since we looked.
      if (Failures.isForeignKey(e)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void reserve(String kekId, int uses) {
    if (!apart(() -> noted(kekId, uses))) {
      throw new CustodyException(
          "kek: "
              + kekId
              + " is destroyed or was used "
              + LIMIT
              + " times (expected: a key in use; rotate it, or restart with the current keyset)");
    }
  }

  private boolean noted(String kekId, int uses) {
    return tenants.touring(tour ->
        tour.visit(
            Name.SYSTEM,
            handle ->
                handle
                        .createUpdate(
                            "insert into kek (id, wraps) values (:id, :uses) on conflict (id)"
                                + " do update set wraps = kek.wraps + :uses"
                                + " where kek.live and kek.wraps + :uses <= :limit")
                        .bind("id", kekId)
                        .bind("uses", uses)
                        .bind("limit", LIMIT)
                        .execute()
                    == 1));
  }

  /**
   * On a thread of its own: whoever seals may be at work for a tenant, and a count that shared its
   * transaction would be lost with it, while the key was used all the same.
   */
  private static boolean apart(BooleanSupplier work) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            done.complete(work.getAsBoolean());
          } catch (RuntimeException | Error e) {
            done.completeExceptionally(e);
          }
        });
    try {
      return done.join();
    } catch (CompletionException e) {
      switch (e.getCause()) {
        case StoreException known -> throw known;
        case Error known -> throw known;
        case null, default -> {}
      }
      throw e;
    }
  }
}
