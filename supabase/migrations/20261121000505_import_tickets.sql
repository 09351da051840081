-- Imports of single tickets, with their conversations.

-- Writes a request with its conversation, as it was in its source. Returns what it left out or changed, as [{ path, message }]. Returns
-- null and writes nothing if the team has imported this source id before. Waits while another transaction imports it. The caller needs
-- the same permissions as for creating the ticket. The rows carry the times of the request and the channel "import", so that nobody is
-- notified of them, now or later: see private.is_news(). An unknown or repeated time is set a microsecond after the one before it, and
-- moves later times if needed, so that a conversation keeps its order. No time is in the future or before the request itself.
create function private.import_ticket(team_id uuid, source_id text, ticket jsonb, replies jsonb) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  importer uuid := (select auth.uid());
  caller_channel text := current_setting('switchboard.channel', true);
  created uuid := gen_random_uuid();
  notes jsonb := '[]';
  is_over boolean := ticket ->> 'status' in ('resolved', 'closed');
  category text;
  path record;
  assignee uuid;
  ticket_time timestamptz;
  snoozed timestamptz := (ticket ->> 'snoozed_until')::timestamptz;
begin
  perform private.require_permission(import_ticket.team_id, 'tickets.create');
  if ticket ->> 'status' = 'closed' then
    perform private.require_permission(import_ticket.team_id, 'tickets.close');
  end if;
  insert into private.ticket_imports (team_id, source_id) values (import_ticket.team_id, import_ticket.source_id)
  on conflict on constraint ticket_imports_pkey do nothing;
  if not found then
    return null;
  end if;
  perform set_config('switchboard.channel', 'import', true);

  -- By key or by name.
  select row.key into category from public.ticket_categories as row
  where row.team_id = import_ticket.team_id and (row.key = ticket ->> 'category' or lower(row.name) = lower(ticket ->> 'category'))
  order by row.key = ticket ->> 'category' desc limit 1;
  if not found then
    raise exception 'Not a category of this team' using errcode = 'PT400', detail = 'category';
  end if;
  if jsonb_array_length(ticket -> 'route') > 0 then
    path := private.import_path(import_ticket.team_id, category, ticket -> 'route');
    if path.added is not null then
      notes := notes || jsonb_build_object('path', 'route', 'message', 'Was added to the team: ' || path.added);
    end if;
  else
    select null::uuid as type_id, null::uuid as item_id into path;
  end if;
  if ticket ->> 'assignee' is not null then
    perform private.require_permission(import_ticket.team_id, 'tickets.assign');
    assignee := private.import_member(import_ticket.team_id, ticket ->> 'assignee');
    if not private.is_assignable(import_ticket.team_id, assignee) then
      assignee := null;
      notes := notes || jsonb_build_object('path', 'assignee', 'message',
        (ticket ->> 'assignee') || ' is not an agent of this team; nobody is assigned');
    end if;
  end if;

  ticket_time := coalesce((ticket ->> 'created_at')::timestamptz, (
    select min(given.at) from (
      select (entry ->> 'created_at')::timestamptz as at from jsonb_array_elements(replies) as entry
      union all select (ticket ->> 'resolved_at')::timestamptz
      union all select (ticket ->> 'closed_at')::timestamptz
    ) as given
  ), now());
  ticket_time := least(ticket_time, now());
  if snoozed <= now() or is_over then
    snoozed := null; -- it has woken up since
  end if;
  perform private.require_snooze(snoozed);

  insert into public.tickets (id, team_id, subject, description, format, status, priority, severity, category, type_id, item_id, channel,
    requester_name, requester_email,
    assigned_to, resolved_at, closed_at, snoozed_until, snoozed_by, created_by, created_at, last_activity_at)
  values (created, import_ticket.team_id, ticket ->> 'subject', ticket ->> 'description', ticket ->> 'format', ticket ->> 'status',
    ticket ->> 'priority', (ticket ->> 'severity')::smallint,
    category, path.type_id, path.item_id, 'import', ticket ->> 'requester_name', ticket ->> 'requester_email',
    assignee, case when is_over then ticket_time end, case when ticket ->> 'status' = 'closed' then ticket_time end, snoozed,
    case when snoozed is not null then importer end, importer, ticket_time, ticket_time);

  insert into public.ticket_tags (team_id, ticket_id, tag, created_at)
  select import_ticket.team_id, created, label, ticket_time from jsonb_array_elements_text(ticket -> 'tags') as label;

  update private.ticket_imports as import set ticket_id = created, snoozed_until = snoozed
  where import.team_id = import_ticket.team_id and import.source_id = import_ticket.source_id;
  notes := notes || private.import_replies(import_ticket.team_id, import_ticket.source_id, ticket, replies, null);
  perform set_config('switchboard.channel', coalesce(caller_channel, ''), true);
  return notes;
end $$;

