-- Bulk operations: one change of many tickets. The tickets are changed by ordinary statements under the author's
-- identity, a step at a time; these tables know which steps are left, and what undo restores.

create table public.bulk_operations (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  user_id uuid not null,
  -- The key by which it, or its undoing, was asked for: of keys it is that one's alone, beside the person whom it acts as. No
  -- foreign key: keys are revoked meanwhile.
  api_key_id uuid,
  action text not null check (action in ('reassign', 'close', 'set_status', 'set_severity', 'set_priority', 'set_category', 'snooze', 'add_tag', 'remove_tag', 'delete')),
  value jsonb not null,
  channel text, -- the way by which it, or its undoing, was asked for: a job that goes on with it takes the same; null as in record_event()
  status text not null check (status in ('waiting', 'running', 'done', 'failed', 'undoing', 'undone')),
  total integer not null,
  processed integer not null default 0,
  updated integer not null default 0,
  restored integer not null default 0,
  skipped integer not null default 0,
  error text,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade
);
alter table public.bulk_operations enable row level security;
create index bulk_operations_by_author on public.bulk_operations (team_id, user_id); -- the foreign key
create index bulk_operations_unfinished on public.bulk_operations (created_at) where status in ('waiting', 'running', 'undoing'); -- what the job goes on with
comment on table public.bulk_operations is 'Changes of many tickets at once; kept for a day';

