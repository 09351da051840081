-- Cleanups: what one change causes for many tickets: a member leaves, a category is deleted, a team is deleted. The statement itself
-- does the first step, so that a few tickets are done at once. A job does the other steps, each in its own transaction. So no statement
-- takes longer for a team with more tickets, and an interrupted cleanup continues where it stopped. A step names its rows with
-- `= any (array(select …))`, which Postgres evaluates once; it may evaluate `in (select …)` once for each row of the team.

create table private.cleanups (
  id bigint generated always as identity primary key,
  team_id uuid not null references public.teams (id) on delete cascade,
  -- member: unassigns their tickets; category, type, item: moves their tickets, then deletes the entry; contact: writes their name and
  -- address into their tickets; erasure: removes a contact from their tickets, then deletes it; merge, unmerge: moves the tickets of merged
  -- contacts; calendar: counts its open clocks anew; policies: applies the SLA policies to open tickets; team: deletes everything.
  kind text not null check (kind in ('member', 'category', 'type', 'item', 'contact', 'erasure', 'merge', 'unmerge', 'calendar',
    'policies', 'team')),
  subject_id uuid not null, -- no foreign key: the row may be deleted already
  -- Who asked, and over which channel: the events name both. Null claims: a job.
  claims jsonb,
  channel text not null,
  last_id uuid, -- policies: the last ticket that is done
  moved integer not null default 0, -- policies: the clocks that got another time, began or ended
  created_at timestamptz not null default now(),
  unique (team_id, kind, subject_id)
);
comment on table private.cleanups is 'Changes of many tickets that a job still has to finish';

create trigger cleanups__notify after insert on private.cleanups
  for each statement execute function private.tg__notify('switchboard_cleanups');

create function private.cleanup_step() returns integer
language plpgsql immutable set search_path = '' as $$
begin
  return 200;
end $$;

