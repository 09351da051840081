-- Bulk changes: doing and undoing bulk operations, step by step.

-- Stores an operation and its tickets. It does not change the tickets.
create function private.begin_bulk_operation(team_id uuid, action text, value jsonb, ticket_ids uuid[]) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  created uuid;
begin
  if not private.has_permission(begin_bulk_operation.team_id, 'tickets.view') then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  if cardinality(ticket_ids) > 50000 then
    raise exception 'At most 50,000 tickets can be changed at once' using errcode = 'PT422', detail = 'too_many';
  end if;
  if (select count(*) from public.tickets as ticket
    where ticket.team_id = begin_bulk_operation.team_id and ticket.id = any (ticket_ids)) < cardinality(ticket_ids) then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  perform private.require_bulk_change(begin_bulk_operation.team_id, action, value, ticket_ids);
  insert into public.bulk_operations as operation (team_id, user_id, api_key_id, action, value, channel, total, status, finished_at)
  values (
    begin_bulk_operation.team_id, (select auth.uid()), private.acting_api_key_id(), begin_bulk_operation.action, begin_bulk_operation.value,
    nullif(current_setting('switchboard.channel', true), ''), cardinality(ticket_ids),
    case when cardinality(ticket_ids) = 0 then 'done' else 'waiting' end, case when cardinality(ticket_ids) = 0 then now() end
  )
  returning operation.id into created;
  insert into private.bulk_operation_tickets (operation_id, ticket_id) select created, ticket_id from unnest(ticket_ids) as ticket_id;
  return created;
end $$;

-- Takes the next step of an operation of the caller: locks up to `most` of its tickets and stores their state. Null if another
-- transaction works on the operation, or if it has ended.
create function private.next_bulk_tickets(operation_id uuid, most integer) returns uuid[]
language plpgsql security definer set search_path = '' as $$
declare
  operation public.bulk_operations;
  next_ids uuid[];
begin
  select candidate.* into operation from public.bulk_operations as candidate
  where candidate.id = next_bulk_tickets.operation_id and candidate.user_id = (select auth.uid())
    and (private.acting_api_key_id() is null or candidate.api_key_id = private.acting_api_key_id())
    and candidate.status in ('waiting', 'running')
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
    before = (select private.bulk_snapshot(operation.action, operation.value, ticket) from public.tickets as ticket
      where ticket.id = row.ticket_id)
  where row.operation_id = operation.id and row.ticket_id = any (next_ids);
  return next_ids;
end $$;

