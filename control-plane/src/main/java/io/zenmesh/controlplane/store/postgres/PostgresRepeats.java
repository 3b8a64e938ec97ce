package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.tenant.Repeats;
import io.zenmesh.controlplane.tenant.TenantContext;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import org.jdbi.v3.core.Handle;

/** Keeps the answers to requests that may come again in PostgreSQL. */
final class PostgresRepeats implements Repeats {
  private final TenantTx tenants;

  PostgresRepeats(TenantTx tenants) {
    this.tenants = tenants;
  }

  private static String tenant() {
    return TenantContext.required().value();
  }

  @Override
  public Begun begin(Key key, Instant now) {
    return tenants.here(handle -> {
      handle.execute(
          "delete from idempotency_key where tenant = ? and created_at < ?",
          tenant(),
          now.minus(REMEMBERED).atOffset(ZoneOffset.UTC));
      int taken =
          handle
              .createUpdate(
                  "insert into idempotency_key (tenant, caller, key, operation, request_digest,"
                      + " created_at) values (:tenant, :caller, :key, :operation, :digest, :now)"
                      + " on conflict do nothing")
              .bind("tenant", tenant())
              .bind("caller", key.caller())
              .bind("key", key.key())
              .bind("operation", key.operation())
              .bind("digest", HexFormat.of().parseHex(key.digest()))
              .bind("now", now.atOffset(ZoneOffset.UTC))
              .execute();
      return taken == 1 ? new Begun.First() : known(handle, key);
    });
  }

  private static Begun known(Handle handle, Key key) {
    return handle
        .createQuery(
            "select * from idempotency_key"
                + " where tenant = :tenant and caller = :caller and key = :key")
        .bind("tenant", tenant())
        .bind("caller", key.caller())
        .bind("key", key.key())
        .map((row, context) -> begun(row, key))
        .findOne()
        .orElseGet(Begun.Unfinished::new);
  }

  private static Begun begun(ResultSet row, Key key) throws SQLException {
    boolean same =
        row.getString("operation").equals(key.operation())
            && HexFormat.of().formatHex(row.getBytes("request_digest")).equals(key.digest());
    if (!same) {
      return new Begun.Other();
    }
    int status = row.getInt("status");
    return row.wasNull()
        ? new Begun.Unfinished()
        : new Begun.Answered(
            status,
            row.getString("content_type"),
            new String(row.getBytes("body"), StandardCharsets.UTF_8));
  }

  @Override
  public void finish(Key key, int status, String contentType, String body) {
    tenants.here(handle ->
        handle
            .createUpdate(
                "update idempotency_key set status = :status, content_type = :type, body = :body"
                    + " where tenant = :tenant and caller = :caller and key = :key")
            .bind("status", status)
            .bind("type", contentType)
            .bind("body", body.getBytes(StandardCharsets.UTF_8))
            .bind("tenant", tenant())
            .bind("caller", key.caller())
            .bind("key", key.key())
            .execute());
  }

  @Override
  public void forget(Key key) {
    tenants.here(handle ->
        handle.execute(
            "delete from idempotency_key"
                + " where tenant = ? and caller = ? and key = ? and status is null",
            tenant(),
            key.caller(),
            key.key()));
  }
}
