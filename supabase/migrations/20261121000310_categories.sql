-- Categories: the three levels of the category path of a ticket (category › type › item), at most 100 entries at each.

-- position only orders siblings; readers must not take it as a number.

create table public.ticket_categories (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  key text not null check (key ~ '^[a-z][a-z0-9_]{0,49}$'),
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  portal_name text check (length(portal_name) between 1 and 100 and private.is_line(portal_name)),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (team_id, key)
);
alter table public.ticket_categories enable row level security;
create unique index ticket_categories_name_key on public.ticket_categories (team_id, lower(name));
comment on table public.ticket_categories is 'The first level of category paths; tickets refer to the key, which never changes';
comment on column public.ticket_categories.portal_name is 'The name that clients see; null if clients cannot choose the category';

create policy ticket_categories_select_members on public.ticket_categories for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.view'))::uuid[]));
create policy ticket_categories_insert_managers on public.ticket_categories for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_categories_update_managers on public.ticket_categories for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_categories_delete_managers on public.ticket_categories for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
grant select, delete on public.ticket_categories to authenticated;
grant insert (team_id, key, name, portal_name, position) on public.ticket_categories to authenticated;
grant update (name, portal_name, position) on public.ticket_categories to authenticated;
grant select, insert, update, delete on public.ticket_categories to service_role;

create table public.ticket_types (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  category text not null,
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (team_id, id),
  unique (team_id, category, id), -- what tickets refer to: a type belongs to one category
  foreign key (team_id, category) references public.ticket_categories (team_id, key) on delete cascade
);
alter table public.ticket_types enable row level security;
create unique index ticket_types_name_key on public.ticket_types (team_id, category, lower(name));
comment on table public.ticket_types is 'The second level of category paths';

create policy ticket_types_select_members on public.ticket_types for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.view'))::uuid[]));
create policy ticket_types_insert_managers on public.ticket_types for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_types_update_managers on public.ticket_types for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_types_delete_managers on public.ticket_types for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
-- Not granted: moving a type to another category, because its tickets would have to follow.
grant select, delete on public.ticket_types to authenticated;
grant insert (team_id, category, name, position) on public.ticket_types to authenticated;
grant update (name, position) on public.ticket_types to authenticated;
grant select, insert, update, delete on public.ticket_types to service_role;

create table public.ticket_items (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  type_id uuid not null,
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (team_id, id),
  unique (team_id, type_id, id), -- what tickets refer to: an item belongs to one type
  foreign key (team_id, type_id) references public.ticket_types (team_id, id) on delete cascade
);
alter table public.ticket_items enable row level security;
create unique index ticket_items_name_key on public.ticket_items (team_id, type_id, lower(name));
comment on table public.ticket_items is 'The third level of category paths';

create policy ticket_items_select_members on public.ticket_items for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.view'))::uuid[]));
create policy ticket_items_insert_managers on public.ticket_items for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_items_update_managers on public.ticket_items for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_items_delete_managers on public.ticket_items for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
-- Not granted: moving an item to another type.
grant select, delete on public.ticket_items to authenticated;
grant insert (team_id, type_id, name, position) on public.ticket_items to authenticated;
grant update (name, position) on public.ticket_items to authenticated;
grant select, insert, update, delete on public.ticket_items to service_role;

-- At most 100 entries at each level. The parent is locked, so that two simultaneous inserts cannot exceed the limit. After the insert,
-- when the policy has been checked: nobody can count the entries of another team.
create function private.tg_ticket_categories__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.teams as team where team.id = new.team_id for no key update;
  if (select count(*) from public.ticket_categories as sibling where sibling.team_id = new.team_id) > 100 then
    raise exception 'A team has at most 100 categories' using errcode = 'PT422', detail = 'routing_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.ticket_categories
  for each row execute function private.tg_ticket_categories__limit();

create function private.tg_ticket_types__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.ticket_categories as category where category.team_id = new.team_id and category.key = new.category for no key update;
  if (select count(*) from public.ticket_types as sibling
    where sibling.team_id = new.team_id and sibling.category = new.category) > 100 then
    raise exception 'A category has at most 100 types' using errcode = 'PT422', detail = 'routing_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.ticket_types
  for each row execute function private.tg_ticket_types__limit();

create function private.tg_ticket_items__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.ticket_types as type where type.team_id = new.team_id and type.id = new.type_id for no key update;
  if (select count(*) from public.ticket_items as sibling where sibling.team_id = new.team_id and sibling.type_id = new.type_id) > 100 then
    raise exception 'A type has at most 100 items' using errcode = 'PT422', detail = 'routing_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.ticket_items
  for each row execute function private.tg_ticket_items__limit();

-- Tickets of a deleted category move to "other"; tickets of a deleted type keep their category. Each ticket changes once, before the
-- row is deleted, so that the event can still read its name. The row is locked by now, so no ticket can be added to it.
create function private.tg_ticket_categories__reroute_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.teams as team where team.id = old.team_id) then
    return old; -- the team is being deleted, with its tickets
  end if;
  if old.key = 'other' then
    raise exception 'This category cannot be deleted: tickets of deleted categories move to it' using errcode = 'PT409',
      detail = 'category_required';
  end if;
  update public.tickets as ticket set category = 'other', type_id = null, item_id = null
    where ticket.team_id = old.team_id and ticket.category = old.key;
  return old;
end $$;
create trigger _300_reroute_tickets before delete on public.ticket_categories
  for each row execute function private.tg_ticket_categories__reroute_tickets();

create function private.tg_ticket_types__reroute_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.teams as team where team.id = old.team_id) then
    update public.tickets as ticket set type_id = null, item_id = null where ticket.team_id = old.team_id and ticket.type_id = old.id;
  end if;
  return old;
end $$;
create trigger _300_reroute_tickets before delete on public.ticket_types
  for each row execute function private.tg_ticket_types__reroute_tickets();

create function private.tg_ticket_items__reroute_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.teams as team where team.id = old.team_id) then
    update public.tickets as ticket set item_id = null
      where ticket.team_id = old.team_id and ticket.type_id = old.type_id and ticket.item_id = old.id;
  end if;
  return old;
end $$;
create trigger _300_reroute_tickets before delete on public.ticket_items
  for each row execute function private.tg_ticket_items__reroute_tickets();
