-- Saved views: ticket lists with a name, private or shared with the team.

create table public.saved_views (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  user_id uuid default auth.uid(), -- null: the member who shared it has left
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  -- The filters and the order, with the names from the address of the list. Readers ignore unknown values: filters
  -- may refer to rows that are gone.
  filters jsonb not null default '{}' check (jsonb_typeof(filters) = 'object' and length(filters::text) <= 4000),
  is_shared boolean not null default false,
  position integer not null default 0 check (position between 0 and 10000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- A shared view stays when its author leaves. A private view is deleted, by the trigger below.
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete set null (user_id)
);
alter table public.saved_views enable row level security;
create index saved_views_by_team on public.saved_views (team_id, user_id, position); -- the sidebar's list, and the foreign key
comment on table public.saved_views is 'Named filters of the ticket list, private or shared with the team';

create policy saved_views_select_members on public.saved_views for select to authenticated
  using (
    (is_shared and team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]))
    or (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
  );
create policy saved_views_insert_members on public.saved_views for insert to authenticated
  with check (
    user_id = (select auth.uid()) and (
      (not is_shared and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
      or (is_shared and team_id = any ((select private.permitted_team_ids('views.share'))::uuid[]))
    )
  );
-- A private view may be changed by its author. A shared view may be changed by members with the permission to share. Sharing an own
-- view, or making it private again, passes both conditions.
create policy saved_views_update_members on public.saved_views for update to authenticated
  using (
    (user_id = (select auth.uid()) and not is_shared and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
    or (is_shared and team_id = any ((select private.permitted_team_ids('views.share'))::uuid[]))
  )
  with check (
    (user_id = (select auth.uid()) and not is_shared and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
    or (is_shared and team_id = any ((select private.permitted_team_ids('views.share'))::uuid[]))
  );
create policy saved_views_delete_members on public.saved_views for delete to authenticated
  using (
    (user_id = (select auth.uid()) and not is_shared and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
    or (is_shared and team_id = any ((select private.permitted_team_ids('views.share'))::uuid[]))
  );
grant select, delete on public.saved_views to authenticated;
grant insert (team_id, user_id, name, filters, is_shared, position) on public.saved_views to authenticated;
grant update (name, filters, is_shared, position) on public.saved_views to authenticated;
grant select, insert, update, delete on public.saved_views to service_role;

create trigger saved_views__set_updated_at before update on public.saved_views
  for each row execute function private.tg__set_updated_at();

-- At most 50 views of each member, and 50 shared views of the team: that limits the cost of counting their tickets. The lock makes
-- inserts take turns, and the check runs after the policy.
create function private.tg_saved_views__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('saved_views ' || new.team_id, 0));
  if (select count(*) from public.saved_views as view where view.team_id = new.team_id and view.user_id = new.user_id) > 50
    or (new.is_shared and (select count(*) from public.saved_views as view where view.team_id = new.team_id and view.is_shared) > 50) then
    raise exception 'A member has at most 50 views, and a team shares at most 50' using errcode = 'PT422', detail = 'limit';
  end if;
  return null;
end $$;
create trigger saved_views__limit after insert on public.saved_views
  for each row execute function private.tg_saved_views__limit();
create trigger saved_views__limit_shared after update of is_shared on public.saved_views
  for each row when (new.is_shared and not old.is_shared) execute function private.tg_saved_views__limit();

create function private.tg_team_members__remove_views() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.saved_views as view where view.team_id = old.team_id and view.user_id = old.user_id and not view.is_shared;
  return old;
end $$;
create trigger _200_remove_views before delete on public.team_members
  for each row execute function private.tg_team_members__remove_views();

-- Contains only ids: members who may see the view fetch it.
create trigger saved_views__broadcast after insert or update or delete on public.saved_views
  for each row execute function private.tg__broadcast_ids();

-- The audit log records shared views, not private ones.
create function private.tg_saved_views__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  was_shared boolean := tg_op <> 'INSERT' and old.is_shared;
  is_shared boolean := tg_op <> 'DELETE' and new.is_shared;
  has_other_filters boolean := new.filters is distinct from old.filters;
  before jsonb := case when was_shared then jsonb_build_object('name', old.name) || case when has_other_filters
    then jsonb_build_object('filters', old.filters) else '{}' end end;
  after jsonb := case when is_shared then jsonb_build_object('name', new.name) || case when has_other_filters
    then jsonb_build_object('filters', new.filters) else '{}' end end;
begin
  if was_shared and is_shared then
    if new.name <> old.name or has_other_filters then
      perform private.record_team_event(new.team_id, 'view.updated', before, after);
    end if;
  elsif is_shared then
    perform private.record_team_event(new.team_id, 'view.shared', null, jsonb_build_object('name', new.name, 'filters', new.filters));
  elsif was_shared then
    perform private.record_team_event(old.team_id, 'view.unshared', jsonb_build_object('name', old.name, 'filters', old.filters), null);
  end if;
  return null;
end $$;
create trigger saved_views__record_events after insert or update or delete on public.saved_views
  for each row execute function private.tg_saved_views__record_events();
