-- The portal, writing: clients create, answer, close and reopen tickets. The rows belong to the profile of the portal and carry the
-- contact.

-- From here on, the contact is the author of what this transaction writes, even if an account is signed in. Returns the settings before,
-- for private.stop_acting().
create function private.act_as_contact(contact_id uuid) returns text[]
language plpgsql set search_path = '' as $$
declare
  before text[] := array[current_setting('request.jwt.claims', true), current_setting('switchboard.channel', true),
    current_setting('switchboard.contact_id', true)];
begin
  perform set_config('request.jwt.claims', '', true), set_config('switchboard.channel', 'portal', true),
    set_config('switchboard.contact_id', act_as_contact.contact_id::text, true);
  return before;
end $$;

create function private.stop_acting(before text[]) returns void
language plpgsql set search_path = '' as $$
begin
  perform set_config('request.jwt.claims', coalesce(before[1], ''), true), set_config('switchboard.channel', coalesce(before[2], ''), true),
    set_config('switchboard.contact_id', coalesce(before[3], ''), true);
end $$;

-- Two requests of one contact take turns, so that a form that was sent twice meets its own first ticket or reply. Spends the budget.
create function private.begin_client_write(contact_id uuid, kind text, amount integer) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.contacts as contact where contact.id = begin_client_write.contact_id for no key update;
  perform private.require_budget(begin_client_write.kind, 'contact:' || begin_client_write.contact_id, begin_client_write.amount,
    '1 hour', begin_client_write.amount);
end $$;

create function private.insert_client_ticket(team_id uuid, contact_id uuid, subject text, description text, category text,
    project_id uuid default null, priority text default 'normal')
  returns integer
language plpgsql security definer set search_path = '' as $$
declare
  before text[] := private.act_as_contact(insert_client_ticket.contact_id);
  number integer;
begin
  insert into public.tickets as ticket (team_id, channel, created_by, contact_id, subject, description, category, project_id, priority)
  values (insert_client_ticket.team_id, 'portal', private.channel_profile(insert_client_ticket.team_id, 'portal'),
    insert_client_ticket.contact_id, insert_client_ticket.subject, insert_client_ticket.description, insert_client_ticket.category,
    insert_client_ticket.project_id, insert_client_ticket.priority)
  returning ticket.ticket_number into number;
  perform private.stop_acting(before);
  return number;
end $$;

-- Creates a ticket. If the contact wrote one with the same subject within ten minutes, it creates none unless `is_confirmed`, and returns
-- that one and its age in seconds. Raises 400 for a category that clients cannot choose, and 422 `priority_refused` for a
-- priority if the team lets clients choose none. Not for ticket sessions: see the grants.
create function portal.create_ticket(team_id uuid, subject text, description text, category text default null,
    is_confirmed boolean default false, project_id uuid default null, priority text default null)
  returns table (ticket_number integer, similar_number integer, similar_age integer)
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  client record := private.require_client(create_ticket.team_id);
begin
  if create_ticket.category is not null and not exists (
    select from public.ticket_categories as row
    where row.team_id = create_ticket.team_id and row.key = create_ticket.category and row.portal_name is not null
  ) then
    raise exception 'Choose one of the topics' using errcode = 'PT400', detail = 'category';
  end if;
  if create_ticket.project_id is not null and not exists (
    select from portal.projects(create_ticket.team_id) as offered where offered.id = create_ticket.project_id
  ) then
    raise exception 'Choose one of the projects' using errcode = 'PT400', detail = 'project_id';
  end if;
  if create_ticket.priority is not null and not exists (
    select from public.teams as team where team.id = create_ticket.team_id and team.client_priority
  ) then
    raise exception 'The team chooses the priority' using errcode = 'PT422', detail = 'priority_refused';
  end if;
  perform private.begin_client_write(client.contact_id, 'portal_ticket', 20);
  if not create_ticket.is_confirmed then
    select ticket.ticket_number, extract(epoch from now() - ticket.created_at)::integer into similar_number, similar_age
    from public.tickets as ticket
    where ticket.team_id = create_ticket.team_id and ticket.contact_id = client.contact_id
      and ticket.created_at > now() - interval '10 minutes' and lower(ticket.subject) = lower(create_ticket.subject)
    order by ticket.created_at desc limit 1;
    if found then
      return next;
      return;
    end if;
  end if;
  ticket_number := private.insert_client_ticket(create_ticket.team_id, client.contact_id, create_ticket.subject, create_ticket.description,
    coalesce(create_ticket.category, 'other'), create_ticket.project_id, coalesce(create_ticket.priority, 'normal'));
  return next;
end $$;

