package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.apply.StoreException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/**
 * Proves at start that row level security binds the logins this process works with: isolation rests
 * on it, and a superuser, an owner or a table without FORCE would pass it by without a sound.
 */
final class Footing {
  private static final String HISTORY = "flyway_schema_history";

  private Footing() {}

  /**
   * @throws StoreException listing everything that is not as it must be
   */
  static void prove(DataSource app, DataSource fleet) {
    List<String> faults = new ArrayList<>();
    Failures.translated(() -> {
      for (DataSource pool : List.of(app, fleet)) {
        try (Handle handle = Jdbi.open(pool)) {
          faults.addAll(faultsOfLogin(handle));
        }
      }
      try (Handle handle = Jdbi.open(app)) {
        faults.addAll(faultsOfTables(handle));
      }
      return faults;
    });
    if (!faults.isEmpty()) {
      throw new StoreException(
          "database: row level security does not bind: " + String.join("; ", faults),
          new SQLException("footing"));
    }
  }

  private static List<String> faultsOfLogin(Handle handle) {
    return handle
        .createQuery(
            """
            select rolname || ' is superuser' from pg_roles where rolname = session_user and rolsuper
            union all
            select rolname || ' has BYPASSRLS' from pg_roles
              where rolname = session_user and rolbypassrls
            union all
            select session_user || ' owns ' || c.relname from pg_class c
              where c.relnamespace = cast(:schema as regnamespace) and c.relkind in ('r', 'p', 'v', 'm')
                and pg_has_role(session_user, c.relowner, 'MEMBER')
            union all
            select session_user || ' can create roles' from pg_roles
              where rolname = session_user and rolcreaterole
            union all
            select session_user || ' is a member of ' || r.rolname from pg_auth_members m
              join pg_roles r on r.oid = m.roleid
              join pg_roles s on s.oid = m.member and s.rolname = session_user
            """)
        .bind("schema", Login.SCHEMA)
        .mapTo(String.class)
        .list();
  }

  private static List<String> faultsOfTables(Handle handle) {
    return handle
        .createQuery(
            """
            select relname || ' has no forced row level security' from pg_class
              where relnamespace = cast(:schema as regnamespace) and relkind in ('r', 'p')
                and relname <> :history and not (relrowsecurity and relforcerowsecurity)
            union all
            select c.relname || ' has no policy for zen_app' from pg_class c
              where c.relnamespace = cast(:schema as regnamespace) and c.relkind in ('r', 'p')
                and c.relname <> :history
                and not exists (select from pg_policies p where p.schemaname = :schema
                  and p.tablename = c.relname and 'zen_app' = any (p.roles))
            union all
            select c.relname || ' grants TRUNCATE' from pg_class c
              where c.relnamespace = cast(:schema as regnamespace) and c.relkind in ('r', 'p')
                and (has_table_privilege('zen_app', c.oid, 'TRUNCATE')
                  or has_table_privilege('zen_fleet', c.oid, 'TRUNCATE, INSERT, UPDATE, DELETE'))
            union all
            select relname || ' is a view' from pg_class
              where relnamespace = cast(:schema as regnamespace) and relkind in ('v', 'm')
            """)
        .bind("schema", Login.SCHEMA)
        .bind("history", HISTORY)
        .mapTo(String.class)
        .list();
  }
}
