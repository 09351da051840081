-- Mails: the outbox of mails to members and clients, one row for each mail. Rows are made from events and refer to them without any
-- text. The text is built when the mail is sent, from the rows as they are then.

create table public.mails (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  ticket_id uuid, -- null: about no ticket, or the ticket was deleted
  event_id bigint, -- null: an invitation has no event
  kind text not null check (kind in ('member_notice', 'ticket_received', 'public_reply', 'status_changed', 'assigned', 'rating_request',
    'participant_invitation', 'digest')),
  recipient text not null check (recipient = lower(recipient) and length(recipient) between 3 and 320),
  recipient_user_id uuid references public.profiles (id) on delete cascade, -- null: a client
  data jsonb not null default '{"events": []}' check (jsonb_typeof(data -> 'events') = 'array'
    and jsonb_array_length(data -> 'events') <= 100),
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'merged', 'cancelled', 'suppressed', 'failed')),
  reason text check (length(reason) <= 200),
  attempts integer not null default 0,
  unfinished_attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  locked_until timestamptz,
  last_error text check (length(last_error) <= 500),
  first_attempt_at timestamptz,
  held_until timestamptz, -- a limit or a budget delayed it until then; the three days of retries begin there
  sent_at timestamptz,
  carrier_id uuid, -- the mail that contains the text of this one
  created_at timestamptz not null default now(),
  unique (team_id, id),
  foreign key (team_id, carrier_id) references public.mails (team_id, id) on delete cascade,
  -- When a ticket is deleted, the record of its mails stays.
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete set null (ticket_id),
  check ((kind = 'member_notice') = (recipient_user_id is not null)),
  check ((kind = 'participant_invitation') = (event_id is null)),
  check ((state = 'merged') = (carrier_id is not null)),
  -- of a merged mail: when its carrier was sent
  check (case state when 'sent' then sent_at is not null when 'merged' then true else sent_at is null end)
);
alter table public.mails enable row level security;
comment on table public.mails is 'The outbox: mails to members and clients, waiting and sent';
comment on column public.mails.data is 'The ids of the events and replies of the mail, without their text';
comment on column public.mails.event_id is 'The first event of the mail; mails that are due at the same time are sent in this order';
comment on column public.mails.reason is 'Why the mail was not sent, or still waits';
comment on column public.mails.carrier_id is
  'The mail that carries this one; attempts, limits and outcome are those of the carrier';
comment on column public.mails.attempts is 'Counted when a server claims the mail, before it builds the text';
comment on column public.mails.unfinished_attempts is 'Consecutive attempts whose server stopped before it recorded the result';
comment on column public.mails.first_attempt_at is
  'Events are no longer added after this time, so a retry has the same text and Message-ID';

create index mails_due on public.mails (next_attempt_at, event_id, id) where state = 'waiting';
create index mails_suspect on public.mails (locked_until) where state = 'waiting' and unfinished_attempts > 1; -- tried one at a time
-- Later events of the same ticket join a mail that is not due yet, until it refers to the maximum number of events.
create unique index mails_joinable on public.mails (team_id, ticket_id, recipient, kind)
  where state = 'waiting' and first_attempt_at is null and kind <> 'ticket_received' and jsonb_array_length(data -> 'events') <= 50;
create unique index mails_received_once on public.mails (team_id, ticket_id, recipient) where kind = 'ticket_received';
-- the last mail of a conversation, and the foreign keys
create index mails_thread on public.mails (team_id, ticket_id, recipient, sent_at desc);
-- how many mails an address got within the hour, and which are being sent
create index mails_by_recipient on public.mails (recipient, state, sent_at desc);
create index mails_waiting_for_member on public.mails (recipient_user_id, team_id); -- the digest, and the foreign key
create index mails_carried on public.mails (team_id, carrier_id) where carrier_id is not null; -- the parts of a digest, and the foreign key
create index mails_newest on public.mails (team_id, created_at desc, id desc); -- the team's list

create policy mails_select_managers on public.mails for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('jobs.manage'))::uuid[]));
-- Writing is granted to nobody: the server makes mails from events.
grant select on public.mails to authenticated;
grant select, insert, update, delete on public.mails to service_role;

create function private.tg_tickets__cancel_mails() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.mails as mail set state = 'cancelled', reason = 'The ticket was deleted', locked_until = null, carrier_id = null
  where mail.team_id = old.team_id and mail.ticket_id = old.id and mail.state in ('waiting', 'merged')
    and mail.locked_until is null and exists ( -- checked again: a statement that waited for this row re-reads it, but not its carrier
    select from public.mails as carrier
    where carrier.team_id = mail.team_id and carrier.id = coalesce(mail.carrier_id, mail.id) and carrier.state = 'waiting'
      and carrier.locked_until is null
  );
  return old;
end $$;
create trigger _500_cancel_mails before delete on public.tickets
  for each row execute function private.tg_tickets__cancel_mails();

create trigger mails__notify after insert or update of next_attempt_at on public.mails
  for each statement execute function private.tg__notify('switchboard_mails');

