-- Realtime: every change of a team's rows is broadcast on the team's private channel. Changes that concern one person go to that
-- person's own channel.

-- The channel's name contains the team's epoch: see teams.realtime_epoch.
create function private.team_topic(team_id uuid, epoch integer) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return 'team:' || team_id || ':' || epoch;
end $$;

create function private.my_team_topics() returns setof text
language plpgsql stable security definer set search_path = '' rows 5 as $$
begin
  return query
    select private.team_topic(team.id, team.realtime_epoch)
    from public.teams as team
    where team.id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]);
end $$;
grant execute on function private.team_topic(uuid, integer), private.my_team_topics() to authenticated;

-- Members receive their team's channel and show their presence on it. Nobody may send broadcasts: these could be forged events.
create policy switchboard_team_channel_read on realtime.messages for select to authenticated
  using (extension in ('broadcast', 'presence') and (select realtime.topic()) in (select private.my_team_topics()));
create policy switchboard_team_channel_presence on realtime.messages for insert to authenticated
  with check (extension = 'presence' and (select realtime.topic()) in (select private.my_team_topics()));

-- { table, operation, record, changed } as event "change" on the team's channel.
create function private.broadcast_change(team_id uuid, table_name text, operation text, record jsonb, changed text[] default null)
  returns void
language plpgsql security definer set search_path = '' as $$
declare
  topic text;
begin
  select private.team_topic(team.id, team.realtime_epoch) into topic from public.teams as team
    where team.id = broadcast_change.team_id and team.deleted_at is null;
  if topic is not null then -- a team that is being deleted has no subscribers
    perform realtime.send(
      jsonb_build_object('table', table_name, 'operation', operation, 'record', record, 'changed', changed),
      'change', topic, true
    );
  end if;
end $$;

create function private.tg_tickets__broadcast() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  present public.tickets := new;
  before public.tickets := old;
begin
  if tg_op = 'DELETE' then
    perform private.broadcast_change(old.team_id, 'tickets', tg_op, jsonb_build_object(
      'id', old.id, 'team_id', old.team_id, 'ticket_number', old.ticket_number, 'version', old.version
    ));
  elsif tg_op = 'INSERT' then
    perform private.broadcast_change(new.team_id, 'tickets', tg_op, private.ticket_row(new.team_id, new.id));
  else
    -- Compares long texts as columns, not as JSON.
    present.description := '';
    before.description := case when new.description = old.description then '' end;
    present.search := '';
    before.search := '';
    perform private.broadcast_change(new.team_id, 'tickets', tg_op, private.ticket_row(new.team_id, new.id), (
      select array_agg(column_now.key) from jsonb_each(to_jsonb(present)) as column_now
      join jsonb_each(to_jsonb(before)) as column_before on column_before.key = column_now.key
        and column_before.value is distinct from column_now.value
    ));
  end if;
  return null;
end $$;
create trigger _500_broadcast after insert or update or delete on public.tickets
  for each row execute function private.tg_tickets__broadcast();

create function private.tg_ticket_replies__broadcast() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    perform private.broadcast_change(old.team_id, 'ticket_replies', tg_op,
      jsonb_build_object('id', old.id, 'team_id', old.team_id, 'ticket_id', old.ticket_id));
  else
    perform private.broadcast_change(new.team_id, 'ticket_replies', tg_op, (
      -- Files are attached after the reply, and are broadcast on their own.
      select to_jsonb(new) - '{search,external_author}'::text[] || jsonb_build_object(
        'attachments', '[]'::jsonb,
        'author', author.person, 'author_name', author.person -> 'full_name',
        'mentions',
          private.people_named(array(select mention.user_id from public.ticket_mentions as mention
            where mention.team_id = new.team_id and mention.reply_id = new.id))
      )
      from private.reply_author(new) as author (person)
    ));
  end if;
  return null;
end $$;
create trigger _500_broadcast after insert or delete on public.ticket_replies
  for each row execute function private.tg_ticket_replies__broadcast();

-- For tables whose readers fetch again: the message contains only ids.
create function private.tg__broadcast_ids() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  row jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
  perform private.broadcast_change(
    coalesce(row ->> 'team_id', row ->> 'id')::uuid, tg_table_name, tg_op,
    jsonb_strip_nulls(jsonb_build_object('id', row -> 'id', 'team_id', row -> 'team_id', 'user_id', row -> 'user_id',
      'ticket_id', row -> 'ticket_id', 'tag', row -> 'tag'))
  );
  return null;
end $$;
create trigger _500_broadcast after insert or update or delete on public.ticket_participants
  for each row execute function private.tg__broadcast_ids();
create trigger _500_broadcast after insert or delete on public.ticket_tags
  for each row execute function private.tg__broadcast_ids();
create trigger _500_broadcast after insert or update or delete on public.ticket_categories
  for each row execute function private.tg__broadcast_ids();
create trigger _500_broadcast after insert or update or delete on public.ticket_types
  for each row execute function private.tg__broadcast_ids();
create trigger _500_broadcast after insert or update or delete on public.ticket_items
  for each row execute function private.tg__broadcast_ids();
create trigger _500_broadcast after insert or update or delete on public.contacts
  for each row execute function private.tg__broadcast_ids();
