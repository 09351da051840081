-- Imports: which request of which source became which ticket, so that a file is imported once however often it is run.

create table private.ticket_imports (
  team_id uuid not null references public.teams (id) on delete cascade,
  source_id text not null check (length(source_id) between 1 and 200 and private.is_line(source_id)),
  -- Null while its own transaction runs, and after the ticket was deleted: what somebody deleted does not come back.
  ticket_id uuid,
  imported_at timestamptz not null default now(),
  primary key (team_id, source_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete set null (ticket_id)
);
create index ticket_imports_ticket_id on private.ticket_imports (team_id, ticket_id); -- the foreign key
comment on table private.ticket_imports is 'Requests that were imported, by the id they had where they came from';

-- Takes the source's id for this transaction. False when the request was imported before; waits where somebody else is
-- importing it at this moment.
create function private.begin_ticket_import(team_id uuid, source_id text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  if not private.has_permission(team_id, 'tickets.create') then
    raise exception 'Your role does not allow creating tickets' using errcode = 'PT403', detail = 'forbidden';
  end if;
  insert into private.ticket_imports (team_id, source_id)
  values (begin_ticket_import.team_id, begin_ticket_import.source_id)
  on conflict on constraint ticket_imports_pkey do nothing;
  return found;
end $$;

-- Ties the ticket that the caller has created in this transaction to the source's id, and sets what nobody is granted:
-- its channel and the times at which it and its replies were written. A time that is not known follows the one before
-- it by a microsecond, so that a conversation keeps its order.
create function private.finish_ticket_import(team_id uuid, source_id text, ticket_id uuid, created_at timestamptz, reply_ids uuid[], reply_times timestamptz[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  born timestamptz := least(created_at, now());
  moment timestamptz := born;
  latest timestamptz := born;
  first_response timestamptz;
  is_public boolean;
begin
  -- now() is the time of this transaction: nothing that is older can be dated back.
  perform from public.tickets as ticket
  where ticket.team_id = finish_ticket_import.team_id and ticket.id = finish_ticket_import.ticket_id
    and ticket.created_by = (select auth.uid()) and ticket.created_at = now();
  if not found or not private.has_permission(team_id, 'tickets.create') then
    raise exception 'Not a ticket of this import' using errcode = 'PT404', detail = 'not_found';
  end if;
  update private.ticket_imports as import set ticket_id = finish_ticket_import.ticket_id
  where import.team_id = finish_ticket_import.team_id and import.source_id = finish_ticket_import.source_id
    and import.ticket_id is null and import.imported_at = now();
  if not found then
    raise exception 'This import was not begun' using errcode = 'PT404', detail = 'not_found';
  end if;

  for i in 1 .. cardinality(reply_ids) loop
    moment := least(coalesce(reply_times[i], moment + interval '1 microsecond'), now() + i * interval '1 microsecond');
    update public.ticket_replies as reply set created_at = moment
    where reply.team_id = finish_ticket_import.team_id and reply.ticket_id = finish_ticket_import.ticket_id and reply.id = reply_ids[i]
    returning not reply.is_internal into is_public;
    latest := greatest(latest, moment);
    if is_public then
      first_response := least(first_response, moment);
    end if;
  end loop;

  update public.tickets as ticket set
    channel = 'import',
    created_at = born,
    first_response_at = first_response,
    last_activity_at = latest,
    resolved_at = case when ticket.resolved_at is not null then latest end,
    closed_at = case when ticket.closed_at is not null then latest end
  where ticket.team_id = finish_ticket_import.team_id and ticket.id = finish_ticket_import.ticket_id;
end $$;

grant execute on function private.begin_ticket_import(uuid, text),
  private.finish_ticket_import(uuid, text, uuid, timestamptz, uuid[], timestamptz[]) to authenticated;
