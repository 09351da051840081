-- Replies: the conversation of a ticket. They update the ticket's counter and its time of first response.

create table public.ticket_replies (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  ticket_id uuid not null,
  user_id uuid not null default auth.uid() references public.profiles (id),
  content text not null check (length(content) between 1 and 50000 and private.is_visible(content)),
  format text not null default 'text' check (format in ('text', 'markdown')), -- text is shown as written; the composer writes markdown
  is_internal boolean not null default false,
  -- The kind of author. A requester does not write as a member: then user_id is the profile of the channel.
  author_kind text not null default 'agent' check (author_kind in ('agent', 'requester')),
  contact_id uuid, -- the contact who wrote it; null after they were erased
  -- The author's name in a ticket that was imported: a requester, or an agent of the other helpdesk.
  external_author text check (length(external_author) between 1 and 320 and private.is_line(external_author)),
  created_at timestamptz not null default now(),
  -- Only for private.found_replies(). Without the ids of mentioned people, because nobody typed them.
  search tsvector generated always as (private.search_vector(regexp_replace(content, '<@[0-9a-f-]{36}>', ' ', 'g'))) stored,
  unique (team_id, id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete set null (contact_id),
  constraint ticket_replies_requester check (author_kind = 'agent' or not is_internal),
  constraint ticket_replies_contact check (contact_id is null or (author_kind = 'requester' and external_author is null))
);
alter table public.ticket_replies enable row level security;
alter table public.ticket_replies replica identity using index ticket_replies_team_id_id_key;
create index ticket_replies_conversation on public.ticket_replies (team_id, ticket_id, created_at, id);
create index ticket_replies_user_id on public.ticket_replies (user_id); -- the foreign key
create index ticket_replies_contact_id on public.ticket_replies (team_id, contact_id) where contact_id is not null; -- the foreign key
create index ticket_replies_search on public.ticket_replies using gin (team_id, search);
-- replies by agent, for a report
create index ticket_replies_public on public.ticket_replies (team_id, created_at, user_id) where not is_internal;
comment on table public.ticket_replies is 'The conversation of a ticket: public replies and internal notes';

create policy ticket_replies_select_members on public.ticket_replies for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Everybody who sees a ticket may write in it, as themselves. In a closed ticket only people who may close tickets.
create policy ticket_replies_insert_members on public.ticket_replies for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and (
      team_id = any ((select private.permitted_team_ids('tickets.close'))::uuid[])
      or exists (select from public.tickets as ticket
        where ticket.team_id = ticket_replies.team_id and ticket.id = ticket_replies.ticket_id and ticket.status <> 'closed')
    )
  );
create policy ticket_replies_delete_author_or_admins on public.ticket_replies for delete to authenticated
  using (
    team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and (user_id = (select auth.uid()) or team_id = any ((select private.permitted_team_ids('replies.delete_any'))::uuid[]))
  );
-- Update is not granted: a reply never changes, and a note never becomes public. contact_id and external_author are not granted either.
grant select, delete on public.ticket_replies to authenticated;
grant insert (team_id, ticket_id, user_id, content, format, is_internal) on public.ticket_replies to authenticated;
grant select, insert, update, delete on public.ticket_replies to service_role;

-- The author of a reply as others see them: an account, or a name without one.
create function private.reply_author(reply public.ticket_replies) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  name text := coalesce(private.contact_name(reply.team_id, reply.contact_id), reply.external_author);
begin
  if name is not null then
    return jsonb_build_object('id', null, 'full_name', name, 'avatar_url', null);
  end if;
  return (
    select jsonb_build_object('id', person.id, 'full_name', person.full_name, 'avatar_url', person.avatar_url)
    from public.profiles as person where person.id = reply.user_id
  );
end $$;