create trigger _500_broadcast after insert or update or delete on public.calendars
  for each row execute function private.tg__broadcast_ids();
create trigger _500_broadcast after insert or update or delete on public.projects
  for each row execute function private.tg__broadcast_ids();
create trigger organizations__broadcast after insert or update or delete on public.organizations
  for each row execute function private.tg__broadcast_ids();
create trigger canned_responses__broadcast after insert or update or delete on public.canned_responses
  for each row execute function private.tg__broadcast_ids();
create trigger _500_broadcast
  after update of name, slug, time_zone, auto_close_days, unscanned_files, client_mails, rating_delay_minutes, portal_color,
    client_priority, portal_shows_due, help_locales
  on public.teams
  for each row execute function private.tg__broadcast_ids();
-- Fires before _800_replace_channel: everybody still receives it on the old channel.
create trigger _500_broadcast after insert or update or delete on public.team_members
  for each row execute function private.tg__broadcast_ids();

-- Moves teams to new channels when somebody loses access or part of it. The old channel gets one last message without contents. Teams
-- are locked in one order, so that two transactions that move several teams do not deadlock.
create function private.replace_channels(team_ids uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  moved record;
begin
  perform from public.teams as team where team.id = any (replace_channels.team_ids) order by team.id for no key update;
  for moved in
    update public.teams as team set realtime_epoch = team.realtime_epoch + 1 where team.id = any (replace_channels.team_ids)
    returning team.id, team.realtime_epoch as epoch
  loop
    perform realtime.send('{}', 'epoch', private.team_topic(moved.id, moved.epoch - 1), true);
  end loop;
end $$;

create function private.tg_team_members__replace_channel() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.replace_channels(array[old.team_id]);
  return null;
end $$;
create trigger _800_replace_channel_delete after delete on public.team_members
  for each row execute function private.tg_team_members__replace_channel();
create trigger _800_replace_channel_update after update of role on public.team_members
  for each row when (new.role <> old.role)
  execute function private.tg_team_members__replace_channel();

-- Each person has their own channel. Its name contains an epoch for the same reason. No row: the first epoch. In a separate table,
-- because profiles.updated_at would reveal each sign-out to colleagues.
create table private.person_channels (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  epoch integer not null
);
comment on table private.person_channels is 'The epoch of each person''s own realtime channel';

create function private.person_topic(user_id uuid, epoch integer) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return 'user:' || user_id || ':' || coalesce(epoch, 1);
end $$;

create function private.my_topic() returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select private.person_topic(person.id, channel.epoch)
    from public.profiles as person
    left join private.person_channels as channel on channel.user_id = person.id
    where person.id = (select auth.uid()) and person.kind = 'person' and (select private.has_live_session())
  );
end $$;
comment on function private.my_topic() is 'The caller''s own channel; null for a session that has ended';
grant execute on function private.my_topic() to authenticated;

-- Moves people to new channels, as replace_channels() moves teams. To move both, move people first.
create function private.replace_person_channels(user_ids uuid[]) returns void
language plpgsql security definer set search_path = '' as $$
declare
  moved record;
begin
  for moved in
    insert into private.person_channels as channel (user_id, epoch)
    select person.id, 2 from public.profiles as person where person.id = any (replace_person_channels.user_ids) order by person.id
    on conflict on constraint person_channels_pkey do update set epoch = channel.epoch + 1
    returning channel.user_id, channel.epoch
  loop
    perform realtime.send('{}', 'epoch', private.person_topic(moved.user_id, moved.epoch - 1), true);
  end loop;
end $$;

-- When a session ends (sign-out, another password) or an account is banned, its socket may stay joined until its access token expires.
-- Moving the channel cuts it off. Sessions that were not used within the lifetime of a token have no joined socket.
create function private.tg_auth_sessions__replace_channel() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.replace_person_channels(array(
    select distinct ended.user_id from ended
    where greatest(ended.created_at, ended.refreshed_at at time zone 'UTC') > now() - interval '1 hour'
  ));
  perform private.replace_channels(array(
    select distinct member.team_id from ended
    join public.team_members as member on member.user_id = ended.user_id
    where greatest(ended.created_at, ended.refreshed_at at time zone 'UTC') > now() - interval '1 hour'
  ));
  return null;
end $$;
create trigger on_auth_session_ended after delete on auth.sessions
  referencing old table as ended for each statement execute function private.tg_auth_sessions__replace_channel();

create function private.tg_auth_users__replace_channel() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.replace_person_channels(array[new.id]);
  perform private.replace_channels(array(select member.team_id from public.team_members as member where member.user_id = new.id));
  return null;
end $$;
-- A deleted account leaves its teams, which moves it as well: see tg_auth_users__sync_profile().
create trigger on_auth_user_locked after update of banned_until on auth.users
  for each row when (new.banned_until > now() and new.banned_until is distinct from old.banned_until)
  execute function private.tg_auth_users__replace_channel();

-- A deleted team announces this on its channel before the channel ends: its members lose access at once.
create function private.tg_teams__close_channel() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform realtime.send('{}', 'epoch', private.team_topic(old.id, old.realtime_epoch), true);
  return old;
end $$;
create trigger _900_close_channel before delete on public.teams
  for each row execute function private.tg_teams__close_channel();
