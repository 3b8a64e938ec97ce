-- Run once, by a superuser, inside the database that the mesh is to live in. Running it again changes nothing.
-- Passwords are set apart from this file (alter role ... password ...), so that none is ever written here.
--
--   zen_owner  owns the database and its tables, runs the migrations; the process forgets it after start
--   zen_app    works for one tenant at a time, inside its transaction-local context
--   zen_fleet  reads what the publisher needs, of all tenants; writes nothing
--   zen_audit  appends to the audit record and reads it, of all tenants; changes nothing that is written
--   zen_retention  calls the one function that prunes archived audit entries; reads and writes no table.
--                  Only a control plane with --audit-archive logs in as it: without a password nobody can
--
-- zen_dispatch comes with the tables it works on: a login without work is only a way in.

do $$
declare
  login text;
begin
  foreach login in array array['zen_owner', 'zen_app', 'zen_fleet', 'zen_audit', 'zen_retention'] loop
    if not exists (select from pg_catalog.pg_roles where rolname = login) then
      execute format('create role %I login', login);
    end if;
    -- Said again each time, so that a role someone has widened is narrowed.
    execute format(
      'alter role %I nosuperuser nobypassrls nocreatedb nocreaterole noreplication noinherit', login);
  end loop;

  execute format('alter database %I owner to zen_owner', current_database());
  execute format('revoke all on database %I from public', current_database());
  execute format('grant connect on database %I to zen_app, zen_fleet, zen_audit, zen_retention', current_database());
end
$$;

revoke all on schema public from public;
alter role zen_app set statement_timeout = '15s';
alter role zen_app set idle_in_transaction_session_timeout = '30s';
alter role zen_fleet set statement_timeout = '15s';
alter role zen_fleet set default_transaction_read_only = on;
alter role zen_audit set idle_in_transaction_session_timeout = '30s';
alter role zen_retention set statement_timeout = '60s';
alter role zen_retention set idle_in_transaction_session_timeout = '30s';
