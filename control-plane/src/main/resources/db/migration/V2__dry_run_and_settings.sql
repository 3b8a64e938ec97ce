-- What an endpoint may say beyond its keys. An endpoint of before is enforced, and its provider asks nothing.

alter table endpoint
  add column enforce boolean not null default true,
  add column scheme_definition text check (length(scheme_definition) between 1 and 16384),
  add column topic_arns text[] not null default '{}' check (cardinality(topic_arns) <= 16),
  add column auto_confirm boolean not null default false,
  add column handshake_until timestamptz,
  add column webhook_origins text[] not null default '{}' check (cardinality(webhook_origins) <= 16),
  add column verify_token_secret name_label,
  add foreign key (tenant, verify_token_secret) references secret (tenant, name);

create index on endpoint (tenant, verify_token_secret);