-- Adds replies to a request, only in the transaction that imports the request. Imported replies notify nobody, so this must not be a
-- way to write into existing tickets. `stated` is the time that the file gives for the previous reply. Of `ticket`, only the times of
-- its resolution and closing are used. Returns notes like private.import_ticket().
create function private.import_replies(team_id uuid, source_id text, ticket jsonb, replies jsonb, stated timestamptz) returns jsonb
language plpgsql security definer set search_path = '' as $$
declare
  importer uuid := (select auth.uid());
  claims text := current_setting('request.jwt.claims', true);
  caller_channel text := current_setting('switchboard.channel', true);
  notes jsonb := '[]';
  created uuid;
  status text;
  requester text;
  reply jsonb;
  author jsonb;
  writer uuid;
  external text;
  given_time timestamptz;
  ticket_time timestamptz;
  reply_time timestamptz;
  resolved timestamptz;
  closed timestamptz;
  number integer;
begin
  perform private.require_permission(import_replies.team_id, 'tickets.create');
  if jsonb_array_length(replies) > 0 then
    perform private.require_permission(import_replies.team_id, 'replies.create');
  end if;
  select row.id, row.status, coalesce(row.requester_name, row.requester_email, 'Requester'), row.created_at, row.reply_count into created,
    status, requester, ticket_time, number
  from private.ticket_imports as import join public.tickets as row on row.team_id = import.team_id and row.id = import.ticket_id
  where import.team_id = import_replies.team_id and import.source_id = import_replies.source_id and import.imported_at = now();
  if not found then
    raise exception 'Replies are imported together with their request' using errcode = 'PT409', detail = 'not_importing';
  end if;
  perform set_config('switchboard.channel', 'import', true);

  select coalesce(max(row.created_at), ticket_time) into reply_time from public.ticket_replies as row
    where row.team_id = import_replies.team_id and row.ticket_id = created;
  for reply in select entry from jsonb_array_elements(replies) with ordinality as list (entry, position) order by position loop
    number := number + 1;
    given_time := (reply ->> 'created_at')::timestamptz;
    if given_time < ticket_time then
      notes := notes || jsonb_build_object('path', (reply ->> 'path') || '.created_at', 'message',
        'Is before the request, and was set to its time');
    end if;
    reply_time := greatest(ticket_time,
      least(case when given_time is null or (given_time >= stated and given_time <= reply_time) then reply_time + interval '1 microsecond'
        else given_time end,
        now() + number * interval '1 microsecond'));
    stated := given_time;
    author := reply -> 'author';
    external := null;
    if author is null or author = 'null' then
      writer := importer;
    elsif author ->> 'kind' = 'requester' then
      external := coalesce(author ->> 'name', requester);
    else
      writer := private.import_member(import_replies.team_id, author ->> 'email');
      if writer is null then
        external := coalesce(author ->> 'name', author ->> 'email');
      elsif writer <> importer then
        perform private.require_permission(import_replies.team_id, 'replies.delete_any'); -- needed to write as somebody else
      end if;
    end if;
    if external is not null then
      writer := private.channel_profile(import_replies.team_id, 'import');
    end if;
    -- Makes the author of the reply the actor of its event.
    perform set_config('request.jwt.claims', '', true);
    insert into public.ticket_replies (team_id, ticket_id, user_id, content, format, is_internal, author_kind, external_author, created_at)
    values (import_replies.team_id, created, writer, reply ->> 'content', reply ->> 'format', (reply ->> 'is_internal')::boolean,
      case when author ->> 'kind' = 'requester' then 'requester' else 'agent' end, external, reply_time);
    perform set_config('request.jwt.claims', coalesce(claims, ''), true);
  end loop;

  select max(row.created_at) into reply_time from public.ticket_replies as row
    where row.team_id = import_replies.team_id and row.ticket_id = created;
  if status in ('resolved', 'closed') then
    resolved := greatest(ticket_time,
      least(now(), coalesce((ticket ->> 'resolved_at')::timestamptz, (ticket ->> 'closed_at')::timestamptz, reply_time, ticket_time)));
    closed := case when status = 'closed'
      then greatest(resolved, least(now(), coalesce((ticket ->> 'closed_at')::timestamptz, reply_time, resolved))) end;
  end if;
  update public.tickets as row set first_response_at = private.first_response(import_replies.team_id, created), resolved_at = resolved,
    closed_at = closed, last_activity_at = greatest(ticket_time, reply_time, resolved, closed)
  where row.team_id = import_replies.team_id and row.id = created;
  update private.ticket_imports as import set resolved_at = resolved
  where import.team_id = import_replies.team_id and import.source_id = import_replies.source_id;
  perform set_config('switchboard.channel', coalesce(caller_channel, ''), true);
  return notes;
end $$;

-- A present or former member by address, or by a name that only one of them has.
create function private.import_member(team_id uuid, address_or_name text) returns uuid
language plpgsql stable security definer set search_path = '' as $$
declare
  found_ids uuid[];
begin
  select array_agg(person.id) into found_ids
  from private.team_people as known join public.profiles as person on person.id = known.user_id
  where known.team_id = import_member.team_id and person.email = lower(import_member.address_or_name);
  if found_ids is null then
    select array_agg(person.id) into found_ids
    from public.team_members as member join public.profiles as person on person.id = member.user_id
    where member.team_id = import_member.team_id and lower(person.full_name) = lower(import_member.address_or_name);
  end if;
  return case when cardinality(found_ids) = 1 then found_ids[1] end;
end $$;
grant execute on function private.import_ticket(uuid, text, jsonb, jsonb), private.import_replies(uuid, text, jsonb, jsonb, timestamptz)
  to authenticated;
