package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.apply.StoreException;
import io.zenmesh.xds.model.Name;
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

  /** A name that the grammar of names does not admit, so that no tenant has it. */
  private static final String CANARY = "-canary";

  private Footing() {}

  /**
   * @throws StoreException listing everything that is not as it must be
   */
  static void prove(DataSource app, List<? extends DataSource> others) {
    List<String> faults = new ArrayList<>();
    Failures.translated(() -> {
      for (DataSource pool : others) {
        try (Handle handle = Jdbi.open(pool)) {
          faults.addAll(faultsOfLogin(handle));
        }
      }
      try (Handle handle = Jdbi.open(app)) {
        faults.addAll(faultsOfLogin(handle));
        faults.addAll(faultsOfTables(handle));
        faults.addAll(handle.inTransaction(Footing::faultsOfCanary));
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
            select c.relname || ' has no policy for ' || r.rolname || ' to ' || command
              from pg_class c, pg_roles r,
                unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE']) as command
              where c.relnamespace = cast(:schema as regnamespace) and c.relkind in ('r', 'p')
                and c.relname <> :history and starts_with(r.rolname, 'zen_')
                and r.rolname <> 'zen_owner' and has_table_privilege(r.oid, c.oid, command)
                and not exists (select from pg_policies p where p.schemaname = :schema
                  and p.tablename = c.relname and p.cmd in (command, 'ALL')
                  and r.rolname = any (p.roles))
            union all
            select p.proname || ' is a definer function without a search_path of its own'
              from pg_proc p
              where p.pronamespace = cast(:schema as regnamespace) and p.prosecdef
                and not exists (select from unnest(p.proconfig) setting
                  where starts_with(setting, 'search_path='))
            union all
            select c.relname || ' grants TRUNCATE' from pg_class c
              where c.relnamespace = cast(:schema as regnamespace) and c.relkind in ('r', 'p')
                and (has_table_privilege('zen_app', c.oid, 'TRUNCATE')
                  or has_table_privilege('zen_fleet', c.oid, 'TRUNCATE, INSERT, UPDATE, DELETE')
                  or has_table_privilege('zen_audit', c.oid, 'TRUNCATE, DELETE'))
            union all
            select c.relname || ' can be changed by ' || r.rolname from pg_class c
              cross join pg_roles r
              where c.relnamespace = cast(:schema as regnamespace)
                and c.relname in
                  ('audit_log', 'audit_head', 'audit_entry', 'audit_leaf', 'audit_cut')
                and (r.rolname in ('zen_app', 'zen_fleet')
                    and has_table_privilege(r.oid, c.oid, 'TRUNCATE, INSERT, UPDATE, DELETE')
                  or r.rolname = 'zen_audit' and c.relname <> 'audit_head'
                    and has_table_privilege(r.oid, c.oid, 'UPDATE')
                  or r.rolname = 'zen_audit' and c.relname = 'audit_cut'
                    and has_table_privilege(r.oid, c.oid, 'INSERT'))
            union all
            select c.relname || ' is open to zen_retention' from pg_class c
              where c.relnamespace = cast(:schema as regnamespace) and c.relkind in ('r', 'p')
                and has_table_privilege('zen_retention', c.oid,
                  'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')
            union all
            select p.proname || ' can be called by ' || r.rolname from pg_proc p, pg_roles r
              where p.pronamespace = cast(:schema as regnamespace) and p.proname = 'audit_prune'
                and r.rolname in ('zen_app', 'zen_fleet', 'zen_audit')
                and has_function_privilege(r.oid, p.oid, 'EXECUTE')
            union all
            select c.relname || ' has lost a trigger' from pg_class c
              where c.relnamespace = cast(:schema as regnamespace)
                and c.relname in
                  ('audit_log', 'audit_head', 'audit_entry', 'audit_leaf', 'audit_cut')
                and not exists (select from pg_trigger t where t.tgrelid = c.oid
                  and t.tgname = 'stays' and t.tgenabled in ('O', 'A'))
            union all
            select relname || ' is a view' from pg_class
              where relnamespace = cast(:schema as regnamespace) and relkind in ('v', 'm')
            """)
        .bind("schema", Login.SCHEMA)
        .bind("history", HISTORY)
        .mapTo(String.class)
        .list();
  }

  /**
   * Reads every table that the login may read, as a tenant that owns nothing and as none: no row
   * may come. The system tenant is always there, so that there is one to be seen.
   */
  private static List<String> faultsOfCanary(Handle handle) {
    List<String> faults = new ArrayList<>();
    List<String> tables =
        handle
            .createQuery(
                """
                select relname from pg_class c
                  where relnamespace = cast(:schema as regnamespace) and relkind in ('r', 'p')
                    and has_table_privilege(session_user, c.oid, 'SELECT') order by relname
                """)
            .bind("schema", Login.SCHEMA)
            .mapTo(String.class)
            .list();
    for (String context : List.of(CANARY, "")) {
      setContext(handle, context);
      for (String table : tables) {
        boolean seen =
            handle
                .createQuery("select exists (select from <table>)")
                .define("table", table)
                .mapTo(Boolean.class)
                .one();
        if (seen) {
          faults.add(table + " shows a row to a tenant that owns none");
        }
      }
    }
    setContext(handle, Name.SYSTEM.value());
    int own = handle.createQuery("select count(*) from tenant").mapTo(Integer.class).one();
    if (own != 1) {
      faults.add("tenant shows " + own + " rows to system");
    }
    return faults;
  }

  private static void setContext(Handle handle, String tenant) {
    handle
        .createQuery("select set_config('zen.tenant', :tenant, true)")
        .bind("tenant", tenant)
        .mapTo(String.class)
        .one();
  }
}
