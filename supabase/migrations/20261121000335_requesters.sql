-- Requesters: every ticket with an address belongs to a contact. requester_name and requester_email repeat the contact's name and primary
-- address, so that lists, searches and mails read one row, and programs that know no contacts go on.

create function private.tg_tickets__set_requester() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  contact public.contacts;
begin
  if tg_op = 'INSERT' or new.contact_id is not distinct from old.contact_id then
    if new.contact_id is null or (tg_op = 'UPDATE' and new.requester_email is distinct from old.requester_email) then
      new.contact_id := case when new.requester_email is not null
        then private.contact_with(new.team_id, new.requester_email, new.requester_name) end;
    elsif tg_op = 'UPDATE' then
      return new; -- another name: _700_rename_contact gives it to the contact
    end if;
  elsif new.contact_id is null then
    new.requester_name := case when new.requester_name is distinct from old.requester_name then new.requester_name end;
    new.requester_email := case when new.requester_email is distinct from old.requester_email then new.requester_email end;
    return new;
  end if;
  if new.contact_id is not null then
    select * into contact from public.contacts as candidate where candidate.team_id = new.team_id and candidate.id = new.contact_id;
    if contact.merged_into is not null then
      new.contact_id := contact.merged_into;
      select * into contact from public.contacts as candidate where candidate.team_id = new.team_id and candidate.id = new.contact_id;
    end if;
    new.requester_name := coalesce(contact.name, new.requester_name);
    new.requester_email := (select entry.address from public.contact_addresses as entry
      where entry.team_id = new.team_id and entry.contact_id = new.contact_id and entry.is_primary);
  end if;
  return new;
end $$;
create trigger _150_set_requester_insert before insert on public.tickets
  for each row when (new.requester_email is not null or new.contact_id is not null) execute function private.tg_tickets__set_requester();
create trigger _150_set_requester_update before update on public.tickets
  for each row when ((new.requester_email, new.requester_name, new.contact_id)
    is distinct from (old.requester_email, old.requester_name, old.contact_id))
  execute function private.tg_tickets__set_requester();

-- Whoever corrects the name of a requester in a ticket corrects the contact.
create function private.tg_tickets__rename_contact() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.contacts as contact set name = new.requester_name
  where contact.team_id = new.team_id and contact.id = new.contact_id and contact.name is distinct from new.requester_name;
  return null;
end $$;
create trigger _700_rename_contact_insert after insert on public.tickets
  for each row when (new.contact_id is not null and new.requester_name is not null) execute function private.tg_tickets__rename_contact();
create trigger _700_rename_contact_update after update on public.tickets
  for each row when (new.contact_id is not null and new.requester_name is distinct from old.requester_name)
  execute function private.tg_tickets__rename_contact();

-- Whether a change of the requester only follows a change of the contact, which has its own event: another name or address, a merge or
-- its undo, an erasure. Such a change is no news for the client, and there may be many.
create function private.follows_contact(before public.tickets, after public.tickets) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  if after.contact_id = before.contact_id then
    return exists (
      select from public.contacts as contact
      join public.contact_addresses as entry on entry.team_id = contact.team_id and entry.contact_id = contact.id and entry.is_primary
      where contact.team_id = after.team_id and contact.id = after.contact_id
        and contact.name is not distinct from after.requester_name and entry.address = after.requester_email
    );
  end if;
  return exists (
    select from public.contacts as contact
    where contact.team_id = before.team_id and contact.id = before.contact_id
      and (contact.merged_into = after.contact_id or (contact.erased_at is not null and after.contact_id is null))
  ) or exists (
    select from private.merged_tickets as moved join public.contact_merges as merge on merge.id = moved.merge_id
    where moved.ticket_id = after.id and merge.contact_id = before.contact_id and merge.duplicate_id = after.contact_id
      and merge.undone_at is not null
  );
end $$;

