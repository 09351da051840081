-- Team events: changes of settings, members, invitations, categories and canned responses. As for tickets, triggers write them for
-- every writer. Later chapters record their own events.

-- A new team gets categories and members in the transaction that creates it: only one event records that. The condition is a fact:
-- nobody is granted created_at.
create function private.record_team_event(team_id uuid, type text, "from" jsonb, "to" jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.record_event(team.id, null, null, record_team_event.type, record_team_event."from", record_team_event."to")
  from public.teams as team where team.id = record_team_event.team_id and team.created_at <> now();
end $$;
comment on function private.record_team_event(uuid, text, jsonb, jsonb) is
  'Writes an event of a team; none in the transaction that creates the team, and none while it is deleted';

-- For the audit log filtered to events of the team, which are rare among the events of its tickets.
create index ticket_events_of_team on public.ticket_events (team_id, id desc) where ticket_id is null;

-- Team ----------------------------------------------------------------------------------------------------------------

create function private.tg_teams__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  -- Records every setting, also future ones. Every member may read all of them.
  unrecorded text[] := '{id,realtime_epoch,created_at,updated_at}';
  before jsonb;
  after jsonb;
begin
  if tg_op = 'INSERT' then
    perform private.record_event(new.id, null, null, 'team.created', null, jsonb_build_object('name', new.name));
  else
    select jsonb_object_agg(setting.key, setting.value), jsonb_object_agg(setting.key, to_jsonb(new) -> setting.key) into before, after
    from jsonb_each(to_jsonb(old) - unrecorded) as setting where setting.value <> to_jsonb(new) -> setting.key;
    if before is not null then
      perform private.record_team_event(new.id, 'team.updated', before, after);
    end if;
  end if;
  return null;
end $$;
create trigger _600_record_events after insert or update on public.teams
  for each row execute function private.tg_teams__record_events();

-- Members -------------------------------------------------------------------------------------------------------------

create function private.tg_team_members__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op <> 'INSERT'
    then jsonb_build_object('member', private.person_reference(old.user_id), 'role', old.role) end;
  after jsonb := case when tg_op <> 'DELETE' then jsonb_build_object('member', private.person_reference(new.user_id), 'role', new.role) end;
begin
  perform private.record_team_event(coalesce(new.team_id, old.team_id),
    case tg_op when 'INSERT' then 'member.added' when 'UPDATE' then 'member.role_changed' else 'member.removed' end, before, after);
  return null;
end $$;
create trigger _600_record_events after insert or delete on public.team_members
  for each row execute function private.tg_team_members__record_events();
create trigger _600_record_changes after update on public.team_members
  for each row when (new.role <> old.role) execute function private.tg_team_members__record_events();

-- Stores the address, never the token. Accepting an invitation deletes its row, too: then the mailbox belongs to a member by now.
create function private.tg_team_invitations__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op <> 'INSERT' then jsonb_build_object('email', old.email, 'role', old.role) end;
  after jsonb := case when tg_op <> 'DELETE' then jsonb_build_object('email', new.email, 'role', new.role) end;
begin
  if tg_op = 'DELETE' and exists (
    select from public.team_members as member
    join public.profiles as profile on profile.id = member.user_id
    where member.team_id = old.team_id and profile.email = old.email
  ) then
    return null;
  end if;
  perform private.record_team_event(coalesce(new.team_id, old.team_id),
    case tg_op when 'INSERT' then 'invitation.created' when 'UPDATE' then 'invitation.renewed'
      else 'invitation.revoked' end, before, after);
  return null;
end $$;
create trigger team_invitations__record_events after insert or delete on public.team_invitations
  for each row execute function private.tg_team_invitations__record_events();
create trigger team_invitations__record_renewals after update on public.team_invitations
  for each row when (new.token_hash <> old.token_hash) execute function private.tg_team_invitations__record_events();

-- Categories ----------------------------------------------------------------------------------------------------------

-- The names from the category down. Null if the parent is gone, because then the entry is deleted with it.
create function private.routing_reference(kind text, entry jsonb) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object('kind', routing_reference.kind) || case routing_reference.kind
    when 'category' then jsonb_build_object('path', jsonb_build_array(entry -> 'name'), 'portal_name', entry -> 'portal_name')
    when 'type' then (
      select jsonb_build_object('path', jsonb_build_array(category.name, entry -> 'name'))
      from public.ticket_categories as category where category.team_id = (entry ->> 'team_id')::uuid and category.key = entry ->> 'category'
    )
    when 'item' then (
      select jsonb_build_object('path', jsonb_build_array(category.name, type.name, entry -> 'name'))
      from public.ticket_types as type
      join public.ticket_categories as category on category.team_id = type.team_id and category.key = type.category
      where type.team_id = (entry ->> 'team_id')::uuid and type.id = (entry ->> 'type_id')::uuid
    )
  end;
end $$;

create function private.tg__record_routing() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op <> 'INSERT' then private.routing_reference(tg_argv[0], to_jsonb(old)) end;
  after jsonb := case when tg_op <> 'DELETE' then private.routing_reference(tg_argv[0], to_jsonb(new)) end;
begin
  if tg_op <> 'DELETE' then
    perform private.record_team_event(new.team_id, case tg_op when 'INSERT' then 'routing.created'
      else 'routing.updated' end, before, after);
  elsif before is not null then
    -- Types and items that are deleted with it are counted in its event.
    perform private.record_team_event(old.team_id, 'routing.deleted', before || case tg_argv[0]
      when 'category' then (
        select jsonb_build_object('types', count(distinct type.id), 'items', count(item.id))
        from public.ticket_types as type
        left join public.ticket_items as item on item.team_id = type.team_id and item.type_id = type.id
        where type.team_id = old.team_id and type.category = to_jsonb(old) ->> 'key'
      )
      when 'type'
        then (select jsonb_build_object('items', count(*)) from public.ticket_items as item
          where item.team_id = old.team_id and item.type_id = old.id)
      else '{}'
    end, null);
  end if;
  return case when tg_op = 'DELETE' then old end;
end $$;

-- A deletion is recorded before it happens, while its children exist. Moving an entry among its siblings is no event.
create trigger _600_record_creation after insert on public.ticket_categories
  for each row execute function private.tg__record_routing('category');
create trigger _600_record_changes after update on public.ticket_categories
  for each row when ((new.name, new.portal_name) is distinct from (old.name, old.portal_name))
    execute function private.tg__record_routing('category');
create trigger _200_record_deletion before delete on public.ticket_categories
  for each row execute function private.tg__record_routing('category');
create trigger _600_record_creation after insert on public.ticket_types
  for each row execute function private.tg__record_routing('type');
create trigger _600_record_changes after update on public.ticket_types
  for each row when (new.name <> old.name) execute function private.tg__record_routing('type');
create trigger _200_record_deletion before delete on public.ticket_types
  for each row execute function private.tg__record_routing('type');
create trigger _600_record_creation after insert on public.ticket_items
  for each row execute function private.tg__record_routing('item');
create trigger _600_record_changes after update on public.ticket_items
  for each row when (new.name <> old.name) execute function private.tg__record_routing('item');
create trigger _200_record_deletion before delete on public.ticket_items
  for each row execute function private.tg__record_routing('item');

-- Canned responses ----------------------------------------------------------------------------------------------------

-- The title, and what changed; for a deleted canned response also its text.
create function private.tg_canned_responses__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  fields text[] := array['title']
    || case when tg_op <> 'INSERT' and new.category is distinct from old.category then array['category'] end
    || case when tg_op <> 'INSERT' and new.content is distinct from old.content then array['content'] end;
  before jsonb := (select jsonb_object_agg(field.key, field.value) from jsonb_each(to_jsonb(old)) as field where field.key = any (fields));
  after jsonb := (select jsonb_object_agg(field.key, field.value) from jsonb_each(to_jsonb(new)) as field where field.key = any (fields));
begin
  perform private.record_team_event(coalesce(new.team_id, old.team_id),
    case tg_op when 'INSERT' then 'canned_response.created' when 'UPDATE' then 'canned_response.updated'
      else 'canned_response.deleted' end, before, after);
  return null;
end $$;
create trigger canned_responses__record_events after insert or delete on public.canned_responses
  for each row execute function private.tg_canned_responses__record_events();
create trigger canned_responses__record_changes after update on public.canned_responses
  for each row when ((new.title, new.category, new.content) is distinct from (old.title, old.category, old.content))
  execute function private.tg_canned_responses__record_events();

-- Live ----------------------------------------------------------------------------------------------------------------

-- Changes of tickets are broadcast anyway. For all others, the message only says that there is a new event; members who may read the
-- audit log fetch it.
create function private.tg_ticket_events__broadcast() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.broadcast_change(new.team_id, 'ticket_events', tg_op, jsonb_build_object('team_id', new.team_id));
  return null;
end $$;
create trigger ticket_events__broadcast after insert on public.ticket_events
  for each row when (new.ticket_id is null) execute function private.tg_ticket_events__broadcast();
