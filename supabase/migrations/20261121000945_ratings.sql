-- Ratings: how a client rates a resolved ticket, through the link in the mail that asks for it. A row is a question, and its answer.

create table public.ticket_ratings (
  team_id uuid not null,
  ticket_id uuid not null,
  cycle smallint not null check (cycle >= 1), -- a ticket that is resolved again can be rated again
  resolved_at timestamptz not null, -- the resolution that the client was asked about
  contact_id uuid, -- who was asked; a later requester of the ticket does not see the rating. Null after they were erased
  assigned_to uuid references public.profiles (id), -- who had the ticket when the client was asked
  asked_at timestamptz not null default now(),
  score smallint check (score between 1 and 5), -- null: no answer yet
  comment text check (length(comment) between 1 and 1000 and private.is_visible(comment)),
  rated_at timestamptz, -- the first answer; it can change for 7 days
  writes smallint not null default 0 check (writes between 0 and 20), -- each write is an event
  updated_at timestamptz not null default now(),
  primary key (team_id, ticket_id, cycle),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete set null (contact_id),
  check ((score is null) = (rated_at is null)),
  check (score is not null or comment is null)
);
alter table public.ticket_ratings enable row level security;
create index ticket_ratings_of_contact on public.ticket_ratings (team_id, contact_id, asked_at desc); -- the last one, and the foreign key
create index ticket_ratings_asked_at on public.ticket_ratings (team_id, asked_at); -- reports
create index ticket_ratings_assigned_to on public.ticket_ratings (assigned_to); -- the foreign key
comment on table public.ticket_ratings is
  'What clients were asked about a resolution of their ticket, and their rating, 1 to 5; 5 is best. It can change for 7 days, 19 times';

create policy ticket_ratings_select_members on public.ticket_ratings for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Writing is granted to nobody: private.save_rating() requires the token of the link.
grant select on public.ticket_ratings to authenticated;
grant select, insert, update, delete on public.ticket_ratings to service_role;

create trigger ticket_ratings__set_updated_at before update on public.ticket_ratings
  for each row execute function private.tg__set_updated_at();

