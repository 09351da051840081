-- Clients: who acts in the portal. A client is a contact with an account, or a contact who opened the link to one ticket.

-- The contact who acts, and the only ticket that they may see (null: all of theirs). Raises 404 for anybody else, also for members of the
-- team: for them the portal does not exist. Raises 401 for a session that an agent has ended. A contact who was merged acts as the contact
-- that took over.
create function private.require_client(team_id uuid, out contact_id uuid, out ticket_id uuid)
language plpgsql stable security definer set search_path = '' as $$
declare
  caller uuid := (select auth.uid());
  session_hash text := nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'ticket_session';
  last_end timestamptz;
begin
  if caller is not null and not private.is_api_key() and private.has_live_session() then
    select contact.id, contact.signed_out_at into contact_id, last_end
    from public.contacts as known
    join public.contacts as contact on contact.id = coalesce(known.merged_into, known.id)
    where known.team_id = require_client.team_id and known.user_id = caller
      and known.blocked_at is null and contact.blocked_at is null and contact.erased_at is null;
  elsif caller is null and session_hash ~ '^[0-9a-f]{64}$' then
    select contact.id, session.ticket_id into contact_id, ticket_id
    from private.ticket_sessions as session
    join public.contacts as known on known.id = session.contact_id
    join public.contacts as contact on contact.id = coalesce(known.merged_into, known.id)
    where session.token_hash = decode(session_hash, 'hex') and session.team_id = require_client.team_id and session.expires_at > now()
      and known.blocked_at is null and contact.blocked_at is null and contact.erased_at is null
      and session.ticket_id in (
        select visible.id from private.client_ticket_ids(session.team_id, contact.id, session.ticket_id, false) as visible (id)
      );
  end if;
  if contact_id is null or not exists (
    select from public.teams as team where team.id = require_client.team_id and team.deleted_at is null
  ) then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  if not private.is_session_newer(last_end) then
    raise exception 'Your session has ended. Sign in again' using errcode = 'PT401', detail = 'session_ended';
  end if;
end $$;

