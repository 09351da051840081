-- What a client has read: the list of the portal marks tickets with something new.

create table private.portal_reads (
  team_id uuid not null,
  contact_id uuid not null,
  ticket_id uuid not null,
  read_at timestamptz not null default now(), -- when the contact last opened the ticket, with an account or a ticket session
  primary key (contact_id, ticket_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
create index portal_reads_ticket_id on private.portal_reads (team_id, ticket_id); -- the foreign key
create index portal_reads_contact_id on private.portal_reads (team_id, contact_id); -- the foreign key
comment on table private.portal_reads is 'When clients last opened their tickets in the portal';

-- What a client can see in a ticket and has not seen: `answer` for a public reply of the team, `status` for a status that somebody else
-- set, null for nothing. What the client writes shows that they know what was there.
create function private.client_news(ticket public.tickets, contact_id uuid, is_shared boolean) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  known_until timestamptz := greatest(
    ticket.created_at,
    private.client_reads_from(ticket, client_news.contact_id, is_shared),
    (select read.read_at from private.portal_reads as read where read.contact_id = client_news.contact_id and read.ticket_id = ticket.id),
    (select max(reply.created_at) from public.ticket_replies as reply
      where reply.team_id = ticket.team_id and reply.contact_id = client_news.contact_id and reply.ticket_id = ticket.id)
  );
begin
  if exists (
    select from public.ticket_replies as reply
    where reply.team_id = ticket.team_id and reply.ticket_id = ticket.id and reply.created_at > known_until and not reply.is_internal
      and reply.author_kind = 'agent'
  ) then
    return 'answer';
  end if;
  if exists (
    select from public.ticket_events as event
    where event.team_id = ticket.team_id and event.ticket_id = ticket.id and event.type = 'ticket.status_changed'
      and event.created_at > known_until and event.contact_id is distinct from client_news.contact_id
  ) then
    return 'status';
  end if;
  return null;
end $$;

-- The caller has the ticket before them.
create function portal.mark_read(team_id uuid, ticket_number integer) returns void
language plpgsql security definer set search_path = '' as $$
declare
  client record := private.require_client(mark_read.team_id);
  ticket public.tickets := private.client_ticket(mark_read.team_id, mark_read.ticket_number, client.contact_id, client.ticket_id);
begin
  insert into private.portal_reads (team_id, contact_id, ticket_id) values (ticket.team_id, client.contact_id, ticket.id)
  on conflict on constraint portal_reads_pkey do update set read_at = now();
end $$;
grant execute on function portal.mark_read(uuid, integer) to anon, authenticated;
