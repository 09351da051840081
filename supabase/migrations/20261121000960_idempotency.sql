-- Idempotency: a POST that is repeated with the same Idempotency-Key within a day is executed once and answered twice. The transaction
-- that does the work also takes the key and stores the result, so that both are always consistent.

create table private.idempotency_keys (
  user_id uuid not null, -- no foreign key: the row is deleted within a day; the nil id if nobody is signed in
  hash bytea not null check (octet_length(hash) = 32),
  request_hash bytea not null check (octet_length(request_hash) = 32),
  result bytea, -- null only inside the transaction that writes it
  created_at timestamptz not null default now(),
  primary key (user_id, hash)
);
create index idempotency_keys_created_at on private.idempotency_keys (created_at); -- a job deletes old rows
comment on table private.idempotency_keys is 'Stored answers to requests with an Idempotency-Key; kept for a day';
comment on column private.idempotency_keys.hash is 'SHA-256 of caller, path and key; the key itself is not stored';
comment on column private.idempotency_keys.result is 'Encrypted with the key, because it may hold a secret that is shown once';

-- The owner of a key. A caller who is not signed in has the token of a link: it is part of the address, and so of the hash.
create function private.idempotency_owner() returns uuid language plpgsql stable set search_path = '' as $$
begin
  return coalesce((select auth.uid()), '00000000-0000-0000-0000-000000000000');
end $$;

-- Returns no row if the caller has taken the key now: until this transaction ends, other requests with it wait. Returns a row if the
-- key was taken before. A failed request leaves no row.
create function private.take_idempotency_key(hash bytea, body_hash bytea) returns table (request_hash bytea, result bytea)
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.idempotency_keys as held (user_id, hash, request_hash)
  values (private.idempotency_owner(), take_idempotency_key.hash, take_idempotency_key.body_hash)
  on conflict on constraint idempotency_keys_pkey do update set request_hash = excluded.request_hash, result = null, created_at = now()
    where held.created_at < now() - interval '24 hours';
  if not found then
    return query select held.request_hash, held.result from private.idempotency_keys as held
      where held.user_id = private.idempotency_owner() and held.hash = take_idempotency_key.hash;
  end if;
end $$;

create function private.store_idempotent_result(hash bytea, result bytea) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update private.idempotency_keys as held set result = store_idempotent_result.result
  where held.user_id = private.idempotency_owner() and held.hash = store_idempotent_result.hash and held.result is null;
end $$;

grant execute on function private.take_idempotency_key(bytea, bytea), private.store_idempotent_result(bytea, bytea) to authenticated, anon;
