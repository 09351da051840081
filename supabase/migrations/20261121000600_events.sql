-- Events: triggers write every change of a ticket, its replies and its tags, and of the team, in the transaction of the change. The
-- audit log of a team and the history of a ticket show them. Notifications, mails and webhook deliveries are made from them.

-- The types of events, in the order of `eventPayloads` in shared/schemas/event.ts, which describes their contents.
-- Types about tickets, which webhooks can send.
create function private.ticket_event_types() returns text[]
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return array[
    'ticket.created', 'ticket.status_changed', 'ticket.priority_changed', 'ticket.severity_changed', 'ticket.assigned', 'ticket.rerouted',
      'ticket.project_changed', 'ticket.snoozed',
    'ticket.subject_changed', 'ticket.description_changed', 'ticket.requester_changed', 'ticket.tags_changed',
      'ticket.participant_added', 'ticket.participant_removed', 'ticket.article_cited', 'ticket.article_removed',
    'ticket.deleted', 'ticket.rated',
    'ticket.sla_warning', 'ticket.sla_breached', 'ticket.sla_met', 'ticket.escalated',
    'reply.created', 'reply.deleted', 'attachment.added', 'attachment.removed'
  ];
end $$;
-- All types: those about tickets, and those about the team.
create function private.event_types() returns text[]
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return private.ticket_event_types() || array[
    'tickets.exported', 'audit.exported', 'team.created', 'team.updated', 'member.added', 'member.role_changed', 'member.removed',
    'invitation.created', 'invitation.renewed', 'invitation.revoked', 'routing.created', 'routing.updated', 'routing.deleted',
    'contact.created', 'contact.updated', 'contact.blocked', 'contact.unblocked', 'contact.signed_out', 'contact.merged',
    'contact.unmerged', 'contact.erased', 'organization.created', 'organization.updated', 'organization.deleted',
    'project.created', 'project.updated', 'project.deleted',
    'calendar.created', 'calendar.updated', 'calendar.deleted', 'policy.created', 'policy.updated', 'policy.deleted', 'policy.applied',
    'canned_response.created', 'canned_response.updated', 'canned_response.deleted',
    'article.created', 'article.updated', 'article.published', 'article.unpublished', 'article.deleted',
    'article_category.created', 'article_category.updated', 'article_category.deleted', 'view.shared', 'view.updated', 'view.unshared',
    'api_key.created', 'api_key.rotated', 'api_key.revoked', 'attachment.infected',
    'webhook.created', 'webhook.updated', 'webhook.deleted', 'webhook.secret_rotated', 'webhook.disabled'
  ];
end $$;
-- A check runs with the rights of the writer, and with those of a reader if the planner tests whether it can skip a table.
grant execute on function private.ticket_event_types(), private.event_types() to authenticated, service_role;

create table public.ticket_events (
  team_id uuid not null,
  id bigint generated always as identity,
  -- Neither id is a foreign key: a deleted ticket keeps its history. The events of a team are deleted with the team, see below.
  ticket_id uuid, -- null: the event is about the team
  ticket_number integer,
  type text not null check (type = any (private.event_types())),
  actor_id uuid, -- null: no member acted: a job, or a client who rates. What a contact did has the profile of the channel
  contact_id uuid, -- the contact who acted; no foreign key, because events never change
  -- { id, name, created_by: { id, full_name } } of the API key that acted for the actor, as it was then; null: no key acted.
  api_key jsonb check (jsonb_typeof(api_key) = 'object'),
  -- { policy: { id, name }, clock_id, metric, when } of the SLA clock whose escalation did it; null: no escalation.
  cause jsonb check (jsonb_typeof(cause) = 'object'),
  channel text not null check (channel in ('ui', 'api', 'job', 'import', 'portal')),
  "from" jsonb,
  "to" jsonb,
  created_at timestamptz not null default now(),
  -- Begins with the team: the audit log of a team reads this index backwards, and partitions by team could use it unchanged.
  primary key (team_id, id),
  check ((ticket_id is null) = (ticket_number is null) and (ticket_id is null) = (type <> all (private.ticket_event_types())))
);
alter table public.ticket_events enable row level security;
comment on table public.ticket_events is 'Changes of tickets and teams; append-only, and kept after a ticket is deleted';
comment on column public.ticket_events."from" is 'The previous state, with names, because the rows may be deleted when it is read';
create index ticket_events_history on public.ticket_events (team_id, ticket_id, id desc); -- of one ticket, newest first
-- a ticket by its number, also a deleted one
create index ticket_events_created on public.ticket_events (team_id, ticket_number) where type = 'ticket.created';

