-- Events of tickets, their replies and their tags, written by triggers in the transaction of the change.

-- One event describes how a ticket began, with its assignee and the tags from the same transaction. It takes its id when the ticket is
-- inserted, before the other events of the transaction, and waits here for the tags until the end of the transaction. No other
-- transaction sees it here.
create table private.ticket_births (
  ticket_id uuid primary key,
  event jsonb not null -- not of the row type of ticket_events, which would prevent changes of that table
);
comment on table private.ticket_births is 'ticket.created events of the current transaction; empty between transactions';

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
    -- Nobody is granted created_at, or created_by for another person: if they differ from now and the caller, an
    -- import or the demo is being loaded.
    insert into private.ticket_births (ticket_id, event) values (new.id, to_jsonb(private.new_event(
      new.team_id, new.id, new.ticket_number, 'ticket.created', null, jsonb_build_object(
        'number', new.ticket_number, 'subject', new.subject, 'status', new.status, 'priority', new.priority, 'severity', new.severity,
        'path', private.ticket_path(new.team_id, new.category, new.type_id, new.item_id),
        'requester', jsonb_build_object('name', new.requester_name, 'email', new.requester_email),
        'assigned_to', private.person_reference(new.assigned_to)
      ), new.created_by, new.created_at
    )));
  elsif tg_op = 'DELETE' then
    perform private.record_event(old.team_id, old.id, old.ticket_number, 'ticket.deleted',
      jsonb_build_object('number', old.ticket_number, 'subject', old.subject), null);
  else
    if new.status <> old.status then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.status_changed', to_jsonb(old.status),
        to_jsonb(new.status));
    end if;
    if new.priority <> old.priority then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.priority_changed', to_jsonb(old.priority),
        to_jsonb(new.priority));
    end if;
    if new.severity <> old.severity then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.severity_changed', to_jsonb(old.severity),
        to_jsonb(new.severity));
    end if;
    if new.assigned_to is distinct from old.assigned_to then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.assigned', private.person_reference(old.assigned_to),
        private.person_reference(new.assigned_to));
    end if;
    if (new.category, new.type_id, new.item_id) is distinct from (old.category, old.type_id, old.item_id) then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.rerouted',
        private.ticket_path(old.team_id, old.category, old.type_id, old.item_id),
          private.ticket_path(new.team_id, new.category, new.type_id, new.item_id));
    end if;
    if new.project_id is distinct from old.project_id then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.project_changed',
        private.project_reference(old.project_id), private.project_reference(new.project_id));
    end if;
    if new.snoozed_until is distinct from old.snoozed_until then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.snoozed', to_jsonb(old.snoozed_until),
        to_jsonb(new.snoozed_until));
    end if;
    if new.subject <> old.subject then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.subject_changed', to_jsonb(old.subject),
        to_jsonb(new.subject));
    end if;
    if (new.description, new.format) <> (old.description, old.format) then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.description_changed', null, null);
    end if;
    if (new.requester_name, new.requester_email) is distinct from (old.requester_name, old.requester_email)
      and not private.follows_contact(old, new) then
      perform private.record_event(new.team_id, new.id, new.ticket_number, 'ticket.requester_changed',
        jsonb_build_object('name', old.requester_name, 'email', old.requester_email),
          jsonb_build_object('name', new.requester_name, 'email', new.requester_email));
    end if;
  end if;
  return null;
end $$;
create trigger _600_record_events after insert or delete on public.tickets
  for each row execute function private.tg_tickets__record_events();
-- Counters, times and versions change with every reply: no event records them.
create trigger _600_record_changes after update on public.tickets
  for each row when (
    (new.status, new.priority, new.severity, new.assigned_to, new.snoozed_until, new.category, new.type_id, new.item_id, new.project_id,
      new.subject, new.description, new.format, new.requester_name, new.requester_email)
    is distinct from
    (old.status, old.priority, old.severity, old.assigned_to, old.snoozed_until, old.category, old.type_id, old.item_id, old.project_id,
      old.subject, old.description, old.format, old.requester_name, old.requester_email)
  )
  execute function private.tg_tickets__record_events();

-- Replies that are deleted with their ticket have no event. is_internal is stored beside the text, so that a client
-- never reads the event of a note.
create function private.tg_ticket_replies__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform private.record_event(new.team_id, new.ticket_id, ticket.ticket_number, 'reply.created', null,
      jsonb_build_object('id', new.id, 'is_internal', new.is_internal), new.user_id, new.created_at)
    from public.tickets as ticket where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  else
    perform private.record_event(old.team_id, old.ticket_id, ticket.ticket_number, 'reply.deleted',
      jsonb_build_object('id', old.id, 'is_internal', old.is_internal,
        'author', private.reply_author(old) - 'avatar_url', 'content', old.content, 'format', old.format,
        'mentions',
            private.people_named(array(select person.user_id from private.team_people as person
              where person.team_id = old.team_id and person.user_id = any (private.mentioned_ids(old.content))))),
          null)
    from public.tickets as ticket where ticket.team_id = old.team_id and ticket.id = old.ticket_id;
  end if;
  return null;
end $$;
create trigger _600_record_events after insert or delete on public.ticket_replies
  for each row execute function private.tg_ticket_replies__record_events();

-- Tags: one event for each transaction and ticket, with both lists, however many statements removed and added tags. The tags before the
-- first statement wait here until the end of the transaction. No other transaction sees them here.
create table private.ticket_tags_before (
  transaction xid8 not null default pg_current_xact_id(), -- part of the key, so that no two transactions wait for each other here
  ticket_id uuid not null,
  team_id uuid not null,
  tags text[] not null,
  primary key (ticket_id, transaction)
);
comment on table private.ticket_tags_before is
  'The tags of tickets before the current transaction changed them; empty between transactions';

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
      when tg_op = 'INSERT'
        then array(select tag from unnest(private.ticket_tag_list(written.team_id, written.ticket_id)) as tag
          where tag <> all (written.tags) order by tag collate "und-x-icu")
      else array(select tag from unnest(private.ticket_tag_list(written.team_id, written.ticket_id) || written.tags) as tag
        order by tag collate "und-x-icu")
    end
  from (select changed.team_id, changed.ticket_id, array_agg(changed.tag) as tags
    from changed group by changed.team_id, changed.ticket_id) as written
  on conflict on constraint ticket_tags_before_pkey do nothing;
  return null;
end $$;
-- They fire after _200_update_tickets, which locks the ticket, so that they see the changes of other transactions.
create trigger _600_write_events_insert after insert on public.ticket_tags
  referencing new table as changed for each statement execute function private.tg_ticket_tags__write_events();
create trigger _600_write_events_delete after delete on public.ticket_tags
  referencing old table as changed for each statement execute function private.tg_ticket_tags__write_events();

create function private.tg_ticket_tags_before__record_event() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  present text[] := private.ticket_tag_list(new.team_id, new.ticket_id);
begin
  delete from private.ticket_tags_before as before where before.ticket_id = new.ticket_id and before.transaction = new.transaction;
  -- Tags that ticket.created has reported, or will report, are no change.
  if found and present <> new.tags and not exists (select from private.ticket_births as birth where birth.ticket_id = new.ticket_id) then
    perform private.record_event(ticket.team_id, ticket.id, ticket.ticket_number, 'ticket.tags_changed', to_jsonb(new.tags),
      to_jsonb(present))
    from public.tickets as ticket where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  end if;
  return null;
end $$;
create constraint trigger ticket_tags_before__record_event after insert on private.ticket_tags_before
  deferrable initially deferred for each row execute function private.tg_ticket_tags_before__record_event();