create policy bulk_operations_select_author on public.bulk_operations for select to authenticated
  using (user_id = (select auth.uid()) and ((select private.acting_api_key_id()) is null or api_key_id = (select private.acting_api_key_id())) and team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Writing is granted to nobody: the functions below decide what may become of an operation.
grant select on public.bulk_operations to authenticated, service_role;

create table private.bulk_operation_tickets (
  operation_id uuid not null references public.bulk_operations (id) on delete cascade,
  ticket_id uuid not null, -- no foreign key: tickets are deleted meanwhile
  -- waiting → taken → changed or unchanged; changed → restoring → restored, or skipped. Taken and restoring are seen by
  -- the transaction alone that is at it.
  state text not null default 'waiting' check (state in ('waiting', 'taken', 'changed', 'unchanged', 'restoring', 'restored', 'skipped')),
  before jsonb,
  after jsonb,
  primary key (operation_id, ticket_id)
);
create index bulk_operation_tickets_next on private.bulk_operation_tickets (operation_id, state, ticket_id); -- the next step
create index bulk_operation_tickets_restoring on private.bulk_operation_tickets (ticket_id) where state = 'restoring'; -- for the trigger of tickets
comment on table private.bulk_operation_tickets is 'The tickets of an operation, and what it changed of them';

-- Progress, for whoever waits for it: ids alone, the author asks for the rest.
create trigger bulk_operations__broadcast after update on public.bulk_operations
  for each row execute function private.tg__broadcast_ids();

-- What an action takes and changes -------------------------------------------------------------------------------------

create function private.bulk_permission(action text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return case action when 'reassign' then 'tickets.assign' when 'close' then 'tickets.close' when 'delete' then 'tickets.delete' else 'tickets.update' end;
end $$;

-- What an action may change of a ticket, as it is now. Times are compared as they are stored, whatever zone a session has.
create function private.bulk_snapshot(action text, value jsonb, ticket public.tickets) returns jsonb
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
begin
  return case
    when action = 'reassign' then jsonb_build_object('assigned_to', ticket.assigned_to, 'snoozed_until', ticket.snoozed_until)
    when action in ('close', 'set_status') then jsonb_build_object('status', ticket.status, 'resolved_at', ticket.resolved_at, 'closed_at', ticket.closed_at, 'snoozed_until', ticket.snoozed_until)
    when action = 'snooze' then jsonb_build_object('snoozed_until', ticket.snoozed_until)
    when action = 'set_severity' then jsonb_build_object('severity', ticket.severity)
    when action = 'set_priority' then jsonb_build_object('priority', ticket.priority)
    when action = 'set_category' then jsonb_build_object('category', ticket.category, 'type_id', ticket.type_id, 'item_id', ticket.item_id)
    when action in ('add_tag', 'remove_tag') then jsonb_build_object('is_tagged', exists (
      select from public.ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id and label.tag = value #>> '{}'
    ))
    else '{}'
  end;
end $$;

-- What of a snapshot an action is asked to change: a ticket that it woke up by the way may have been put away since.
create function private.bulk_changed(action text, snapshot jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return case when action = 'snooze' then snapshot else snapshot - 'snoozed_until' end;
end $$;

create function private.may_be_snoozed(ticket public.tickets, until timestamptz) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return ticket.status not in ('resolved', 'closed') and until > now();
end $$;

-- "#001, #002 and 3 more"; null for none.
create function private.ticket_numbers(numbers integer[]) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return (
    select string_agg('#' || lpad(number::text, greatest(3, length(number::text)), '0'), ', ' order by number)
      || case when cardinality(numbers) > 10 then ' and ' || cardinality(numbers) - 10 || ' more' else '' end
    from (select number from unnest(numbers) as number order by number limit 10) as first
  );
end $$;

-- Refuses a change that the caller may not make, or that one of the tickets cannot follow, and says which.
create function private.require_bulk_change(team_id uuid, action text, value jsonb, ticket_ids uuid[]) returns void
language plpgsql stable security definer set search_path = '' as $$
declare
  target text := case action when 'close' then 'closed' when 'set_status' then value #>> '{}' end;
  obstacles text;
begin
  perform private.require_permission(require_bulk_change.team_id, private.bulk_permission(action));
  case
    when target is not null then
      if not private.has_permission(require_bulk_change.team_id, 'tickets.close') and (target = 'closed' or exists (
        select from public.tickets as ticket where ticket.team_id = require_bulk_change.team_id and ticket.id = any (ticket_ids) and ticket.status = 'closed'
      )) then
        raise exception 'Only owners and admins close tickets or open closed ones' using errcode = 'PT403', detail = 'forbidden';
      end if;
      select private.ticket_numbers(array_agg(ticket.ticket_number)) into obstacles from public.tickets as ticket
      where ticket.team_id = require_bulk_change.team_id and ticket.id = any (ticket_ids) and ticket.status <> target
        and not exists (select from private.status_transitions as rule where rule.from_status = ticket.status and rule.to_status = target);
      if obstacles is not null then
        raise exception 'A closed ticket can only be opened again: %', obstacles using errcode = 'PT422', detail = 'status_transition';
      end if;
    when action = 'reassign' and value <> 'null' then
      if not private.is_assignable(require_bulk_change.team_id, (value #>> '{}')::uuid) then
        raise exception 'Not an agent of this team' using errcode = 'PT400', detail = 'value';
      end if;
    when action = 'set_category' then
      if not private.is_route(require_bulk_change.team_id, value) then
        raise exception 'Not a category, type and item of this team' using errcode = 'PT400', detail = 'value';
      end if;
    when action = 'snooze' and value <> 'null' then
      perform private.require_snooze((value #>> '{}')::timestamptz);
      select private.ticket_numbers(array_agg(ticket.ticket_number)) into obstacles from public.tickets as ticket
      where ticket.team_id = require_bulk_change.team_id and ticket.id = any (ticket_ids) and ticket.status in ('resolved', 'closed');
      if obstacles is not null then
        raise exception 'A resolved or closed ticket cannot be snoozed: %', obstacles using errcode = 'PT422', detail = 'snooze_status';
      end if;
    when action = 'add_tag' then
      select private.ticket_numbers(array_agg(ticket.ticket_number)) into obstacles from public.tickets as ticket
      where ticket.team_id = require_bulk_change.team_id and ticket.id = any (ticket_ids)
        and (select count(*) filter (where label.tag <> value #>> '{}') from public.ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id) >= 20;
      if obstacles is not null then
        raise exception 'A ticket has at most 20 tags: %', obstacles using errcode = 'PT422', detail = 'tag_limit';
      end if;
    else null;
  end case;
end $$;

-- Whether { category, type_id, item_id } leads somewhere in the team's routing.
create function private.is_route(team_id uuid, path jsonb) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from public.ticket_categories as category where category.team_id = is_route.team_id and category.key = path ->> 'category')
    and (path ->> 'type_id' is null or exists (
      select from public.ticket_types as type where type.team_id = is_route.team_id and type.category = path ->> 'category' and type.id = (path ->> 'type_id')::uuid
    ))
    and (path ->> 'item_id' is null or exists (
      select from public.ticket_items as item where item.team_id = is_route.team_id and item.type_id = (path ->> 'type_id')::uuid and item.id = (path ->> 'item_id')::uuid
    ));
end $$;

-- In the order of their ids, which every operation takes: none waits for one that waits for it.
create function private.lock_tickets(team_id uuid, ticket_ids uuid[], are_deleted boolean) returns void
language plpgsql set search_path = '' as $$
begin
  if are_deleted then
    perform from public.tickets as ticket where ticket.team_id = lock_tickets.team_id and ticket.id = any (ticket_ids) order by ticket.id for update;
  else
    perform from public.tickets as ticket where ticket.team_id = lock_tickets.team_id and ticket.id = any (ticket_ids) order by ticket.id for no key update;
  end if;
end $$;

-- Doing --------------------------------------------------------------------------------------------------------------------

-- Writes down what is to be done to which tickets. Nothing of it is begun.
create function private.begin_bulk_operation(team_id uuid, action text, value jsonb, ticket_ids uuid[]) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  begun uuid;
begin
  if not private.has_permission(begin_bulk_operation.team_id, 'tickets.view') then
    raise exception 'There is nothing here, or it is not yours to see' using errcode = 'PT404';
  end if;
  if cardinality(ticket_ids) > 50000 then
    raise exception 'At most 50,000 tickets can be changed at once' using errcode = 'PT422', detail = 'too_many';
  end if;
  if (select count(*) from public.tickets as ticket where ticket.team_id = begin_bulk_operation.team_id and ticket.id = any (ticket_ids)) < cardinality(ticket_ids) then
    raise exception 'There is nothing here, or it is not yours to see' using errcode = 'PT404';
  end if;
  perform private.require_bulk_change(begin_bulk_operation.team_id, action, value, ticket_ids);
  insert into public.bulk_operations as operation (team_id, user_id, api_key_id, action, value, channel, total, status, finished_at)
  values (
    begin_bulk_operation.team_id, (select auth.uid()), private.acting_api_key_id(), begin_bulk_operation.action, begin_bulk_operation.value,
    nullif(current_setting('switchboard.channel', true), ''), cardinality(ticket_ids),
    case when cardinality(ticket_ids) = 0 then 'done' else 'waiting' end, case when cardinality(ticket_ids) = 0 then now() end
  )
  returning operation.id into begun;
  insert into private.bulk_operation_tickets (operation_id, ticket_id) select begun, ticket_id from unnest(ticket_ids) as ticket_id;
  return begun;
end $$;

-- Takes the next step of an operation of the caller's: locks up to `most` of its tickets and remembers them as they are.
-- Null where another transaction is at it, or where it has ended.
create function private.next_bulk_tickets(operation_id uuid, most integer) returns uuid[]
language plpgsql security definer set search_path = '' as $$
declare
  operation public.bulk_operations;
  next_ids uuid[];
begin
  select candidate.* into operation from public.bulk_operations as candidate
  where candidate.id = next_bulk_tickets.operation_id and candidate.user_id = (select auth.uid()) and (private.acting_api_key_id() is null or candidate.api_key_id = private.acting_api_key_id()) and candidate.status in ('waiting', 'running')
  for no key update skip locked;
  if not found then
    return null;
  end if;
  next_ids := array(
    select row.ticket_id from private.bulk_operation_tickets as row
    where row.operation_id = operation.id and row.state = 'waiting' order by row.ticket_id limit most
  );
  perform private.lock_tickets(operation.team_id, next_ids, operation.action = 'delete');
  perform private.require_bulk_change(operation.team_id, operation.action, operation.value, next_ids);
  update private.bulk_operation_tickets as row set
    state = 'taken',
    before = (select private.bulk_snapshot(operation.action, operation.value, ticket) from public.tickets as ticket where ticket.team_id = operation.team_id and ticket.id = row.ticket_id)
  where row.operation_id = operation.id and row.ticket_id = any (next_ids);
  return next_ids;
end $$;

-- Ends the step: what is different now was changed by it.
create function private.record_bulk_changes(operation_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  operation public.bulk_operations;
  recorded integer;
  changed integer;
begin
  select candidate.* into operation from public.bulk_operations as candidate
  where candidate.id = record_bulk_changes.operation_id and candidate.user_id = (select auth.uid()) and (private.acting_api_key_id() is null or candidate.api_key_id = private.acting_api_key_id()) and candidate.status in ('waiting', 'running')
  for no key update;
  if not found then
    raise exception 'There is nothing here, or it is not yours to see' using errcode = 'PT404';
  end if;
  with step as (
    update private.bulk_operation_tickets as row set
      after = present.after,
      state = case when present.after is distinct from row.before then 'changed' else 'unchanged' end
    from (
      select taken.ticket_id, (select private.bulk_snapshot(operation.action, operation.value, ticket) from public.tickets as ticket where ticket.team_id = operation.team_id and ticket.id = taken.ticket_id) as after
      from private.bulk_operation_tickets as taken where taken.operation_id = operation.id and taken.state = 'taken'
    ) as present
    where row.operation_id = operation.id and row.ticket_id = present.ticket_id
    returning row.state
  )
  select count(*), count(*) filter (where step.state = 'changed') into recorded, changed from step;
  update public.bulk_operations as row set
    processed = row.processed + recorded,
    updated = row.updated + changed,
    status = case when row.processed + recorded < row.total then 'running' else 'done' end,
    finished_at = case when row.processed + recorded >= row.total then now() end
  where row.id = operation.id;
end $$;

-- Undoing ------------------------------------------------------------------------------------------------------------------

-- Has an operation of the caller's that has ended be taken back; continue_bulk_undo() does it.
create function private.begin_bulk_undo(team_id uuid, operation_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  operation public.bulk_operations;
begin
  select candidate.* into operation from public.bulk_operations as candidate
  where candidate.id = begin_bulk_undo.operation_id and candidate.team_id = begin_bulk_undo.team_id and candidate.user_id = (select auth.uid()) and (private.acting_api_key_id() is null or candidate.api_key_id = private.acting_api_key_id())
    and private.has_permission(candidate.team_id, 'tickets.view')
  for no key update;
  if not found then
    raise exception 'There is nothing here, or it is not yours to see' using errcode = 'PT404';
  end if;
  perform private.require_permission(operation.team_id, private.bulk_permission(operation.action));
  if operation.action = 'delete' then
    raise exception 'What is deleted cannot be brought back' using errcode = 'PT409', detail = 'not_undoable';
  end if;
  if operation.status in ('waiting', 'running') then
    raise exception 'This change is still going on' using errcode = 'PT409', detail = 'still_running';
  end if;
  if operation.status in ('undoing', 'undone') then
    raise exception 'This has been undone already' using errcode = 'PT409', detail = 'already_undone';
  end if;
  update public.bulk_operations as row
  set status = 'undoing', error = null, finished_at = null, channel = nullif(current_setting('switchboard.channel', true), ''), api_key_id = private.acting_api_key_id()
  where row.id = operation.id;
end $$;

-- Restores up to `most` tickets of an operation that is being undone. What somebody changed since stays as it is, and so
-- does what cannot be as it was: whoever had it has left, where it was filed is gone, it has as many tags as it may have.
-- False where another transaction is at it, or where it has ended.
create function private.continue_bulk_undo(operation_id uuid, most integer) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  operation public.bulk_operations;
  next_ids uuid[];
  possible_ids uuid[];
begin
  select candidate.* into operation from public.bulk_operations as candidate
  where candidate.id = continue_bulk_undo.operation_id and candidate.user_id = (select auth.uid()) and (private.acting_api_key_id() is null or candidate.api_key_id = private.acting_api_key_id()) and candidate.status = 'undoing'
  for no key update skip locked;
  if not found then
    return false;
  end if;
  perform private.require_permission(operation.team_id, private.bulk_permission(operation.action));
  next_ids := array(
    select row.ticket_id from private.bulk_operation_tickets as row
    where row.operation_id = operation.id and row.state = 'changed' order by row.ticket_id limit most
  );
  perform private.lock_tickets(operation.team_id, next_ids, false);

  with possible as (
    update private.bulk_operation_tickets as row set state = 'restoring'
    from public.tickets as ticket
    where row.operation_id = operation.id and row.ticket_id = any (next_ids)
      and ticket.team_id = operation.team_id and ticket.id = row.ticket_id
      and private.bulk_changed(operation.action, private.bulk_snapshot(operation.action, operation.value, ticket)) = private.bulk_changed(operation.action, row.after)
      and case operation.action
        when 'reassign' then row.before ->> 'assigned_to' is null or private.is_assignable(operation.team_id, (row.before ->> 'assigned_to')::uuid)
        when 'set_category' then private.is_route(operation.team_id, row.before)
        when 'snooze' then row.before ->> 'snoozed_until' is null or private.may_be_snoozed(ticket, (row.before ->> 'snoozed_until')::timestamptz)
        when 'remove_tag' then (select count(*) from public.ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id) < 20
        else true
      end
    returning row.ticket_id
  )
  select coalesce(array_agg(possible.ticket_id), '{}') into possible_ids from possible;

  if operation.action = 'add_tag' then
    delete from public.ticket_tags as label where label.team_id = operation.team_id and label.ticket_id = any (possible_ids) and label.tag = operation.value #>> '{}';
  elsif operation.action = 'remove_tag' then
    insert into public.ticket_tags (team_id, ticket_id, tag) select operation.team_id, ticket_id, operation.value #>> '{}' from unnest(possible_ids) as ticket_id;
  else
    -- resolved_at and closed_at follow by the trigger of tickets, which finds them in the same row.
    update public.tickets as ticket set
      assigned_to = previous.assigned_to, status = previous.status, severity = previous.severity, priority = previous.priority,
      category = previous.category, type_id = previous.type_id, item_id = previous.item_id, snoozed_until = previous.snoozed_until
    from (
      select was.* from private.bulk_operation_tickets as row
      join public.tickets as present on present.team_id = operation.team_id and present.id = row.ticket_id
      -- What an action took with it comes back where it still can: a ticket that is awake, and a time that has not come.
      cross join lateral jsonb_populate_record(present, case
        when operation.action = 'snooze' or (present.snoozed_until is null and (row.before ->> 'snoozed_until')::timestamptz > now()) then row.before
        else row.before - 'snoozed_until'
      end) as was
      where row.operation_id = operation.id and row.ticket_id = any (possible_ids)
    ) as previous
    where ticket.team_id = previous.team_id and ticket.id = previous.id;
  end if;

  update private.bulk_operation_tickets as row set state = case row.state when 'restoring' then 'restored' else 'skipped' end
  where row.operation_id = operation.id and row.ticket_id = any (next_ids);
  update public.bulk_operations as row set
    restored = row.restored + cardinality(possible_ids),
    skipped = row.skipped + cardinality(next_ids) - cardinality(possible_ids),
    status = case when row.restored + row.skipped + cardinality(next_ids) < row.updated then 'undoing' else 'undone' end,
    finished_at = case when row.restored + row.skipped + cardinality(next_ids) >= row.updated then now() end
  where row.id = operation.id;
  return true;
end $$;

grant execute on function private.begin_bulk_operation(uuid, text, jsonb, uuid[]), private.next_bulk_tickets(uuid, integer), private.record_bulk_changes(uuid),
  private.begin_bulk_undo(uuid, uuid), private.continue_bulk_undo(uuid, integer) to authenticated;
