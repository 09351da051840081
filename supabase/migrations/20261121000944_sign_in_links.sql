-- Sign-in links: the links of the portal that were mailed to contacts, until they expire. Supabase Auth keeps the tokens; a team can revoke
-- those that it has mailed itself.

create table private.sign_in_links (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  team_id uuid not null,
  contact_id uuid not null,
  expires_at timestamptz not null default now() + interval '1 hour',
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
create index sign_in_links_contact_id on private.sign_in_links (team_id, contact_id); -- the foreign key
create index sign_in_links_expires_at on private.sign_in_links (expires_at); -- a job deletes expired links
comment on table private.sign_in_links is 'SHA-256 of the tokens in mailed links that sign clients in';

-- Only the server calls it, after it has made a link: granted to nobody.
create function private.record_sign_in_link(team_id uuid, address text, token_hash bytea) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.sign_in_links (token_hash, team_id, contact_id)
  select record_sign_in_link.token_hash, entry.team_id, entry.contact_id from public.contact_addresses as entry
  where entry.team_id = record_sign_in_link.team_id and entry.address = record_sign_in_link.address;
end $$;

-- Makes the links void that this team has mailed to these contacts and nobody has used. Links that Supabase Auth made for another reason,
-- such as another team or a forgotten password, keep working. Supabase Auth writes '' where there is no token, and newer versions look for
-- tokens in a table of their own.
create function private.revoke_sign_in_links(team_id uuid, contact_ids uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  revoked bytea[];
  accounts uuid[];
begin
  with links as (
    delete from private.sign_in_links as link
    where link.team_id = revoke_sign_in_links.team_id and link.contact_id = any (revoke_sign_in_links.contact_ids)
    returning link.token_hash
  )
  select array_agg(links.token_hash) into revoked from links;
  if revoked is null then
    return;
  end if;
  accounts := array(
    select account.id from auth.users as account
    join public.contact_addresses as entry on entry.address = account.email
    where entry.team_id = revoke_sign_in_links.team_id and entry.contact_id = any (revoke_sign_in_links.contact_ids)
  );
  update auth.users as account set recovery_token = ''
  where account.id = any (accounts) and sha256(convert_to(account.recovery_token, 'UTF8')) = any (revoked);
  update auth.users as account set confirmation_token = ''
  where account.id = any (accounts) and sha256(convert_to(account.confirmation_token, 'UTF8')) = any (revoked);
  if to_regclass('auth.one_time_tokens') is not null then
    execute 'delete from auth.one_time_tokens as token where token.user_id = any ($1)
      and sha256(convert_to(token.token_hash, ''UTF8'')) = any ($2)' using accounts, revoked;
  end if;
end $$;
