-- Versions with windows, keys that wrap them counted and never lost, and secrets that no mesh file declares.

-- A version that has ended never counts again; a destroyed one keeps its row and loses its bytes.
alter table secret_version
  add column state text not null default 'live' check (state in ('live', 'retired', 'revoked', 'destroyed')),
  add column not_before timestamptz not null default 'epoch',
  add column not_after timestamptz check (not_after >= not_before),
  add column ended_at timestamptz,
  alter column algorithm drop not null,
  alter column kek_id drop not null,
  alter column wrapped_key drop not null,
  alter column ciphertext drop not null,
  add constraint secret_version_ends check ((state = 'live') = (ended_at is null)),
  add constraint secret_version_erased
    check (num_nulls(algorithm, kek_id, wrapped_key, ciphertext) = case state when 'destroyed' then 4 else 0 end);
alter table secret_version alter column not_before drop default;

alter table secret
  drop constraint secret_type_check,
  drop constraint secret_check,
  drop constraint secret_check1,
  -- Whether the mesh file names it.
  add column declared boolean not null default true,
  -- A keyed hash of the value that the mesh file pointed to last; absent where it points to none.
  add column mark bytea check (length(mark) = 32),
  add constraint secret_type_check check (type in ('signing', 'tls', 'ca', 'root')),
  add constraint secret_certificate check ((type in ('signing', 'root')) = (certificate is null)),
  -- The newest version: of a tls secret the one in force. A signing secret may have none yet.
  add constraint secret_newest check (type in ('signing', 'root') or (type = 'ca') = (version is null));

-- The keys that wrap data keys. None of them lies here: only how often each was used, and whether it is there still.
-- What is wrapped under a key refers to it as live, so that no key can be marked destroyed while anything needs it,
-- and nothing can be wrapped under one that was.
create table kek (
  tenant name_label not null default 'system' references tenant (name) check (tenant = 'system'),
  id text not null check (length(id) between 1 and 128),
  live boolean not null default true,
  wraps bigint not null default 0 check (wraps between 0 and 4294967296),
  created_at timestamptz not null default now(),
  primary key (id),
  unique (id, live)
);

-- As the owner, without a tenant: for the length of this migration only.
alter table secret_version no force row level security;
insert into kek (id, wraps) select kek_id, count(*) from secret_version where kek_id is not null group by kek_id;
alter table secret_version force row level security;

alter table secret_version
  add column kek_live boolean not null default true check (kek_live),
  add foreign key (kek_id, kek_live) references kek (id, live);
create index on secret_version (kek_id);

alter table kek enable row level security;
alter table kek force row level security;
create policy own_rows on kek for all to zen_app, zen_owner
  using (tenant = (select nullif(current_setting('zen.tenant', true), '')))
  with check (tenant = (select nullif(current_setting('zen.tenant', true), '')));
create policy fleet_reads on kek for select to zen_fleet using (true);
grant select, insert, update on kek to zen_app;
grant select on kek to zen_fleet;

-- The last version of a derived key. It never restarts, whatever becomes of tenant, cluster or root: zen_app may not delete.
create table key_counter (
  tenant name_label not null,
  cluster name_label not null,
  purpose text not null check (purpose in ('ingress', 'egress', 'agent')),
  last bigint not null check (last > 0),
  primary key (tenant, cluster, purpose)
);

-- Which versions of a derived key were handed out, and until when they count. The key itself lies nowhere.
create table key_version (
  tenant name_label not null references tenant (name) on delete cascade,
  cluster name_label not null,
  purpose text not null check (purpose in ('ingress', 'egress', 'agent')),
  version bigint not null check (version > 0),
  -- The tenant's root that it is derived from.
  root_version bigint not null check (root_version > 0),
  state text not null check (state in ('live', 'retired', 'revoked')),
  not_before timestamptz not null,
  not_after timestamptz check (not_after >= not_before),
  ended_at timestamptz,
  created_at timestamptz not null default now(),
  primary key (tenant, cluster, purpose, version),
  check ((state = 'live') = (ended_at is null))
);

do $$
declare
  t text;
begin
  foreach t in array array['key_counter', 'key_version'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format(
      'create policy own_rows on %I for all to zen_app, zen_owner'
      ' using (tenant = (select nullif(current_setting(''zen.tenant'', true), '''')))'
      ' with check (tenant = (select nullif(current_setting(''zen.tenant'', true), '''')))', t);
    execute format('create policy fleet_reads on %I for select to zen_fleet using (true)', t);
    execute format('grant select, insert, update on %I to zen_app', t);
    execute format('grant select on %I to zen_fleet', t);
  end loop;
end
$$;
