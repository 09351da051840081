-- Projects: what a ticket is about, from the clients' point of view: a product, a website, a contract.

create table public.projects (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  name text not null check (length(name) between 1 and 200 and private.is_line(name)),
  organization_id uuid, -- only its contacts can choose the project in the portal; null: all contacts can
  archived_at timestamptz, -- an archived project stays on its tickets, and no form offers it
  created_by uuid default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (team_id, id),
  -- A project of one organization must not become a project of all contacts.
  foreign key (team_id, organization_id) references public.organizations (team_id, id) on delete cascade
);
alter table public.projects enable row level security;
create index projects_by_name on public.projects (team_id, name collate "und-x-icu", id);
create index projects_organization_id on public.projects (team_id, organization_id); -- the foreign key
create index projects_created_by on public.projects (created_by); -- the foreign key
comment on table public.projects is 'What clients ask about: a product, a website, a contract';

create policy projects_select_members on public.projects for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('contacts.view'))::uuid[]));
create policy projects_insert_managers on public.projects for insert to authenticated
  with check (created_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]));
create policy projects_update_managers on public.projects for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]));
create policy projects_delete_managers on public.projects for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('organizations.manage'))::uuid[]));
grant select, delete on public.projects to authenticated;
grant insert (team_id, name, organization_id, created_by) on public.projects to authenticated;
grant update (name, organization_id, archived_at) on public.projects to authenticated;
grant select, insert, update, delete on public.projects to service_role;

create trigger _300_set_updated_at before update on public.projects
  for each row execute function private.tg__set_updated_at();

create function private.tg_projects__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select count(*) from public.projects as project where project.team_id = new.team_id) > 1000 then
    raise exception 'A team has at most 1,000 projects' using errcode = 'PT422', detail = 'project_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.projects
  for each row execute function private.tg_projects__limit();