-- The token is only in the mail. A mail that is sent again has another token; both work.
create table private.rating_tokens (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  team_id uuid not null,
  ticket_id uuid not null,
  cycle smallint not null,
  -- The client who was asked: the link becomes invalid when the ticket gets another requester.
  contact_id uuid not null,
  recipient text not null check (recipient = lower(recipient) and length(recipient) between 3 and 320),
  expires_at timestamptz not null default now() + interval '30 days',
  foreign key (team_id, ticket_id, cycle) references public.ticket_ratings (team_id, ticket_id, cycle) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
create index rating_tokens_rating on private.rating_tokens (team_id, ticket_id, cycle); -- the foreign key
create index rating_tokens_contact_id on private.rating_tokens (team_id, contact_id); -- the foreign key
create index rating_tokens_expires_at on private.rating_tokens (expires_at); -- a job deletes expired tokens
comment on table private.rating_tokens is 'SHA-256 of the tokens in rating links, one resolution of a ticket each';

-- One event for each rating and each change of it. The ticket's new version updates browsers that show it.
create function private.tg_ticket_ratings__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.record_event(new.team_id, new.ticket_id, ticket.ticket_number, 'ticket.rated',
    case when tg_op = 'UPDATE' and old.score is not null then jsonb_build_object('score', old.score, 'comment', old.comment) end,
    jsonb_build_object('score', new.score, 'comment', new.comment))
  from public.tickets as ticket where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  update public.tickets as ticket set version = ticket.version + 1 where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  return null;
end $$;
create trigger ticket_ratings__record_events_insert after insert on public.ticket_ratings
  for each row when (new.score is not null) execute function private.tg_ticket_ratings__record_events();
create trigger ticket_ratings__record_events_update after update on public.ticket_ratings
  for each row when ((new.score, new.comment) is distinct from (old.score, old.comment) and new.score is not null)
  execute function private.tg_ticket_ratings__record_events();

-- Asks the requester about the present resolution of a ticket, for the mail with the token. Returns why they are not asked, or null. A
-- contact is asked once for a resolution, and once in 30 days.
create function private.request_rating(team_id uuid, ticket_id uuid, token_hash bytea) returns text
language plpgsql security definer set search_path = '' as $$
declare
  ticket public.tickets;
  latest public.ticket_ratings;
begin
  select candidate.* into ticket from public.tickets as candidate
    where candidate.team_id = request_rating.team_id and candidate.id = request_rating.ticket_id for no key update;
  if ticket.resolved_at is null or ticket.contact_id is null then
    return 'There is nothing to rate';
  end if;
  -- One mail to a contact at a time.
  perform from public.contacts as contact where contact.id = ticket.contact_id for no key update;
  select rating.* into latest from public.ticket_ratings as rating
    where rating.team_id = ticket.team_id and rating.ticket_id = ticket.id order by rating.cycle desc limit 1;
  if latest.resolved_at = ticket.resolved_at then
    if latest.score is not null or latest.contact_id is distinct from ticket.contact_id then
      return 'A client was asked about this resolution';
    end if;
  else
    if exists (
      select from public.ticket_ratings as rating
      where rating.team_id = ticket.team_id and rating.asked_at > now() - interval '30 days' and rating.contact_id in (
        select person.id from public.contacts as person
        where person.team_id = ticket.team_id and ticket.contact_id in (person.id, person.merged_into)
      )
    ) then
      return 'The client was asked for a rating within the last 30 days';
    end if;
    insert into public.ticket_ratings (team_id, ticket_id, cycle, resolved_at, contact_id, assigned_to)
    values (ticket.team_id, ticket.id, coalesce(latest.cycle, 0) + 1, ticket.resolved_at, ticket.contact_id, ticket.assigned_to)
    returning * into latest;
  end if;
  insert into private.rating_tokens (token_hash, team_id, ticket_id, cycle, contact_id, recipient)
  values (request_rating.token_hash, ticket.team_id, ticket.id, latest.cycle, ticket.contact_id, ticket.requester_email);
  return null;
end $$;

-- The rating of a valid token. Its contact must still be the requester of the ticket, after a merge as the contact that took over.
create function private.rating_of_token(token_hash bytea) returns private.rating_tokens
language plpgsql stable security definer set search_path = '' as $$
declare
  found_token private.rating_tokens;
begin
  select token.* into found_token
  from private.rating_tokens as token
  join public.contacts as asked on asked.id = token.contact_id and asked.blocked_at is null and asked.erased_at is null
  join public.tickets as ticket on ticket.id = token.ticket_id and ticket.contact_id = coalesce(asked.merged_into, asked.id)
  where token.token_hash = rating_of_token.token_hash and token.expires_at > now();
  return found_token;
end $$;

-- What the holder of a token sees: the token itself is the permission. Reading does not rate, so programs that follow the links in
-- mails do nothing.
create function private.rating_preview(token_hash bytea)
returns table (team_name text, team_color text, ticket_number integer, subject text, score smallint, comment text, locale text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select team.name, team.portal_color, ticket.ticket_number, ticket.subject, rating.score, rating.comment, contact.locale
    from private.rating_of_token(rating_preview.token_hash) as token
    join public.teams as team on team.id = token.team_id
    join public.tickets as ticket on ticket.id = token.ticket_id
    join public.contacts as contact on contact.id = ticket.contact_id
    join public.ticket_ratings as rating on rating.team_id = token.team_id and rating.ticket_id = token.ticket_id
      and rating.cycle = token.cycle;
end $$;

create function private.save_rating(token_hash bytea, score integer, comment text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  token private.rating_tokens := private.rating_of_token(save_rating.token_hash);
begin
  if token.token_hash is null then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  -- The client is the author, even if somebody else is signed in on their machine.
  perform set_config('request.jwt.claims', '', true), set_config('switchboard.channel', 'portal', true);
  perform private.write_rating(token.team_id, token.ticket_id, token.cycle, save_rating.score::smallint, save_rating.comment);
  perform private.remember_mailbox(token.team_id, token.recipient);
end $$;

-- Stores an answer, or changes it within 7 days.
create function private.write_rating(team_id uuid, ticket_id uuid, cycle smallint, score smallint, comment text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  before public.ticket_ratings;
begin
  select rating.* into before from public.ticket_ratings as rating
  where rating.team_id = write_rating.team_id and rating.ticket_id = write_rating.ticket_id and rating.cycle = write_rating.cycle
  for update;
  if (before.score, before.comment) is not distinct from (write_rating.score, write_rating.comment) then
    return;
  end if;
  if before.rated_at <= now() - interval '7 days' then
    raise exception 'A rating cannot be changed after 7 days' using errcode = 'PT409', detail = 'rating_final';
  end if;
  if before.writes >= 20 then
    raise exception 'This rating was changed 19 times and cannot be changed again' using errcode = 'PT409', detail = 'rating_final';
  end if;
  update public.ticket_ratings as rating
  set score = write_rating.score, comment = write_rating.comment, rated_at = coalesce(rating.rated_at, now()), writes = rating.writes + 1
  where rating.team_id = before.team_id and rating.ticket_id = before.ticket_id and rating.cycle = before.cycle;
end $$;

-- The question about the present resolution of a ticket that this contact, or a duplicate that was merged into them, can answer, or whose
-- answer they can change. Without a mail, the portal asks when the team's delay has passed, for 30 days: then `cycle` is null, and
-- private.ask_for_rating() makes the row. No row for a participant, a colleague, a ticket that was reopened, one that was imported as
-- resolved, and one that they resolved themselves.
create function private.client_rating(ticket public.tickets, contact_id uuid) returns setof public.ticket_ratings
language plpgsql stable security definer set search_path = '' as $$
declare
  unasked public.ticket_ratings;
begin
  if ticket.contact_id is distinct from client_rating.contact_id or ticket.status not in ('resolved', 'closed') then
    return;
  end if;
  if exists (
    select from public.ticket_ratings as rating
    where rating.team_id = ticket.team_id and rating.ticket_id = ticket.id and rating.resolved_at = ticket.resolved_at
  ) then
    return query
      select rating.* from public.ticket_ratings as rating
      join public.contacts as asked on asked.id = rating.contact_id and client_rating.contact_id in (asked.id, asked.merged_into)
      where rating.team_id = ticket.team_id and rating.ticket_id = ticket.id and rating.resolved_at = ticket.resolved_at
        and (rating.rated_at is null or rating.rated_at > now() - interval '7 days')
      order by rating.cycle desc limit 1;
  elsif ticket.resolved_at > now() - interval '30 days' and exists (
    select from public.teams as team
    where team.id = ticket.team_id and ticket.resolved_at <= now() - make_interval(mins => team.rating_delay_minutes)
  ) and not exists (
    select from private.ticket_imports as import
    where import.team_id = ticket.team_id and import.ticket_id = ticket.id and import.resolved_at = ticket.resolved_at
  ) and ticket.contact_id is distinct from (
    select event.contact_id from public.ticket_events as event
    where event.team_id = ticket.team_id and event.ticket_id = ticket.id and event.type = 'ticket.status_changed'
      and event."to" in ('"resolved"', '"closed"') and event."from" not in ('"resolved"', '"closed"')
    order by event.id desc limit 1
  ) then
    unasked.team_id := ticket.team_id;
    unasked.ticket_id := ticket.id;
    return next unasked;
  end if;
end $$;

-- Makes the question that the portal asks by itself, and returns its cycle. It counts as asked: no mail asks this contact for 30 days.
create function private.ask_for_rating(ticket public.tickets) returns smallint
language plpgsql security definer set search_path = '' as $$
declare
  next_cycle smallint;
begin
  insert into public.ticket_ratings (team_id, ticket_id, cycle, resolved_at, contact_id, assigned_to)
  select ticket.team_id, ticket.id, coalesce(max(rating.cycle), 0) + 1, ticket.resolved_at, ticket.contact_id, ticket.assigned_to
  from public.ticket_ratings as rating where rating.team_id = ticket.team_id and rating.ticket_id = ticket.id
  returning cycle into next_cycle;
  return next_cycle;
end $$;

grant execute on function private.rating_preview(bytea), private.save_rating(bytea, integer, text) to anon;
grant execute on function private.request_rating(uuid, uuid, bytea) to service_role;