-- The history of a ticket is for people who see the ticket. After its deletion it is for people who may read the audit log.
create policy ticket_events_select_members on public.ticket_events for select to authenticated
  using (
    team_id = any ((select private.permitted_team_ids('audit.view'))::uuid[])
    or (
      team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[])
      and exists (select from public.tickets as ticket where ticket.team_id = ticket_events.team_id and ticket.id = ticket_events.ticket_id)
    )
  );
-- Writing is granted to nobody, not even service_role: only private.record_event() writes.
grant select on public.ticket_events to authenticated, service_role;

-- Append-only ---------------------------------------------------------------------------------------------------------

-- Also binds roles with all grants: the owner of the table and superusers.
create function private.tg_ticket_events__refuse() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception 'Events are never changed' using errcode = '42501';
end $$;
create trigger ticket_events__refuse before update or truncate on public.ticket_events
  for each statement execute function private.tg_ticket_events__refuse();

-- Events are deleted with their team, and only then. The condition is a fact, so there is no setting to forge.
create function private.tg_ticket_events__outlive_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.teams as team
    where team.deleted_at is null and team.id in (select distinct removed.team_id from removed)) then
    raise exception 'Events are never deleted' using errcode = '42501';
  end if;
  return null;
end $$;
create trigger ticket_events__outlive_tickets after delete on public.ticket_events
  referencing old table as removed for each statement execute function private.tg_ticket_events__outlive_tickets();

-- "Always": also in sessions that replay a replication stream.
alter table public.ticket_events enable always trigger ticket_events__refuse;
alter table public.ticket_events enable always trigger ticket_events__outlive_tickets;

-- Not a foreign key: its check would lock the team's row for every event. Fires after the cascades, whose triggers are named RI_…, so
-- that it sees the events of transactions that had a ticket locked.
create function private.tg_teams__remove_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.ticket_events as event where event.team_id = old.id;
  return null;
end $$;
create trigger _900_remove_events after delete on public.teams
  for each row execute function private.tg_teams__remove_events();

-- Outbox ----------------------------------------------------------------------------------------------------------------

-- Events that are not dispatched yet. A row is written in the transaction of its event, and deleted in the transaction that writes what
-- follows from it. So an interrupted dispatch is repeated later, and nothing is sent twice.
create table private.event_outbox (
  event_id bigint not null,
  team_id uuid not null references public.teams (id) on delete cascade,
  -- Who hears of it: everybody at once; or integrations now, and members in a second row, when their team is open.
  audience text not null default 'all' check (audience in ('all', 'integrations', 'members')),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text check (length(last_error) <= 500),
  created_at timestamptz not null default now(),
  primary key (event_id, audience)
);
create index event_outbox_team_id on private.event_outbox (team_id); -- the foreign key
create index event_outbox_due on private.event_outbox (next_attempt_at, event_id);
comment on table private.event_outbox is 'Events that wait for the dispatcher, which creates notifications, mails and deliveries';

-- Wakes the listeners at commit. Without contents: a payload of more than 7,999 bytes would make the writer fail.
create function private.tg__notify() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform pg_notify(tg_argv[0], '');
  return null;
end $$;
create trigger event_outbox__notify after insert on private.event_outbox
  for each statement execute function private.tg__notify('switchboard_events');