-- Ends the step: stores which of its tickets differ now.
create function private.record_bulk_changes(operation_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  operation public.bulk_operations;
  recorded integer;
  changed integer;
begin
  select candidate.* into operation from public.bulk_operations as candidate
  where candidate.id = record_bulk_changes.operation_id and candidate.user_id = (select auth.uid())
    and (private.acting_api_key_id() is null or candidate.api_key_id = private.acting_api_key_id())
    and candidate.status in ('waiting', 'running')
  for no key update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  with step as (
    update private.bulk_operation_tickets as row set
      after = present.after,
      state = case when present.after is distinct from row.before then 'changed' else 'unchanged' end
    from (
      select taken.ticket_id,
        (select private.bulk_snapshot(operation.action, operation.value, ticket) from public.tickets as ticket
          where ticket.id = taken.ticket_id) as after
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

-- Starts the undo of a finished operation of the caller; continue_bulk_undo() performs it.
create function private.begin_bulk_undo(team_id uuid, operation_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  operation public.bulk_operations;
begin
  select candidate.* into operation from public.bulk_operations as candidate
  where candidate.id = begin_bulk_undo.operation_id and candidate.team_id = begin_bulk_undo.team_id
    and candidate.user_id = (select auth.uid())
    and (private.acting_api_key_id() is null or candidate.api_key_id = private.acting_api_key_id())
    and private.has_permission(candidate.team_id, 'tickets.view')
  for no key update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  perform private.require_permission(operation.team_id, private.bulk_permission(operation.action));
  if operation.action = 'delete' then
    raise exception 'A deletion cannot be undone' using errcode = 'PT409', detail = 'not_undoable';
  end if;
  if operation.status in ('waiting', 'running') then
    raise exception 'This change is still running' using errcode = 'PT409', detail = 'still_running';
  end if;
  if operation.status in ('undoing', 'undone') then
    raise exception 'This change has already been undone' using errcode = 'PT409', detail = 'already_undone';
  end if;
  update public.bulk_operations as row
  set status = 'undoing', error = null, finished_at = null, channel = nullif(current_setting('switchboard.channel', true), ''),
    api_key_id = private.acting_api_key_id()
  where row.id = operation.id;
end $$;

-- Restores up to `most` tickets of an operation that is being undone. It skips a ticket that somebody changed since, and one whose old
-- state is impossible: the assignee has left, the category path is gone, the ticket has the maximum number of tags. False if another
-- transaction works on the operation, or if it has ended.
create function private.continue_bulk_undo(operation_id uuid, most integer) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  operation public.bulk_operations;
  next_ids uuid[];
  possible_ids uuid[];
begin
  select candidate.* into operation from public.bulk_operations as candidate
  where candidate.id = continue_bulk_undo.operation_id and candidate.user_id = (select auth.uid())
    and (private.acting_api_key_id() is null or candidate.api_key_id = private.acting_api_key_id()) and candidate.status = 'undoing'
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
      and ticket.id = row.ticket_id
      and private.bulk_changed(operation.action, private.bulk_snapshot(operation.action, operation.value, ticket))
        = private.bulk_changed(operation.action, row.after)
      and case operation.action
        when 'reassign'
          then row.before ->> 'assigned_to' is null or private.is_assignable(operation.team_id, (row.before ->> 'assigned_to')::uuid)
        when 'set_category' then private.is_route(operation.team_id, row.before)
        when 'snooze'
          then row.before ->> 'snoozed_until' is null or private.may_be_snoozed(ticket, (row.before ->> 'snoozed_until')::timestamptz)
        when 'remove_tag'
          then (select count(*) from public.ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id) < 20
        else true
      end
    returning row.ticket_id
  )
  select coalesce(array_agg(possible.ticket_id), '{}') into possible_ids from possible;

  if operation.action = 'add_tag' then
    delete from public.ticket_tags as label
      where label.team_id = operation.team_id and label.ticket_id = any (possible_ids) and label.tag = operation.value #>> '{}';
  elsif operation.action = 'remove_tag' then
    insert into public.ticket_tags (team_id, ticket_id, tag) select operation.team_id, ticket_id, operation.value #>> '{}'
      from unnest(possible_ids) as ticket_id;
  else
    -- The trigger of tickets restores resolved_at and closed_at from the same row. The joins name the id alone: with the team, a plan
    -- that was made while the team was small joins its tickets with themselves.
    update public.tickets as ticket set
      assigned_to = previous.assigned_to, status = previous.status, severity = previous.severity, priority = previous.priority,
      category = previous.category, type_id = previous.type_id, item_id = previous.item_id, snoozed_until = previous.snoozed_until
    from private.bulk_operation_tickets as row
    join public.tickets as present on present.id = row.ticket_id
    -- Side effects are restored where still possible: a snooze that the action ended, if the ticket is awake and the time has not come.
    cross join lateral jsonb_populate_record(present, case
      when operation.action = 'snooze' or (present.snoozed_until is null and (row.before ->> 'snoozed_until')::timestamptz > now())
        then row.before
      else row.before - 'snoozed_until'
    end) as previous
    where row.operation_id = operation.id and row.ticket_id = any (possible_ids) and ticket.id = row.ticket_id;
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

grant execute on function private.begin_bulk_operation(uuid, text, jsonb, uuid[]), private.next_bulk_tickets(uuid, integer),
  private.record_bulk_changes(uuid),
  private.begin_bulk_undo(uuid, uuid), private.continue_bulk_undo(uuid, integer) to authenticated;
