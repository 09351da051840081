-- Ticket links: the link in a mail opens one ticket for the contact it was mailed to, without a sign-in. Opening it begins a ticket
-- session. Agents can end the sessions of a contact.

-- The token is only in the mail. A mail that is sent again has another token; both work.
create table private.ticket_links (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  team_id uuid not null,
  ticket_id uuid not null,
  contact_id uuid not null,
  expires_at timestamptz not null default now() + interval '90 days',
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
create index ticket_links_ticket_id on private.ticket_links (team_id, ticket_id); -- the foreign key
create index ticket_links_contact_id on private.ticket_links (team_id, contact_id); -- the foreign key
create index ticket_links_expires_at on private.ticket_links (expires_at); -- a job deletes expired links
comment on table private.ticket_links is 'SHA-256 of the tokens in mailed links to tickets';

create table private.ticket_sessions (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  team_id uuid not null,
  ticket_id uuid not null,
  contact_id uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '30 days',
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
create index ticket_sessions_ticket_id on private.ticket_sessions (team_id, ticket_id); -- the foreign key
create index ticket_sessions_contact_id on private.ticket_sessions (team_id, contact_id); -- the foreign key
create index ticket_sessions_expires_at on private.ticket_sessions (expires_at); -- a job deletes expired sessions
comment on table private.ticket_sessions is 'SHA-256 of the cookies of people who opened a link to one ticket';

-- Signs a contact out of the portal: ends their ticket sessions and the links that could begin others, and returns how many there were.
-- A mailed link to sign in that nobody has used is void, too.
-- People whom they invited to their tickets cannot confirm any more.
-- Sessions of their account do not open the portal of this team any more, but stay: the account may be a client or a member of other teams.
-- For the same reason nobody here learns how many there are.
create function private.end_contact_sessions(team_id uuid, contact_id uuid, out ticket_sessions integer, out ticket_links integer)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  contact public.contacts;
  known_ids uuid[]; -- with the duplicates that were merged into the contact
begin
  perform private.require_permission(end_contact_sessions.team_id, 'contacts.manage');
  select * into contact from public.contacts as candidate
    where candidate.team_id = end_contact_sessions.team_id and candidate.id = end_contact_sessions.contact_id
      and candidate.merged_into is null and candidate.erased_at is null;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  with known as (
    update public.contacts as row set signed_out_at = now()
    where row.team_id = contact.team_id and (row.id = contact.id or row.merged_into = contact.id) returning row.id
  )
  select array_agg(known.id) into known_ids from known;
  with ended as (
    delete from private.ticket_links as link where link.team_id = contact.team_id and link.contact_id = any (known_ids)
    returning link.expires_at
  )
  select count(*) filter (where ended.expires_at > now()) into ticket_links from ended;
  with ended as (
    delete from private.ticket_sessions as session where session.team_id = contact.team_id and session.contact_id = any (known_ids)
    returning session.expires_at
  )
  select count(*) filter (where ended.expires_at > now()) into ticket_sessions from ended;
  perform private.revoke_sign_in_links(contact.team_id, known_ids);
  perform private.revoke_invitations(contact.team_id, known_ids);
  perform private.record_team_event(contact.team_id, 'contact.signed_out', null, private.contact_reference(contact)
    || jsonb_build_object('ticket_sessions', ticket_sessions, 'ticket_links', ticket_links));
end $$;
grant execute on function private.end_contact_sessions(uuid, uuid) to authenticated;

-- Whether the caller's session began after the contact was signed out.
create function private.is_session_newer(signed_out_at timestamptz) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return is_session_newer.signed_out_at is null or exists (
    select from auth.sessions as session
    where session.id = private.claimed_session_id() and session.created_at > is_session_newer.signed_out_at
  );
end $$;
