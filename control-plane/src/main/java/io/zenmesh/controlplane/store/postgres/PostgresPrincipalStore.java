package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.tenant.ApiToken;
import io.zenmesh.controlplane.tenant.Principal;
import io.zenmesh.controlplane.tenant.PrincipalStore;
import io.zenmesh.controlplane.tenant.Role;
import io.zenmesh.controlplane.tenant.TenantContext;
import io.zenmesh.controlplane.tenant.TokenDigest;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;

/**
 * Keeps principals and tokens in PostgreSQL. Every statement names the tenant, and row level
 * security holds it to it.
 */
final class PostgresPrincipalStore implements PrincipalStore {
  private final TenantTx tenants;

  PostgresPrincipalStore(TenantTx tenants) {
    this.tenants = tenants;
  }

  private static String tenant() {
    return TenantContext.required().value();
  }

  /** A question about the tenant's own rows. */
  private static Query asking(Handle handle, String select, String which) {
    return handle
        .createQuery(select + " where tenant = :tenant and " + which)
        .bind("tenant", tenant());
  }

  @Override
  public List<Principal> principals(Optional<Name> after, int limit) {
    return tenants.here(handle ->
        asking(handle, "select * from principal", "name > :after order by name limit :limit")
            .bind("after", after.map(Name::value).orElse(""))
            .bind("limit", limit)
            .map((row, context) -> principal(row))
            .list());
  }

  @Override
  public Optional<Principal> principal(Name name) {
    return tenants.here(handle -> named(handle, name));
  }

  private static Optional<Principal> named(Handle handle, Name name) {
    return asking(handle, "select * from principal", "name = :name")
        .bind("name", name.value())
        .map((row, context) -> principal(row))
        .findOne();
  }

  /** Keeps others from the tenant's principals to the end of the transaction. */
  private static void alone(Handle handle) {
    handle
        .createQuery("select pg_advisory_xact_lock(hashtextextended('principals/' || :tenant, 0))")
        .bind("tenant", tenant())
        .mapToMap()
        .one();
  }

  @Override
  public Optional<Principal> bySpiffeId(SpiffeId id) {
    return tenants.here(handle ->
        asking(handle, "select * from principal", "spiffe_id = :id")
            .bind("id", id.toString())
            .map((row, context) -> principal(row))
            .findOne());
  }

  @Override
  public Outcome put(Principal principal, Predicate<Optional<Principal>> expected) {
    return tenants.here(handle -> {
      alone(handle);
      if (!expected.test(named(handle, principal.name()))) {
        return Outcome.UNEXPECTED;
      }
      Optional<String> id = principal.spiffeId().map(SpiffeId::toString);
      boolean taken =
          handle
              .createQuery(
                  "select exists (select from principal"
                      + " where tenant = :tenant and spiffe_id = :id and name <> :name)")
              .bind("tenant", tenant())
              .bind("id", id)
              .bind("name", principal.name().value())
              .mapTo(Boolean.class)
              .one();
      return !taken && hasTenant(handle) && upsert(handle, principal, id)
          ? Outcome.DONE
          : Outcome.REFUSED;
    });
  }

  private static boolean hasTenant(Handle handle) {
    return handle
        .createQuery("select exists (select from tenant where name = :tenant)")
        .bind("tenant", tenant())
        .mapTo(Boolean.class)
        .one();
  }

  private static boolean upsert(Handle handle, Principal principal, Optional<String> id) {
    return handle
            .createUpdate(
                "insert into principal (tenant, name, role, spiffe_id)"
                    + " values (:tenant, :name, :role, :id) on conflict (tenant, name)"
                    + " do update set role = excluded.role, spiffe_id = excluded.spiffe_id")
            .bind("tenant", tenant())
            .bind("name", principal.name().value())
            .bind("role", principal.role().word())
            .bind("id", id)
            .execute()
        == 1;
  }

  @Override
  public Outcome delete(Name name, Predicate<Principal> expected) {
    return tenants.here(handle -> {
      alone(handle);
      Optional<Principal> current = named(handle, name);
      if (current.isEmpty()) {
        return Outcome.ABSENT;
      }
      if (!expected.test(current.get())) {
        return Outcome.UNEXPECTED;
      }
      handle.execute("delete from principal where tenant = ? and name = ?", tenant(), name.value());
      return Outcome.DONE;
    });
  }

  @Override
  public List<ApiToken> tokens(Optional<String> after, int limit) {
    return tenants.here(handle ->
        asking(handle, "select * from api_token", "id > :after order by id limit :limit")
            .bind("after", after.orElse(""))
            .bind("limit", limit)
            .map((row, context) -> token(row))
            .list());
  }

  @Override
  public Optional<ApiToken> token(String id) {
    return tenants.here(handle ->
        asking(handle, "select * from api_token", "id = :id")
            .bind("id", id)
            .map((row, context) -> token(row))
            .findOne());
  }

  @Override
  public boolean add(ApiToken token) {
    return tenants.here(handle ->
        handle
            .createUpdate(
                "insert into api_token (tenant, id, principal, role, digest, created_at,"
                    + " expires_at) select :tenant, :id, name, :role, :digest, :created,"
                    + " :expires from principal where tenant = :tenant and name = :principal")
            .bind("tenant", tenant())
            .bind("id", token.id())
            .bind("principal", token.principal().value())
            .bind("role", token.role().word())
            .bind("digest", token.digest().bytes())
            .bind("created", utc(token.created()))
            .bind("expires", utc(token.expires()))
            .execute())
        == 1;
  }

  @Override
  public boolean revoke(String id, Instant at) {
    return tenants.here(handle ->
        handle
            .createUpdate(
                "update api_token set revoked_at = coalesce(revoked_at, :at)"
                    + " where tenant = :tenant and id = :id")
            .bind("at", utc(at))
            .bind("tenant", tenant())
            .bind("id", id)
            .execute())
        == 1;
  }

  private static OffsetDateTime utc(Instant time) {
    return time.atOffset(ZoneOffset.UTC);
  }

  private static Principal principal(ResultSet row) throws SQLException {
    return new Principal(
        new Name(row.getString("name")),
        Role.ofWord(row.getString("role")).orElseThrow(),
        Optional.ofNullable(row.getString("spiffe_id")).flatMap(SpiffeId::parse));
  }

  private static ApiToken token(ResultSet row) throws SQLException {
    return new ApiToken(
        row.getString("id"),
        new Name(row.getString("principal")),
        Role.ofWord(row.getString("role")).orElseThrow(),
        TokenDigest.stored(row.getBytes("digest")),
        row.getObject("created_at", OffsetDateTime.class).toInstant(),
        row.getObject("expires_at", OffsetDateTime.class).toInstant(),
        Optional.ofNullable(row.getObject("revoked_at", OffsetDateTime.class))
            .map(OffsetDateTime::toInstant));
  }
}
