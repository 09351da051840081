-- Files that clients send with a message. The server receives, scans and stores them before the message is written: each is an upload of
-- the contact until then. Only the server calls the functions for that. They are not in the schema `portal`, where a client could say of
-- any file that it is clean.

-- Records a received file and returns its id. It is for a ticket of the client, or without number for a new one. `state` is receiving or
-- scanning.
create function private.create_client_upload(team_id uuid, ticket_number integer, name text, size integer, sha256 text, content_type text,
    state text)
  returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(create_client_upload.team_id);
  created uuid;
begin
  if create_client_upload.ticket_number is not null then
    perform private.client_ticket(create_client_upload.team_id, create_client_upload.ticket_number, client.contact_id, client.ticket_id);
  elsif client.ticket_id is not null then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  if create_client_upload.state not in ('receiving', 'scanning') then
    raise exception 'A new upload is receiving or scanning' using errcode = '22023';
  end if;
  perform private.begin_client_write(client.contact_id, 'portal_file', 100);
  insert into public.uploads (team_id, uploaded_by, contact_id, name, size, sha256, content_type, state)
  values (create_client_upload.team_id, null, client.contact_id, create_client_upload.name, create_client_upload.size,
    create_client_upload.sha256, create_client_upload.content_type, create_client_upload.state)
  returning id into created;
  return created;
end $$;

-- The client's own upload, locked. Raises 404 for any other.
create function private.own_client_upload(team_id uuid, upload_id uuid, contact_id uuid) returns public.uploads
language plpgsql security definer set search_path = '' as $$
declare
  upload public.uploads;
begin
  select * into upload from public.uploads as row
  where row.team_id = own_client_upload.team_id and row.id = own_client_upload.upload_id and row.contact_id = own_client_upload.contact_id
  for update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  return upload;
end $$;