-- The contacts whose tickets a contact sees: themselves and, with `is_shared`, the others of their organization if it shares tickets.
create function private.visible_requesters(team_id uuid, contact_id uuid, is_shared boolean) returns uuid[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return array[visible_requesters.contact_id] || case when is_shared then array(
    select colleague.id
    from public.contacts as contact
    join public.organizations as organization
      on organization.team_id = contact.team_id and organization.id = contact.organization_id and organization.shares_tickets
    join public.contacts as colleague on colleague.team_id = organization.team_id and colleague.organization_id = organization.id
    where contact.id = visible_requesters.contact_id and contact.team_id = visible_requesters.team_id
  ) end;
end $$;

-- The participations of a contact, and of the duplicates that were merged into them.
create function private.participations(team_id uuid, contact_id uuid) returns setof public.ticket_participants
language plpgsql stable security definer set search_path = '' rows 20 as $$
begin
  return query select entry.* from public.ticket_participants as entry
    where entry.team_id = participations.team_id and entry.contact_id in (
      select contact.id from public.contacts as contact where contact.team_id = participations.team_id
        and (contact.id = participations.contact_id or contact.merged_into = participations.contact_id)
    );
end $$;

-- The tickets that a contact takes part in: their own, those where they are a participant and, with `is_shared`, those of their
-- organization if it shares tickets. With `only_id` at most this ticket. Everything in the portal asks this function, and nothing else
-- decides it.
create function private.client_ticket_ids(team_id uuid, contact_id uuid, only_id uuid default null, is_shared boolean default true)
  returns setof uuid
language plpgsql stable security definer set search_path = '' rows 200 as $$
declare
  requesters uuid[] := private.visible_requesters(client_ticket_ids.team_id, client_ticket_ids.contact_id, is_shared);
begin
  if only_id is not null then
    return query select ticket.id from public.tickets as ticket
      where ticket.id = only_id and ticket.team_id = client_ticket_ids.team_id and (
        ticket.contact_id = any (requesters) or ticket.id in (
          select entry.ticket_id from private.participations(client_ticket_ids.team_id, client_ticket_ids.contact_id) as entry
        )
      );
  else
    return query
      select ticket.id from public.tickets as ticket
      where ticket.team_id = client_ticket_ids.team_id and ticket.contact_id = any (requesters)
      union
      select entry.ticket_id from private.participations(client_ticket_ids.team_id, client_ticket_ids.contact_id) as entry;
  end if;
end $$;

-- From when on a contact may read what is written in a ticket: a participant sees nothing from before they were added, unless an agent
-- has shown it to them. Null if they may read nothing.
create function private.client_reads_from(ticket public.tickets, contact_id uuid, is_shared boolean) returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
begin
  if ticket.contact_id = client_reads_from.contact_id
    or ticket.contact_id = any (private.visible_requesters(ticket.team_id, client_reads_from.contact_id, is_shared)) then
    return '-infinity';
  end if;
  return (
    select min(case when entry.can_read_history then '-infinity' else entry.created_at end)
    from private.participations(ticket.team_id, client_reads_from.contact_id) as entry where entry.ticket_id = ticket.id
  );
end $$;

-- Links to one ticket ---------------------------------------------------------------------------------------------------------

-- What the page behind a link shows: whose link it is. Reading opens nothing, so programs that follow the links in mails do nothing.
create function private.ticket_link_preview(token_hash bytea)
returns table (team_id uuid, team_name text, slug text, ticket_number integer, contact_name text, locale text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select team.id, team.name, team.slug, ticket.ticket_number, coalesce(contact.name, address.address), contact.locale
    from private.ticket_links as link
    join public.contacts as known on known.id = link.contact_id
    join public.contacts as contact on contact.id = coalesce(known.merged_into, known.id)
    join public.contact_addresses as address
      on address.team_id = contact.team_id and address.contact_id = contact.id and address.is_primary
    join public.teams as team on team.id = link.team_id and team.deleted_at is null
    join public.tickets as ticket on ticket.id = link.ticket_id
    where link.token_hash = ticket_link_preview.token_hash and link.expires_at > now()
      and known.blocked_at is null and contact.blocked_at is null and contact.erased_at is null
      and link.ticket_id in (
        select visible.id from private.client_ticket_ids(link.team_id, contact.id, link.ticket_id, false) as visible (id)
      );
end $$;

-- Begins a ticket session. The caller keeps the secret of `session_hash` in a cookie. Raises 404 for a link that does not work (any more).
create function private.open_ticket_link(token_hash bytea, session_hash bytea) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from private.ticket_link_preview(open_ticket_link.token_hash)) then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  perform private.require_budget('open_link', 'link:' || encode(open_ticket_link.token_hash, 'hex'), 30, '1 hour', 10);
  insert into private.ticket_sessions (token_hash, team_id, ticket_id, contact_id)
  select open_ticket_link.session_hash, link.team_id, link.ticket_id, link.contact_id
  from private.ticket_links as link where link.token_hash = open_ticket_link.token_hash;
end $$;

-- "Not you?": ends the session, and the links of the same contact to the same ticket.
create function private.end_ticket_session(session_hash bytea) returns void
language plpgsql security definer set search_path = '' as $$
begin
  with ended as (
    delete from private.ticket_sessions as session where session.token_hash = end_ticket_session.session_hash
    returning session.team_id, session.ticket_id, session.contact_id
  )
  delete from private.ticket_links as link using ended
  where link.team_id = ended.team_id and link.ticket_id = ended.ticket_id and link.contact_id = ended.contact_id;
end $$;

-- The ticket that a session opens, which the server needs to choose between a ticket session and an account.
create function private.ticket_of_session(session_hash bytea) returns table (team_id uuid, ticket_number integer)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select session.team_id, ticket.ticket_number from private.ticket_sessions as session
    join public.tickets as ticket on ticket.id = session.ticket_id
    where session.token_hash = ticket_of_session.session_hash and session.expires_at > now();
end $$;

-- Accounts -------------------------------------------------------------------------------------------------------------------

-- Anybody may see the sign-in page of a team, which shows its name and colour, and its help centre.
create function private.portal_team(slug text) returns table (id uuid, name text, color text, help_locales text[])
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select team.id, team.name, team.portal_color, team.help_locales from public.teams as team
    where team.slug = portal_team.slug and team.deleted_at is null;
end $$;

-- The language of the contact who may sign in with this address; no row if nobody may. Only for the server, which mails a link and gives
-- the same answer in any case: granted to nobody.
create function private.portal_address(team_id uuid, address text) returns table (locale text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select contact.locale from public.contact_addresses as entry
    join public.contacts as contact on contact.id = entry.contact_id
    where entry.team_id = portal_address.team_id and entry.address = portal_address.address
      and contact.blocked_at is null and contact.erased_at is null and contact.merged_into is null;
end $$;

-- Links the caller's account to the contacts who have its confirmed address. A contact has one account: that of the address with which
-- they signed in last.
create function private.link_contacts() returns void
language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := (select auth.uid());
  confirmed text;
begin
  perform private.require_person();
  select lower(person.email) into confirmed from auth.users as person
    where person.id = caller and person.email_confirmed_at is not null and person.deleted_at is null and private.has_live_session();
  if confirmed is null then
    return;
  end if;
  update public.contact_addresses as entry set verified_at = now() where entry.address = confirmed and entry.verified_at is null;
  -- First the contact that had this address before: a team has one contact for an account.
  update public.contacts as contact set user_id = null
  where contact.user_id = caller and not exists (
    select from public.contact_addresses as entry
    where entry.team_id = contact.team_id and entry.contact_id = contact.id and entry.address = confirmed
  );
  update public.contacts as contact set user_id = caller
  from public.contact_addresses as entry
  where entry.address = confirmed and contact.id = entry.contact_id and contact.user_id is distinct from caller
    and contact.merged_into is null and contact.erased_at is null;
end $$;

-- The teams where the caller is a client: somebody may have asked several.
create function private.portal_teams() returns table (id uuid, name text, slug text)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_person();
  return query
    select team.id, team.name, team.slug from public.contacts as contact
    join public.teams as team on team.id = contact.team_id and team.deleted_at is null
    where contact.user_id = (select auth.uid()) and contact.blocked_at is null and contact.erased_at is null and private.has_live_session()
      and private.is_session_newer(contact.signed_out_at)
    order by team.name collate "und-x-icu", team.id;
end $$;

grant execute on function private.ticket_link_preview(bytea), private.open_ticket_link(bytea, bytea), private.end_ticket_session(bytea),
  private.ticket_of_session(bytea), private.portal_team(text) to anon;
grant execute on function private.portal_team(text), private.link_contacts(), private.portal_teams() to authenticated;
