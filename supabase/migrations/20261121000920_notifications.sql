-- Notifications: what members are notified of, who follows which ticket, and everybody's preferences. The server makes notifications
-- from the outbox: server/domain/notification.

-- Followers -------------------------------------------------------------------------------------------------------------

create table public.ticket_followers (
  team_id uuid not null,
  ticket_id uuid not null,
  user_id uuid not null default auth.uid(),
  created_at timestamptz not null default now(),
  primary key (team_id, ticket_id, user_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade
);
alter table public.ticket_followers enable row level security;
create index ticket_followers_user_id on public.ticket_followers (team_id, user_id); -- the foreign key
comment on table public.ticket_followers is 'Members who follow a ticket and are notified of it';

-- Every member may see who follows a ticket. Everybody follows and unfollows only for themselves.
create policy ticket_followers_select_members on public.ticket_followers for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
create policy ticket_followers_insert_self on public.ticket_followers for insert to authenticated
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy ticket_followers_delete_self on public.ticket_followers for delete to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
grant select, delete on public.ticket_followers to authenticated;
grant insert (team_id, ticket_id, user_id) on public.ticket_followers to authenticated;
grant select, insert, update, delete on public.ticket_followers to service_role;

create trigger ticket_followers__broadcast after insert or delete on public.ticket_followers
  for each row execute function private.tg__broadcast_ids();

-- Preferences -------------------------------------------------------------------------------------------------------------

create table public.notification_preferences (
  team_id uuid not null,
  user_id uuid not null default auth.uid(),
  kind text not null check (kind in ('assigned', 'mentioned', 'replied', 'resolved', 'woken', 'sla', 'webhook', 'api_key')),
  in_app boolean not null default true,
  mail boolean not null default true,
  primary key (team_id, user_id, kind),
  constraint notification_preferences_optional check (kind <> 'api_key'), -- nobody can switch off notices of keys that act as them
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade
);
alter table public.notification_preferences enable row level security;
comment on table public.notification_preferences is
  'Channels for each kind of notification; default: app and mail. Events of a member''s API keys are always notified';

create policy notification_preferences_select_self on public.notification_preferences for select to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy notification_preferences_insert_self on public.notification_preferences for insert to authenticated
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy notification_preferences_update_self on public.notification_preferences for update to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
-- Delete is not granted: to switch a kind on again, set it to true.
grant select on public.notification_preferences to authenticated;
grant insert (team_id, user_id, kind, in_app, mail) on public.notification_preferences to authenticated;
grant update (in_app, mail) on public.notification_preferences to authenticated;
grant select, insert, update, delete on public.notification_preferences to service_role;

-- Notifications -----------------------------------------------------------------------------------------------------------

create table public.notifications (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  user_id uuid not null,
  event_id bigint not null, -- of ticket_events, which keeps its rows; also the order of the list
  kind text not null check (kind in ('assigned', 'mentioned', 'replied', 'resolved', 'woken', 'sla', 'webhook', 'api_key')),
  ticket_id uuid,
  reply_id uuid,
  actor_id uuid, -- no foreign key, as in ticket_events; null: a job acted
  contact_id uuid, -- the contact who acted, as in ticket_events
  via text check (length(via) <= 250), -- the API key that acted for the actor, and its maker; null: no key acted
  text text check (length(text) <= 250), -- what happened, if it is in no row that the reader may read
  read_at timestamptz,
  created_at timestamptz not null default now(), -- when the event happened
  unique (user_id, event_id),
  check ((text is not null) = (kind in ('api_key', 'sla'))),
  check ((ticket_id is null) = (kind in ('webhook', 'api_key')) and (reply_id is null or ticket_id is not null)),
  -- A notification is deleted with its ticket or reply, and with the membership of its reader.
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade,
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, reply_id) references public.ticket_replies (team_id, id) on delete cascade
);
alter table public.notifications enable row level security;
create index notifications_newest on public.notifications (team_id, user_id, event_id desc); -- the list, and the first foreign key
create index notifications_unread on public.notifications (team_id, user_id, event_id desc) where read_at is null; -- their count
create index notifications_ticket_id on public.notifications (team_id, ticket_id, user_id); -- "this ticket's are read", and the foreign key
create index notifications_reply_id on public.notifications (team_id, reply_id) where reply_id is not null; -- the foreign key
comment on table public.notifications is 'Notifications about events; only the recipient can read them';

-- Only for their reader, not even for owners. Notifications about webhooks only while the reader may manage webhooks.
create policy notifications_select_self on public.notifications for select to authenticated
  using (
    user_id = (select auth.uid())
    and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[])
    and (kind <> 'webhook' or team_id = any ((select private.permitted_team_ids('webhooks.manage'))::uuid[]))
  );
create policy notifications_update_self on public.notifications for update to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
-- Writing and deleting are granted to nobody: the dispatcher writes them.
grant select on public.notifications to authenticated;
grant update (read_at) on public.notifications to authenticated;
grant select, insert, update, delete on public.notifications to service_role;

-- The time of the first reading, by the clock of the database, whatever the browser sends.
create function private.tg_notifications__set_read_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.read_at := case when new.read_at is not null then coalesce(old.read_at, now()) end;
  return new;
end $$;
create trigger notifications__set_read_at before update of read_at on public.notifications
  for each row execute function private.tg_notifications__set_read_at();

-- Realtime ------------------------------------------------------------------------------------------------------------------

-- Everybody may join their own channel only. Nobody may send on it.
create policy switchboard_user_channel_read on realtime.messages for select to authenticated
  using (extension = 'broadcast' and (select realtime.topic()) = (select private.my_topic()));

-- One message for each statement, person and team, with ids only: the browser fetches the rest. So a thousand tickets that are assigned
-- at once cause a few messages. A person who leaves the team in this transaction gets none.
create function private.tg_notifications__broadcast() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.send(
    jsonb_build_object('table', 'notifications', 'operation', tg_op,
      'record', jsonb_build_object('id', recipient.id, 'team_id', recipient.team_id)),
    'change',
      private.person_topic(recipient.user_id,
        (select channel.epoch from private.person_channels as channel where channel.user_id = recipient.user_id)),
      true
  )
  from (
    select changed.user_id, changed.team_id, (array_agg(changed.id order by changed.event_id desc))[1] as id
    from changed
    where exists (select from public.team_members as member where member.team_id = changed.team_id and member.user_id = changed.user_id)
    group by changed.user_id, changed.team_id
  ) as recipient;
  return null;
end $$;
create trigger notifications__broadcast_insert after insert on public.notifications
  referencing new table as changed for each statement execute function private.tg_notifications__broadcast();
create trigger notifications__broadcast_update after update on public.notifications
  referencing new table as changed for each statement execute function private.tg_notifications__broadcast();
create trigger notifications__broadcast_delete after delete on public.notifications
  referencing old table as changed for each statement execute function private.tg_notifications__broadcast();
