-- The portal, reading: what clients see of their tickets. Clients have no grant on any table. Each function begins with
-- private.require_client(), and returns nothing that an internal note, a tag or a change of the team's own fields could move.

create schema portal;
revoke all on schema portal from public;
grant usage on schema portal to anon, authenticated;
comment on schema portal is 'What clients of a team may call';

-- When something last happened that the client can see. tickets.last_activity_at also counts what they cannot.
create function private.client_activity(ticket public.tickets) returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
begin
  return greatest(ticket.last_message_at, ticket.resolved_at, ticket.closed_at);
end $$;

-- The priority as clients see it: null unless the team shows it to them.
create function private.client_priority(team_id uuid, priority text) returns text
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select client_priority.priority from public.teams as team where team.id = client_priority.team_id and team.client_priority);
end $$;

-- Files of a message as clients see them: of the ticket itself if `reply_id` is null.
create function private.client_files(team_id uuid, ticket_id uuid, reply_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return coalesce((
    select jsonb_agg(jsonb_build_object('id', file.id, 'name', file.name, 'size', file.size, 'content_type', file.content_type)
      order by file.position, file.id)
    from public.ticket_attachments as file
    where file.team_id = client_files.team_id and file.ticket_id = client_files.ticket_id
      and file.reply_id is not distinct from client_files.reply_id and file.removed_at is null and file.state <> 'infected'
  ), '[]');
end $$;

-- Text with the names of mentioned members in place of their ids.
create function private.without_mention_ids(team_id uuid, content text) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  mentioned record;
begin
  if strpos(content, '<@') = 0 then
    return content;
  end if;
  for mentioned in
    select id, person.full_name
    from unnest(private.mentioned_ids(content)) as id
    left join public.team_members as member on member.team_id = without_mention_ids.team_id and member.user_id = id
    left join public.profiles as person on person.id = member.user_id
  loop
    content := replace(content, '<@' || mentioned.id || '>', '@' || coalesce(mentioned.full_name, '…'));
  end loop;
  return content;
end $$;

-- Who acts, for the frame of the pages.
create function portal.client(team_id uuid)
returns table (name text, locale text, time_zone text, is_session boolean, ticket_number integer, chooses_priority boolean)
language plpgsql stable security definer set search_path = '' as $$
declare
  client record := private.require_client(client.team_id);
begin
  return query
    select private.contact_name(contact.team_id, contact.id), contact.locale, contact.time_zone, client.ticket_id is not null,
      (select ticket.ticket_number from public.tickets as ticket where ticket.id = client.ticket_id),
      (select team.client_priority from public.teams as team where team.id = contact.team_id)
    from public.contacts as contact where contact.id = client.contact_id;
end $$;

-- The categories that clients can choose.
create function portal.categories(team_id uuid) returns table (key text, name text)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_client(categories.team_id);
  return query
    select category.key, category.portal_name from public.ticket_categories as category
    where category.team_id = categories.team_id and category.portal_name is not null order by category.position, category.portal_name;
end $$;

-- The projects that the caller can choose: those of their organization, and those of all contacts.
create function portal.projects(team_id uuid) returns table (id uuid, name text)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  client record := private.require_client(projects.team_id);
begin
  return query
    select project.id, project.name from public.projects as project
    where project.team_id = projects.team_id and project.archived_at is null and (
      project.organization_id is null
      or project.organization_id = (select contact.organization_id from public.contacts as contact where contact.id = client.contact_id)
    )
    order by project.name collate "und-x-icu", project.id;
end $$;

-- One page of the caller's tickets: what waits for them first, then by visible activity. `state` is all, waiting, open (everything that is
-- not resolved) or resolved; `words` must all be in the subject or in a text that the client sees. `after` is the `place` of the last row
-- of the page before.
create function portal.tickets(team_id uuid, state text default 'all', category text default null, words text[] default '{}',
    after jsonb default null, size integer default 25)
  returns table (ticket_number integer, subject text, status text, priority text, category_name text, requester_name text, is_own boolean,
    is_answered boolean, news text, created_at timestamptz, activity_at timestamptz, place jsonb)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  client record := private.require_client(tickets.team_id);
  own_name text := private.contact_name(tickets.team_id, client.contact_id);
  shows_priority boolean := (select team.client_priority from public.teams as team where team.id = tickets.team_id);
  requesters uuid[] := private.visible_requesters(tickets.team_id, client.contact_id, client.ticket_id is null); -- read everything
  patterns text[] := array(
    select '%' || replace(replace(replace(word, '\', '\\'), '%', '\%'), '_', '\_') || '%' from unnest(tickets.words) as word
  );
begin
  return query
    with visible as (
      select ticket.id, ticket.priority, ticket.ticket_number, ticket.subject, ticket.status, ticket.category, ticket.contact_id,
        ticket.created_at,
        (ticket.status <> 'waiting')::integer as rank, ticket.last_message_by = 'agent' as is_answered,
        greatest(ticket.last_message_at, ticket.resolved_at, ticket.closed_at) as activity -- as private.client_activity()
      from private.client_ticket_ids(tickets.team_id, client.contact_id, client.ticket_id, client.ticket_id is null) as seen (id)
      join public.tickets as ticket on ticket.id = seen.id
      where case tickets.state when 'waiting' then ticket.status = 'waiting' when 'open' then ticket.status not in ('resolved', 'closed')
          when 'resolved' then ticket.status in ('resolved', 'closed') else true end
        and (tickets.category is null or ticket.category = tickets.category)
        and not exists (
          select from unnest(patterns) as pattern
          where ticket.subject not ilike pattern
            and (ticket.description not ilike pattern or not (coalesce(ticket.contact_id = any (requesters), false)
              or ticket.created_at >= private.client_reads_from(ticket, client.contact_id, client.ticket_id is null)))
            and '%#' || ticket.ticket_number || '%' <> pattern
            and not exists (
              select from public.ticket_replies as reply
              where reply.team_id = ticket.team_id and reply.ticket_id = ticket.id and not reply.is_internal and reply.content ilike pattern
                and (coalesce(ticket.contact_id = any (requesters), false)
                  or reply.created_at >= private.client_reads_from(ticket, client.contact_id, client.ticket_id is null))
            )
        )
    ), page as (
      select * from visible
      where tickets.after is null or (visible.rank, -extract(epoch from visible.activity), -visible.ticket_number)
        > ((tickets.after ->> 0)::integer, -(tickets.after ->> 1)::numeric, -(tickets.after ->> 2)::integer)
      order by visible.rank, visible.activity desc, visible.ticket_number desc
      limit least(greatest(tickets.size, 1), 100)
    )
    select page.ticket_number, page.subject, page.status, case when shows_priority then page.priority end,
      (select row.portal_name from public.ticket_categories as row where row.team_id = tickets.team_id and row.key = page.category),
      case when page.contact_id = client.contact_id then own_name else private.contact_name(tickets.team_id, page.contact_id) end,
      page.contact_id = client.contact_id, page.is_answered,
      -- The rows of a page only: sorting whole rows of all tickets would be slow.
      private.client_news((select row from public.tickets as row where row.id = page.id), client.contact_id, client.ticket_id is null),
      page.created_at, page.activity,
      jsonb_build_array(page.rank, extract(epoch from page.activity)::text, page.ticket_number)
    from page order by page.rank, page.activity desc, page.ticket_number desc;
end $$;

-- The ticket with this number, if the contact takes part in it. Raises 404.
create function private.client_ticket(team_id uuid, ticket_number integer, contact_id uuid, only_id uuid) returns public.tickets
language plpgsql stable security definer set search_path = '' as $$
declare
  ticket public.tickets;
begin
  select candidate.* into ticket from public.tickets as candidate
    where candidate.team_id = client_ticket.team_id and candidate.ticket_number = client_ticket.ticket_number
      and candidate.id = coalesce(client_ticket.only_id, candidate.id);
  if not exists (
    select from private.client_ticket_ids(client_ticket.team_id, client_ticket.contact_id, ticket.id, client_ticket.only_id is null)
    where ticket.id is not null
  ) then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  return ticket;
end $$;

-- `answer_due_at`: until when the SLA promises an answer, if the team shows it; null if nobody waits or the time is over.
-- `rating` is what the caller was asked, null for no question. Without description and files for a participant who was added later and may
-- not read them. Without the assignee: only the mail about an assignment, which a team can switch off, names them.
create function portal.ticket(team_id uuid, ticket_number integer)
returns table (number integer, subject text, description text, format text, status text, priority text, category_name text,
  project_name text, requester_name text, is_own boolean, created_at timestamptz, activity_at timestamptz, answer_due_at timestamptz,
  files jsonb, rating jsonb)
language plpgsql stable security definer set search_path = '' as $$
declare
  client record := private.require_client(ticket.team_id);
  found_ticket public.tickets := private.client_ticket(ticket.team_id, ticket.ticket_number, client.contact_id, client.ticket_id);
  is_readable boolean :=
    found_ticket.created_at >= private.client_reads_from(found_ticket, client.contact_id, client.ticket_id is null);
begin
  return query select found_ticket.ticket_number, found_ticket.subject,
    case when is_readable then private.without_mention_ids(found_ticket.team_id, found_ticket.description) end, found_ticket.format,
    found_ticket.status, private.client_priority(found_ticket.team_id, found_ticket.priority),
    (select row.portal_name from public.ticket_categories as row
      where row.team_id = found_ticket.team_id and row.key = found_ticket.category),
    (select project.name from public.projects as project where project.id = found_ticket.project_id),
    private.contact_name(found_ticket.team_id, found_ticket.contact_id),
    found_ticket.contact_id = client.contact_id, found_ticket.created_at, private.client_activity(found_ticket),
    (select min(clock.due_at) from public.sla_clocks as clock join public.teams as shown on shown.id = clock.team_id
      where clock.team_id = found_ticket.team_id and clock.ticket_id = found_ticket.id and shown.portal_shows_due
        and clock.metric <> 'resolution' and clock.state in ('pending', 'imminent') and clock.due_at > now()),
    case when is_readable then private.client_files(found_ticket.team_id, found_ticket.id, null) else '[]' end,
    (select jsonb_build_object('score', question.score, 'comment', question.comment, 'until', question.rated_at + interval '7 days')
      from private.client_rating(found_ticket, client.contact_id) as question);
end $$;

-- The public replies of a ticket, oldest first.
create function portal.conversation(team_id uuid, ticket_number integer)
returns table (id uuid, author_name text, is_team boolean, is_own boolean, content text, format text, created_at timestamptz, files jsonb)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  client record := private.require_client(conversation.team_id);
  found_ticket public.tickets :=
    private.client_ticket(conversation.team_id, conversation.ticket_number, client.contact_id, client.ticket_id);
  reads_from timestamptz := private.client_reads_from(found_ticket, client.contact_id, client.ticket_id is null);
begin
  return query
    select reply.id, private.reply_author(reply) ->> 'full_name', reply.author_kind = 'agent',
      coalesce(reply.contact_id = client.contact_id, false), private.without_mention_ids(reply.team_id, reply.content), reply.format,
      reply.created_at, private.client_files(reply.team_id, reply.ticket_id, reply.id)
    from public.ticket_replies as reply
    where reply.team_id = found_ticket.team_id and reply.ticket_id = found_ticket.id and not reply.is_internal
      and reply.created_at >= reads_from
    order by reply.created_at, reply.id;
end $$;

grant execute on function portal.client(uuid), portal.categories(uuid), portal.projects(uuid),
  portal.tickets(uuid, text, text, text[], jsonb, integer), portal.ticket(uuid, integer), portal.conversation(uuid, integer)
  to anon, authenticated;
