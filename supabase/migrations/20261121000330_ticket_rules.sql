-- Rules of tickets: numbers, status, assignee, snooze and times. Triggers enforce them for every writer.

-- Every allowed change of status, and the permission that a person needs for it besides tickets.update. Jobs need no permission. Other
-- changes are forbidden for everybody: a closed ticket must be opened before it gets another status.
create table private.status_transitions (
  from_status text not null,
  to_status text not null,
  permission text, -- null: none
  primary key (from_status, to_status)
);
comment on table private.status_transitions is 'The allowed status transitions, and the permission that each requires';

insert into private.status_transitions (from_status, to_status, permission)
select before, after, case when 'closed' in (before, after) then 'tickets.close' end
from unnest(array['open', 'in_progress', 'waiting', 'resolved', 'closed']) as before
cross join unnest(array['open', 'in_progress', 'waiting', 'resolved', 'closed']) as after
where before <> after and (before <> 'closed' or after = 'open');

-- Tickets can be assigned to an owner, admin or member.
create function private.is_assignable(team_id uuid, user_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from public.team_members as member
    where member.team_id = is_assignable.team_id and member.user_id = is_assignable.user_id
      and member.role in ('owner', 'admin', 'member')
  );
end $$;

-- Null wakes a ticket. Otherwise the time must be in the future, and at most a year ahead.
create function private.require_snooze(until timestamptz) returns void
language plpgsql stable set search_path = '' as $$
begin
  if until <= now() then
    raise exception 'A snooze must end in the future' using errcode = 'PT422', detail = 'snooze_past';
  end if;
  if until > now() + interval '1 year' then
    raise exception 'A snooze can last a year at most' using errcode = 'PT422', detail = 'snooze_too_long';
  end if;
end $$;

