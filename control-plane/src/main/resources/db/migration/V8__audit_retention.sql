-- Retention of the audit record: what is archived may go, through one door only.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'zen_retention') then
    raise exception 'role zen_retention is missing (expected: run db/bootstrap/roles.sql again)';
  end if;
end
$$;

-- How long entries of a tenant stay in the database; null for ever.
alter table tenant add column audit_retention_days integer check (audit_retention_days between 1 and 3650);

-- Where chains were cut: the last entry that went, and its hash, which the next one is tied to.
create table audit_cut (
  chain text collate "C" not null,
  seq bigint not null check (seq > 0),
  hash bytea not null check (length(hash) = 32),
  primary key (chain, seq)
);

-- DELETE of entries passes only within audit_prune: there the statement runs as the owner and the session is
-- zen_retention's, which owns nothing and is granted nothing else. Neither of the two can have that alone.
create or replace function audit_stays() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if tg_op = 'DELETE' and tg_table_name = 'audit_entry'
      and session_user = 'zen_retention' and current_user = 'zen_owner' then
    return null;
  end if;
  raise exception 'audit: % of % refused (expected: append only)', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;

create trigger stays before update or delete or truncate on audit_cut for each statement execute function audit_stays();

-- Deletes the oldest entries of a chain, from_seq to to_seq, once they are archived. What the caller cannot be trusted
-- with is decided here: nothing but what follows the last cut, all of it in the log, ending with the given hash, older
-- than the tenant's retention by the database's own clock, and never the newest entry. Returns how many went; 0 when
-- exactly this was done before.
create function audit_prune(of_chain text, from_seq bigint, to_seq bigint, to_hash bytea) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  cut bigint;
  newest bigint;
  found_entries bigint;
  last_time bigint;
  days integer;
  gone bigint;
begin
  perform pg_advisory_xact_lock(34451472166057317);  -- one at a time, so that the cut below stays the last one
  if exists (select from zen.audit_cut where chain = of_chain and seq = to_seq and hash = to_hash) then
    return 0;
  end if;
  select coalesce(max(seq), 0) into cut from zen.audit_cut where chain = of_chain;
  select seq into newest from zen.audit_head where chain = of_chain;
  if newest is null or from_seq <> cut + 1 or to_seq < from_seq or to_seq >= newest then
    raise exception 'audit: prune of % from % to % refused (expected: from % to less than %)',
      of_chain, from_seq, to_seq, cut + 1, newest using errcode = 'check_violation';
  end if;
  select count(*), max(e.time_micros) into found_entries, last_time
    from zen.audit_entry e join zen.audit_leaf l on l.chain = e.chain and l.seq = e.seq and l.hash = e.hash
    where e.chain = of_chain and e.seq between from_seq and to_seq;
  if found_entries <> to_seq - from_seq + 1
      or not exists (select from zen.audit_entry where chain = of_chain and seq = to_seq and hash = to_hash) then
    raise exception 'audit: prune of % from % to % refused (expected: entries of the log, the last with the given hash)',
      of_chain, from_seq, to_seq using errcode = 'check_violation';
  end if;
  select audit_retention_days into days from zen.tenant where name = of_chain;
  if days is null or last_time >= extract(epoch from now()) * 1000000 - days * 86400000000::bigint then
    raise exception 'audit: prune of % from % to % refused (expected: older than the tenant''s retention)',
      of_chain, from_seq, to_seq using errcode = 'check_violation';
  end if;
  insert into zen.audit_cut (chain, seq, hash) values (of_chain, to_seq, to_hash);
  delete from zen.audit_entry where chain = of_chain and seq between from_seq and to_seq;
  get diagnostics gone = row_count;
  if gone <> found_entries then
    raise exception 'audit: prune of % removed % entries (expected: %)', of_chain, gone, found_entries;
  end if;
  return gone;
end
$$;
revoke all on function audit_prune(text, bigint, bigint, bytea) from public;
grant usage on schema zen to zen_retention;
grant execute on function audit_prune(text, bigint, bigint, bytea) to zen_retention;

-- The owner's eyes and hands within the function: FORCE binds it everywhere else.
create policy prunes on audit_entry for all to zen_owner
  using (session_user = 'zen_retention') with check (false);
create policy prunes on audit_head for select to zen_owner using (session_user = 'zen_retention');
create policy prunes on audit_leaf for select to zen_owner using (session_user = 'zen_retention');
create policy prunes on tenant for select to zen_owner using (session_user = 'zen_retention');

alter table audit_cut enable row level security;
alter table audit_cut force row level security;
create policy prunes on audit_cut for all to zen_owner
  using (session_user = 'zen_retention') with check (session_user = 'zen_retention');
create policy audit_appends on audit_cut for select to zen_audit using (true);
create policy own_chain on audit_cut for select to zen_app
  using (chain = (select nullif(current_setting('zen.tenant', true), '')));
grant select on audit_cut to zen_audit, zen_app;
