-- Attachments: files of a ticket or of one of its replies. A removed one stays as a row without its bytes.

create table public.ticket_attachments (
  id uuid primary key, -- that of the upload; the bytes stay where they are
  team_id uuid not null,
  ticket_id uuid not null,
  reply_id uuid, -- null: it belongs to the ticket itself
  uploaded_by uuid not null references public.profiles (id), -- the profile of the portal for a file of a client
  contact_id uuid, -- the client who sent it
  name text not null check (private.is_file_name(name)),
  size integer not null check (size between 1 and 26214400), -- bytes
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  content_type text not null check (length(content_type) <= 200),
  -- infected: found by a later scan; the bytes are deleted.
  state text not null check (state in ('clean', 'unscanned', 'infected')),
  signature text check (length(signature) between 1 and 200), -- the scanner's name of what it found
  position integer not null, -- the order in its message
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  removed_by uuid references public.profiles (id),
  unique (team_id, id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, reply_id) references public.ticket_replies (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete set null (contact_id),
  check ((removed_at is null) = (removed_by is null)),
  check ((state = 'infected') = (signature is not null))
);
alter table public.ticket_attachments enable row level security;
create index ticket_attachments_by_ticket on public.ticket_attachments (team_id, ticket_id, created_at, position);
create index ticket_attachments_by_reply on public.ticket_attachments (team_id, reply_id, position) where reply_id is not null;
create index ticket_attachments_uploaded_by on public.ticket_attachments (uploaded_by); -- the foreign key
create index ticket_attachments_contact_id on public.ticket_attachments (team_id, contact_id) -- the foreign key
  where contact_id is not null;
create index ticket_attachments_removed_by on public.ticket_attachments (removed_by); -- the foreign key
create index ticket_attachments_unscanned on public.ticket_attachments (created_at) where state = 'unscanned'; -- a job scans them
comment on table public.ticket_attachments is 'Files of tickets and replies; a removed file stays as a row without its bytes';

create policy ticket_attachments_select_members on public.ticket_attachments for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Writing is granted to nobody: the functions below write.
grant select on public.ticket_attachments to authenticated;
grant select, insert, update, delete on public.ticket_attachments to service_role;

-- Attachments as answers and broadcasts show them. security_invoker: the caller reads the tables under their own policies.
create view private.attachment_rows with (security_invoker = true) as
select
  file.id, file.team_id, file.ticket_id, file.reply_id, file.name, file.size, file.sha256, file.content_type, file.state, file.signature,
  file.position, file.created_at, file.removed_at,
  jsonb_build_object('id', file.uploaded_by,
    'full_name', coalesce(private.contact_name(file.team_id, file.contact_id), uploader.full_name)) as uploaded_by,
  case when file.removed_by is not null then jsonb_build_object('id', file.removed_by, 'full_name', remover.full_name) end as removed_by
from public.ticket_attachments as file
left join public.profiles as uploader on uploader.id = file.uploaded_by
left join public.profiles as remover on remover.id = file.removed_by;
comment on view private.attachment_rows is 'Attachments with the names of the people who added and removed them';
grant select on private.attachment_rows to authenticated, service_role;

-- Whether unscanned files of a team may neither be sent nor downloaded. `usual` is block or warn: the setting of a team that has none.
create function private.blocks_unscanned(team_id uuid, usual text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((select team.unscanned_files from public.teams as team where team.id = blocks_unscanned.team_id), usual) = 'block'
    and private.is_team_member(blocks_unscanned.team_id);
end $$;

-- Raises why an upload of the caller cannot be attached. `upload` is null for one that the caller does not have.
create function private.require_attachable(upload public.uploads, upload_id uuid, is_blocked boolean) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if upload.id is null then
    if exists (select from public.ticket_attachments as file
      where file.id = require_attachable.upload_id and file.uploaded_by = (select auth.uid())
        and private.has_permission(file.team_id, 'attachments.create')) then
      raise exception 'This file was sent already' using errcode = 'PT409', detail = 'upload_used';
    end if;
    raise exception 'Not an upload of yours in this team' using errcode = 'PT400', detail = 'upload_ids';
  end if;
  case upload.state
    when 'infected' then
      raise exception 'This file is infected and cannot be sent' using errcode = 'PT422', detail = 'upload_infected';
    when 'unscanned' then
      if is_blocked then
        raise exception 'This file waits for the virus scanner; try again later' using errcode = 'PT409', detail = 'upload_unscanned';
      end if;
    when 'clean' then null;
    else
      raise exception 'This file is not uploaded completely' using errcode = 'PT409', detail = 'upload_unfinished';
  end case;
end $$;

-- Raises 404 for a ticket or reply that the caller does not see, 403 for a reply of somebody else and in a closed ticket. Locks the
-- ticket, so that attachments to it take turns and are counted correctly.
create function private.require_attachable_message(team_id uuid, ticket_id uuid, reply_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  ticket_status text;
  author uuid;
begin
  perform private.require_permission(require_attachable_message.team_id, 'attachments.create');
  select ticket.status into ticket_status from public.tickets as ticket
    where ticket.team_id = require_attachable_message.team_id and ticket.id = require_attachable_message.ticket_id for no key update;
  select reply.user_id into author from public.ticket_replies as reply
    where reply.team_id = require_attachable_message.team_id and reply.ticket_id = require_attachable_message.ticket_id
      and reply.id = require_attachable_message.reply_id and reply.external_author is null and reply.contact_id is null;
  if ticket_status is null or (require_attachable_message.reply_id is not null and author is null) then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  end if;
  if author <> (select auth.uid()) then
    raise exception 'Only its author can add a file to a reply' using errcode = 'PT403', detail = 'forbidden';
  end if;
  if ticket_status = 'closed' then
    perform private.require_permission(require_attachable_message.team_id, 'tickets.close');
  end if;
end $$;

-- Turns uploads of the caller into attachments of a ticket, or of a reply that the caller wrote. Raises what the two functions above
-- raise. `usual` is that of blocks_unscanned().
create function private.attach_uploads(team_id uuid, ticket_id uuid, reply_id uuid, upload_ids uuid[], usual text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  upload public.uploads;
  is_blocked boolean := private.blocks_unscanned(attach_uploads.team_id, attach_uploads.usual);
  most integer := case when attach_uploads.reply_id is null then 100 else 10 end;
  place integer;
begin
  perform private.require_attachable_message(attach_uploads.team_id, attach_uploads.ticket_id, attach_uploads.reply_id);
  select coalesce(max(file.position), 0) into place from public.ticket_attachments as file
    where file.team_id = attach_uploads.team_id and file.ticket_id = attach_uploads.ticket_id
      and file.reply_id is not distinct from attach_uploads.reply_id;
  for index in 1 .. cardinality(upload_ids) loop
    select * into upload from public.uploads as row
    where row.team_id = attach_uploads.team_id and row.id = upload_ids[index] and row.uploaded_by = (select auth.uid())
      and row.api_key_id is not distinct from private.acting_api_key_id()
    for update;
    perform private.require_attachable(upload, upload_ids[index], is_blocked);
    insert into public.ticket_attachments (id, team_id, ticket_id, reply_id, uploaded_by, name, size, sha256, content_type, state, position)
    values (upload.id, upload.team_id, attach_uploads.ticket_id, attach_uploads.reply_id, upload.uploaded_by, upload.name, upload.size,
      upload.sha256, upload.content_type, upload.state, place + index);
    delete from public.uploads as row where row.id = upload.id;
  end loop;
  if (
    select count(*) from public.ticket_attachments as file
    where file.team_id = attach_uploads.team_id and file.ticket_id = attach_uploads.ticket_id and file.removed_at is null
      and file.reply_id is not distinct from attach_uploads.reply_id
  ) > most then
    raise exception 'A reply has at most 10 files, and a ticket at most 100 besides its replies' using errcode = 'PT422',
      detail = 'too_many_attachments';
  end if;
end $$;

-- Removes a file: its row stays and says who removed it when. Raises 404 for a file that the caller does not see or that has no bytes
-- any more, 403 for a file of somebody else without `attachments.delete_any`.
create function private.remove_attachment(team_id uuid, attachment_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  file public.ticket_attachments;
begin
  select * into file from public.ticket_attachments as row
  where row.team_id = remove_attachment.team_id and row.id = remove_attachment.attachment_id and row.removed_at is null
    and private.has_permission(remove_attachment.team_id, 'tickets.view')
  for update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  end if;
  perform private.require_permission(remove_attachment.team_id,
    case when file.uploaded_by = (select auth.uid()) then 'attachments.create' else 'attachments.delete_any' end);
  update public.ticket_attachments as row set removed_at = now(), removed_by = (select auth.uid()) where row.id = file.id;
end $$;

grant execute on function private.blocks_unscanned(uuid, text), private.require_attachable_message(uuid, uuid, uuid),
  private.attach_uploads(uuid, uuid, uuid, uuid[], text), private.remove_attachment(uuid, uuid) to authenticated;
