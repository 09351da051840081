-- Reply drafts: text that somebody wrote and has not sent.

create table public.reply_drafts (
  team_id uuid not null,
  ticket_id uuid not null,
  user_id uuid not null default auth.uid(),
  content text not null check (length(content) between 1 and 50000), -- as long as a reply; an empty draft has no row
  is_internal boolean not null default false,
  -- Renewed with every change and never reused, so that a device can tell the draft it started from from a later one.
  version uuid not null default gen_random_uuid(),
  updated_at timestamptz not null default now(),
  primary key (team_id, ticket_id, user_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  -- Drafts are deleted with the membership: nobody could read them any more.
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade
);
alter table public.reply_drafts enable row level security;
create index reply_drafts_by_author on public.reply_drafts (team_id, user_id, updated_at desc); -- "my drafts", and the foreign key
comment on table public.reply_drafts is 'Replies that a person has typed and not sent; only the author can read them';

-- Only the author may read it, not even owners. It is neither broadcast nor published.
create policy reply_drafts_select_author on public.reply_drafts for select to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy reply_drafts_insert_author on public.reply_drafts for insert to authenticated
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy reply_drafts_update_author on public.reply_drafts for update to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy reply_drafts_delete_author on public.reply_drafts for delete to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
-- Not granted: version and time, and moving a draft to another ticket or person.
grant select, delete on public.reply_drafts to authenticated;
grant insert (team_id, ticket_id, user_id, content, is_internal) on public.reply_drafts to authenticated;
grant update (content, is_internal) on public.reply_drafts to authenticated;
grant select, insert, update, delete on public.reply_drafts to service_role;

create function private.tg_reply_drafts__renew_version() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.version := gen_random_uuid();
  return new;
end $$;
create trigger reply_drafts__renew_version before update on public.reply_drafts
  for each row execute function private.tg_reply_drafts__renew_version();
create trigger reply_drafts__set_updated_at before update on public.reply_drafts
  for each row execute function private.tg__set_updated_at();
