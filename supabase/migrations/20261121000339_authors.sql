-- Authors without an account: what a channel writes for them belongs to a profile of the channel, so that no member is its author.

create table private.channel_profiles (
  team_id uuid not null references public.teams (id) on delete cascade,
  channel text not null check (channel in ('import', 'portal', 'email')),
  user_id uuid not null references public.profiles (id),
  primary key (team_id, channel)
);
create index channel_profiles_user_id on private.channel_profiles (user_id); -- the foreign key
comment on table private.channel_profiles is
  'The profile of each channel of a team, which is the author of what people without an account wrote';

create function private.channel_profile(team_id uuid, channel text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  profile uuid;
begin
  select row.user_id into profile from private.channel_profiles as row
    where row.team_id = channel_profile.team_id and row.channel = channel_profile.channel;
  if not found then
    perform from public.teams as team where team.id = channel_profile.team_id for no key update; -- one caller at a time
    select row.user_id into profile from private.channel_profiles as row
      where row.team_id = channel_profile.team_id and row.channel = channel_profile.channel;
  end if;
  if profile is null then
    insert into public.profiles as person (kind, full_name)
    values ('service', case channel_profile.channel when 'import' then 'Import' when 'portal' then 'Portal' else 'E-mail' end)
    returning person.id into profile;
    insert into private.channel_profiles (team_id, channel, user_id) values (channel_profile.team_id, channel_profile.channel, profile);
    -- so that members may read its name
    insert into private.team_people (team_id, user_id) values (channel_profile.team_id, profile);
  end if;
  return profile;
end $$;

-- How others see a contact: by name, or by the primary address; after a merge as the contact that took over. Null if the contact was
-- erased, or if the caller may not see contacts.
create function private.contact_name(team_id uuid, contact_id uuid) returns text
language plpgsql stable strict set search_path = '' as $$
begin
  return (
    select coalesce(contact.name, (select entry.address from public.contact_addresses as entry
      where entry.team_id = contact.team_id and entry.contact_id = contact.id and entry.is_primary))
    from public.contacts as written
    join public.contacts as contact on contact.id = coalesce(written.merged_into, written.id)
    where written.team_id = contact_name.team_id and written.id = contact_name.contact_id and contact.erased_at is null
  );
end $$;
grant execute on function private.contact_name(uuid, uuid) to authenticated, service_role;

-- The contact who acts in this transaction, through the portal; null: nobody outside the team acts.
create function private.acting_contact_id() returns uuid
language plpgsql stable set search_path = '' as $$
begin
  return nullif(current_setting('switchboard.contact_id', true), '')::uuid;
end $$;