-- Writes name and primary address of a contact into one step of their tickets. Returns whether there may be more.
create function private.update_requesters(team_id uuid, contact_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  contact public.contacts;
  primary_address text;
  updated integer;
begin
  select * into contact from public.contacts as candidate
    where candidate.team_id = update_requesters.team_id and candidate.id = update_requesters.contact_id;
  if not found then
    return false;
  end if;
  select entry.address into primary_address from public.contact_addresses as entry
    where entry.team_id = contact.team_id and entry.contact_id = contact.id and entry.is_primary;
  update public.tickets as ticket set requester_name = contact.name, requester_email = primary_address
  where ticket.id = any (array(
    select candidate.id from public.tickets as candidate
    where candidate.team_id = contact.team_id and candidate.contact_id = contact.id
      and (candidate.requester_name, candidate.requester_email) is distinct from (contact.name, primary_address)
    limit private.cleanup_step()
  ));
  get diagnostics updated = row_count;
  return updated = private.cleanup_step();
end $$;

create function private.tg_contacts__update_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  changed_id uuid := case when tg_table_name = 'contacts' then to_jsonb(new) ->> 'id' else to_jsonb(new) ->> 'contact_id' end;
begin
  if private.update_requesters(new.team_id, changed_id) then
    perform private.request_cleanup(new.team_id, 'contact', changed_id);
  end if;
  return null;
end $$;
create trigger _700_update_tickets after update of name on public.contacts
  for each row when (new.name is distinct from old.name) execute function private.tg_contacts__update_tickets();
create trigger _700_update_tickets after update of is_primary on public.contact_addresses
  for each row when (new.is_primary and not old.is_primary) execute function private.tg_contacts__update_tickets();

-- Removes a contact from one step of their tickets, with name and address, and of their replies. Returns whether there may be more.
create function private.remove_from_tickets(team_id uuid, contact_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  removed integer;
  signed integer;
begin
  update public.tickets as ticket set contact_id = null
  where ticket.id = any (array(
    select candidate.id from public.tickets as candidate
      where candidate.team_id = remove_from_tickets.team_id and candidate.contact_id = remove_from_tickets.contact_id
      limit private.cleanup_step()
  ));
  get diagnostics removed = row_count;
  update public.ticket_replies as reply set contact_id = null
  where reply.id = any (array(
    select candidate.id from public.ticket_replies as candidate
      where candidate.team_id = remove_from_tickets.team_id and candidate.contact_id = remove_from_tickets.contact_id
      limit private.cleanup_step()
  ));
  get diagnostics signed = row_count;
  return greatest(removed, signed) = private.cleanup_step();
end $$;

-- Deletes a contact, and their name and address in their tickets; what they wrote stays. Returns true if it is done already, false if a
-- job does the rest.
create function private.erase_contact(team_id uuid, contact_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(erase_contact.team_id, 'contacts.erase');
  update public.contacts as contact set erased_at = now()
  where contact.team_id = erase_contact.team_id and contact.id = erase_contact.contact_id and contact.merged_into is null
    and contact.erased_at is null;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  if private.remove_from_tickets(erase_contact.team_id, erase_contact.contact_id) then
    perform private.request_cleanup(erase_contact.team_id, 'erasure', erase_contact.contact_id);
    return false;
  end if;
  delete from public.contacts as contact where contact.team_id = erase_contact.team_id and contact.id = erase_contact.contact_id;
  return true;
end $$;
grant execute on function private.erase_contact(uuid, uuid) to authenticated;

-- Gives every ticket that has an address but no contact its contact, for installations from before contacts. The newest name of an
-- address wins. Returns the number of tickets.
create function private.add_missing_contacts() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  address record;
  added integer := 0;
  filled integer;
begin
  for address in
    select ticket.team_id, ticket.requester_email as email,
      (array_agg(ticket.requester_name order by ticket.created_at desc) filter (where ticket.requester_name is not null))[1] as name
    from public.tickets as ticket where ticket.contact_id is null and ticket.requester_email is not null
    group by ticket.team_id, ticket.requester_email
  loop
    update public.tickets as ticket set contact_id = private.contact_with(address.team_id, address.email, address.name)
    where ticket.team_id = address.team_id and ticket.requester_email = address.email and ticket.contact_id is null
      and not private.is_own_address(address.team_id, address.email);
    get diagnostics filled = row_count;
    added := added + filled;
  end loop;
  return added;
end $$;
select private.add_missing_contacts();
