-- Bulk operations: one change of many tickets. Ordinary statements change the tickets under the author's identity, step by step. These
-- tables store which steps are left, and what undo restores.

create table public.bulk_operations (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  user_id uuid not null,
  -- The API key that asked for the operation or its undo. Other keys cannot see it, but the person whom the key acts as can. No foreign
  -- key: the key may be revoked later.
  api_key_id uuid,
  action text not null check (action in ('reassign', 'close', 'set_status', 'set_severity', 'set_priority', 'set_category', 'snooze',
    'add_tag', 'remove_tag', 'delete')),
  value jsonb not null,
  channel text, -- of the request, or of its undo; the job that continues it uses the same; null: see record_event()
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
-- operations that the job continues
create index bulk_operations_unfinished on public.bulk_operations (created_at) where status in ('waiting', 'running', 'undoing');
comment on table public.bulk_operations is 'One change of many tickets; kept for a day';

create policy bulk_operations_select_author on public.bulk_operations for select to authenticated
  using (user_id = (select auth.uid())
    and ((select private.acting_api_key_id()) is null or api_key_id = (select private.acting_api_key_id()))
    and team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Writing is granted to nobody: only the functions below change operations.
grant select on public.bulk_operations to authenticated, service_role;

create table private.bulk_operation_tickets (
  operation_id uuid not null references public.bulk_operations (id) on delete cascade,
  ticket_id uuid not null, -- no foreign key: the ticket may be deleted later
  -- waiting → taken → changed or unchanged; changed → restoring → restored, or skipped. Only the transaction that works on the rows
  -- sees taken and restoring.
  state text not null default 'waiting' check (state in ('waiting', 'taken', 'changed', 'unchanged', 'restoring', 'restored', 'skipped')),
  before jsonb,
  after jsonb,
  primary key (operation_id, ticket_id)
);
create index bulk_operation_tickets_next on private.bulk_operation_tickets (operation_id, state, ticket_id); -- the next step
-- for the trigger of tickets
create index bulk_operation_tickets_restoring on private.bulk_operation_tickets (ticket_id) where state = 'restoring';
comment on table private.bulk_operation_tickets is 'The tickets of a bulk operation, with their values before and after, for undo';

-- Progress for the author's browser: the message contains only ids, and the author fetches the rest.
create trigger bulk_operations__broadcast after update on public.bulk_operations
  for each row execute function private.tg__broadcast_ids();

-- Permissions and effects of actions -----------------------------------------------------------------------------------

create function private.bulk_permission(action text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return case action when 'reassign' then 'tickets.assign' when 'close' then 'tickets.close' when 'delete' then 'tickets.delete'
    else 'tickets.update' end;
end $$;

-- The properties that an action may change, as they are now. Times are compared in UTC, independent of the session's zone.
create function private.bulk_snapshot(action text, value jsonb, ticket public.tickets) returns jsonb
language plpgsql stable set search_path = '' set timezone = 'UTC' as $$
begin
  return case
    when action = 'reassign' then jsonb_build_object('assigned_to', ticket.assigned_to, 'snoozed_until', ticket.snoozed_until)
    when action in ('close', 'set_status')
      then jsonb_build_object('status', ticket.status, 'resolved_at', ticket.resolved_at, 'closed_at', ticket.closed_at,
        'snoozed_until', ticket.snoozed_until, 'awaiting_reply_since', ticket.awaiting_reply_since)
    when action = 'snooze' then jsonb_build_object('snoozed_until', ticket.snoozed_until)
    when action = 'set_severity' then jsonb_build_object('severity', ticket.severity)
    when action = 'set_priority' then jsonb_build_object('priority', ticket.priority)
    when action = 'set_category' then jsonb_build_object('category', ticket.category, 'type_id', ticket.type_id, 'item_id', ticket.item_id)
    when action in ('add_tag', 'remove_tag') then jsonb_build_object('is_tagged', exists (
      select from public.ticket_tags as label
        where label.team_id = ticket.team_id and label.ticket_id = ticket.id and label.tag = value #>> '{}'
    ))
    else '{}'
  end;
end $$;

-- The properties that an action changes directly: a ticket that it also woke may have been snoozed again since, and its client may have
-- got an answer.
create function private.bulk_changed(action text, snapshot jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return case when action = 'snooze' then snapshot else snapshot - '{snoozed_until,awaiting_reply_since}'::text[] end;
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

-- Refuses a change that the caller may not make, or that one of the tickets does not allow, and names these tickets.
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
        select from public.tickets as ticket
          where ticket.team_id = require_bulk_change.team_id and ticket.id = any (ticket_ids) and ticket.status = 'closed'
      )) then
        raise exception 'Only owners and admins can close tickets or reopen closed ones' using errcode = 'PT403', detail = 'forbidden';
      end if;
      select private.ticket_numbers(array_agg(ticket.ticket_number)) into obstacles from public.tickets as ticket
      where ticket.team_id = require_bulk_change.team_id and ticket.id = any (ticket_ids) and ticket.status <> target
        and not exists (select from private.status_transitions as rule where rule.from_status = ticket.status and rule.to_status = target);
      if obstacles is not null then
        raise exception 'A closed ticket can only be reopened: %', obstacles using errcode = 'PT422', detail = 'status_transition';
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
        and (select count(*) filter (where label.tag <> value #>> '{}') from public.ticket_tags as label
          where label.team_id = ticket.team_id and label.ticket_id = ticket.id) >= 20;
      if obstacles is not null then
        raise exception 'A ticket has at most 20 tags: %', obstacles using errcode = 'PT422', detail = 'tag_limit';
      end if;
    else null;
  end case;
end $$;

-- Whether { category, type_id, item_id } is a path in the team's categories.
create function private.is_route(team_id uuid, path jsonb) returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return exists (select from public.ticket_categories as category
    where category.team_id = is_route.team_id and category.key = path ->> 'category')
    and (path ->> 'type_id' is null or exists (
      select from public.ticket_types as type
        where type.team_id = is_route.team_id and type.category = path ->> 'category' and type.id = (path ->> 'type_id')::uuid
    ))
    and (path ->> 'item_id' is null or exists (
      select from public.ticket_items as item
        where item.team_id = is_route.team_id and item.type_id = (path ->> 'type_id')::uuid and item.id = (path ->> 'item_id')::uuid
    ));
end $$;

-- Locks in the order of ids, as all operations do, so that they do not deadlock.
create function private.lock_tickets(team_id uuid, ticket_ids uuid[], are_deleted boolean) returns void
language plpgsql set search_path = '' as $$
begin
  if are_deleted then
    perform from public.tickets as ticket where ticket.team_id = lock_tickets.team_id and ticket.id = any (ticket_ids)
      order by ticket.id for update;
  else
    perform from public.tickets as ticket where ticket.team_id = lock_tickets.team_id and ticket.id = any (ticket_ids)
      order by ticket.id for no key update;
  end if;
end $$;
