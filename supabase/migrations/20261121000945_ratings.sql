-- Ratings: how a client rates a resolved ticket, through the link in the mail that asks for it.

create table public.ticket_ratings (
  team_id uuid not null,
  ticket_id uuid not null,
  score smallint not null check (score between 1 and 5),
  comment text check (length(comment) between 1 and 1000 and private.is_visible(comment)),
  rated_by text check (length(rated_by) <= 320), -- the client's address; a later requester of the ticket does not see the rating
  writes smallint not null default 1 check (writes between 1 and 20), -- each write is an event
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (team_id, ticket_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade
);
alter table public.ticket_ratings enable row level security;
comment on table public.ticket_ratings is
  'The client''s rating of a ticket, 1 to 5; 5 is best. It can change up to 19 times while the link is valid';

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
  -- The client who was asked: the link becomes invalid when the ticket gets another requester.
  recipient text not null check (recipient = lower(recipient) and length(recipient) between 3 and 320),
  expires_at timestamptz not null default now() + interval '30 days',
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade
);
create index rating_tokens_ticket on private.rating_tokens (team_id, ticket_id); -- the foreign key
create index rating_tokens_expires_at on private.rating_tokens (expires_at); -- a job deletes expired tokens
comment on table private.rating_tokens is 'SHA-256 of the tokens in rating links, one ticket each';

-- One event for each rating and each change of it. The ticket's new version updates browsers that show it.
create function private.tg_ticket_ratings__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.record_event(new.team_id, new.ticket_id, ticket.ticket_number, 'ticket.rated',
    case when tg_op = 'UPDATE' then jsonb_build_object('score', old.score, 'comment', old.comment) end,
    jsonb_build_object('score', new.score, 'comment', new.comment))
  from public.tickets as ticket where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  update public.tickets as ticket set version = ticket.version + 1 where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  return null;
end $$;
create trigger ticket_ratings__record_events_insert after insert on public.ticket_ratings
  for each row execute function private.tg_ticket_ratings__record_events();
create trigger ticket_ratings__record_events_update after update on public.ticket_ratings
  for each row when ((new.score, new.comment) is distinct from (old.score, old.comment))
  execute function private.tg_ticket_ratings__record_events();

-- What the holder of a token sees: the token itself is the permission. Reading does not rate, so programs that follow the links in
-- mails do nothing.
create function private.rating_preview(token_hash bytea)
returns table (team_name text, ticket_number integer, subject text, score smallint, comment text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select team.name, ticket.ticket_number, ticket.subject, rating.score, rating.comment
    from private.rating_tokens as token
    join public.teams as team on team.id = token.team_id
    join public.tickets as ticket on ticket.team_id = token.team_id and ticket.id = token.ticket_id
      and lower(btrim(ticket.requester_email)) = token.recipient
    left join public.ticket_ratings as rating on rating.team_id = token.team_id and rating.ticket_id = token.ticket_id
      and rating.rated_by = token.recipient
    where token.token_hash = rating_preview.token_hash and token.expires_at > now();
end $$;

create function private.save_rating(token_hash bytea, score integer, comment text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  token private.rating_tokens;
  before record;
begin
  select candidate.* into token from private.rating_tokens as candidate
  where candidate.token_hash = save_rating.token_hash and candidate.expires_at > now()
    and exists (
      select from public.tickets as ticket
      where ticket.team_id = candidate.team_id and ticket.id = candidate.ticket_id
        and lower(btrim(ticket.requester_email)) = candidate.recipient
    );
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  -- The client is the author, even if somebody else is signed in on their machine.
  perform set_config('request.jwt.claims', '', true), set_config('switchboard.channel', 'portal', true);
  select rating.writes, rating.score, rating.comment, rating.rated_by into before from public.ticket_ratings as rating
  where rating.team_id = token.team_id and rating.ticket_id = token.ticket_id for update;
  if before.writes >= 20 and before.rated_by = token.recipient
    and (before.score, before.comment) is distinct from (save_rating.score::smallint, save_rating.comment) then
    raise exception 'This rating was changed 19 times and cannot be changed again' using errcode = 'PT409', detail = 'rating_final';
  end if;
  insert into public.ticket_ratings as rating (team_id, ticket_id, score, comment, rated_by)
  values (token.team_id, token.ticket_id, save_rating.score, save_rating.comment, token.recipient)
  on conflict on constraint ticket_ratings_pkey do update
  set score = excluded.score, comment = excluded.comment, rated_by = excluded.rated_by,
    writes = case when rating.rated_by = excluded.rated_by then least(rating.writes + 1, 20) else 1 end
  where (rating.score, rating.comment, rating.rated_by) is distinct from (excluded.score, excluded.comment, excluded.rated_by);
  perform private.remember_mailbox(token.team_id, token.recipient);
end $$;
grant execute on function private.rating_preview(bytea), private.save_rating(bytea, integer, text) to anon;
