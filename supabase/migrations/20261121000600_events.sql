-- Events: every change of a ticket, its replies and its tags, and of the team around them, written by triggers in the same
-- transaction. The log of a team and the history of a ticket read them; notifications, mails and webhooks are made of them.

-- The types of events, in the order of `eventPayloads` in shared/schemas/event.ts, which says what each holds.
-- What happens to tickets, and what webhooks can tell.
create function private.ticket_event_types() returns text[]
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return array[
    'ticket.created', 'ticket.status_changed', 'ticket.priority_changed', 'ticket.severity_changed', 'ticket.assigned', 'ticket.rerouted', 'ticket.snoozed',
    'ticket.subject_changed', 'ticket.description_changed', 'ticket.requester_changed', 'ticket.tags_changed', 'ticket.deleted', 'ticket.rated',
    'reply.created', 'reply.deleted'
  ];
end $$;
-- What happens to the team around them as well.
create function private.event_types() returns text[]
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return private.ticket_event_types() || array[
    'tickets.exported', 'audit.exported', 'team.created', 'team.updated', 'member.added', 'member.role_changed', 'member.removed',
    'invitation.created', 'invitation.renewed', 'invitation.revoked', 'routing.created', 'routing.updated', 'routing.deleted',
    'canned_response.created', 'canned_response.updated', 'canned_response.deleted', 'view.shared', 'view.updated', 'view.unshared',
    'api_key.created', 'api_key.rotated', 'api_key.revoked',
    'webhook.created', 'webhook.updated', 'webhook.deleted', 'webhook.secret_rotated', 'webhook.disabled'
  ];
end $$;
-- A check runs as who writes, and as who reads where the planner asks whether it can leave a table out.
grant execute on function private.ticket_event_types(), private.event_types() to authenticated, service_role;

create table public.ticket_events (
  team_id uuid not null,
  id bigint generated always as identity,
  -- Neither id is a foreign key: a deleted ticket keeps its history. A team's goes with the team, see below.
  ticket_id uuid, -- null: it happened to the team, not to one ticket
  ticket_number integer,
  type text not null check (type = any (private.event_types())),
  actor_id uuid, -- null: nobody, a job did it
  -- { id, name, created_by: { id, full_name } } of the API key that acted for the actor, as it was; null: no key did it.
  api_key jsonb check (jsonb_typeof(api_key) = 'object'),
  channel text not null check (channel in ('ui', 'api', 'job', 'import', 'portal')),
  "from" jsonb,
  "to" jsonb,
  created_at timestamptz not null default now(),
  -- With the team in front: the log of a team is read by it backwards, and partitions by team could take it as it is.
  primary key (team_id, id),
  check ((ticket_id is null) = (ticket_number is null) and (ticket_id is null) = (type !~ '^(ticket|reply)\.'))
);
alter table public.ticket_events enable row level security;
comment on table public.ticket_events is 'What happened to tickets and in their team: append-only, and outlives them';
comment on column public.ticket_events."from" is 'What a reader needs of the state before, names included: the rows may be gone by then';
create index ticket_events_history on public.ticket_events (team_id, ticket_id, id desc); -- one ticket's, newest first
create index ticket_events_created on public.ticket_events (team_id, ticket_number) where type = 'ticket.created'; -- a ticket by its number, deleted ones too

-- A ticket's history is for who sees the ticket; what is left of a deleted one for who reads the whole log.
create policy ticket_events_select_members on public.ticket_events for select to authenticated
  using (
    team_id = any ((select private.permitted_team_ids('audit.view'))::uuid[])
    or (
      team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[])
      and exists (select from public.tickets as ticket where ticket.team_id = ticket_events.team_id and ticket.id = ticket_events.ticket_id)
    )
  );
-- Writing is granted to nobody, service_role included: private.record_event() alone does it.
grant select on public.ticket_events to authenticated, service_role;

-- Append-only ---------------------------------------------------------------------------------------------------------

-- Binds whoever has the grants too: the owner of the table and superusers.
create function private.tg_ticket_events__refuse() returns trigger
language plpgsql set search_path = '' as $$
begin
  raise exception 'Events are never changed' using errcode = '42501';