-- Whether a mail to a client may be sent now, or when. Takes from the budgets once for each mail. Mails to members need no budget: they
-- accepted an invitation. Invitations to a ticket always do: whoever answered the team once did not ask for them.
create function private.take_mail_budget(mail_id uuid, out frees_at timestamptz, out reason text)
language plpgsql security definer set search_path = '' as $$
declare
  mail public.mails;
  sender uuid;
begin
  select candidate.* into mail from public.mails as candidate where candidate.id = take_mail_budget.mail_id;
  if mail.kind = 'member_notice'
    or (mail.kind <> 'participant_invitation' and private.is_known_mailbox(mail.team_id, mail.recipient)) then
    return;
  end if;
  select event.actor_id into sender from public.ticket_events as event where event.team_id = mail.team_id and event.id = mail.event_id;
  select taken.frees_at, taken.reason into take_mail_budget.frees_at, take_mail_budget.reason
  from private.take_stranger_mail(mail.team_id, 'client', mail.recipient, sender, mail.id) as taken;
end $$;

-- The mails about a ticket to its client, for members who see the ticket: sent, waiting and failed ones with the reason. A mail in a
-- digest has the state of the digest.
create function private.ticket_mails(team_id uuid, ticket_id uuid)
returns table (id uuid, kind text, recipient text, state text, reason text, created_at timestamptz, next_attempt_at timestamptz,
  sent_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(ticket_mails.team_id, 'tickets.view');
  return query
    select mail.id, mail.kind, mail.recipient,
      case when carrier.state in ('waiting', 'failed') then carrier.state else mail.state end,
      case
        when carrier.state = 'sent' then 'Sent ' || private.digest_companions(mail.team_id, mail.carrier_id, mail.ticket_id)
        when carrier.state = 'waiting'
          then coalesce(carrier.reason, case when carrier.last_error is not null then 'The mail server did not take it yet' end)
        when carrier.state = 'failed' then carrier.reason
        when mail.state = 'waiting' and mail.last_error is not null then coalesce(mail.reason, 'The mail server did not take it yet')
        else mail.reason
      end,
      mail.created_at, case when coalesce(carrier.state, mail.state) = 'waiting'
        then coalesce(carrier.next_attempt_at, mail.next_attempt_at) end, mail.sent_at
    from public.mails as mail
    left join public.mails as carrier on carrier.team_id = mail.team_id and carrier.id = mail.carrier_id
    where mail.team_id = ticket_mails.team_id and mail.ticket_id = ticket_mails.ticket_id and mail.recipient_user_id is null
      and mail.kind <> 'digest'
    order by mail.created_at desc, mail.id desc;
end $$;

-- "together with #002 and #003": the other tickets of a digest.
create function private.digest_companions(team_id uuid, digest_id uuid, ticket_id uuid) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce('together with ' || (
    select string_agg('#' || lpad(number::text, greatest(3, length(number::text)), '0'), ', ' order by number)
    from (
      select distinct ticket.ticket_number as number
      from public.mails as mail
      join public.tickets as ticket on ticket.team_id = mail.team_id and ticket.id = mail.ticket_id
      where mail.team_id = digest_companions.team_id and mail.carrier_id = digest_companions.digest_id and mail.state = 'merged'
        and mail.ticket_id <> digest_companions.ticket_id
    ) as other
  ), 'together with other news of this ticket');
end $$;
grant execute on function private.ticket_mails(uuid, uuid) to authenticated;

-- Links in the headers of every notice that end these mails (RFC 8058): one for each mail, for one member of one team. It is valid
-- while they have the address to which the mail was sent.
create table private.unsubscribe_tokens (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  team_id uuid not null,
  user_id uuid not null,
  recipient text not null,
  expires_at timestamptz not null default now() + interval '60 days',
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade
);
create index unsubscribe_tokens_member on private.unsubscribe_tokens (team_id, user_id); -- the foreign key
create index unsubscribe_tokens_expires_at on private.unsubscribe_tokens (expires_at);
comment on table private.unsubscribe_tokens is 'SHA-256 of the tokens in unsubscribe links';

create function private.unsubscribe_preview(token_hash bytea) returns table (team_name text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select team.name
    from private.unsubscribe_tokens as token
    join public.teams as team on team.id = token.team_id
    join public.profiles as person on person.id = token.user_id and person.email = token.recipient
    where token.token_hash = unsubscribe_preview.token_hash and token.expires_at > now();
end $$;

-- Ends all mails of the team to this member; notifications in the app stay. The server passes the list of kinds.
create function private.unsubscribe(token_hash bytea, kinds text[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  holder private.unsubscribe_tokens;
begin
  select token.* into holder from private.unsubscribe_tokens as token
  join public.profiles as person on person.id = token.user_id and person.email = token.recipient
  where token.token_hash = unsubscribe.token_hash and token.expires_at > now();
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  insert into public.notification_preferences as preference (team_id, user_id, kind, in_app, mail)
  select holder.team_id, holder.user_id, kind, true, false from unnest(unsubscribe.kinds) as kind
  on conflict on constraint notification_preferences_pkey do update set mail = false;
end $$;
grant execute on function private.unsubscribe_preview(bytea), private.unsubscribe(bytea, text[]) to anon;
