-- Participants: contacts besides the requester who take part in a ticket. They get its public replies by mail.

create table public.ticket_participants (
  team_id uuid not null,
  ticket_id uuid not null,
  contact_id uuid not null,
  -- Whether they may read what was written before they were added. Otherwise a forgotten "Cc" would show a whole conversation to
  -- somebody (CVE-2024-49193 was this).
  can_read_history boolean not null default false,
  added_by uuid default auth.uid() references public.profiles (id), -- null: the requester added them
  created_at timestamptz not null default now(),
  primary key (team_id, ticket_id, contact_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
alter table public.ticket_participants enable row level security;
create index ticket_participants_contact_id on public.ticket_participants (team_id, contact_id); -- their tickets, and the foreign key
create index ticket_participants_added_by on public.ticket_participants (added_by); -- the foreign key
comment on table public.ticket_participants is 'Contacts besides the requester who take part in a ticket';

create policy ticket_participants_select_members on public.ticket_participants for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
create policy ticket_participants_insert_agents on public.ticket_participants for insert to authenticated
  with check (added_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
create policy ticket_participants_update_agents on public.ticket_participants for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
create policy ticket_participants_delete_agents on public.ticket_participants for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
grant select, delete on public.ticket_participants to authenticated;
grant insert (team_id, ticket_id, contact_id, can_read_history, added_by) on public.ticket_participants to authenticated;
grant update (can_read_history) on public.ticket_participants to authenticated;
grant select, insert, update, delete on public.ticket_participants to service_role;

-- The requester takes part anyway, a merged or erased contact nowhere. Showing what was written before is the decision of a person.
create function private.tg_ticket_participants__before_write() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.can_read_history and private.acting_api_key_id() is not null then
    raise exception 'An API key cannot show earlier messages to a participant' using errcode = 'PT403', detail = 'scope';
  end if;
  if tg_op = 'INSERT' then
    if exists (select from public.tickets as ticket where ticket.team_id = new.team_id and ticket.id = new.ticket_id
      and ticket.contact_id = new.contact_id) then
      raise exception 'They are the requester of this ticket' using errcode = 'PT422', detail = 'is_requester';
    end if;
    if exists (select from public.contacts as contact where contact.team_id = new.team_id and contact.id = new.contact_id
      and (contact.merged_into is not null or contact.erased_at is not null)) then
      raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
    end if;
  end if;
  return new;
end $$;
create trigger _200_before_write before insert or update on public.ticket_participants
  for each row execute function private.tg_ticket_participants__before_write();

create function private.tg_ticket_participants__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select count(*) from public.ticket_participants as entry
    where entry.team_id = new.team_id and entry.ticket_id = new.ticket_id) > 20 then
    raise exception 'A ticket has at most 20 participants' using errcode = 'PT422', detail = 'participant_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.ticket_participants
  for each row execute function private.tg_ticket_participants__limit();

-- Whoever becomes the requester is no longer a participant beside it.
create function private.tg_tickets__remove_participant() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.ticket_participants as entry
  where entry.team_id = new.team_id and entry.ticket_id = new.id and entry.contact_id = new.contact_id;
  return null;
end $$;
create trigger _700_remove_participant after update of contact_id on public.tickets
  for each row when (new.contact_id is distinct from old.contact_id) execute function private.tg_tickets__remove_participant();
