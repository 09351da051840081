-- Contacts: the people outside a team who ask for something. A contact is one person of one team and has several addresses.

create table public.contacts (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  name text check (length(name) between 1 and 200 and private.is_line(name)), -- null: only their address is known
  -- Of the texts that they read; null: the default of the product (English).
  locale text check (locale in ('en', 'de')),
  time_zone text check (length(time_zone) <= 64 and time_zone ~ '^(UTC|[A-Z]\w*(/[A-Z][\w+-]*)+)$'),
  organization_id uuid,
  notes text check (length(notes) between 1 and 10000 and private.is_visible(notes)), -- for agents; clients never see them
  blocked_at timestamptz, -- a blocked contact gets no mails and cannot use the portal
  user_id uuid references public.profiles (id) on delete set null, -- their account of the portal
  signed_out_at timestamptz, -- sessions of their account that began before do not open the portal
  erased_at timestamptz, -- a job still removes them from their tickets; lists leave them out
  merged_into uuid, -- the contact that has taken over this duplicate, which is kept for an undo; lists leave it out
  created_by uuid default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (team_id, id),
  unique (team_id, user_id),
  foreign key (team_id, organization_id) references public.organizations (team_id, id) on delete set null (organization_id),
  foreign key (team_id, merged_into) references public.contacts (team_id, id) on delete cascade
);
alter table public.contacts enable row level security;
create index contacts_by_name on public.contacts (team_id, name collate "und-x-icu", id);
create index contacts_by_organization on public.contacts (team_id, organization_id); -- the filter and the foreign key
create index contacts_user_id on public.contacts (user_id); -- the foreign key
create index contacts_created_by on public.contacts (created_by); -- the foreign key
create index contacts_merged_into on public.contacts (team_id, merged_into) where merged_into is not null; -- the foreign key
create index contacts_names on public.contacts using gin (team_id, name extensions.gin_trgm_ops);
comment on table public.contacts is 'A person outside the team who writes to it';

create policy contacts_select_members on public.contacts for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('contacts.view'))::uuid[]));
create policy contacts_insert_agents on public.contacts for insert to authenticated
  with check (created_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('contacts.manage'))::uuid[]));
create policy contacts_update_agents on public.contacts for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('contacts.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('contacts.manage'))::uuid[]));
-- blocked_at, signed_out_at and user_id are not granted: private.block_contact(), private.end_contact_sessions() and a confirmed sign-in
-- set them. Neither is delete: private.erase_contact() also removes them from their tickets.
grant select on public.contacts to authenticated;
grant insert (team_id, name, locale, time_zone, organization_id, notes, created_by) on public.contacts to authenticated;
grant update (name, locale, time_zone, organization_id, notes) on public.contacts to authenticated;
grant select, insert, update, delete on public.contacts to service_role;

create trigger _200_require_time_zone before insert or update of time_zone on public.contacts
  for each row when (new.time_zone is not null) execute function private.tg__require_time_zone();
create trigger _300_set_updated_at before update on public.contacts
  for each row execute function private.tg__set_updated_at();

create table public.contact_addresses (
  team_id uuid not null,
  address text not null check (private.is_email(address)),
  contact_id uuid not null,
  is_primary boolean not null default false, -- mails go there
  verified_at timestamptz, -- when they opened a link that was mailed to it
  created_at timestamptz not null default now(),
  primary key (team_id, address),
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
alter table public.contact_addresses enable row level security;
create index contact_addresses_of_contact on public.contact_addresses (team_id, contact_id); -- the foreign key
create unique index contact_addresses_primary on public.contact_addresses (team_id, contact_id) where is_primary;
create index contact_addresses_parts on public.contact_addresses using gin (team_id, address extensions.gin_trgm_ops);
comment on table public.contact_addresses is 'The mail addresses of contacts; each belongs to one contact of a team';

create policy contact_addresses_select_members on public.contact_addresses for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('contacts.view'))::uuid[]));
create policy contact_addresses_insert_agents on public.contact_addresses for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('contacts.manage'))::uuid[]));
create policy contact_addresses_delete_agents on public.contact_addresses for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('contacts.manage'))::uuid[]));
-- Update is not granted: private.set_primary_address() moves the mark, and an address never changes.
grant select, delete on public.contact_addresses to authenticated;
grant insert (team_id, address, contact_id) on public.contact_addresses to authenticated;
grant select, insert, update, delete on public.contact_addresses to service_role;

-- The server writes the address of MAIL_FROM when it begins to send mails.
create table private.mail_settings (
  is_only boolean primary key default true check (is_only),
  sender_address text
);
insert into private.mail_settings default values;
comment on table private.mail_settings is 'One row: the address from which the product sends its mails';

