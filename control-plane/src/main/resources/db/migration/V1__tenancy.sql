-- Tenants and what they own. A tenant leads every key, so no constraint can tell one tenant of another.
-- The schema zen is made by Flyway, as zen_owner.

grant usage on schema zen to zen_app, zen_fleet;

create domain name_label as text collate "C"
  check (value ~ '^[a-z0-9][a-z0-9-]{0,62}$');

create table tenant (
  name name_label primary key,
  created_at timestamptz not null default now()
);

-- The last version given to any secret of a tenant. It never restarts, even when the tenant is removed and made again:
-- so it refers to no tenant, and zen_app may not delete from it.
create table secret_counter (
  tenant name_label primary key,
  last bigint not null check (last > 0)
);

create table secret (
  tenant name_label not null references tenant (name),
  name name_label not null,
  type text not null check (type in ('signing', 'tls', 'ca')),
  -- PEM, public: the chain of a tls secret, the roots of a ca secret.
  certificate text check (length(certificate) between 1 and 1048576),
  -- The version in force; a ca secret holds nothing secret and has none.
  version bigint check (version > 0),
  primary key (tenant, name),
  check ((type = 'signing') = (certificate is null)),
  check ((type = 'ca') = (version is null))
);

-- Ciphertext only: there is no column a plaintext could be put into.
create table secret_version (
  tenant name_label not null,
  secret name_label not null,
  version bigint not null check (version > 0),
  algorithm text not null,
  kek_id text not null,
  wrapped_key bytea not null check (length(wrapped_key) between 1 and 1024),
  ciphertext bytea not null check (length(ciphertext) between 28 and 1048604),
  created_at timestamptz not null default now(),
  primary key (tenant, secret, version),
  foreign key (tenant, secret) references secret (tenant, name) on delete cascade
);

alter table secret add foreign key (tenant, name, version)
  references secret_version (tenant, secret, version) deferrable initially deferred;

create table cluster (
  tenant name_label not null references tenant (name),
  name name_label not null,
  tls_secret name_label not null,
  primary key (tenant, name),
  foreign key (tenant, tls_secret) references secret (tenant, name)
);

create table node (
  tenant name_label not null,
  cluster name_label not null,
  name name_label not null,
  role text not null check (role in ('ingress', 'egress')),
  listen_host text not null check (length(listen_host) between 1 and 253),
  listen_port integer not null check (listen_port between 1 and 65535),
  processor_socket text check (length(processor_socket) between 1 and 107),
  primary key (tenant, cluster, name),
  foreign key (tenant, cluster) references cluster (tenant, name) on delete cascade,
  check ((role = 'ingress') = (processor_socket is not null))
);

create table destination (
  tenant name_label not null references tenant (name),
  name name_label not null,
  url text not null check (url like 'https://%' and length(url) <= 2048),
  ca_secret name_label,
  primary key (tenant, name),
  foreign key (tenant, ca_secret) references secret (tenant, name)
);

create table endpoint (
  tenant name_label not null references tenant (name),
  name name_label not null,
  cluster_tenant name_label not null,
  cluster name_label not null,
  host text not null check (host = lower(host) and length(host) between 1 and 253),
  path text not null check (path like '/%' and length(path) <= 1024),
  scheme text not null check (length(scheme) between 1 and 63),
  tolerance_seconds integer check (tolerance_seconds between 1 and 600),
  max_body_bytes integer not null check (max_body_bytes between 1 and 3145728),
  public_url text check (length(public_url) <= 2048),
  on_duplicate text not null check (on_duplicate in ('refuse', 'acknowledge')),
  on_store_loss text not null check (on_store_loss in ('refuse', 'accept')),
  destination name_label not null,
  primary key (tenant, name),
  -- Deferred, so that two endpoints can trade paths in one change.
  unique (tenant, cluster, host, path) deferrable initially deferred,
  foreign key (tenant, destination) references destination (tenant, name),
  foreign key (cluster_tenant, cluster) references cluster (tenant, name),
  -- A cluster is the tenant's own or the platform's, never another tenant's.
  check (cluster_tenant in (tenant, 'system'))
);

create table endpoint_secret (
  tenant name_label not null,
  endpoint name_label not null,
  position smallint not null check (position between 0 and 7),
  secret name_label not null,
  primary key (tenant, endpoint, position),
  unique (tenant, endpoint, secret) deferrable initially deferred,
  foreign key (tenant, endpoint) references endpoint (tenant, name) on delete cascade,
  foreign key (tenant, secret) references secret (tenant, name)
);

-- Indexes for the foreign keys a removal has to look back along.
create index on cluster (tenant, tls_secret);
create index on destination (tenant, ca_secret);
create index on endpoint (tenant, destination);
create index on endpoint (cluster_tenant, cluster);
create index on endpoint_secret (tenant, secret);

-- FORCE binds the owner too: a data migration sets the context for each tenant it touches.
-- The context is read in a sub-select, once per statement, and '' (what is left after a transaction-local
-- setting ends) counts as none.
do $$
declare
  t text;
  owner_column text;
begin
  foreach t in array array['tenant', 'secret_counter', 'secret', 'secret_version', 'cluster', 'node', 'destination',
                           'endpoint', 'endpoint_secret'] loop
    owner_column := case t when 'tenant' then 'name' else 'tenant' end;
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format(
      'create policy own_rows on %I for all to zen_app, zen_owner'
      ' using (%2$I = (select nullif(current_setting(''zen.tenant'', true), '''')))'
      ' with check (%2$I = (select nullif(current_setting(''zen.tenant'', true), '''')))',
      t, owner_column);
    execute format('create policy fleet_reads on %I for select to zen_fleet using (true)', t);
    execute format('grant select, insert, update, delete on %I to zen_app', t);
    execute format('grant select on %I to zen_fleet', t);
  end loop;
end
$$;

revoke delete on secret_counter from zen_app;

-- The owner of what belongs to no tenant.
select set_config('zen.tenant', 'system', true);
insert into tenant (name) values ('system');
