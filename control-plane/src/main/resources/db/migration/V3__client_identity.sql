-- Who may call an endpoint, and how often: what Envoy enforces before the processor is asked.

alter table endpoint
  add column client_mtls text not null default 'none' check (client_mtls in ('none', 'optional', 'required')),
  add column client_ca name_label,
  add column client_spiffe_ids text[] not null default '{}' check (cardinality(client_spiffe_ids) <= 64),
  add column client_sans text[] not null default '{}' check (cardinality(client_sans) <= 64),
  add column rate_requests integer check (rate_requests between 1 and 100000),
  add column rate_seconds integer check (rate_seconds in (1, 60)),
  add column rate_burst integer check (rate_burst between 1 and 100000),
  add column allow_from text[] not null default '{}' check (cardinality(allow_from) <= 64),
  -- Roots exactly where a certificate is asked for, names only there.
  add check ((client_mtls = 'none') = (client_ca is null)),
  add check (client_mtls <> 'none' or (client_spiffe_ids = '{}' and client_sans = '{}')),
  add check (num_nulls(rate_requests, rate_seconds, rate_burst) in (0, 3)),
  -- The tenant leads: roots of another tenant cannot be named.
  add foreign key (tenant, client_ca) references secret (tenant, name);

create index on endpoint (tenant, client_ca);
