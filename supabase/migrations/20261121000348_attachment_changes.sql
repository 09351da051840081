-- Attachment changes: what is broadcast and recorded when a file is added, removed, or found infected.

create function private.tg_ticket_attachments__broadcast() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' then
    perform private.broadcast_change(old.team_id, 'ticket_attachments', tg_op,
      jsonb_build_object('id', old.id, 'team_id', old.team_id, 'ticket_id', old.ticket_id, 'reply_id', old.reply_id));
  else
    perform private.broadcast_change(new.team_id, 'ticket_attachments', tg_op,
      (select to_jsonb(file) - 'position' from private.attachment_rows as file where file.team_id = new.team_id and file.id = new.id));
  end if;
  return null;
end $$;
create trigger _500_broadcast after insert or update or delete on public.ticket_attachments
  for each row execute function private.tg_ticket_attachments__broadcast();

-- The file as an event stores it. is_internal: a client never reads the event of a file of a note.
create function private.attachment_reference(file public.ticket_attachments) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'id', file.id, 'name', file.name, 'size', file.size, 'content_type', file.content_type, 'reply_id', file.reply_id,
    'is_internal', coalesce((select reply.is_internal from public.ticket_replies as reply
      where reply.team_id = file.team_id and reply.id = file.reply_id), false)
  );
end $$;

-- Files that are deleted with their reply or ticket have no event of their own.
create function private.tg_ticket_attachments__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  number integer := (select ticket.ticket_number from public.tickets as ticket
    where ticket.team_id = new.team_id and ticket.id = new.ticket_id);
begin
  if tg_op = 'INSERT' then
    perform private.record_event(new.team_id, new.ticket_id, number, 'attachment.added', null, private.attachment_reference(new),
      new.uploaded_by);
  elsif new.removed_at is not null and old.removed_at is null then
    perform private.record_event(new.team_id, new.ticket_id, number, 'attachment.removed', private.attachment_reference(new), null);
  elsif new.state = 'infected' and old.state <> 'infected' then
    perform private.record_team_event(new.team_id, 'attachment.infected', null, jsonb_build_object(
      'name', new.name, 'sha256', new.sha256, 'signature', new.signature,
      'uploaded_by', private.uploader_reference(new.team_id, new.uploaded_by, new.contact_id),
      'ticket_number', number
    ));
  end if;
  return null;
end $$;
create trigger _600_record_events after insert or update on public.ticket_attachments
  for each row execute function private.tg_ticket_attachments__record_events();
