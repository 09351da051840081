-- Imports: which ticket was made from which request of a source, so that repeating an import creates no ticket twice.

create table private.ticket_imports (
  team_id uuid not null references public.teams (id) on delete cascade,
  source_id text not null check (length(source_id) between 1 and 200 and private.is_line(source_id)),
  -- Null while its own transaction runs, and after the ticket was deleted: an import does not restore a deleted ticket.
  ticket_id uuid,
  -- The imported values. When the undo of a bulk operation restores them, the ticket is history again: see private.is_history().
  resolved_at timestamptz,
  snoozed_until timestamptz,
  imported_at timestamptz not null default now(),
  primary key (team_id, source_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete set null (ticket_id)
);
create index ticket_imports_ticket_id on private.ticket_imports (team_id, ticket_id); -- the foreign key
comment on table private.ticket_imports is 'Imported requests, by their id in the source system';

-- Finds the type and the item with these names below a category. Missing ones are created if the caller may create them.
create function private.import_path(team_id uuid, category text, names jsonb, out type_id uuid, out item_id uuid, out added text)
language plpgsql security definer set search_path = '' as $$
begin
  select row.id into type_id from public.ticket_types as row
    where row.team_id = import_path.team_id and row.category = import_path.category and lower(row.name) = lower(names ->> 0);
  if type_id is null then
    perform private.require_permission(import_path.team_id, 'routing.manage');
    insert into public.ticket_types as row (team_id, category, name, position)
    select import_path.team_id, import_path.category, names ->> 0, 1 + count(*) from public.ticket_types as sibling
      where sibling.team_id = import_path.team_id and sibling.category = import_path.category
    returning row.id into type_id;
    added := names ->> 0;
  end if;
  if names ->> 1 is null then
    return;
  end if;
  select row.id into item_id from public.ticket_items as row
    where row.team_id = import_path.team_id and row.type_id = import_path.type_id and lower(row.name) = lower(names ->> 1);
  if item_id is null then
    perform private.require_permission(import_path.team_id, 'routing.manage');
    insert into public.ticket_items as row (team_id, type_id, name, position)
    select import_path.team_id, import_path.type_id, names ->> 1, 1 + count(*) from public.ticket_items as sibling
      where sibling.team_id = import_path.team_id and sibling.type_id = import_path.type_id
    returning row.id into item_id;
    added := (names ->> 0) || ' › ' || (names ->> 1);
  end if;
end $$;