create function private.request_cleanup(team_id uuid, kind text, subject_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.cleanups (team_id, kind, subject_id, claims, channel)
  values (
    request_cleanup.team_id, request_cleanup.kind, request_cleanup.subject_id,
    nullif(current_setting('request.jwt.claims', true), '')::jsonb - 'session_id', -- which may end before the cleanup does
    private.current_channel()
  )
  on conflict on constraint cleanups_team_id_kind_subject_id_key do update set last_id = null;
end $$;

-- Members -------------------------------------------------------------------------------------------------------------

-- Unassigns one step of a person's tickets. If they have left the team, also clears snoozed_by. Returns whether there may be more.
create function private.release_tickets(team_id uuid, user_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  leaver uuid := case
    when not exists (select from public.team_members as member
      where member.team_id = release_tickets.team_id and member.user_id = release_tickets.user_id)
    then user_id end;
  released integer;
begin
  update public.tickets as ticket set assigned_to = nullif(ticket.assigned_to, release_tickets.user_id),
    snoozed_by = nullif(ticket.snoozed_by, leaver)
  where ticket.team_id = release_tickets.team_id and (ticket.assigned_to = release_tickets.user_id or ticket.snoozed_by = leaver)
    and ticket.id = any (array(
    select candidate.id from public.tickets as candidate
    where candidate.team_id = release_tickets.team_id and (candidate.assigned_to = release_tickets.user_id or candidate.snoozed_by = leaver)
      limit private.cleanup_step()
  ));
  get diagnostics released = row_count;
  return released = private.cleanup_step();
end $$;

-- A member who leaves or becomes a viewer has no tickets. They lose access at once, and a job unassigns the rest of their tickets.
-- Fires before _800_replace_channel: everybody still receives the changes on the old channel.
create function private.tg_team_members__release_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.teams as team where team.id = old.team_id and team.deleted_at is null)
    and private.release_tickets(old.team_id, old.user_id) then
    perform private.request_cleanup(old.team_id, 'member', old.user_id);
  end if;
  return null;
end $$;
create trigger _700_release_tickets_delete after delete on public.team_members
  for each row execute function private.tg_team_members__release_tickets();
create trigger _700_release_tickets_update after update of role on public.team_members
  for each row when (new.role = 'viewer' and old.role <> 'viewer')
  execute function private.tg_team_members__release_tickets();

-- Categories ----------------------------------------------------------------------------------------------------------

-- Moves one step of the tickets of a category, type or item that is to be deleted. Returns whether there may be more.
create function private.reroute_tickets(team_id uuid, kind text, entry_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  rerouted integer;
begin
  case reroute_tickets.kind
    when 'category' then
      update public.tickets as ticket set category = 'other', type_id = null, item_id = null
      where ticket.team_id = reroute_tickets.team_id and ticket.id = any (array(
        select candidate.id from public.ticket_categories as category
        join public.tickets as candidate on candidate.team_id = category.team_id and candidate.category = category.key
        where category.team_id = reroute_tickets.team_id and category.id = reroute_tickets.entry_id and category.key <> 'other'
          limit private.cleanup_step()
      ));
    when 'type' then
      update public.tickets as ticket set type_id = null, item_id = null
      where ticket.team_id = reroute_tickets.team_id and ticket.id = any (array(
        select candidate.id from public.tickets as candidate
          where candidate.team_id = reroute_tickets.team_id and candidate.type_id = reroute_tickets.entry_id limit private.cleanup_step()
      ));
    when 'item' then
      update public.tickets as ticket set item_id = null
      where ticket.team_id = reroute_tickets.team_id and ticket.id = any (array(
        select candidate.id from public.tickets as candidate
          where candidate.team_id = reroute_tickets.team_id and candidate.item_id = reroute_tickets.entry_id limit private.cleanup_step()
      ));
  end case;
  get diagnostics rerouted = row_count;
  return rerouted = private.cleanup_step();
end $$;

create function private.delete_routing_entry(team_id uuid, kind text, entry_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  case delete_routing_entry.kind
    when 'category' then delete from public.ticket_categories as entry
      where entry.team_id = delete_routing_entry.team_id and entry.id = delete_routing_entry.entry_id;
    when 'type' then delete from public.ticket_types as entry
      where entry.team_id = delete_routing_entry.team_id and entry.id = delete_routing_entry.entry_id;
    when 'item' then delete from public.ticket_items as entry
      where entry.team_id = delete_routing_entry.team_id and entry.id = delete_routing_entry.entry_id;
  end case;
  return found;
end $$;

-- Deletes a category, type or item of a team. If it has many tickets, a job moves them first. Returns true if it is deleted already. A
-- direct DELETE of the row waits for all tickets.
create function private.delete_routing(team_id uuid, kind text, entry_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(delete_routing.team_id, 'routing.manage');
  if private.reroute_tickets(delete_routing.team_id, delete_routing.kind, delete_routing.entry_id) then
    perform private.request_cleanup(delete_routing.team_id, delete_routing.kind, delete_routing.entry_id);
    return false;
  end if;
  if not private.delete_routing_entry(delete_routing.team_id, delete_routing.kind, delete_routing.entry_id) then
    raise exception 'No such entry' using errcode = 'PT404', detail = 'not_found';
  end if;
  return true;
end $$;
-- Teams ---------------------------------------------------------------------------------------------------------------

-- Deletes a team. For a large team, the members lose access at once, the slug becomes free and nothing more is sent.
-- A job deletes the rows.
create function private.delete_team(team_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(delete_team.team_id, 'team.delete');
  if (select count(*)
    from (select from public.tickets as ticket where ticket.team_id = delete_team.team_id
      limit private.cleanup_step() + 1) as first) <= private.cleanup_step() then
    delete from public.teams as team where team.id = delete_team.team_id;
    return;
  end if;
  update public.teams as team set deleted_at = now(), slug = 'deleted-' || team.id where team.id = delete_team.team_id;
  delete from private.event_outbox as outbox where outbox.team_id = delete_team.team_id;
  delete from public.mails as mail where mail.team_id = delete_team.team_id and mail.state = 'waiting';
  delete from public.webhooks as webhook where webhook.team_id = delete_team.team_id;
  delete from private.rating_tokens as token where token.team_id = delete_team.team_id;
  delete from private.reply_address_requests as request where request.team_id = delete_team.team_id;
  delete from public.team_invitations as invitation where invitation.team_id = delete_team.team_id;
  delete from public.team_members as member where member.team_id = delete_team.team_id; -- with their keys, drafts and views
  perform private.request_cleanup(delete_team.team_id, 'team', delete_team.team_id);
end $$;
grant execute on function private.delete_routing(uuid, text, uuid), private.delete_team(uuid) to authenticated;

-- Deletes one step of the rows of a deleted team. Returns whether there are more.
create function private.remove_team_rows(team_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.tickets as ticket where ticket.team_id = remove_team_rows.team_id and ticket.id = any (array(
    select candidate.id from public.tickets as candidate where candidate.team_id = remove_team_rows.team_id limit private.cleanup_step()
  ));
  if found then
    return true;
  end if;
  delete from public.ticket_events as event where event.team_id = remove_team_rows.team_id and event.id = any (array(
    select candidate.id from public.ticket_events as candidate where candidate.team_id = remove_team_rows.team_id
      limit 10 * private.cleanup_step()
  ));
  if found then
    return true;
  end if;
  delete from public.mails as mail where mail.id = any (array(
    select candidate.id from public.mails as candidate where candidate.team_id = remove_team_rows.team_id limit 10 * private.cleanup_step()
  ));
  if found then
    return true;
  end if;
  delete from public.contacts as contact where contact.team_id = remove_team_rows.team_id and contact.id = any (array(
    select candidate.id from public.contacts as candidate where candidate.team_id = remove_team_rows.team_id
      limit 10 * private.cleanup_step()
  ));
  if found then
    return true;
  end if;
  delete from public.teams as team where team.id = remove_team_rows.team_id;
  return false;
end $$;

-- The job ---------------------------------------------------------------------------------------------------------------

-- Does one step in the name of the person who asked. Returns false if the cleanup is finished, or if another server works on it.
create function private.continue_cleanup(id bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  cleanup private.cleanups;
  is_unfinished boolean;
begin
  select * into cleanup from private.cleanups as waiting where waiting.id = continue_cleanup.id for update skip locked;
  if not found then
    return false;
  end if;
  perform set_config('request.jwt.claims', coalesce(cleanup.claims::text, ''), true),
    set_config('switchboard.channel', cleanup.channel, true);
  is_unfinished := case cleanup.kind
    when 'team' then private.remove_team_rows(cleanup.team_id)
    -- A person who has joined the team again keeps the remaining tickets.
    when 'member'
      then not private.is_assignable(cleanup.team_id, cleanup.subject_id) and private.release_tickets(cleanup.team_id, cleanup.subject_id)
    when 'contact' then private.update_requesters(cleanup.team_id, cleanup.subject_id)
    when 'erasure' then private.remove_from_tickets(cleanup.team_id, cleanup.subject_id)
    when 'merge' then private.move_merged_tickets(cleanup.team_id, cleanup.subject_id)
    when 'unmerge' then private.return_merged_tickets(cleanup.team_id, cleanup.subject_id)
    when 'calendar' then private.recount_clocks(cleanup.team_id, cleanup.subject_id)
    when 'policies' then private.apply_policies(cleanup)
    else private.reroute_tickets(cleanup.team_id, cleanup.kind, cleanup.subject_id)
  end;
  if is_unfinished then
    return true;
  end if;
  case
    when cleanup.kind in ('category', 'type', 'item')
      then perform private.delete_routing_entry(cleanup.team_id, cleanup.kind, cleanup.subject_id);
    when cleanup.kind = 'erasure'
      then delete from public.contacts as contact where contact.team_id = cleanup.team_id and contact.id = cleanup.subject_id;
    else null;
  end case;
  delete from private.cleanups as finished where finished.id = cleanup.id;
  return false;
end $$;
