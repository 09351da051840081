-- Blocking contacts, and merging two that are the same person. A merge can be undone for 30 days.

-- A blocked contact gets no mails and cannot use the portal.
create function private.block_contact(team_id uuid, contact_id uuid, is_blocked boolean) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(block_contact.team_id, 'contacts.merge');
  update public.contacts as contact set blocked_at = case when is_blocked then coalesce(contact.blocked_at, now()) end
  where contact.team_id = block_contact.team_id and contact.id = block_contact.contact_id and contact.merged_into is null;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
end $$;

create table public.contact_merges (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  contact_id uuid not null, -- the one that stays
  duplicate_id uuid not null,
  -- What the undo restores: the addresses of the duplicate, and what the merge filled in at the contact that stays.
  addresses text[] not null,
  before jsonb not null,
  after jsonb not null,
  merged_by uuid not null default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  undone_at timestamptz,
  unique (team_id, id),
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade,
  foreign key (team_id, duplicate_id) references public.contacts (team_id, id) on delete cascade
);
alter table public.contact_merges enable row level security;
create index contact_merges_of_contact on public.contact_merges (team_id, contact_id); -- the foreign key
create index contact_merges_of_duplicate on public.contact_merges (team_id, duplicate_id); -- the foreign key
create index contact_merges_merged_by on public.contact_merges (merged_by); -- the foreign key
create index contact_merges_created_at on public.contact_merges (created_at); -- the removal after 30 days
comment on table public.contact_merges is 'Merges of contacts that can be undone';

create policy contact_merges_select_managers on public.contact_merges for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('contacts.merge'))::uuid[]));
-- Writing is granted to nobody: only the functions below merge and undo.
grant select (id, team_id, contact_id, duplicate_id, addresses, merged_by, created_at, undone_at) on public.contact_merges to authenticated;
grant select, insert, update, delete on public.contact_merges to service_role;

create table private.merged_tickets (
  merge_id uuid not null references public.contact_merges (id) on delete cascade,
  ticket_id uuid not null, -- no foreign key: the ticket may be deleted later
  primary key (merge_id, ticket_id)
);
comment on table private.merged_tickets is 'The tickets that a merge of contacts moved';