-- Ends receiving: the file is stored as clean or unscanned, or was found infected.
create function private.finish_client_upload(team_id uuid, upload_id uuid, state text, signature text default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(finish_client_upload.team_id);
  upload public.uploads :=
    private.own_client_upload(finish_client_upload.team_id, finish_client_upload.upload_id, client.contact_id);
  before text[];
begin
  if upload.state in ('receiving', 'scanning') and finish_client_upload.state in ('clean', 'unscanned', 'infected') then
    before := private.act_as_contact(client.contact_id);
    update public.uploads as row set state = finish_client_upload.state, signature = finish_client_upload.signature
    where row.id = upload.id;
    perform private.stop_acting(before);
  end if;
end $$;

-- Forgets an upload whose message was refused.
create function private.delete_client_upload(team_id uuid, upload_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(delete_client_upload.team_id);
begin
  perform private.own_client_upload(delete_client_upload.team_id, delete_client_upload.upload_id, client.contact_id);
  delete from public.uploads as row where row.team_id = delete_client_upload.team_id and row.id = delete_client_upload.upload_id;
end $$;

-- Turns uploads of the client into files of the ticket or reply that they have just written. Returns the uploads that it deleted instead,
-- because the message has the same file already: the form was sent twice. `usual` is that of blocks_unscanned(). Raises 404 for a message
-- of somebody else, 409 `upload_unscanned`, 422 `too_many_attachments`.
create function private.attach_client_uploads(team_id uuid, ticket_number integer, reply_id uuid, upload_ids uuid[], usual text)
  returns uuid[]
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(attach_client_uploads.team_id);
  is_blocked boolean := 'block' = coalesce(
    (select team.unscanned_files from public.teams as team where team.id = attach_client_uploads.team_id), attach_client_uploads.usual
  );
  ticket public.tickets;
  upload public.uploads;
  upload_id uuid;
  repeated uuid[] := '{}';
  before text[];
begin
  -- A ticket session may have written a follow-up in this transaction, which it cannot open.
  select candidate.* into ticket from public.tickets as candidate
  where candidate.team_id = attach_client_uploads.team_id and candidate.ticket_number = attach_client_uploads.ticket_number
    and (client.ticket_id is null or candidate.id = client.ticket_id or candidate.created_at = now())
    and case when attach_client_uploads.reply_id is null then candidate.contact_id = client.contact_id else exists (
      select from public.ticket_replies as reply
      where reply.team_id = candidate.team_id and reply.ticket_id = candidate.id and reply.id = attach_client_uploads.reply_id
        and reply.contact_id = client.contact_id
    ) end
  for no key update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  before := private.act_as_contact(client.contact_id);
  foreach upload_id in array attach_client_uploads.upload_ids loop
    upload := private.own_client_upload(attach_client_uploads.team_id, upload_id, client.contact_id);
    delete from public.uploads as row where row.id = upload.id;
    if exists (
      select from public.ticket_attachments as file
      where file.team_id = ticket.team_id and file.ticket_id = ticket.id
        and file.reply_id is not distinct from attach_client_uploads.reply_id
        and file.sha256 = upload.sha256 and file.name = upload.name and file.removed_at is null
    ) then
      repeated := repeated || upload.id;
      continue;
    end if;
    perform private.require_attachable(upload, upload.id, is_blocked);
    insert into public.ticket_attachments (id, team_id, ticket_id, reply_id, uploaded_by, contact_id, name, size, sha256, content_type,
      state, position)
    select upload.id, ticket.team_id, ticket.id, attach_client_uploads.reply_id, private.channel_profile(ticket.team_id, 'portal'),
      client.contact_id, upload.name, upload.size, upload.sha256, upload.content_type, upload.state, coalesce(max(file.position), 0) + 1
    from public.ticket_attachments as file
    where file.team_id = ticket.team_id and file.ticket_id = ticket.id
      and file.reply_id is not distinct from attach_client_uploads.reply_id;
  end loop;
  perform private.stop_acting(before);
  if (
    select count(*) from public.ticket_attachments as file
    where file.team_id = ticket.team_id and file.ticket_id = ticket.id and file.removed_at is null
      and file.reply_id is not distinct from attach_client_uploads.reply_id
  ) > 10 then
    raise exception 'A message has at most 10 files' using errcode = 'PT422', detail = 'too_many_attachments';
  end if;
  return repeated;
end $$;

-- A file of a ticket whose content the client may download. `usual` is block or warn: what a team that has not decided does with files that
-- were not scanned. Raises 404 also for a file of a note, and 409 `attachment_unscanned`.
create function portal.file(team_id uuid, ticket_number integer, file_id uuid, usual text)
returns table (id uuid, name text, size integer, content_type text)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  client record := private.require_client(file.team_id);
  found_ticket public.tickets := private.client_ticket(file.team_id, file.ticket_number, client.contact_id, client.ticket_id);
  state text;
begin
  select row.id, row.name, row.size, row.content_type, row.state into id, name, size, content_type, state
  from public.ticket_attachments as row
  where row.team_id = found_ticket.team_id and row.ticket_id = found_ticket.id and row.id = file.file_id and row.removed_at is null
    and row.state <> 'infected'
    and not exists (select from public.ticket_replies as reply where reply.id = row.reply_id and reply.is_internal)
    and coalesce((select reply.created_at from public.ticket_replies as reply where reply.id = row.reply_id), found_ticket.created_at)
      >= private.client_reads_from(found_ticket, client.contact_id, client.ticket_id is null);
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  if state = 'unscanned' and 'block' = coalesce(
    (select team.unscanned_files from public.teams as team where team.id = found_ticket.team_id), file.usual
  ) then
    raise exception 'This file waits for the virus scanner; try again later' using errcode = 'PT409', detail = 'attachment_unscanned';
  end if;
  return next;
end $$;

grant execute on function private.create_client_upload(uuid, integer, text, integer, text, text, text),
  private.finish_client_upload(uuid, uuid, text, text), private.delete_client_upload(uuid, uuid),
  private.attach_client_uploads(uuid, integer, uuid, uuid[], text) to anon, authenticated;
grant execute on function portal.file(uuid, integer, uuid, text) to anon, authenticated;