create function private.set_client_status(ticket public.tickets, contact_id uuid, status text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  before text[] := private.act_as_contact(set_client_status.contact_id);
begin
  update public.tickets as row set status = set_client_status.status
  where row.team_id = ticket.team_id and row.id = ticket.id and row.status <> set_client_status.status;
  perform private.stop_acting(before);
end $$;

-- Writes a public reply of the contact and returns its id. A ticket that waited for them, or was resolved, becomes open. The same text
-- again within a minute is the same reply. Raises 409 `ticket_closed` for a closed ticket: portal.follow_up() continues it.
create function portal.reply(team_id uuid, ticket_number integer, content text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(reply.team_id);
  ticket public.tickets;
  before text[];
  reply_id uuid;
begin
  ticket := private.client_ticket(reply.team_id, reply.ticket_number, client.contact_id, client.ticket_id);
  perform private.begin_client_write(client.contact_id, 'portal_reply', 60);
  -- The status after all that happened before: nobody closes the ticket between the check and the reply.
  select candidate.* into ticket from public.tickets as candidate where candidate.id = ticket.id for no key update;
  if ticket.status = 'closed' then
    raise exception 'This request is closed' using errcode = 'PT409', detail = 'ticket_closed';
  end if;
  select written.id into reply_id from public.ticket_replies as written
  where written.team_id = ticket.team_id and written.ticket_id = ticket.id and written.contact_id = client.contact_id
    and written.created_at > now() - interval '1 minute' and written.content = reply.content
  order by written.created_at desc limit 1;
  if found then
    return reply_id;
  end if;
  -- First the status: a message in a finished ticket waits for no answer.
  if ticket.status in ('waiting', 'resolved') then
    perform private.set_client_status(ticket, client.contact_id, 'open');
  end if;
  before := private.act_as_contact(client.contact_id);
  insert into public.ticket_replies as written (team_id, ticket_id, user_id, author_kind, contact_id, content)
  values (ticket.team_id, ticket.id, private.channel_profile(ticket.team_id, 'portal'), 'requester', client.contact_id, reply.content)
  returning written.id into reply_id;
  perform private.stop_acting(before);
  return reply_id;
end $$;

-- The contact needs no more help: the ticket is resolved, not closed, so that they can reopen it. Does nothing in a finished ticket.
create function portal.close(team_id uuid, ticket_number integer) returns void
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(close.team_id);
  ticket public.tickets := private.client_ticket(close.team_id, close.ticket_number, client.contact_id, client.ticket_id);
begin
  perform private.begin_client_write(client.contact_id, 'portal_reply', 60);
  if ticket.status not in ('resolved', 'closed') then
    perform private.set_client_status(ticket, client.contact_id, 'resolved');
  end if;
end $$;

-- Opens a resolved ticket again. Raises 409 `ticket_closed` for a closed one. Does nothing in an open one.
create function portal.reopen(team_id uuid, ticket_number integer) returns void
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(reopen.team_id);
  ticket public.tickets := private.client_ticket(reopen.team_id, reopen.ticket_number, client.contact_id, client.ticket_id);
begin
  perform private.begin_client_write(client.contact_id, 'portal_reply', 60);
  if ticket.status = 'closed' then
    raise exception 'This request is closed' using errcode = 'PT409', detail = 'ticket_closed';
  end if;
  if ticket.status = 'resolved' then
    perform private.set_client_status(ticket, client.contact_id, 'open');
  end if;
end $$;

-- Continues a closed ticket in a new one, which names its number and quotes its last public message. Returns the new number. Raises 409
-- `ticket_open` for a ticket that is not closed. A ticket session may do this once for its ticket an hour, and cannot open the new one.
create function portal.follow_up(team_id uuid, ticket_number integer, content text) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(follow_up.team_id);
  ticket public.tickets := private.client_ticket(follow_up.team_id, follow_up.ticket_number, client.contact_id, client.ticket_id);
  reads_from timestamptz := private.client_reads_from(ticket, client.contact_id, client.ticket_id is null);
  quoted text;
  number integer;
begin
  if ticket.status <> 'closed' then
    raise exception 'This request is not closed' using errcode = 'PT409', detail = 'ticket_open';
  end if;
  perform private.begin_client_write(client.contact_id, 'portal_ticket', 20);
  if client.ticket_id is not null then
    perform private.require_budget('follow_up', 'ticket:' || ticket.id, 1, '1 hour', 1);
  end if;
  quoted := private.without_mention_ids(ticket.team_id, coalesce((
    select written.content from public.ticket_replies as written
    where written.team_id = ticket.team_id and written.ticket_id = ticket.id and not written.is_internal
      and written.created_at >= reads_from
    order by written.created_at desc, written.id desc limit 1
  ), case when ticket.created_at >= reads_from then ticket.description else '…' end));
  number := private.insert_client_ticket(
    ticket.team_id,
    client.contact_id,
    left('Re: ' || regexp_replace(ticket.subject, '^(re: )+', '', 'i'), 255),
    left(
      concat(follow_up.content, E'\n\n#', lpad(ticket.ticket_number::text, greatest(3, length(ticket.ticket_number::text)), '0'),
        E':\n> ', replace(left(quoted, 2000), E'\n', E'\n> ')),
      50000
    ),
    ticket.category,
    ticket.project_id
  );
  return number;
end $$;

-- Rates a resolved ticket, or changes the rating within 7 days. Raises 404 for somebody who was not asked, 409 `rating_final`.
create function portal.rate(team_id uuid, ticket_number integer, score integer, comment text default null) returns void
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(rate.team_id);
  ticket public.tickets := private.client_ticket(rate.team_id, rate.ticket_number, client.contact_id, client.ticket_id);
  question public.ticket_ratings;
  before text[];
begin
  perform private.begin_client_write(client.contact_id, 'portal_reply', 60);
  -- The resolution after all that happened before, and no mail that asks about it at the same time.
  select candidate.* into ticket from public.tickets as candidate where candidate.id = ticket.id for no key update;
  select asked.* into question from private.client_rating(ticket, client.contact_id) as asked;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  before := private.act_as_contact(client.contact_id);
  perform private.write_rating(ticket.team_id, ticket.id, coalesce(question.cycle, private.ask_for_rating(ticket)), rate.score::smallint,
    rate.comment);
  perform private.stop_acting(before);
end $$;

-- A ticket session opens one ticket only.
grant execute on function portal.create_ticket(uuid, text, text, text, boolean, uuid, text) to authenticated;
grant execute on function portal.reply(uuid, integer, text), portal.close(uuid, integer), portal.reopen(uuid, integer),
  portal.follow_up(uuid, integer, text), portal.rate(uuid, integer, integer, text) to anon, authenticated;