-- Moves one step of the tickets of the duplicate. Returns whether there may be more.
create function private.move_merged_tickets(team_id uuid, merge_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  merge public.contact_merges;
  next_ids uuid[];
begin
  select * into merge from public.contact_merges as candidate
    where candidate.team_id = move_merged_tickets.team_id and candidate.id = move_merged_tickets.merge_id and candidate.undone_at is null;
  next_ids := array(
    select ticket.id from public.tickets as ticket
      where ticket.team_id = merge.team_id and ticket.contact_id = merge.duplicate_id order by ticket.id limit private.cleanup_step()
  );
  insert into private.merged_tickets (merge_id, ticket_id) select merge.id, moved from unnest(next_ids) as moved on conflict do nothing;
  update public.tickets as ticket set contact_id = merge.contact_id where ticket.id = any (next_ids);
  return cardinality(next_ids) = private.cleanup_step();
end $$;

-- Returns one step of the tickets to the contact that was a duplicate, except those that got another requester since.
create function private.return_merged_tickets(team_id uuid, merge_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  merge public.contact_merges;
  next_ids uuid[];
begin
  select * into merge from public.contact_merges as candidate
    where candidate.team_id = return_merged_tickets.team_id and candidate.id = return_merged_tickets.merge_id;
  next_ids := array(
    select moved.ticket_id from private.merged_tickets as moved
      where moved.merge_id = merge.id order by moved.ticket_id limit private.cleanup_step()
  );
  update public.tickets as ticket set contact_id = merge.duplicate_id
  where ticket.id = any (next_ids) and ticket.contact_id = merge.contact_id;
  delete from private.merged_tickets as moved where moved.merge_id = merge.id and moved.ticket_id = any (next_ids);
  return cardinality(next_ids) = private.cleanup_step();
end $$;

-- The properties that a merge fills in.
create function private.contact_details(contact public.contacts) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_build_object('name', contact.name, 'locale', contact.locale, 'time_zone', contact.time_zone,
    'organization_id', contact.organization_id, 'notes', contact.notes, 'user_id', contact.user_id);
end $$;

-- Merges a duplicate into a contact: the contact gets the addresses and tickets of the duplicate, and what it lacks itself. Returns the
-- merge. With many tickets, a job moves the rest.
create function private.merge_contacts(team_id uuid, contact_id uuid, duplicate_id uuid) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  kept public.contacts;
  duplicate public.contacts;
  merged public.contacts;
  moved text[];
  primary_address text;
  merge_id uuid;
begin
  perform private.require_permission(merge_contacts.team_id, 'contacts.merge');
  perform from public.contacts as contact
    where contact.team_id = merge_contacts.team_id and contact.id in (merge_contacts.contact_id, merge_contacts.duplicate_id)
      and contact.merged_into is null
    order by contact.id for update;
  select * into kept from public.contacts as contact
    where contact.team_id = merge_contacts.team_id and contact.id = merge_contacts.contact_id and contact.merged_into is null
      and contact.erased_at is null;
  select * into duplicate from public.contacts as contact
    where contact.team_id = merge_contacts.team_id and contact.id = merge_contacts.duplicate_id and contact.merged_into is null
      and contact.erased_at is null;
  if kept.id is null or duplicate.id is null then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  if kept.id = duplicate.id then
    raise exception 'A contact cannot be merged with itself' using errcode = 'PT422', detail = 'same_contact';
  end if;
  if kept.user_id is not null and duplicate.user_id is not null then
    raise exception 'Both contacts have an account of the portal' using errcode = 'PT422', detail = 'two_accounts';
  end if;
  moved := array(select entry.address from public.contact_addresses as entry
    where entry.team_id = duplicate.team_id and entry.contact_id = duplicate.id order by entry.address);
  if cardinality(moved) + (select count(*) from public.contact_addresses as entry
    where entry.team_id = kept.team_id and entry.contact_id = kept.id) > 20 then
    raise exception 'A contact has at most 20 addresses' using errcode = 'PT422', detail = 'address_limit';
  end if;
  select entry.address into primary_address from public.contact_addresses as entry
    where entry.team_id = duplicate.team_id and entry.contact_id = duplicate.id and entry.is_primary;
  update public.contacts as contact set merged_into = kept.id, user_id = null where contact.id = duplicate.id;
  update public.contact_addresses as entry set contact_id = kept.id, is_primary = false
  where entry.team_id = duplicate.team_id and entry.contact_id = duplicate.id;
  update public.contacts as contact set
    name = coalesce(kept.name, duplicate.name), locale = coalesce(kept.locale, duplicate.locale),
    time_zone = coalesce(kept.time_zone, duplicate.time_zone), organization_id = coalesce(kept.organization_id, duplicate.organization_id),
    notes = nullif(left(concat_ws(E'\n\n', kept.notes, duplicate.notes), 10000), ''), user_id = coalesce(kept.user_id, duplicate.user_id),
    signed_out_at = greatest(kept.signed_out_at, duplicate.signed_out_at)
  where contact.id = kept.id
  returning contact.* into merged;
  insert into public.contact_merges as merge (team_id, contact_id, duplicate_id, addresses, before, after)
  values (kept.team_id, kept.id, duplicate.id, moved,
    private.contact_details(kept) || jsonb_build_object('duplicate_user_id', duplicate.user_id, 'duplicate_email', primary_address),
    private.contact_details(merged))
  returning merge.id into merge_id;
  if private.move_merged_tickets(kept.team_id, merge_id) then
    perform private.request_cleanup(kept.team_id, 'merge', merge_id);
  end if;
  return merge_id;
end $$;

-- Undoes a merge: addresses and tickets go back, and so does what the merge filled in and nobody changed since.
create function private.undo_merge(team_id uuid, merge_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  merge public.contact_merges;
  kept public.contacts;
begin
  perform private.require_permission(undo_merge.team_id, 'contacts.merge');
  select * into merge from public.contact_merges as candidate
    where candidate.team_id = undo_merge.team_id and candidate.id = undo_merge.merge_id for update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  if merge.undone_at is not null then
    raise exception 'This merge has already been undone' using errcode = 'PT409', detail = 'already_undone';
  end if;
  if exists (select from private.cleanups as cleanup where cleanup.team_id = merge.team_id and cleanup.kind = 'merge'
    and cleanup.subject_id = merge.id) then
    raise exception 'This merge is still running' using errcode = 'PT409', detail = 'still_running';
  end if;
  update public.contact_merges as row set undone_at = now() where row.id = merge.id;
  select * into kept from public.contacts as contact where contact.id = merge.contact_id for update;
  update public.contacts as contact set
    name = case when kept.name is not distinct from merge.after ->> 'name' then merge.before ->> 'name' else kept.name end,
    locale = case when kept.locale is not distinct from merge.after ->> 'locale' then merge.before ->> 'locale' else kept.locale end,
    time_zone = case when kept.time_zone is not distinct from merge.after ->> 'time_zone' then merge.before ->> 'time_zone'
      else kept.time_zone end,
    organization_id = case when kept.organization_id is not distinct from (merge.after ->> 'organization_id')::uuid
      then (merge.before ->> 'organization_id')::uuid else kept.organization_id end,
    notes = case when kept.notes is not distinct from merge.after ->> 'notes' then merge.before ->> 'notes' else kept.notes end,
    user_id = (merge.before ->> 'user_id')::uuid
  where contact.id = merge.contact_id;
  update public.contacts as contact set merged_into = null, user_id = (merge.before ->> 'duplicate_user_id')::uuid
  where contact.id = merge.duplicate_id;
  update public.contact_addresses as entry set contact_id = merge.duplicate_id, is_primary = false
  where entry.team_id = merge.team_id and entry.contact_id = merge.contact_id and entry.address = any (merge.addresses);
  update public.contact_addresses as entry set is_primary = true
  where entry.team_id = merge.team_id and (entry.contact_id, entry.address) in (
    select distinct on (first.contact_id) first.contact_id, first.address from public.contact_addresses as first
    where first.team_id = merge.team_id and first.contact_id in (merge.contact_id, merge.duplicate_id)
      and not exists (select from public.contact_addresses as marked
        where marked.team_id = first.team_id and marked.contact_id = first.contact_id and marked.is_primary)
    order by first.contact_id, first.address = merge.before ->> 'duplicate_email' desc, first.created_at, first.address
  );
  if private.return_merged_tickets(merge.team_id, merge.id) then
    perform private.request_cleanup(merge.team_id, 'unmerge', merge.id);
  end if;
end $$;
grant execute on function private.block_contact(uuid, uuid, boolean), private.merge_contacts(uuid, uuid, uuid),
  private.undo_merge(uuid, uuid) to authenticated;
