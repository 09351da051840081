-- Exports: what leaves the team as a file is in its log before the first row leaves.

create function private.record_export(team_id uuid, filters jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if not private.has_permission(record_export.team_id, 'tickets.export') then
    raise exception 'Your role does not allow exporting tickets' using errcode = '42501';
  end if;
  if jsonb_typeof(filters) <> 'object' or length(filters::text) > 10000 then
    raise exception 'Not the filters of a list' using errcode = 'PT400', detail = 'filters';
  end if;
  perform private.record_event(record_export.team_id, null, null, 'tickets.exported', null, filters);
end $$;
grant execute on function private.record_export(uuid, jsonb) to authenticated;
