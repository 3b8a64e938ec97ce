-- Nothing is pruned that was not announced: zen_retention alone cannot do it, since it cannot append to the record.

-- Deletes the oldest entries of a chain, from_seq to to_seq, once they are archived. What the caller cannot be trusted
-- with is decided here: nothing but what follows the last cut, all of it in the log, ending with the given hash, older
-- than the tenant's retention by the database's own clock, announced on the chain's own record, and never the newest
-- entry. Returns how many went; 0 when exactly this was done before.
create or replace function audit_prune(of_chain text, from_seq bigint, to_seq bigint, to_hash bytea) returns bigint
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  cut bigint;
  newest bigint;
  found_entries bigint;
  last_time bigint;
  days integer;
  announced bigint;
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
  -- From the end: who prunes has just announced it.
  select seq into announced from zen.audit_entry
    where chain = of_chain and seq > to_seq and action = 'audit.archive' and outcome = 'done'
      and actor_kind = 'system' and actor_id = 'retention'
      and object = format('audit/%s/%s-%s/%s', of_chain, from_seq, to_seq, encode(to_hash, 'hex'))
    order by seq desc limit 1;
  if announced is null then
    raise exception 'audit: prune of % from % to % refused (expected: announced on its record by audit.archive)',
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
