-- Receipts of processors: how far each spool of theirs is on record, so that what comes twice is recorded once.

create table audit_source (
  source text collate "C" primary key check (length(source) between 1 and 512),
  number bigint not null check (number > 0)
);

create function audit_source_advances() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  if new.source <> old.source or new.number <= old.number then
    raise exception 'audit: source % refused (expected: to advance)', old.source using errcode = 'insufficient_privilege';
  end if;
  return new;
end
$$;

create trigger stays before delete or truncate on audit_source for each statement execute function audit_stays();
create trigger advances before update on audit_source for each row execute function audit_source_advances();

alter table audit_source enable row level security;
alter table audit_source force row level security;
create policy audit_appends on audit_source for all to zen_audit using (true) with check (true);
grant select, insert, update on audit_source to zen_audit;

-- What an endpoint does while its processor can keep no receipt.
alter table endpoint
  add column on_receipt_loss text not null default 'accept' check (on_receipt_loss in ('accept', 'refuse'));
