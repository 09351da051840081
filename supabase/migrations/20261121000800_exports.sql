-- Exports: an export is recorded in the audit log before its first row is sent.

-- `subject` is 'tickets' or 'audit', the audit log.
create function private.record_export(team_id uuid, subject text, filters jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if not private.has_permission(record_export.team_id, record_export.subject || '.export') then
    raise exception 'Your role does not allow this export' using errcode = 'PT403', detail = 'forbidden';
  end if;
  if jsonb_typeof(filters) <> 'object' or length(filters::text) > 10000 then
    raise exception 'These are not filters of a list' using errcode = 'PT400', detail = 'filters';
  end if;
  perform private.record_event(record_export.team_id, null, null, record_export.subject || '.exported', null, filters);
end $$;
grant execute on function private.record_export(uuid, text, jsonb) to authenticated;
