-- Escalations: what the warning or the breach of an SLA clock does to its ticket. Each step of the policy that the clock remembers happens
-- once for a clock, whatever becomes of its times. Events name the clock as their cause, and no member as their actor.

-- Takes the steps of the clock that are due at `moment` (warning or breach). The caller has locked the ticket.
create function private.escalate(clock public.sla_clocks, moment text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  step jsonb;
  newest bigint;
begin
  if moment is null or not clock.policy -> 'escalations' @> jsonb_build_array(jsonb_build_object('when', moment)) then
    return;
  end if;
  -- Written now, so that the warning or the breach comes before what follows from it.
  set constraints public.sla_clocks__record_warning, public.sla_clocks__record_breach immediate;
  set constraints public.sla_clocks__record_warning, public.sla_clocks__record_breach deferred;
  select coalesce(max(event.id), 0) into newest from public.ticket_events as event
    where event.team_id = clock.team_id and event.ticket_id = clock.ticket_id;
  for step in
    select entry.step from jsonb_array_elements(clock.policy -> 'escalations') with ordinality as entry (step, place)
    where entry.step ->> 'when' = moment and coalesce(entry.step ->> 'metric', clock.metric) = clock.metric
      and not exists (select from jsonb_array_elements(clock.escalated) as taken where taken = entry.step)
    order by entry.place
  loop
    update public.sla_clocks as row set escalated = row.escalated || jsonb_build_array(step) where row.id = clock.id;
    perform set_config('switchboard.cause', jsonb_build_object('policy', jsonb_build_object('id', clock.policy -> 'id', 'name',
      clock.policy -> 'name'), 'clock_id', clock.id, 'metric', clock.metric, 'when', moment)::text, true);
    perform private.take_escalation(clock, step);
    -- The events of this step name their cause: those that wait for the end of the transaction are written now.
    set constraints private.ticket_tags_before__record_event, public.sla_clocks__record_warning, public.sla_clocks__record_breach,
      public.sla_clocks__record_success immediate;
    set constraints private.ticket_tags_before__record_event, public.sla_clocks__record_warning, public.sla_clocks__record_breach,
      public.sla_clocks__record_success deferred;
    perform set_config('switchboard.cause', '', true);
  end loop;
  perform private.notify_when_open(event.team_id, event.id, clock.calendar_id) from public.ticket_events as event
  where event.team_id = clock.team_id and event.ticket_id = clock.ticket_id and event.id > newest;
end $$;

-- Takes one step. One that cannot be taken is passed over with an event that says why, and stops neither the other steps nor other clocks.
create function private.take_escalation(clock public.sla_clocks, step jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  ticket public.tickets;
  reason text;
  detail text;
begin
  select row.* into ticket from public.tickets as row where row.id = clock.ticket_id;
  begin
    reason := case step ->> 'action'
      when 'notify' then private.escalate_to_people(ticket, step)
      when 'raise_severity' then private.escalate_severity(ticket)
      when 'assign' then private.escalate_to_member(ticket, (step ->> 'member_id')::uuid)
      when 'add_tag' then private.escalate_with_tag(ticket, step ->> 'tag')
    end;
  exception
    when serialization_failure or deadlock_detected then
      raise; -- another attempt can succeed
    when others then
      get stacked diagnostics detail = pg_exception_detail;
      reason := case detail when 'tag_limit' then 'tag_limit' else 'refused' end;
      raise warning 'The escalation % of the clock % was refused: %', step, clock.id, sqlerrm;
  end;
  if reason is not null then
    perform private.record_event(ticket.team_id, ticket.id, ticket.ticket_number, 'ticket.escalated', null,
      private.escalation_reference(ticket.team_id, step) || jsonb_build_object('passed_over', reason));
  end if;
end $$;

-- A step as events store it, with the names of people as they are now.
create function private.escalation_reference(team_id uuid, step jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return step - '{metric,when,member_id}'::text[] || jsonb_build_object('passed_over', null) || case step ->> 'action'
    when 'assign' then jsonb_build_object('members', jsonb_build_array(private.person_reference((step ->> 'member_id')::uuid)))
    when 'notify' then jsonb_build_object('members', (select coalesce(jsonb_agg(private.person_reference(id::uuid)), '[]')
      from jsonb_array_elements_text(step -> 'members') as id))
    else '{}' end;
end $$;

-- The actions return why they are passed over; null: they were done ------------------------------------------------------------

-- Who is notified follows from the event: server/domain/notification/recipients.ts.
create function private.escalate_to_people(ticket public.tickets, step jsonb) returns text
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (
    select from public.team_members as member
    where member.team_id = ticket.team_id and (step -> 'members' ? member.user_id::text or step -> 'roles' ? member.role
      or step -> 'followers' = 'true' and exists (select from public.ticket_followers as follower
        where follower.team_id = ticket.team_id and follower.ticket_id = ticket.id and follower.user_id = member.user_id))
  ) then
    return 'nobody_left';
  end if;
  perform private.record_event(ticket.team_id, ticket.id, ticket.ticket_number, 'ticket.escalated', null,
    private.escalation_reference(ticket.team_id, step));
  return null;
end $$;

create function private.escalate_severity(ticket public.tickets) returns text
language plpgsql security definer set search_path = '' as $$
begin
  if ticket.severity = 1 then
    return 'severity_highest';
  end if;
  update public.tickets as row set severity = ticket.severity - 1 where row.id = ticket.id;
  return null;
end $$;

create function private.escalate_to_member(ticket public.tickets, member_id uuid) returns text
language plpgsql security definer set search_path = '' as $$
begin
  if not private.is_assignable(ticket.team_id, member_id) then
    return 'member_left';
  elsif ticket.assigned_to = member_id then
    return 'already_assigned';
  end if;
  update public.tickets as row set assigned_to = member_id where row.id = ticket.id;
  return null;
end $$;

create function private.escalate_with_tag(ticket public.tickets, tag text) returns text
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.ticket_tags (team_id, ticket_id, tag) values (ticket.team_id, ticket.id, escalate_with_tag.tag)
  on conflict on constraint ticket_tags_team_id_ticket_id_tag_key do nothing;
  return case when not found then 'already_tagged' end;
end $$;
