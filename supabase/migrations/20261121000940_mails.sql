-- Mails: the outbox of what is mailed to members and clients, one row for each mail. Rows are made of events and say what
-- happened, not what is written: the words are put together when the mail is sent, of what is there then.

create table public.mails (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  ticket_id uuid, -- null: it is about none, or the ticket is gone
  event_id bigint not null,
  kind text not null check (kind in ('member_notice', 'ticket_received', 'public_reply', 'status_changed', 'assigned', 'rating_request')),
  recipient text not null check (recipient = lower(recipient) and length(recipient) between 3 and 320),
  recipient_user_id uuid references public.profiles (id) on delete cascade, -- null: a client
  data jsonb not null default '{"events": []}' check (jsonb_typeof(data -> 'events') = 'array'),
  state text not null default 'waiting' check (state in ('waiting', 'sent', 'merged', 'cancelled', 'suppressed', 'failed')),
  reason text check (length(reason) <= 200),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  locked_until timestamptz,
  last_error text check (length(last_error) <= 500),
  first_attempt_at timestamptz,
  sent_at timestamptz,
  created_at timestamptz not null default now(),
  -- A deleted ticket leaves the record of what was mailed about it.
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete set null (ticket_id),
  check ((kind = 'member_notice') = (recipient_user_id is not null)),
  check ((state = 'sent') = (sent_at is not null))
);
alter table public.mails enable row level security;
comment on table public.mails is 'The outbox: mails to members and clients, waiting and sent';
comment on column public.mails.data is 'Which events and replies it tells of; none of their words';
comment on column public.mails.event_id is 'The first event it tells of: mails that are due at once go in this order';
comment on column public.mails.reason is 'Why it was not sent, or not yet';
comment on column public.mails.first_attempt_at is 'From then on nothing joins it: a repeated attempt says the same under the same Message-ID';

create index mails_due on public.mails (next_attempt_at, event_id, id) where state = 'waiting';
-- What happens next about the same ticket joins the mail that waits for its moment.
create unique index mails_joinable on public.mails (team_id, ticket_id, recipient, kind) where state = 'waiting' and first_attempt_at is null and kind <> 'ticket_received';
create unique index mails_received_once on public.mails (team_id, ticket_id, recipient) where kind = 'ticket_received';
create index mails_thread on public.mails (team_id, ticket_id, recipient, sent_at desc); -- the last one of a conversation, and the foreign keys
create index mails_by_recipient on public.mails (recipient, state, sent_at desc); -- how many an address had within the hour, and what is on its way
create index mails_waiting_for_member on public.mails (recipient_user_id, team_id); -- the digest, and the foreign key
create index mails_newest on public.mails (team_id, created_at desc, id desc); -- the team's list

create policy mails_select_managers on public.mails for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('jobs.manage'))::uuid[]));
-- Writing is granted to no person: what is mailed follows from what happened.
grant select on public.mails to authenticated;
grant select, insert, update, delete on public.mails to service_role;

create function private.tg_tickets__cancel_mails() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.mails as mail set state = 'cancelled', reason = 'The ticket was deleted', locked_until = null
  where mail.team_id = old.team_id and mail.ticket_id = old.id and mail.state = 'waiting' and mail.locked_until is null;
  return old;
end $$;
create trigger tickets__cancel_mails before delete on public.tickets
  for each row execute function private.tg_tickets__cancel_mails();

create trigger mails__notify after insert or update of next_attempt_at on public.mails
  for each statement execute function private.tg__notify('switchboard_mails');
