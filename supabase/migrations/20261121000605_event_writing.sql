-- Writing events: who acted, over which channel, and whether the event is announced.

-- The API key that acts for the caller, as an event stores it. A key that is being revoked by the same transaction has no name.
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

-- The SLA clock whose escalation acts, as an event stores it: private.escalate() sets it.
create function private.acting_cause() returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return nullif(current_setting('switchboard.cause', true), '')::jsonb;
end $$;

-- The channel of this transaction's changes, as the server has set it. A person without it uses the Data API; otherwise it is a job.
create function private.current_channel() returns text
language plpgsql stable set search_path = '' as $$
begin
  return coalesce(nullif(current_setting('switchboard.channel', true), ''), case when auth.uid() is null then 'job' else 'api' end);
end $$;

-- Whether a ticket is still as it was imported, in the property that events of this type change: no event has changed it since the
-- import, or the undo of a bulk operation has restored it. `before` is the state before such an event.
create function private.is_history(team_id uuid, ticket_id uuid, type text, before jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((
    select entry.channel = 'import' from public.ticket_events as entry
    where entry.team_id = is_history.team_id and entry.ticket_id = is_history.ticket_id
      and entry.type in ('ticket.created', is_history.type)
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

-- Whether an event on this channel is announced (notifications, mails, webhooks). Imports announce nothing. A job announces nothing
-- when it continues imported history: it closes a ticket that was imported as resolved, wakes one that was imported as snoozed, or
-- unassigns one whose assignee's account is deleted. Once somebody has changed that property of a ticket, jobs
-- announce their changes of it.
create function private.is_news(channel text, team_id uuid, ticket_id uuid, type text, before jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  case channel
    when 'import' then return false;
    when 'job'
      then return type not in ('ticket.status_changed', 'ticket.snoozed', 'ticket.assigned', 'ticket.rerouted')
        or not private.is_history(team_id, ticket_id, type, before);
    else return true;
  end case;
end $$;

-- Builds an event of this transaction, with its id in the log.
create function private.new_event(team_id uuid, ticket_id uuid, ticket_number integer, type text, "from" jsonb, "to" jsonb, actor_id uuid,
    created_at timestamptz)
  returns public.ticket_events
language plpgsql security definer set search_path = '' as $$
declare
  event public.ticket_events;
begin
  event.id := nextval('public.ticket_events_id_seq');
  event.team_id := new_event.team_id;
  event.ticket_id := new_event.ticket_id;
  event.ticket_number := new_event.ticket_number;
  event.type := new_event.type;
  event.channel := private.current_channel();
  event.contact_id := private.acting_contact_id();
  event.actor_id := coalesce(auth.uid(), new_event.actor_id,
    case when event.contact_id is not null then private.channel_profile(event.team_id, event.channel) end);
  event.api_key := private.acting_api_key();
  event.cause := private.acting_cause();
  event."from" := new_event."from";
  event."to" := new_event."to";
  event.created_at := new_event.created_at;
  return event;
end $$;

-- Writes an event, unless the team is being deleted. Puts it into the outbox if it is news.
create function private.write_event(event public.ticket_events) returns void
language plpgsql security definer set search_path = '' as $$
declare
  -- Checked before the insert: afterwards this event would be the newest of its ticket.
  is_news boolean := event.cause is not null
    or private.is_news(event.channel, event.team_id, event.ticket_id, event.type, event."from");
begin
  insert into public.ticket_events overriding system value
  select (event).* from public.teams as team where team.id = event.team_id and team.deleted_at is null;
  if found and is_news then
    insert into private.event_outbox (event_id, team_id) values (event.id, event.team_id);
  end if;
end $$;

create function private.record_event(team_id uuid, ticket_id uuid, ticket_number integer, type text, "from" jsonb, "to" jsonb,
    actor_id uuid default null, created_at timestamptz default now())
  returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.write_event(private.new_event(
    record_event.team_id, record_event.ticket_id, record_event.ticket_number, record_event.type, record_event."from", record_event."to",
      record_event.actor_id, record_event.created_at
  ));
end $$;
comment on function private.record_event(uuid, uuid, integer, text, jsonb, jsonb, uuid, timestamptz) is
  'The actor is the caller, or actor_id for rows that are loaded without a caller';

create function private.person_reference(user_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return case when user_id is not null then
    jsonb_build_object('id', user_id, 'full_name', (select person.full_name from public.profiles as person where person.id = user_id))
  end;
end $$;

-- The category path with its names, as they are now.
create function private.ticket_path(team_id uuid, category text, type_id uuid, item_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'category', ticket_path.category,
    'category_name',
      (select row.name from public.ticket_categories as row where row.team_id = ticket_path.team_id and row.key = ticket_path.category),
    'type_id', ticket_path.type_id,
    'type_name', (select row.name from public.ticket_types as row where row.team_id = ticket_path.team_id and row.id = ticket_path.type_id),
    'item_id', ticket_path.item_id,
    'item_name', (select row.name from public.ticket_items as row where row.team_id = ticket_path.team_id and row.id = ticket_path.item_id)
  );
end $$;

create function private.project_reference(project_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('id', project.id, 'name', project.name) from public.projects as project
    where project.id = project_reference.project_id);
end $$;
