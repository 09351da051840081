-- Tickets: a client's request, numbered within its team. The chapter ticket_rules has their triggers.

create table private.ticket_counters (
  team_id uuid primary key references public.teams (id) on delete cascade,
  last_number integer not null default 0
);
comment on table private.ticket_counters is 'The last ticket number of each team; its row lock keeps numbers without gaps';

create table public.tickets (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  ticket_number integer not null default 0, -- from the counter, by trigger
  subject text not null check (length(subject) between 1 and 255 and private.is_line(subject)),
  description text not null check (length(description) between 1 and 50000 and private.is_visible(description)),
  format text not null default 'text' check (format in ('text', 'markdown')), -- of the description: text is shown as written
  status text not null default 'open' check (status in ('open', 'in_progress', 'waiting', 'resolved', 'closed')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  severity smallint not null default 3 check (severity between 1 and 5),
  category text not null default 'other',
  type_id uuid,
  item_id uuid,
  project_id uuid,
  channel text not null default 'agent' check (channel in ('agent', 'portal', 'api', 'email', 'import')),
  assigned_to uuid,
  -- Snoozed for the whole team until this time, or until something new happens in the ticket. Null: not snoozed.
  snoozed_until timestamptz,
  snoozed_by uuid, -- this member's own replies do not wake the ticket
  contact_id uuid, -- the requester; null: the ticket has no address, or one of the team itself
  requester_email text check (private.is_email(requester_email)),
  requester_name text check (length(requester_name) between 1 and 200 and private.is_line(requester_name)),
  resolved_at timestamptz,
  closed_at timestamptz,
  first_response_at timestamptz,
  -- The oldest message of a client without a public answer, at first the request itself. Null: none, or the ticket is finished.
  awaiting_reply_since timestamptz default now(),
  -- The newest public message, at first the request itself: when it was written, and by whom. Notes do not count.
  last_message_at timestamptz not null default now(),
  last_message_by text not null default 'requester' check (last_message_by in ('agent', 'requester')),
  -- The SLA clock that is due next; null: none is open. The chapter ticket_clocks fills them in.
  sla_metric text check (sla_metric in ('first_response', 'next_response', 'resolution')),
  sla_state text check (sla_state in ('pending', 'imminent', 'breached', 'paused')),
  sla_due_at timestamptz,
  last_activity_at timestamptz not null default now(),
  reply_count integer not null default 0,
  version integer not null default 1,
  created_by uuid not null default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- Only private.found_tickets() reads it: lists, broadcasts and subscribers do not get it. The triggers that fill in the other fields
  -- keep it current. A generated column would read the whole text again with every reply and every change of status.
  search tsvector not null default '',
  unique (team_id, ticket_number),
  unique (team_id, id), -- what children refer to, and the replica identity
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete set null (contact_id),
  constraint tickets_sla_is_whole check ((sla_metric is null) = (sla_state is null) and (sla_due_at is null or sla_state is not null)),
  constraint tickets_project foreign key (team_id, project_id) references public.projects (team_id, id),
  -- Each level of the category path belongs to the one above. Without a type the last key is not checked, so there must be no item.
  foreign key (team_id, category) references public.ticket_categories (team_id, key),
  foreign key (team_id, category, type_id) references public.ticket_types (team_id, category, id),
  foreign key (team_id, type_id, item_id) references public.ticket_items (team_id, type_id, id) on delete set null (item_id),
  constraint tickets_item_has_type check (item_id is null or type_id is not null),
  constraint tickets_snoozed_is_open check (snoozed_until is null or status not in ('resolved', 'closed')),
  -- A ticket is created, answered, resolved and closed in this order.
  constraint tickets_resolved_at_by_status check ((resolved_at is not null) = (status in ('resolved', 'closed'))),
  constraint tickets_closed_at_by_status check ((closed_at is not null) = (status = 'closed')),
  constraint tickets_times_in_order check (created_at <= least(first_response_at, resolved_at)
    and resolved_at <= coalesce(closed_at, resolved_at)),
  -- Composite, because a foreign key ignores row-level security. The assignee may be a former member of the team: a trigger requires a
  -- member at the assignment, and a job releases the tickets of former members (private.release_tickets()).
  foreign key (team_id, assigned_to) references private.team_people (team_id, user_id) on delete set null (assigned_to),
  foreign key (team_id, snoozed_by) references private.team_people (team_id, user_id) on delete set null (snoozed_by)
);
alter table public.tickets enable row level security;
alter table public.tickets replica identity using index tickets_team_id_id_key;
comment on table public.tickets is 'A request of a client, numbered within its team';

-- Lists: each index begins with the team and ends with the order of the list.
create index tickets_newest on public.tickets (team_id, created_at desc, id desc);
create index tickets_by_severity on public.tickets (team_id, severity, created_at desc, id desc); -- the order agents work in
create index tickets_by_status on public.tickets (team_id, status, created_at desc, id desc); -- the status filter and its counts
create index tickets_by_assignee on public.tickets (team_id, assigned_to, status); -- assignee lists, and the foreign key
create index tickets_resolved on public.tickets (team_id, resolved_at) where status = 'resolved'; -- tickets that are due to be closed
create index tickets_resolved_at on public.tickets (team_id, resolved_at) where resolved_at is not null; -- resolved in a month
create index tickets_by_category on public.tickets (team_id, category, type_id); -- the foreign keys
create index tickets_by_type on public.tickets (team_id, type_id, item_id); -- the type filter and the foreign key
create index tickets_by_item on public.tickets (team_id, item_id) where item_id is not null; -- the item filter
create index tickets_by_contact on public.tickets (team_id, contact_id, created_at desc, id desc); -- their tickets, and the foreign key
create index tickets_by_project on public.tickets (team_id, project_id) where project_id is not null; -- the filter and the foreign key
-- the due order, and what is due soon
create index tickets_by_due on public.tickets (team_id, (coalesce(sla_due_at, 'infinity')), created_at desc, id desc);
create index tickets_created_by on public.tickets (created_by); -- the foreign key
create index tickets_snoozed on public.tickets (team_id, snoozed_until) where snoozed_until is not null; -- the filter
create index tickets_unanswered on public.tickets (team_id, awaiting_reply_since) where awaiting_reply_since is not null; -- the filter
-- tickets of all teams that are due to wake up
create index tickets_snoozed_until on public.tickets (snoozed_until) where snoozed_until is not null;
create index tickets_snoozed_by on public.tickets (team_id, snoozed_by) where snoozed_by is not null; -- the foreign key
-- Search: the team comes first, so that a word that every team uses is looked up in one team only.
create index tickets_search on public.tickets using gin (team_id, search);
create index tickets_names on public.tickets -- parts of words in names, addresses and subjects: ilike '%…%'
  using gin (team_id, (subject || ' ' || coalesce(requester_name, '') || ' ' || coalesce(requester_email, '')) extensions.gin_trgm_ops);

create policy tickets_select_members on public.tickets for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- People who may create tickets create them as themselves. Setting an assignee, or creating a closed ticket, needs its own permission.
create policy tickets_insert_agents on public.tickets for insert to authenticated
  with check (
    created_by = (select auth.uid())
    and team_id = any ((select private.permitted_team_ids('tickets.create'))::uuid[])
    and (assigned_to is null or team_id = any ((select private.permitted_team_ids('tickets.assign'))::uuid[]))
    and (status <> 'closed' or team_id = any ((select private.permitted_team_ids('tickets.close'))::uuid[]))
  );
create policy tickets_update_agents on public.tickets for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
create policy tickets_delete_admins on public.tickets for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.delete'))::uuid[]));
-- Not granted to anybody: the id, because an error would reveal whether another team has it, and because the id of a deleted ticket
-- would give access to its events; number, channel, times, counters, version, due time, author and team of a ticket, and who snoozed it.
grant select, delete on public.tickets to authenticated;
grant insert (team_id, subject, description, format, status, priority, severity, category, type_id, item_id, project_id, assigned_to,
  contact_id, requester_email, requester_name, created_by)
  on public.tickets to authenticated;
grant update (subject, description, format, status, priority, severity, category, type_id, item_id, project_id, assigned_to,
  snoozed_until, contact_id, requester_email, requester_name)
  on public.tickets to authenticated;
grant select, insert, update, delete on public.tickets to service_role;

-- Every new team gets its counter and the default categories.
create function private.tg_teams__prepare_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.ticket_counters (team_id) values (new.id);
  insert into public.ticket_categories (team_id, key, name, portal_name, position)
  values
    (new.id, 'bug', 'Bug', 'Technical issue', 1),
    (new.id, 'feature_request', 'Feature request', 'Feature request', 2),
    (new.id, 'question', 'Question', 'General inquiry', 3),
    (new.id, 'billing', 'Billing', 'Billing question', 4),
    (new.id, 'content_update', 'Content update', 'Content update', 5),
    (new.id, 'other', 'Other', 'Other', 6);
  return new;
end $$;
create trigger _500_prepare_tickets after insert on public.teams
  for each row execute function private.tg_teams__prepare_tickets();
