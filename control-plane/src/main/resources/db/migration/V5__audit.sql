-- The audit record: append-only, one chain for each tenant and one for the system, and one log over all of them.
-- The chain leads the key, so that the table can be partitioned by it. No foreign key to tenant: a record outlives
-- what it tells of.

grant usage on schema zen to zen_audit;

-- Which log this is. Random, so that the record of another installation is no replacement for this one's.
create table audit_log (
  one boolean primary key default true check (one),
  id text not null check (id ~ '^[a-z0-9/-]{1,128}$')
);
insert into audit_log (id) values ('zenmesh/audit/' || gen_random_uuid());

-- The end of each chain. Who appends holds the row until its entries are committed.
create table audit_head (
  chain text collate "C" primary key check (length(chain) between 1 and 63),
  seq bigint not null check (seq >= 0),
  time_micros bigint not null,
  hash bytea not null check (length(hash) = 32)
);

create table audit_entry (
  chain text collate "C" not null,
  seq bigint not null check (seq > 0),
  time_micros bigint not null,
  actor_kind text not null,
  actor_id text not null,
  action text not null,
  object text not null,
  outcome text not null,
  reason text not null,
  correlation text not null,
  hash bytea not null check (length(hash) = 32),
  primary key (chain, seq)
);
create index audit_entry_correlation on audit_entry (chain, correlation) where correlation <> '';

-- The log: the hashes of all chains' entries in one order, without gaps.
create table audit_leaf (
  position bigint primary key check (position >= 0),
  chain text collate "C" not null,
  seq bigint not null,
  hash bytea not null check (length(hash) = 32),
  unique (chain, seq)
);

create function audit_stays() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'audit: % of % refused (expected: append only)', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;

create function audit_advances() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.chain <> old.chain or new.seq <= old.seq or new.time_micros < old.time_micros then
    raise exception 'audit: head of % refused (expected: to advance)', old.chain using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;

create trigger stays before update or delete or truncate on audit_log for each statement execute function audit_stays();
create trigger stays before update or delete or truncate on audit_entry for each statement execute function audit_stays();
create trigger stays before update or delete or truncate on audit_leaf for each statement execute function audit_stays();
create trigger stays before delete or truncate on audit_head for each statement execute function audit_stays();
create trigger advances before update on audit_head for each row execute function audit_advances();

-- A tenant reads its own chain; zen_audit appends to all of them. Nobody is granted DELETE or TRUNCATE.
do $$
declare
  t text;
begin
  foreach t in array array['audit_log', 'audit_head', 'audit_entry', 'audit_leaf'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format('grant select on %I to zen_audit', t);
    execute format('create policy audit_appends on %I for all to zen_audit using (true) with check (true)', t);
    if t <> 'audit_log' then
      execute format('grant select on %I to zen_app', t);
      execute format(
        'create policy own_chain on %I for select to zen_app'
        ' using (chain = (select nullif(current_setting(''zen.tenant'', true), '''')))', t);
    end if;
  end loop;
end
$$;
grant insert on audit_head, audit_entry, audit_leaf to zen_audit;
grant update on audit_head to zen_audit;