-- The same error for viewers, strangers and ids that do not exist. The lock makes two transactions take turns: one that removes a
-- member or makes them a viewer, and one that assigns a ticket to them. So no ticket stays assigned to them afterwards.
create function private.require_assignable(team_id uuid, user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.team_members as member
    where member.team_id = require_assignable.team_id and member.user_id = require_assignable.user_id for share;
  if not private.is_assignable(require_assignable.team_id, require_assignable.user_id) then
    raise exception 'Not an agent of this team' using errcode = 'PT400', detail = 'assigned_to';
  end if;
end $$;

create function private.tg_tickets__before_insert() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.search := private.ticket_search(new.subject, new.description, new.requester_name, new.requester_email);
  -- Only checked for callers who may create: for others the answer would reveal who works for the team.
  if new.assigned_to is not null and ((select auth.uid()) is null or private.has_permission(new.team_id, 'tickets.create')) then
    perform private.require_assignable(new.team_id, new.assigned_to);
  end if;
  if new.channel = 'agent' and current_setting('switchboard.channel', true) = 'api' then
    new.channel := 'api'; -- channel is not granted; the server sets the caller's channel in a setting
  end if;
  new.closed_at := case when new.status = 'closed' then coalesce(new.closed_at, now()) end;
  new.resolved_at := case when new.status in ('resolved', 'closed') then coalesce(new.resolved_at, new.closed_at, now()) end;
  new.awaiting_reply_since := case when new.resolved_at is null then new.created_at end;
  new.last_message_at := new.created_at;
  return new;
end $$;
create trigger _100_afford before insert on public.tickets
  for each row when (coalesce(current_setting('switchboard.channel', true), '') = '') execute function private.tg_spend_budget();
create trigger _200_before_insert before insert on public.tickets
  for each row execute function private.tg_tickets__before_insert();

-- Fires after the triggers that refuse rows, so that a refused row does not hold the counter's lock.
create function private.tg_tickets__number() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update private.ticket_counters as counter set last_number = counter.last_number + 1
  where counter.team_id = new.team_id
  returning counter.last_number into new.ticket_number;
  return new;
end $$;
create trigger _300_number before insert on public.tickets
  for each row execute function private.tg_tickets__number();

-- Checks who may assign and close, and which status follows which, and fills in times. Rules about persons do not apply to jobs, which
-- have no auth.uid().
create function private.tg_tickets__before_update() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := (select auth.uid());
  needed text;
  restored jsonb;
  -- A job tells which clock is due next. Triggers that do so fire after this one.
  is_only_due boolean := (new.sla_metric, new.sla_state, new.sla_due_at) is distinct from (old.sla_metric, old.sla_state, old.sla_due_at);
  -- The name or address of the requester was corrected, which is no activity of the ticket.
  is_only_renamed boolean := new.contact_id = old.contact_id
    and (new.requester_name, new.requester_email) is distinct from (old.requester_name, old.requester_email)
    and (new.subject, new.description, new.format, new.status, new.priority, new.severity, new.assigned_to, new.snoozed_until,
      new.category, new.type_id, new.item_id)
    is not distinct from (old.subject, old.description, old.format, old.status, old.priority, old.severity, old.assigned_to,
      old.snoozed_until, old.category, old.type_id, old.item_id);
begin
  new.search := old.search; -- callers may not write it
  if new is not distinct from old then
    return null; -- nothing changed: no new version, no event
  end if;

  if new.assigned_to is distinct from old.assigned_to then
    if new.assigned_to is not null then
      perform private.require_assignable(new.team_id, new.assigned_to);
    end if;
    if caller is not null
      and not private.has_permission(old.team_id, 'tickets.assign')
      and not (
        -- claiming an unassigned ticket, or releasing one's own
        (coalesce(old.assigned_to, caller) = caller and coalesce(new.assigned_to, caller) = caller)
        and private.has_permission(old.team_id, 'tickets.claim')
      )
      -- not when a ticket is released because its assignee left (the foreign key) or became a viewer
      and (new.assigned_to is not null
        or exists (select from public.team_members as member
          where member.team_id = old.team_id and member.user_id = old.assigned_to and member.role <> 'viewer'))
    then
      raise exception 'Your role does not allow assigning tickets' using errcode = 'PT403', detail = 'forbidden';
    end if;
  end if;

  if new.status <> old.status then
    -- The undo of a bulk operation restores the status that it changed, with its times. A row that only the undo can
    -- write marks this transaction.
    select row.before into restored from private.bulk_operation_tickets as row
      where row.ticket_id = old.id and row.state = 'restoring' and row.before ->> 'status' = new.status;
    select rule.permission into needed from private.status_transitions as rule
      where rule.from_status = old.status and rule.to_status = new.status;
    if restored is not null then
      needed := case when 'closed' in (old.status, new.status) then 'tickets.close' end;
    elsif not found then
      raise exception '%', case old.status when 'closed' then 'A closed ticket can only be reopened'
        else format('A ticket that is %s cannot become %s', old.status, new.status) end
        using errcode = 'PT422', detail = 'status_transition';
    end if;
    if caller is not null and needed is not null and not private.has_permission(old.team_id, needed) then
      raise exception 'Only owners and admins can close tickets or reopen closed ones' using errcode = 'PT403', detail = 'forbidden';
    end if;
    new.resolved_at := case when new.status in ('resolved', 'closed') then coalesce(old.resolved_at, now()) end;
    new.closed_at := case when new.status = 'closed' then now() end;
    if new.status in ('resolved', 'closed') then
      new.awaiting_reply_since := null;
    elsif old.status in ('resolved', 'closed') and (private.acting_contact_id() is not null or old.first_response_at is null) then
      new.awaiting_reply_since := now(); -- a client who reopens a ticket expects an answer, or the request never had one
    end if;
    if restored is not null then
      if old.status in ('resolved', 'closed') then
        new.awaiting_reply_since := (restored ->> 'awaiting_reply_since')::timestamptz;
      end if;
      new.resolved_at := (restored ->> 'resolved_at')::timestamptz;
      new.closed_at := (restored ->> 'closed_at')::timestamptz;
    end if;
  end if;

  -- A new assignee makes a snoozed ticket relevant again, and a finished ticket needs no attention later.
  if new.snoozed_until = old.snoozed_until
    and (new.assigned_to is distinct from old.assigned_to or new.status in ('resolved', 'closed')) then
    new.snoozed_until := null;
  end if;
  if new.snoozed_until is distinct from old.snoozed_until then
    perform private.require_snooze(new.snoozed_until);
    if new.snoozed_until is not null and new.status in ('resolved', 'closed') then
      raise exception 'A resolved or closed ticket cannot be snoozed' using errcode = 'PT422', detail = 'snooze_status';
    end if;
    new.snoozed_by := case when new.snoozed_until is not null then caller end;
  end if;

  -- If a level above changed and the statement does not set this level, it belongs to the old path.
  if new.category <> old.category and new.type_id = old.type_id then
    new.type_id := null;
  end if;
  if new.type_id is distinct from old.type_id and new.item_id = old.item_id then
    new.item_id := null;
  end if;

  if (new.subject, new.description, new.requester_name, new.requester_email)
    is distinct from (old.subject, old.description, old.requester_name, old.requester_email) then
    new.search := private.ticket_search(new.subject, new.description, new.requester_name, new.requester_email);
  end if;
  new.version := old.version + 1;
  -- Nobody is granted these two columns: only an import and the demo loader set them.
  if new.updated_at = old.updated_at then
    new.updated_at := now();
  end if;
  if new.last_activity_at = old.last_activity_at
    and (
      case when is_only_renamed or is_only_due then false
      when new.status <> old.status
        then private.is_news(private.current_channel(), old.team_id, old.id, 'ticket.status_changed', to_jsonb(old.status))
      when new.snoozed_until is distinct from old.snoozed_until
        then private.is_news(private.current_channel(), old.team_id, old.id, 'ticket.snoozed', to_jsonb(old.snoozed_until))
      when new.assigned_to is distinct from old.assigned_to
        then private.is_news(private.current_channel(), old.team_id, old.id, 'ticket.assigned', null)
      when (new.category, new.type_id, new.item_id) is distinct from (old.category, old.type_id, old.item_id)
        then private.is_news(private.current_channel(), old.team_id, old.id, 'ticket.rerouted', null)
      else private.current_channel() <> 'import' end
    )
  then
    new.last_activity_at := now();
  end if;
  return new;
end $$;
create trigger _200_before_update before update on public.tickets
  for each row execute function private.tg_tickets__before_update();

-- Nobody is granted these times: an import or a job that loads or moves history may give them in any order. A ticket is at least as old
-- as its first event, and is closed when it is resolved, or later. Fires after the triggers that fill in the times.
create function private.tg_tickets__order_times() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.closed_at := greatest(new.closed_at, case when new.closed_at is not null then new.resolved_at end);
  new.created_at := least(new.created_at, new.first_response_at, new.resolved_at);
  new.last_activity_at := greatest(new.last_activity_at, new.created_at);
  new.last_message_at := greatest(new.last_message_at, new.created_at);
  return new;
end $$;
create trigger _400_order_times_insert before insert on public.tickets
  for each row execute function private.tg_tickets__order_times();
create trigger _400_order_times_update before update on public.tickets
  for each row when (
    (new.created_at, new.first_response_at, new.resolved_at, new.closed_at, new.last_activity_at)
    is distinct from (old.created_at, old.first_response_at, old.resolved_at, old.closed_at, old.last_activity_at)
  )
  execute function private.tg_tickets__order_times();
