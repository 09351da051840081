-- Contact rows: a contact as lists and answers show it.

-- security_invoker: the caller reads the tables below under their own policies.
create view private.contact_rows with (security_invoker = true) as
select
  contact.id, contact.team_id, contact.name, contact.locale, contact.time_zone, contact.organization_id, contact.notes, contact.blocked_at,
  contact.created_at, contact.updated_at,
  contact.user_id is not null as has_account,
  (select entry.address from public.contact_addresses as entry
    where entry.team_id = contact.team_id and entry.contact_id = contact.id and entry.is_primary) as email,
  (select coalesce(jsonb_agg(jsonb_build_object('address', entry.address, 'is_primary', entry.is_primary, 'verified_at', entry.verified_at)
      order by entry.is_primary desc, entry.created_at, entry.address), '[]')
    from public.contact_addresses as entry where entry.team_id = contact.team_id and entry.contact_id = contact.id) as addresses,
  (select organization.name from public.organizations as organization
    where organization.team_id = contact.team_id and organization.id = contact.organization_id) as organization_name,
  (select count(*)::integer from public.tickets as ticket
    where ticket.team_id = contact.team_id and ticket.contact_id = contact.id
      and ticket.status not in ('resolved', 'closed')) as open_tickets,
  (select count(*)::integer from public.tickets as ticket
    where ticket.team_id = contact.team_id and ticket.contact_id = contact.id) as total_tickets
from public.contacts as contact
where contact.merged_into is null and contact.erased_at is null;
comment on view private.contact_rows is 'Contacts as lists show them, without merged duplicates';
grant select on private.contact_rows to authenticated, service_role;

create view private.organization_rows with (security_invoker = true) as
select
  organization.id, organization.team_id, organization.name, organization.tier, organization.notes, organization.shares_tickets,
  organization.created_at, organization.updated_at,
  array(select entry.domain from public.organization_domains as entry
    where entry.team_id = organization.team_id and entry.organization_id = organization.id order by entry.domain) as domains,
  (select count(*)::integer from public.contacts as contact
    where contact.team_id = organization.team_id and contact.organization_id = organization.id and contact.merged_into is null) as contacts
from public.organizations as organization;
comment on view private.organization_rows is 'Organizations as lists show them';
grant select on private.organization_rows to authenticated, service_role;

-- The contacts of a team whose name or one of whose addresses contains every word; like private.found_tickets(), because conditions with
-- ilike use no index below a policy.
create function private.found_contacts(team_id uuid, words text[]) returns setof uuid
language plpgsql stable security definer set search_path = '' rows 50 as $$
declare
  patterns text[] := array(
    select '%' || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%' from unnest(words) as word
  );
begin
  if not private.has_permission(found_contacts.team_id, 'contacts.view') then
    return;
  end if;
  return query
    select contact.id from public.contacts as contact
    where contact.team_id = found_contacts.team_id and contact.name ilike all (patterns)
    union
    select entry.contact_id from public.contact_addresses as entry
    where entry.team_id = found_contacts.team_id and entry.address ilike all (patterns);
end $$;
grant execute on function private.found_contacts(uuid, text[]) to authenticated;

-- How many tickets would become visible to how many contacts if an organization shared its tickets.
create function private.shared_tickets(team_id uuid, organization_id uuid) returns table (tickets integer, contacts integer)
language plpgsql stable set search_path = '' as $$
begin
  return query
    select
      (select count(*)::integer from public.tickets as ticket
        join public.contacts as contact on contact.team_id = ticket.team_id and contact.id = ticket.contact_id
        where contact.team_id = shared_tickets.team_id and contact.organization_id = shared_tickets.organization_id),
      (select count(*)::integer from public.contacts as contact
        where contact.team_id = shared_tickets.team_id and contact.organization_id = shared_tickets.organization_id
          and contact.merged_into is null);
end $$;
grant execute on function private.shared_tickets(uuid, uuid) to authenticated;