-- An address of a member, of the team or of the product never becomes a contact and gets no mail for clients: the product would mail
-- itself, and an agent would be a client of their own team.
create function private.is_own_address(team_id uuid, address text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from public.team_members as member join public.profiles as person on person.id = member.user_id
    where member.team_id = is_own_address.team_id and person.email = is_own_address.address
  ) or exists (
    select from public.teams as team where team.id = is_own_address.team_id and team.reply_to_email = is_own_address.address
  ) or exists (
    select from private.mail_settings as settings where settings.sender_address = is_own_address.address
  );
end $$;

-- The first address of a contact is the primary one.
create function private.tg_contact_addresses__before_insert() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.is_own_address(new.team_id, new.address) then
    raise exception '% is an address of this team', new.address using errcode = 'PT422', detail = 'own_address';
  end if;
  new.is_primary := not exists (
    select from public.contact_addresses as other where other.team_id = new.team_id and other.contact_id = new.contact_id
  );
  return new;
end $$;
create trigger _200_before_insert before insert on public.contact_addresses
  for each row execute function private.tg_contact_addresses__before_insert();

create function private.tg_contact_addresses__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select count(*) from public.contact_addresses as entry
    where entry.team_id = new.team_id and entry.contact_id = new.contact_id) > 20 then
    raise exception 'A contact has at most 20 addresses' using errcode = 'PT422', detail = 'address_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.contact_addresses
  for each row execute function private.tg_contact_addresses__limit();

-- Makes an address of a contact the one that mails go to.
create function private.set_primary_address(team_id uuid, contact_id uuid, address text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(set_primary_address.team_id, 'contacts.manage');
  perform from public.contact_addresses as entry
    where entry.team_id = set_primary_address.team_id and entry.contact_id = set_primary_address.contact_id
      and entry.address = set_primary_address.address;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  update public.contact_addresses as entry set is_primary = false
  where entry.team_id = set_primary_address.team_id and entry.contact_id = set_primary_address.contact_id and entry.is_primary
    and entry.address <> set_primary_address.address;
  update public.contact_addresses as entry set is_primary = true
  where entry.team_id = set_primary_address.team_id and entry.address = set_primary_address.address and not entry.is_primary;
end $$;

-- Mails to a contact need an address: the last one stays, and the oldest one takes the place of a deleted primary one.
create function private.tg_contact_addresses__after_delete() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.contacts as contact where contact.team_id = old.team_id and contact.id = old.contact_id) then
    return null; -- deleted with the contact
  end if;
  if not exists (select from public.contact_addresses as entry where entry.team_id = old.team_id and entry.contact_id = old.contact_id) then
    raise exception 'A contact needs an address' using errcode = 'PT422', detail = 'last_address';
  end if;
  if old.is_primary then
    update public.contact_addresses as entry set is_primary = true
    where entry.team_id = old.team_id and entry.address = (
      select first.address from public.contact_addresses as first
      where first.team_id = old.team_id and first.contact_id = old.contact_id order by first.created_at, first.address limit 1
    );
  end if;
  return null;
end $$;
create trigger _700_after_delete after delete on public.contact_addresses
  for each row execute function private.tg_contact_addresses__after_delete();

-- A change of addresses is a change of the contact: lists sort and refetch by it.
create function private.tg_contact_addresses__touch_contact() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  entry public.contact_addresses := case when tg_op = 'DELETE' then old else new end;
begin
  update public.contacts as contact set updated_at = now()
  where contact.team_id = entry.team_id and contact.id = entry.contact_id and contact.updated_at < now();
  return null;
end $$;
create trigger _600_touch_contact after insert or update or delete on public.contact_addresses
  for each row execute function private.tg_contact_addresses__touch_contact();

-- The organization of a domain; null if no organization lists it.
create function private.organization_of(team_id uuid, address text) returns uuid
language plpgsql stable set search_path = '' as $$
begin
  return (select entry.organization_id from public.organization_domains as entry
    where entry.team_id = organization_of.team_id and entry.domain = split_part(organization_of.address, '@', 2));
end $$;

-- The contact with this address, added if there is none. Null for an address of the team itself. Two transactions that add the same
-- address get the same contact.
create function private.contact_with(team_id uuid, address text, name text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  found_id uuid;
begin
  loop
    select entry.contact_id into found_id from public.contact_addresses as entry
      where entry.team_id = contact_with.team_id and entry.address = contact_with.address;
    if found_id is not null or private.is_own_address(contact_with.team_id, contact_with.address) then
      return found_id;
    end if;
    begin
      insert into public.contacts (team_id, name, organization_id, created_by)
      values (contact_with.team_id, contact_with.name, private.organization_of(contact_with.team_id, contact_with.address), null)
      returning id into found_id;
      insert into public.contact_addresses (team_id, address, contact_id) values (contact_with.team_id, contact_with.address, found_id);
      return found_id;
    exception when unique_violation then
      -- Another transaction was first: the next round finds its contact.
    end;
  end loop;
end $$;
grant execute on function private.set_primary_address(uuid, uuid, text), private.organization_of(uuid, text) to authenticated;
