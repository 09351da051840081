-- Events of contacts and organizations. A contact that a new ticket brings has no event of its own: the event of the ticket names it.

create function private.contact_reference(contact public.contacts) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object('id', contact.id, 'name', contact.name, 'email', (
    select entry.address from public.contact_addresses as entry
      where entry.team_id = contact.team_id and entry.contact_id = contact.id and entry.is_primary
  ));
end $$;

-- What people can change, with the name of the organization instead of its id.
create function private.contact_description(contact public.contacts) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object('name', contact.name, 'locale', contact.locale, 'time_zone', contact.time_zone, 'notes', contact.notes,
    'organization', (select organization.name from public.organizations as organization where organization.team_id = contact.team_id
      and organization.id = contact.organization_id));
end $$;

-- The entries of `state` that differ from `other`, and those of `always`.
create function private.changed_fields(state jsonb, other jsonb, always text[]) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return (select jsonb_object_agg(field.key, field.value) from jsonb_each(state) as field
    where field.key = any (always) or field.value is distinct from other -> field.key);
end $$;

create function private.tg_contacts__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before jsonb;
  after jsonb;
begin
  if tg_op = 'DELETE' then
    if old.merged_into is null then
      perform private.record_team_event(old.team_id, 'contact.erased', jsonb_build_object('id', old.id), null);
    end if;
    return null;
  end if;
  if (new.blocked_at is null) <> (old.blocked_at is null) then
    perform private.record_team_event(new.team_id, case when new.blocked_at is null then 'contact.unblocked' else 'contact.blocked' end,
      case when new.blocked_at is null then private.contact_reference(new) end,
      case when new.blocked_at is not null then private.contact_reference(new) end);
  end if;
  before := private.contact_description(old) || jsonb_build_object('id', old.id);
  after := private.contact_description(new) || jsonb_build_object('id', new.id);
  -- What a merge fills in belongs to the event of the merge.
  if before <> after and not exists (select from public.contacts as duplicate
    where duplicate.team_id = new.team_id and duplicate.merged_into = new.id and duplicate.updated_at = now()) then
    perform private.record_team_event(new.team_id, 'contact.updated', private.changed_fields(before, after, '{id,name}'),
      private.changed_fields(after, before, '{id,name}'));
  end if;
  return null;
end $$;
create trigger _600_record_events after delete on public.contacts
  for each row execute function private.tg_contacts__record_events();
create trigger _600_record_changes after update on public.contacts
  for each row when ((new.name, new.locale, new.time_zone, new.organization_id, new.notes, new.blocked_at)
    is distinct from (old.name, old.locale, old.time_zone, old.organization_id, old.notes, old.blocked_at))
  execute function private.tg_contacts__record_events();

-- A contact that somebody adds by hand: its first address completes it.
create function private.tg_contact_addresses__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  entry public.contact_addresses := case when tg_op = 'DELETE' then old else new end;
  contact public.contacts;
  addresses text[];
begin
  select * into contact from public.contacts as candidate where candidate.team_id = entry.team_id and candidate.id = entry.contact_id;
  if not found or (contact.created_by is null and contact.created_at = now()) then
    return null; -- deleted with its contact, or brought by a ticket
  end if;
  if tg_op = 'INSERT' and new.is_primary then
    perform private.record_team_event(contact.team_id, 'contact.created', null, private.contact_reference(contact));
    return null;
  end if;
  addresses := array(select other.address from public.contact_addresses as other
    where other.team_id = contact.team_id and other.contact_id = contact.id and other.address <> entry.address order by other.address);
  perform private.record_team_event(contact.team_id, 'contact.updated',
    jsonb_build_object('id', contact.id, 'name', contact.name, 'addresses',
      case when tg_op = 'DELETE' then addresses || entry.address else addresses end),
    jsonb_build_object('id', contact.id, 'name', contact.name, 'addresses',
      case when tg_op = 'INSERT' then addresses || entry.address else addresses end));
  return null;
end $$;
create trigger _500_record_events after insert or delete on public.contact_addresses
  for each row execute function private.tg_contact_addresses__record_events();

create function private.tg_contact_merges__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  kept public.contacts;
  duplicate public.contacts;
begin
  select * into kept from public.contacts as contact where contact.id = new.contact_id;
  select * into duplicate from public.contacts as contact where contact.id = new.duplicate_id;
  perform private.record_team_event(new.team_id, case when new.undone_at is null then 'contact.merged' else 'contact.unmerged' end,
    jsonb_build_object('id', duplicate.id, 'name', duplicate.name, 'email', new.addresses[1]), private.contact_reference(kept));
  return null;
end $$;
create trigger contact_merges__record_events after insert or update of undone_at on public.contact_merges
  for each row execute function private.tg_contact_merges__record_events();

create function private.tg_organizations__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - '{id,team_id,created_by,created_at,updated_at}'::text[] end;
  after jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - '{id,team_id,created_by,created_at,updated_at}'::text[] end;
begin
  case tg_op
    when 'INSERT'
      then perform private.record_team_event(new.team_id, 'organization.created', null, jsonb_build_object('name', new.name));
    when 'DELETE'
      then perform private.record_team_event(old.team_id, 'organization.deleted', jsonb_build_object('name', old.name), null);
    else
      if before <> after then
        perform private.record_team_event(new.team_id, 'organization.updated', private.changed_fields(before, after, '{name}'),
          private.changed_fields(after, before, '{name}'));
      end if;
  end case;
  return null;
end $$;
create trigger organizations__record_events after insert or update or delete on public.organizations
  for each row execute function private.tg_organizations__record_events();

-- With the name of the organization instead of its id.
create function private.project_description(project public.projects) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object('id', project.id, 'name', project.name, 'is_archived', project.archived_at is not null,
    'organization', (select organization.name from public.organizations as organization where organization.team_id = project.team_id
      and organization.id = project.organization_id));
end $$;

create function private.tg_projects__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op <> 'INSERT' then private.project_description(old) end;
  after jsonb := case when tg_op <> 'DELETE' then private.project_description(new) end;
begin
  case tg_op
    when 'INSERT' then perform private.record_team_event(new.team_id, 'project.created', null, private.project_reference(new.id));
    when 'DELETE'
      then perform private.record_team_event(old.team_id, 'project.deleted', jsonb_build_object('id', old.id, 'name', old.name), null);
    else
      if before <> after then
        perform private.record_team_event(new.team_id, 'project.updated', private.changed_fields(before, after, '{id,name}'),
          private.changed_fields(after, before, '{id,name}'));
      end if;
  end case;
  return null;
end $$;
create trigger _600_record_events after insert or update or delete on public.projects
  for each row execute function private.tg_projects__record_events();

-- Participants that are deleted with their ticket or contact have no event.
create function private.tg_ticket_participants__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  entry public.ticket_participants := case when tg_op = 'DELETE' then old else new end;
begin
  perform private.record_event(entry.team_id, entry.ticket_id, ticket.ticket_number,
    case tg_op when 'INSERT' then 'ticket.participant_added' else 'ticket.participant_removed' end,
    case when tg_op = 'DELETE' then private.contact_reference(contact) end,
    case when tg_op = 'INSERT' then private.contact_reference(contact) end, entry.added_by)
  from public.tickets as ticket, public.contacts as contact
  where ticket.team_id = entry.team_id and ticket.id = entry.ticket_id
    and contact.team_id = entry.team_id and contact.id = entry.contact_id;
  return null;
end $$;
create trigger _600_record_events after insert or delete on public.ticket_participants
  for each row execute function private.tg_ticket_participants__record_events();
