-- Who may act within a tenant, the tokens they act with, and what was already done under a key of the caller's choosing.

-- A tenant has one source: the mesh file names it whole, or the API changes it piece by piece.
alter table tenant add column managed_by text not null default 'file' check (managed_by in ('file', 'api'));

-- A role binds here: one principal, one role, one tenant.
create table principal (
  tenant name_label not null references tenant (name) on delete cascade,
  name name_label not null,
  role text not null check (role in ('owner', 'admin', 'editor', 'viewer')),
  spiffe_id text check (length(spiffe_id) between 1 and 2048),
  created_at timestamptz not null default now(),
  primary key (tenant, name),
  unique (tenant, spiffe_id)
);

-- A token is 32 random bytes; only their SHA-256 is here.
create table api_token (
  tenant name_label not null,
  id text collate "C" not null check (id ~ '^[0-9a-f]{16}$'),
  principal name_label not null,
  role text not null check (role in ('owner', 'admin', 'editor', 'viewer')),
  digest bytea not null check (length(digest) = 32),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  primary key (tenant, id),
  foreign key (tenant, principal) references principal (tenant, name) on delete cascade,
  check (expires_at > created_at)
);

create index on api_token (tenant, principal);

-- The answer to a request that may come again. A token's text is never in it.
create table idempotency_key (
  tenant name_label not null references tenant (name) on delete cascade,
  caller text collate "C" not null check (length(caller) between 1 and 600),
  key text collate "C" not null check (length(key) between 1 and 128),
  operation text not null check (length(operation) between 1 and 64),
  request_digest bytea not null check (length(request_digest) = 32),
  -- Null until the work is done: then nobody knows whether it was.
  status integer check (status between 200 and 599),
  content_type text not null default '',
  body bytea not null default '' check (length(body) <= 1048576),
  created_at timestamptz not null,
  primary key (tenant, caller, key)
);

create index on idempotency_key (tenant, created_at);

do $$
declare
  t text;
begin
  foreach t in array array['principal', 'api_token', 'idempotency_key'] loop
    execute format('alter table %I enable row level security', t);
    execute format('alter table %I force row level security', t);
    execute format(
      'create policy own_rows on %I for all to zen_app, zen_owner'
      ' using (tenant = (select nullif(current_setting(''zen.tenant'', true), '''')))'
      ' with check (tenant = (select nullif(current_setting(''zen.tenant'', true), '''')))',
      t);
    execute format('grant select, insert, update, delete on %I to zen_app', t);
  end loop;
end
$$;