end $$;
create trigger ticket_events__refuse before update or truncate on public.ticket_events
  for each statement execute function private.tg_ticket_events__refuse();

-- A team's events go when the team has gone, or is going, and only then. The condition is a fact: there is no setting to forge.
create function private.tg_ticket_events__outlive_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.teams as team where team.deleted_at is null and team.id in (select distinct removed.team_id from removed)) then
    raise exception 'Events are never deleted' using errcode = '42501';
  end if;
  return null;
end $$;
create trigger ticket_events__outlive_tickets after delete on public.ticket_events
  referencing old table as removed for each statement execute function private.tg_ticket_events__outlive_tickets();

-- "Always": in sessions that replay a replication stream as well.
alter table public.ticket_events enable always trigger ticket_events__refuse;
alter table public.ticket_events enable always trigger ticket_events__outlive_tickets;

-- No foreign key does this: its check would lock the team's row for every event. By its name it fires after the
-- cascades, so that it finds what transactions that held a ticket have written meanwhile.
create function private.tg_teams__remove_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.ticket_events as event where event.team_id = old.id;
  return null;
end $$;
create trigger teams__remove_events after delete on public.teams
  for each row execute function private.tg_teams__remove_events();

-- Outbox ----------------------------------------------------------------------------------------------------------------

-- Events that nobody has been told of yet. Written with the event and deleted with what is made of it, each in one
-- transaction: what is interrupted is told later, and nothing twice.
create table private.event_outbox (
  event_id bigint primary key,
  team_id uuid not null references public.teams (id) on delete cascade,
  attempts integer not null default 0,
  next_attempt_at timestamptz not null default now(),
  last_error text check (length(last_error) <= 500),
  created_at timestamptz not null default now()
);
create index event_outbox_team_id on private.event_outbox (team_id); -- the foreign key
create index event_outbox_due on private.event_outbox (next_attempt_at, event_id);
comment on table private.event_outbox is 'Events to be turned into notifications, mails and webhook deliveries';

-- Wakes whoever listens, at commit. No contents: a payload of more than 7,999 bytes would fail the writer.
create function private.tg__notify() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform pg_notify(tg_argv[0], '');
  return null;
end $$;
create trigger event_outbox__notify after insert on private.event_outbox
  for each statement execute function private.tg__notify('switchboard_events');

-- Writing ---------------------------------------------------------------------------------------------------------------

-- The API key that acts for the caller, as an event remembers it. One that is being revoked in this moment has lost its name.
create function private.acting_api_key() returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  key_id uuid := private.acting_api_key_id();
begin
  if key_id is null then
    return null;
  end if;
  return coalesce(
    (
      select jsonb_build_object('id', key.id, 'name', key.name, 'created_by', private.person_reference(key.created_by))
      from public.api_keys as key where key.id = key_id
    ),
    jsonb_build_object('id', key_id, 'name', null, 'created_by', null)
  );
end $$;

-- The way by which this transaction's changes come: what the server has set for it; a caller who sets none talks to the
-- Data API, or is no person at all.
create function private.current_channel() returns text
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(nullif(current_setting('switchboard.channel', true), ''), case when auth.uid() is null then 'job' else 'api' end);
end $$;

