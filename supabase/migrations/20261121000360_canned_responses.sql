-- Canned responses: reply templates of a team.

create table public.canned_responses (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  title text not null check (length(title) between 1 and 100 and private.is_line(title)),
  content text not null check (length(content) between 1 and 20000 and private.is_visible(content)),
  category text check (length(category) between 1 and 50 and private.is_line(category)),
  created_by uuid not null default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (team_id, id)
);
alter table public.canned_responses enable row level security;
create index canned_responses_by_title on public.canned_responses (team_id, title collate "und-x-icu", id);
create index canned_responses_created_by on public.canned_responses (created_by); -- the foreign key
comment on table public.canned_responses is 'Reply templates';

create policy canned_responses_select_agents on public.canned_responses for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('canned_responses.view'))::uuid[]));
create policy canned_responses_insert_managers on public.canned_responses for insert to authenticated
  with check (created_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]));
create policy canned_responses_update_managers on public.canned_responses for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]));
create policy canned_responses_delete_managers on public.canned_responses for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]));
grant select, delete on public.canned_responses to authenticated;
grant insert (team_id, title, content, category, created_by) on public.canned_responses to authenticated;
grant update (title, content, category) on public.canned_responses to authenticated;
grant select, insert, update, delete on public.canned_responses to service_role;

create trigger canned_responses__set_updated_at before update on public.canned_responses
  for each row execute function private.tg__set_updated_at();
