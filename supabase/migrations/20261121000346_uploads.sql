-- Uploads: files that somebody has sent to the server and that belong to no ticket yet. Sending the message makes them attachments.

-- The bytes are in the storage bucket `attachments`, under `<team>/<upload>`. The bucket has no policy: only the server reaches it, with
-- the secret key, after row-level security has decided about the row.
insert into storage.buckets (id, name, public, file_size_limit) values ('attachments', 'attachments', false, 26214400)
on conflict (id) do update set public = excluded.public, file_size_limit = excluded.file_size_limit;

-- The name of a file as its owner wrote it, without directories and invisible characters. server/domain/attachment/name.ts cleans it.
create function private.is_file_name(value text) returns boolean
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return length(value) between 1 and 255 and private.is_line(value) and value !~ '[/\\]';
end $$;
grant execute on function private.is_file_name(text) to authenticated, service_role;

create table public.uploads (
  id uuid primary key default gen_random_uuid(), -- stays the id of the attachment that it becomes
  team_id uuid not null,
  uploaded_by uuid default auth.uid(), -- null: a client sends it
  contact_id uuid, -- the client
  -- The key that acted for the uploader: drafts of a key are not drafts of its member.
  api_key_id uuid references public.api_keys (id) on delete cascade,
  -- receiving: the server stores it. scanning: the server scans it, and stores it if it is clean. unscanned: stored, but no scanner has
  -- looked at it. infected: never stored.
  state text not null default 'receiving' check (state in ('receiving', 'scanning', 'clean', 'infected', 'unscanned')),
  name text not null check (private.is_file_name(name)),
  size integer not null check (size between 1 and 26214400), -- bytes
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  content_type text not null check (content_type ~ '^[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$'),
  signature text check (length(signature) between 1 and 200), -- the scanner's name of what it found
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '24 hours',
  unique (team_id, id),
  -- Uploads are deleted with the membership: nobody could send them any more. A job then deletes the bytes.
  foreign key (team_id, uploaded_by) references public.team_members (team_id, user_id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade,
  check (num_nonnulls(uploaded_by, contact_id) = 1),
  check ((state = 'infected') = (signature is not null))
);
alter table public.uploads enable row level security;
create index uploads_by_uploader on public.uploads (team_id, uploaded_by, created_at); -- own uploads, and the foreign key
create index uploads_contact_id on public.uploads (team_id, contact_id) where contact_id is not null; -- the foreign key
create index uploads_api_key_id on public.uploads (api_key_id); -- the foreign key
create index uploads_expires_at on public.uploads (expires_at); -- a job deletes expired uploads
create index uploads_unscanned on public.uploads (created_at) where state = 'unscanned'; -- a job scans them
create index uploads_unfinished on public.uploads (created_at) where state in ('receiving', 'scanning'); -- a job deletes abandoned ones
comment on table public.uploads is 'Files that were uploaded and not sent yet; only the uploader can read them';

-- Only the uploader, not even owners. A key reads its own uploads, a person those of no key.
create policy uploads_select_uploader on public.uploads for select to authenticated
  using (
    uploaded_by = (select auth.uid()) and api_key_id is not distinct from (select private.acting_api_key_id())
    and team_id = any ((select private.permitted_team_ids('attachments.create'))::uuid[])
  );
-- Writing is granted to nobody: the functions below write what the server has received and found.
grant select on public.uploads to authenticated;
grant select, insert, update, delete on public.uploads to service_role;

-- Records a file that the server has received, and returns its id. `state` is receiving or scanning. At most 100 uploads of one person or
-- key wait in a team.
create function private.create_upload(team_id uuid, name text, size integer, sha256 text, content_type text, state text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  created uuid;
  key_id uuid := private.acting_api_key_id();
begin
  perform private.require_permission(create_upload.team_id, 'attachments.create');
  if create_upload.state not in ('receiving', 'scanning') then
    raise exception 'A new upload is receiving or scanning' using errcode = '22023';
  end if;
  insert into public.uploads (team_id, api_key_id, name, size, sha256, content_type, state)
  values (create_upload.team_id, key_id, create_upload.name, create_upload.size, create_upload.sha256, create_upload.content_type,
    create_upload.state)
  returning id into created;
  -- Counted after the insert, under a lock, so that uploads at the same time do not exceed the limit together.
  perform pg_advisory_xact_lock(hashtextextended('uploads ' || create_upload.team_id || (select auth.uid()), 0));
  if (
    select count(*) from public.uploads as upload
    where upload.team_id = create_upload.team_id and upload.uploaded_by = (select auth.uid())
      and upload.api_key_id is not distinct from key_id
  ) > 100 then
    raise exception 'At most 100 files can wait to be sent; send or delete some' using errcode = 'PT422', detail = 'too_many_uploads';
  end if;
  return created;
end $$;

-- The caller's own upload, locked. Raises 404 for any other.
create function private.own_upload(team_id uuid, upload_id uuid) returns public.uploads
language plpgsql security definer set search_path = '' as $$
declare
  upload public.uploads;
begin
  select * into upload from public.uploads as row
  where row.team_id = own_upload.team_id and row.id = own_upload.upload_id and row.uploaded_by = (select auth.uid())
    and row.api_key_id is not distinct from private.acting_api_key_id()
    and private.has_permission(own_upload.team_id, 'attachments.create')
  for update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  end if;
  return upload;
end $$;

-- Ends receiving: the file is stored as clean or unscanned, or was found infected.
create function private.finish_upload(team_id uuid, upload_id uuid, state text, signature text default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  upload public.uploads := private.own_upload(finish_upload.team_id, finish_upload.upload_id);
begin
  if upload.state in ('receiving', 'scanning') and finish_upload.state in ('clean', 'unscanned', 'infected') then
    update public.uploads as row set state = finish_upload.state, signature = finish_upload.signature where row.id = upload.id;
  end if;
end $$;

-- Forgets an upload that was not sent. The route deletes the bytes; a job deletes them if the route cannot.
create function private.delete_upload(team_id uuid, upload_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.own_upload(delete_upload.team_id, delete_upload.upload_id);
  delete from public.uploads as row where row.team_id = delete_upload.team_id and row.id = delete_upload.upload_id;
end $$;

grant execute on function private.create_upload(uuid, text, integer, text, text, text),
  private.finish_upload(uuid, uuid, text, text), private.delete_upload(uuid, uuid) to authenticated;

-- Who sent a file, as an event stores it: a client has the id of the portal's profile, and their own name.
create function private.uploader_reference(team_id uuid, user_id uuid, contact_id uuid) returns jsonb
language plpgsql security definer set search_path = '' as $$
begin
  if uploader_reference.contact_id is null then
    return private.person_reference(uploader_reference.user_id);
  end if;
  return jsonb_build_object(
    'id', private.channel_profile(uploader_reference.team_id, 'portal'),
    'full_name', private.contact_name(uploader_reference.team_id, uploader_reference.contact_id)
  );
end $$;

-- An infected file is an event of the team, whoever found it: the upload itself, or a later scan by a job.
create function private.tg_uploads__record_infection() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.record_team_event(new.team_id, 'attachment.infected', null, jsonb_build_object(
    'name', new.name, 'sha256', new.sha256, 'signature', new.signature,
    'uploaded_by', private.uploader_reference(new.team_id, new.uploaded_by, new.contact_id)
  ));
  return null;
end $$;
create trigger _600_record_infection after update on public.uploads
  for each row when (new.state = 'infected' and old.state <> 'infected') execute function private.tg_uploads__record_infection();