-- When an agent wrote the first public reply, but not before the ticket was created; null if there is none. Notes and replies of
-- requesters do not count.
create function private.first_response(team_id uuid, ticket_id uuid) returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select greatest(min(reply.created_at), min(ticket.created_at)) from public.ticket_replies as reply
    join public.tickets as ticket on ticket.team_id = reply.team_id and ticket.id = reply.ticket_id
    where reply.team_id = first_response.team_id and reply.ticket_id = first_response.ticket_id and not reply.is_internal
      and reply.author_kind = 'agent'
  );
end $$;

-- The oldest public message of the client after the last public reply of an agent; null if there is none.
create function private.awaiting_reply_since(team_id uuid, ticket_id uuid) returns timestamptz
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select min(message.created_at) from public.ticket_replies as message
    where message.team_id = awaiting_reply_since.team_id and message.ticket_id = awaiting_reply_since.ticket_id
      and message.author_kind = 'requester' and message.created_at > coalesce((
        select max(reply.created_at) from public.ticket_replies as reply
        where reply.team_id = awaiting_reply_since.team_id and reply.ticket_id = awaiting_reply_since.ticket_id
          and reply.author_kind = 'agent' and not reply.is_internal
      ), '-infinity')
  );
end $$;

-- The newest public message of a ticket: the request itself if nobody has replied publicly.
create function private.last_message(team_id uuid, ticket_id uuid) returns table (at timestamptz, author_kind text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select message.at, message.author_kind from (
      select reply.created_at as at, reply.author_kind, reply.id from public.ticket_replies as reply
      where reply.team_id = last_message.team_id and reply.ticket_id = last_message.ticket_id and not reply.is_internal
      union all
      select ticket.created_at, 'requester', null from public.tickets as ticket
      where ticket.team_id = last_message.team_id and ticket.id = last_message.ticket_id
    ) as message
    order by message.at desc, message.id desc nulls last limit 1;
end $$;

-- Replies update the ticket's counter, its time of first response, its last message, and since when the client waits for an answer. A
-- reply by anybody except the member who snoozed the ticket wakes it. A deleted reply counts as neither.
create function private.tg_ticket_replies__update_ticket() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    update public.tickets as ticket set
      reply_count = ticket.reply_count + 1,
      first_response_at = case when new.is_internal or new.author_kind = 'requester' then ticket.first_response_at
        else coalesce(ticket.first_response_at, greatest(new.created_at, ticket.created_at)) end,
      awaiting_reply_since = case
        when new.is_internal or ticket.status in ('resolved', 'closed') then ticket.awaiting_reply_since
        when new.author_kind = 'requester' then coalesce(ticket.awaiting_reply_since, greatest(new.created_at, ticket.created_at)) end,
      last_message_at = case when new.is_internal then ticket.last_message_at else greatest(ticket.last_message_at, new.created_at) end,
      last_message_by = case when new.is_internal or new.created_at < ticket.last_message_at then ticket.last_message_by
        else new.author_kind end,
      snoozed_until = case when ticket.snoozed_by = new.user_id or private.current_channel() = 'import' then ticket.snoozed_until end
    where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  else
    update public.tickets as ticket set
      reply_count = ticket.reply_count - 1,
      first_response_at = case
        when old.is_internal or old.author_kind = 'requester' or old.created_at > ticket.first_response_at then ticket.first_response_at
        else private.first_response(old.team_id, old.ticket_id)
      end,
      awaiting_reply_since = case when old.author_kind = 'requester' and old.created_at = ticket.awaiting_reply_since
        then private.awaiting_reply_since(old.team_id, old.ticket_id) else ticket.awaiting_reply_since end,
      (last_message_at, last_message_by) = (
        select message.at, message.author_kind from private.last_message(old.team_id, old.ticket_id) as message
      )
    where ticket.team_id = old.team_id and ticket.id = old.ticket_id;
  end if;
  return null;
end $$;
create trigger _100_afford before insert on public.ticket_replies
  for each row when (coalesce(current_setting('switchboard.channel', true), '') = '') execute function private.tg_spend_budget();
create trigger _700_update_ticket after insert or delete on public.ticket_replies
  for each row execute function private.tg_ticket_replies__update_ticket();
