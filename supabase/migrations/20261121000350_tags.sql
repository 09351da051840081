-- Tags: labels of a ticket, at most 20.

create table public.ticket_tags (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  ticket_id uuid not null,
  tag text not null check (length(tag) between 1 and 50 and private.is_tag(tag)),
  created_at timestamptz not null default now(),
  unique (team_id, ticket_id, tag), -- the foreign key; with the team first, or an error would reveal the tags of another team's ticket
  unique (team_id, id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade
);
alter table public.ticket_tags enable row level security;
alter table public.ticket_tags replica identity using index ticket_tags_team_id_id_key;
create index ticket_tags_by_tag on public.ticket_tags (team_id, tag, ticket_id);
comment on table public.ticket_tags is 'Labels of a ticket';

create policy ticket_tags_select_members on public.ticket_tags for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
create policy ticket_tags_insert_agents on public.ticket_tags for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
create policy ticket_tags_delete_agents on public.ticket_tags for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
-- Update is not granted: a tag is added or removed.
grant select, delete on public.ticket_tags to authenticated;
grant insert (team_id, ticket_id, tag) on public.ticket_tags to authenticated;
grant select, insert, update, delete on public.ticket_tags to service_role;

-- A change of tags is a change of the ticket: one new version for a statement, however many tags it writes.
create function private.tg_ticket_tags__update_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.tickets as ticket set version = ticket.version + 1
  where (ticket.team_id, ticket.id) in (select distinct changed.team_id, changed.ticket_id from changed);
  return null;
end $$;
create trigger _200_update_tickets_insert after insert on public.ticket_tags
  referencing new table as changed for each statement execute function private.tg_ticket_tags__update_tickets();
create trigger _200_update_tickets_delete after delete on public.ticket_tags
  referencing old table as changed for each statement execute function private.tg_ticket_tags__update_tickets();

-- Fires after _200_update_tickets_insert, which locks the ticket, so that two simultaneous transactions cannot exceed the limit.
create function private.tg_ticket_tags__within_limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (
    select from (select distinct changed.team_id, changed.ticket_id from changed) as ticket
    where (select count(*) from public.ticket_tags as label
      where label.team_id = ticket.team_id and label.ticket_id = ticket.ticket_id) > 20
  ) then
    raise exception 'A ticket has at most 20 tags' using errcode = 'PT422', detail = 'tag_limit';
  end if;
  return null;
end $$;
create trigger _300_within_limit after insert on public.ticket_tags
  referencing new table as changed for each statement execute function private.tg_ticket_tags__within_limit();