-- Whether a ticket is still as an import left it, in what events of this type change: no event has changed it since the
-- import, or the undoing of a bulk operation has given it back. `before` is the state that such an event changes.
create function private.is_history(team_id uuid, ticket_id uuid, type text, before jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((
    select entry.channel = 'import' from public.ticket_events as entry
    where entry.team_id = is_history.team_id and entry.ticket_id = is_history.ticket_id and entry.type in ('ticket.created', is_history.type)
    order by entry.id desc limit 1
  ), false) or exists (
    select from private.ticket_imports as import
    join public.tickets as ticket on ticket.team_id = import.team_id and ticket.id = import.ticket_id
    where import.team_id = is_history.team_id and import.ticket_id = is_history.ticket_id and case is_history.type
      when 'ticket.status_changed' then before = '"resolved"' and ticket.resolved_at = import.resolved_at
      when 'ticket.snoozed' then (before #>> '{}')::timestamptz = import.snoozed_until
    end
  );
end $$;

-- Whether an event that comes by this channel is news. Imports announce nothing, and neither does a job
-- that carries on what was imported: it closes a ticket that was imported as resolved, wakes one that was imported as
-- snoozed, or takes one from an assignee whose account is deleted. Once somebody has changed the same of a ticket, jobs
-- announce what follows from that.
create function private.is_news(channel text, team_id uuid, ticket_id uuid, type text, before jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  case channel
    when 'import' then return false;
    when 'job' then return type not in ('ticket.status_changed', 'ticket.snoozed', 'ticket.assigned', 'ticket.rerouted') or not private.is_history(team_id, ticket_id, type, before);
    else return true;
  end case;
end $$;

-- An event as this transaction would write it, with its place in the log.
create function private.new_event(team_id uuid, ticket_id uuid, ticket_number integer, type text, "from" jsonb, "to" jsonb, actor_id uuid, created_at timestamptz) returns public.ticket_events
language plpgsql security definer set search_path = '' as $$
declare
  event public.ticket_events;
begin
  event.id := nextval('public.ticket_events_id_seq');
  event.team_id := new_event.team_id;
  event.ticket_id := new_event.ticket_id;
  event.ticket_number := new_event.ticket_number;
  event.type := new_event.type;
  event.actor_id := coalesce(auth.uid(), new_event.actor_id);
  event.api_key := private.acting_api_key();
  event.channel := private.current_channel();
  event."from" := new_event."from";
  event."to" := new_event."to";
  event.created_at := new_event.created_at;
  return event;
end $$;

-- Writes an event, unless the team is being deleted, and puts it into the outbox where it is news.
create function private.write_event(event public.ticket_events) returns void
language plpgsql security definer set search_path = '' as $$
declare
  -- Asked before the event is written: it would be the newest of its ticket.
  is_news boolean := private.is_news(event.channel, event.team_id, event.ticket_id, event.type, event."from");
begin
  insert into public.ticket_events overriding system value
  select (event).* from public.teams as team where team.id = event.team_id and team.deleted_at is null;
  if found and is_news then
    insert into private.event_outbox (event_id, team_id) values (event.id, event.team_id);
  end if;
end $$;

create function private.record_event(team_id uuid, ticket_id uuid, ticket_number integer, type text, "from" jsonb, "to" jsonb, actor_id uuid default null, created_at timestamptz default now()) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.write_event(private.new_event(
    record_event.team_id, record_event.ticket_id, record_event.ticket_number, record_event.type, record_event."from", record_event."to", record_event.actor_id, record_event.created_at
  ));
end $$;
comment on function private.record_event(uuid, uuid, integer, text, jsonb, jsonb, uuid, timestamptz) is 'The actor is the caller; actor_id names the author of what was loaded without one';

create function private.person_reference(user_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return case when user_id is not null then
    jsonb_build_object('id', user_id, 'full_name', (select person.full_name from public.profiles as person where person.id = user_id))
  end;
end $$;

-- The routing path with its names, as it is at this moment.
create function private.ticket_path(team_id uuid, category text, type_id uuid, item_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'category', ticket_path.category,
    'category_name', (select row.name from public.ticket_categories as row where row.team_id = ticket_path.team_id and row.key = ticket_path.category),
    'type_id', ticket_path.type_id,
    'type_name', (select row.name from public.ticket_types as row where row.team_id = ticket_path.team_id and row.id = ticket_path.type_id),
    'item_id', ticket_path.item_id,
    'item_name', (select row.name from public.ticket_items as row where row.team_id = ticket_path.team_id and row.id = ticket_path.item_id)
  );
end $$;

-- Births: one event says how a ticket began, with its assignee and the tags that the same transaction gave it. It takes its
-- place in the log when the ticket is inserted, before whatever follows in the transaction, and waits here for the tags
-- until the end of it; no other transaction ever sees it here.
create table private.ticket_births (
  ticket_id uuid primary key,
  event jsonb not null -- not a column of the row's type, which would bind the table of events to how it is
);
comment on table private.ticket_births is 'Events of tickets that are being created; empty between transactions';

create function private.tg_ticket_births__record_event() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  event public.ticket_events := jsonb_populate_record(null::public.ticket_events, new.event);
begin
  delete from private.ticket_births as birth where birth.ticket_id = new.ticket_id;
  delete from private.ticket_tags_before as before where before.ticket_id = new.ticket_id and before.transaction = pg_current_xact_id();
  event."to" := event."to" || jsonb_build_object('tags', private.ticket_tag_list(event.team_id, event.ticket_id));
  perform private.write_event(event);
  return null;
end $$;
create constraint trigger ticket_births__record_event after insert on private.ticket_births
  deferrable initially deferred for each row execute function private.tg_ticket_births__record_event();

create function private.tg_tickets__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    -- Nobody is granted created_at and created_by in another's name: where they differ from now and the caller, a history is being loaded.
    insert into private.ticket_births (ticket_id, event) values (new.id, to_jsonb(private.new_event(
      new.team_id, new.id, new.ticket_number, 'ticket.created', null, jsonb_build_object(
        'number', new.ticket_number, 'subject', new.subject, 'status', new.status, 'priority', new.priority, 'severity', new.severity,
        'path', private.ticket_path(new.team_id, new.category, new.type_id, new.item_id),
        'requester', jsonb_build_object('name', new.requester_name, 'email', new.requester_email), 'assigned_to', private.person_reference(new.assigned_to)
      ), new.created_by, new.created_at
    )));
  elsif tg_op = 'DELETE' then
    perform private.record_event(old.team_id, old.id, old.ticket_number, 'ticket.deleted',
      jsonb_build_object('number', old.ticket_number, 'subject', old.subject), null);
  else
    if new.status <> old.status then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.status_changed', to_jsonb(old.status), to_jsonb(new.status));
    end if;
    if new.priority <> old.priority then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.priority_changed', to_jsonb(old.priority), to_jsonb(new.priority));
    end if;
    if new.severity <> old.severity then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.severity_changed', to_jsonb(old.severity), to_jsonb(new.severity));
    end if;
    if new.assigned_to is distinct from old.assigned_to then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.assigned', private.person_reference(old.assigned_to), private.person_reference(new.assigned_to));
    end if;
    if (new.category, new.type_id, new.item_id) is distinct from (old.category, old.type_id, old.item_id) then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.rerouted',
        private.ticket_path(old.team_id, old.category, old.type_id, old.item_id), private.ticket_path(new.team_id, new.category, new.type_id, new.item_id));
    end if;
    if new.snoozed_until is distinct from old.snoozed_until then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.snoozed', to_jsonb(old.snoozed_until), to_jsonb(new.snoozed_until));
    end if;
    if new.subject <> old.subject then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.subject_changed', to_jsonb(old.subject), to_jsonb(new.subject));
    end if;
    if (new.description, new.format) <> (old.description, old.format) then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.description_changed', null, null);
    end if;
    if (new.requester_name, new.requester_email) is distinct from (old.requester_name, old.requester_email) then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.requester_changed',
        jsonb_build_object('name', old.requester_name, 'email', old.requester_email), jsonb_build_object('name', new.requester_name, 'email', new.requester_email));
    end if;
  end if;
  return null;
end $$;
create trigger tickets__record_events after insert or delete on public.tickets
  for each row execute function private.tg_tickets__record_events();
-- Counters, times and versions change with every reply: they are no events of their own.
create trigger tickets__record_changes after update on public.tickets
  for each row when (
    (new.status, new.priority, new.severity, new.assigned_to, new.snoozed_until, new.category, new.type_id, new.item_id, new.subject, new.description, new.format, new.requester_name, new.requester_email)
    is distinct from
    (old.status, old.priority, old.severity, old.assigned_to, old.snoozed_until, old.category, old.type_id, old.item_id, old.subject, old.description, old.format, old.requester_name, old.requester_email)
  )
  execute function private.tg_tickets__record_events();

-- Replies that go with their ticket are in its deletion. is_internal stays beside the words: a client never reads the event of a note.
create function private.tg_ticket_replies__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform private.record_event(new.team_id, new.ticket_id, ticket.ticket_number, 'reply.created', null,
      jsonb_build_object('id', new.id, 'is_internal', new.is_internal), new.user_id, new.created_at)
    from public.tickets as ticket where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  else
    perform private.record_event(old.team_id, old.ticket_id, ticket.ticket_number, 'reply.deleted',
      jsonb_build_object('id', old.id, 'is_internal', old.is_internal, 'author', private.reply_author(old.user_id, old.external_author) - 'avatar_url', 'content', old.content, 'format', old.format,
        'mentions', private.people_named(array(select person.user_id from private.team_people as person where person.team_id = old.team_id and person.user_id = any (private.mentioned_ids(old.content))))), null)
    from public.tickets as ticket where ticket.team_id = old.team_id and ticket.id = old.ticket_id;
  end if;
  return null;
end $$;
create trigger ticket_replies__record_events after insert or delete on public.ticket_replies
  for each row execute function private.tg_ticket_replies__record_events();

-- Tags: one event for a transaction and ticket, with both lists, however many statements took tags away and gave others.
-- What a ticket had before the first of them waits here until the end of the transaction, and no other ever sees it.
create table private.ticket_tags_before (
  transaction xid8 not null default pg_current_xact_id(), -- so that no two ever wait for each other here
  ticket_id uuid not null,
  team_id uuid not null,
  tags text[] not null,
  primary key (ticket_id, transaction)
);
comment on table private.ticket_tags_before is 'The tags of tickets as they were before the transaction that is changing them; empty between transactions';

create function private.ticket_tag_list(team_id uuid, ticket_id uuid) returns text[]
language plpgsql stable security definer set search_path = '' as $$
begin
  return array(
    select label.tag from public.ticket_tags as label
    where label.team_id = ticket_tag_list.team_id and label.ticket_id = ticket_tag_list.ticket_id order by label.tag collate "und-x-icu"
  );
end $$;

create function private.tg_ticket_tags__write_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.ticket_tags_before (ticket_id, team_id, tags)
  select written.ticket_id, written.team_id, case
      when tg_op = 'INSERT' then array(select tag from unnest(private.ticket_tag_list(written.team_id, written.ticket_id)) as tag where tag <> all (written.tags) order by tag collate "und-x-icu")
      else array(select tag from unnest(private.ticket_tag_list(written.team_id, written.ticket_id) || written.tags) as tag order by tag collate "und-x-icu")
    end
  from (select changed.team_id, changed.ticket_id, array_agg(changed.tag) as tags from changed group by changed.team_id, changed.ticket_id) as written
  on conflict on constraint ticket_tags_before_pkey do nothing;
  return null;
end $$;
-- By their names they fire after ticket_tags__update_tickets, which holds the ticket: what others have written meanwhile is there.
create trigger ticket_tags__write_events_insert after insert on public.ticket_tags
  referencing new table as changed for each statement execute function private.tg_ticket_tags__write_events();
create trigger ticket_tags__write_events_delete after delete on public.ticket_tags
  referencing old table as changed for each statement execute function private.tg_ticket_tags__write_events();

create function private.tg_ticket_tags_before__record_event() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  present text[] := private.ticket_tag_list(new.team_id, new.ticket_id);
begin
  delete from private.ticket_tags_before as before where before.ticket_id = new.ticket_id and before.transaction = new.transaction;
  -- What a birth has told, or will tell, is no change.
  if found and present <> new.tags and not exists (select from private.ticket_births as birth where birth.ticket_id = new.ticket_id) then
    perform private.record_event(ticket.team_id, ticket.id, ticket.ticket_number, 'ticket.tags_changed', to_jsonb(new.tags), to_jsonb(present))
    from public.tickets as ticket where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  end if;
  return null;
end $$;
create constraint trigger ticket_tags_before__record_event after insert on private.ticket_tags_before
  deferrable initially deferred for each row execute function private.tg_ticket_tags_before__record_event();
