-- Tickets: routing (category › type › item), tickets, replies, tags, canned responses. Numbers, automatic fields, counters and status rules
-- are kept here, so that they hold by whatever path a row is written.

-- Words ---------------------------------------------------------------------------------------------------------------

-- Text as it is searched, for words in any script. The configuration is always `simple`: teams write in every language,
-- and the stemming of one damages the words of the others. What folds instead is the same for all of them:
-- case, compatibility forms (full width, ligatures) and accents, vowel points and zero-width characters do not count;
-- punctuation separates, so that addresses, paths and error codes are found by their parts; and scripts that are written
-- without spaces (Han, kana, Hangul, Thai, Lao, Khmer, Myanmar) are split into characters with their marks, so that a
-- word of any length is found inside a sentence, as a phrase.
create function private.search_text(value text) returns text
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return translate(
    case when octet_length(value) = length(value) then lower(value) -- ASCII alone, as most log lines are
    else regexp_replace(
      normalize(regexp_replace(normalize(lower(value), NFKD), '[\u00ad\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u200b-\u200f\u2060\ufeff]', '', 'g'), NFC),
      '[\u0e01-\u0e30\u0e32\u0e33\u0e40-\u0e46\u0e81-\u0eb0\u0eb2\u0eb3\u0ebd-\u0ec6\u1000-\u102a\u103f\u1780-\u17b3\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30ff\u3105-\u312f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]'
        '[\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u103e\u17b4-\u17d3\u3099\u309a]*',
      ' \& ', 'g')
    end,
    '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)
  );
end $$;

-- One term of a search as a query: what `value` holds in this order, one right after the other. `flags` are those of a
-- tsquery: ':*' for words that begin so, ':C' for the requester alone. Empty where `value` holds no word.
create function private.search_term(value text, flags text default '') returns tsquery
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return to_tsquery('simple', '''' || private.search_text(value) || ' ''' || flags);
end $$;
grant execute on function private.search_text(text), private.search_term(text, text) to authenticated, service_role;

-- What is searched of a ticket.
create function private.ticket_search(subject text, description text, requester_name text, requester_email text) returns tsvector
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return setweight(to_tsvector('simple', private.search_text(subject)), 'A')
    || setweight(to_tsvector('simple', private.search_text(description)), 'B')
    || setweight(to_tsvector('simple', private.search_text(coalesce(requester_name, '') || ' ' || coalesce(requester_email, ''))), 'C');
end $$;

-- Routing -----------------------------------------------------------------------------------------------------------
-- position is what siblings are sorted by, and nothing else: what reads them numbers them.

create table public.ticket_categories (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  key text not null check (key ~ '^[a-z][a-z0-9_]{0,49}$'),
  name text not null check (length(name) between 1 and 100),
  portal_name text check (length(portal_name) between 1 and 100),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (team_id, key)
);
alter table public.ticket_categories enable row level security;
create unique index ticket_categories_name_key on public.ticket_categories (team_id, lower(name));
comment on table public.ticket_categories is 'The first level of routing; tickets refer to the key, which never changes';
comment on column public.ticket_categories.portal_name is 'What clients read; null: they are not offered it';

create policy ticket_categories_select_members on public.ticket_categories for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.view'))::uuid[]));
create policy ticket_categories_insert_managers on public.ticket_categories for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_categories_update_managers on public.ticket_categories for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_categories_delete_managers on public.ticket_categories for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
grant select, delete on public.ticket_categories to authenticated;
grant insert (team_id, key, name, portal_name, position) on public.ticket_categories to authenticated;
grant update (name, portal_name, position) on public.ticket_categories to authenticated;
grant select, insert, update, delete on public.ticket_categories to service_role;

create table public.ticket_types (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  category text not null,
  name text not null check (length(name) between 1 and 100),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (team_id, id),
  unique (team_id, category, id), -- what tickets refer to: a type of another category is no value
  foreign key (team_id, category) references public.ticket_categories (team_id, key) on delete cascade
);
alter table public.ticket_types enable row level security;
create unique index ticket_types_name_key on public.ticket_types (team_id, category, lower(name));
comment on table public.ticket_types is 'The second level of routing';

create policy ticket_types_select_members on public.ticket_types for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.view'))::uuid[]));
create policy ticket_types_insert_managers on public.ticket_types for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_types_update_managers on public.ticket_types for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_types_delete_managers on public.ticket_types for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
-- Not granted: moving a type to another category, which its tickets would have to follow.
grant select, delete on public.ticket_types to authenticated;
grant insert (team_id, category, name, position) on public.ticket_types to authenticated;
grant update (name, position) on public.ticket_types to authenticated;
grant select, insert, update, delete on public.ticket_types to service_role;

create table public.ticket_items (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  type_id uuid not null,
  name text not null check (length(name) between 1 and 100),
  position integer not null default 0,
  created_at timestamptz not null default now(),
  unique (team_id, id),
  unique (team_id, type_id, id), -- what tickets refer to: an item of another type is no value
  foreign key (team_id, type_id) references public.ticket_types (team_id, id) on delete cascade
);
alter table public.ticket_items enable row level security;
create unique index ticket_items_name_key on public.ticket_items (team_id, type_id, lower(name));
comment on table public.ticket_items is 'The third level of routing';

create policy ticket_items_select_members on public.ticket_items for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.view'))::uuid[]));
create policy ticket_items_insert_managers on public.ticket_items for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_items_update_managers on public.ticket_items for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
create policy ticket_items_delete_managers on public.ticket_items for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('routing.manage'))::uuid[]));
-- Not granted: moving an item to another type.
grant select, delete on public.ticket_items to authenticated;
grant insert (team_id, type_id, name, position) on public.ticket_items to authenticated;
grant update (name, position) on public.ticket_items to authenticated;
grant select, insert, update, delete on public.ticket_items to service_role;

-- Tickets -----------------------------------------------------------------------------------------------------------

create table private.ticket_counters (
  team_id uuid primary key references public.teams (id) on delete cascade,
  last_number integer not null default 0
);
comment on table private.ticket_counters is 'The last ticket number of each team: its row lock makes numbers gap-free';

create table public.tickets (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  ticket_number integer not null default 0, -- from the counter, by trigger
  subject text not null check (length(subject) between 1 and 255),
  description text not null check (length(description) between 1 and 50000),
  format text not null default 'text' check (format in ('text', 'markdown')), -- of the description: read as written, or rendered
  status text not null default 'open' check (status in ('open', 'in_progress', 'waiting', 'resolved', 'closed')),
  priority text not null default 'normal' check (priority in ('low', 'normal', 'high', 'urgent')),
  severity smallint not null default 3 check (severity between 1 and 5),
  category text not null default 'other',
  type_id uuid,
  item_id uuid,
  channel text not null default 'agent' check (channel in ('agent', 'portal', 'api', 'email', 'import')),
  assigned_to uuid,
  -- Put away for the whole team until this time, or until something new happens in it; null: it is not.
  snoozed_until timestamptz,
  snoozed_by uuid, -- whose replies are nothing new
  requester_email text check (length(requester_email) between 1 and 320),
  requester_name text check (length(requester_name) between 1 and 200),
  resolved_at timestamptz,
  closed_at timestamptz,
  first_response_at timestamptz,
  last_activity_at timestamptz not null default now(),
  reply_count integer not null default 0,
  version integer not null default 1,
  created_by uuid not null default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  -- For private.found_tickets() alone: no list, broadcast or subscriber carries it. Kept by the triggers that fill in the
  -- other fields: a generated column would read the whole text again with every reply and every change of status.
  search tsvector not null default '',
  unique (team_id, ticket_number),
  unique (team_id, id), -- what children refer to, and the replica identity
  -- Each level of the route belongs to the one above it. Without a type the last key is not checked: no item either.
  foreign key (team_id, category) references public.ticket_categories (team_id, key),
  foreign key (team_id, category, type_id) references public.ticket_types (team_id, category, id),
  foreign key (team_id, type_id, item_id) references public.ticket_items (team_id, type_id, id) on delete set null (item_id),
  constraint tickets_item_has_type check (item_id is null or type_id is not null),
  constraint tickets_snoozed_is_open check (snoozed_until is null or status not in ('resolved', 'closed')),
  -- Composite, because a foreign key does not know row-level security: an assignee is a member of the same team.
  foreign key (team_id, assigned_to) references public.team_members (team_id, user_id) on delete set null (assigned_to),
  foreign key (team_id, snoozed_by) references public.team_members (team_id, user_id) on delete set null (snoozed_by)
);
alter table public.tickets enable row level security;
alter table public.tickets replica identity using index tickets_team_id_id_key;
comment on table public.tickets is 'A request of a client, numbered within its team';

-- Lists: each begins with the team and ends with the order it is shown in.
create index tickets_newest on public.tickets (team_id, created_at desc, id desc);
create index tickets_by_severity on public.tickets (team_id, severity, created_at desc, id desc); -- the order agents work in
create index tickets_by_status on public.tickets (team_id, status, created_at desc, id desc); -- the status filter and its counts
create index tickets_by_assignee on public.tickets (team_id, assigned_to, status); -- queues, and the foreign key
create index tickets_resolved on public.tickets (team_id, resolved_at) where status = 'resolved'; -- what is due to be closed
create index tickets_resolved_at on public.tickets (team_id, resolved_at) where resolved_at is not null; -- what was resolved in a month
create index tickets_by_category on public.tickets (team_id, category, type_id); -- the foreign keys
create index tickets_by_type on public.tickets (team_id, type_id, item_id); -- the type filter and the foreign key
create index tickets_by_item on public.tickets (team_id, item_id) where item_id is not null; -- the item filter
create index tickets_created_by on public.tickets (created_by); -- the foreign key
create index tickets_snoozed on public.tickets (team_id, snoozed_until) where snoozed_until is not null; -- the filter
create index tickets_snoozed_until on public.tickets (snoozed_until) where snoozed_until is not null; -- what is due to wake up, of all teams
create index tickets_snoozed_by on public.tickets (team_id, snoozed_by) where snoozed_by is not null; -- the foreign key
-- Search: the team first, so that a word which every team uses is looked up in one team alone.
create index tickets_search on public.tickets using gin (team_id, search);
create index tickets_names on public.tickets -- parts of words in names, addresses and subjects: ilike '%…%'
  using gin (team_id, (subject || ' ' || coalesce(requester_name, '') || ' ' || coalesce(requester_email, '')) extensions.gin_trgm_ops);

create policy tickets_select_members on public.tickets for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Whoever may create writes as themselves; who is assigned and what is closed at birth need their own permissions.
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
-- Not granted to anybody: number, channel, times, counters, version, author and team of a ticket, and who put it away.
grant select, delete on public.tickets to authenticated;
grant insert (id, team_id, subject, description, format, status, priority, severity, category, type_id, item_id, assigned_to, requester_email, requester_name, created_by)
  on public.tickets to authenticated;
grant update (subject, description, format, status, priority, severity, category, type_id, item_id, assigned_to, snoozed_until, requester_email, requester_name)
  on public.tickets to authenticated;
grant select, insert, update, delete on public.tickets to service_role;

-- Replies -------------------------------------------------------------------------------------------------------------

create table public.ticket_replies (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  ticket_id uuid not null,
  user_id uuid not null default auth.uid() references public.profiles (id),
  content text not null check (length(content) between 1 and 50000),
  format text not null default 'text' check (format in ('text', 'markdown')), -- text reads as written; the app's composer writes markdown
  is_internal boolean not null default false,
  created_at timestamptz not null default now(),
  -- For private.found_replies() alone, and without the ids of those whom the text mentions: they are nobody's words.
  search tsvector generated always as (to_tsvector('simple', private.search_text(regexp_replace(content, '<@[0-9a-f-]{36}>', ' ', 'g')))) stored,
  unique (team_id, id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade
);
alter table public.ticket_replies enable row level security;
alter table public.ticket_replies replica identity using index ticket_replies_team_id_id_key;
create index ticket_replies_conversation on public.ticket_replies (team_id, ticket_id, created_at, id);
create index ticket_replies_user_id on public.ticket_replies (user_id); -- the foreign key
create index ticket_replies_search on public.ticket_replies using gin (team_id, search);
create index ticket_replies_public on public.ticket_replies (team_id, created_at, user_id) where not is_internal; -- replies by agent in a report
comment on table public.ticket_replies is 'The conversation of a ticket: public replies and internal notes';

create policy ticket_replies_select_members on public.ticket_replies for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Everybody who sees a ticket may write in it, as themselves; in a closed one only who may close.
create policy ticket_replies_insert_members on public.ticket_replies for insert to authenticated
  with check (
    user_id = (select auth.uid())
    and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and (
      team_id = any ((select private.permitted_team_ids('tickets.close'))::uuid[])
      or exists (select from public.tickets as ticket where ticket.team_id = ticket_replies.team_id and ticket.id = ticket_replies.ticket_id and ticket.status <> 'closed')
    )
  );
create policy ticket_replies_delete_author_or_admins on public.ticket_replies for delete to authenticated
  using (
    team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and (user_id = (select auth.uid()) or team_id = any ((select private.permitted_team_ids('replies.delete_any'))::uuid[]))
  );
-- Update is not granted: what was said stays said, and a note never turns public.
grant select, delete on public.ticket_replies to authenticated;
grant insert (id, team_id, ticket_id, user_id, content, format, is_internal) on public.ticket_replies to authenticated;
grant select, insert, update, delete on public.ticket_replies to service_role;

-- Reply drafts ----------------------------------------------------------------------------------------------------------

create table public.reply_drafts (
  team_id uuid not null,
  ticket_id uuid not null,
  user_id uuid not null default auth.uid(),
  content text not null check (length(content) between 1 and 50000), -- as long as a reply; an empty draft is none
  is_internal boolean not null default false,
  -- New with every change and never used twice, so that a device knows the draft it began with from one that came after.
  version uuid not null default gen_random_uuid(),
  updated_at timestamptz not null default now(),
  primary key (team_id, ticket_id, user_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  -- Who is out of the team leaves no drafts behind that nobody could read.
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade
);
alter table public.reply_drafts enable row level security;
create index reply_drafts_by_author on public.reply_drafts (team_id, user_id, updated_at desc); -- "my drafts", and the foreign key
comment on table public.reply_drafts is 'What somebody is writing in a ticket and has not sent: theirs alone';

-- The author's own and nobody else's, owners included. It is not broadcast and not published.
create policy reply_drafts_select_author on public.reply_drafts for select to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
create policy reply_drafts_insert_author on public.reply_drafts for insert to authenticated
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[]));
create policy reply_drafts_update_author on public.reply_drafts for update to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[]))
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[]));
create policy reply_drafts_delete_author on public.reply_drafts for delete to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[]));
-- Not granted: version and time, and moving a draft to another ticket or person.
grant select, delete on public.reply_drafts to authenticated;
grant insert (team_id, ticket_id, user_id, content, is_internal) on public.reply_drafts to authenticated;
grant update (content, is_internal) on public.reply_drafts to authenticated;
grant select, insert, update, delete on public.reply_drafts to service_role;

create function private.tg_reply_drafts__renew_version() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.version := gen_random_uuid();
  return new;
end $$;
create trigger reply_drafts__renew_version before update on public.reply_drafts
  for each row execute function private.tg_reply_drafts__renew_version();
create trigger reply_drafts__set_updated_at before update on public.reply_drafts
  for each row execute function private.tg__set_updated_at();

-- Tags ------------------------------------------------------------------------------------------------------------------

create table public.ticket_tags (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  ticket_id uuid not null,
  tag text not null check (length(tag) between 1 and 50),
  created_at timestamptz not null default now(),
  unique (ticket_id, tag),
  unique (team_id, id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade
);
alter table public.ticket_tags enable row level security;
alter table public.ticket_tags replica identity using index ticket_tags_team_id_id_key;
create index ticket_tags_by_tag on public.ticket_tags (team_id, tag, ticket_id);
create index ticket_tags_by_ticket on public.ticket_tags (team_id, ticket_id); -- the foreign key
comment on table public.ticket_tags is 'Labels of a ticket';

create policy ticket_tags_select_members on public.ticket_tags for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
create policy ticket_tags_insert_agents on public.ticket_tags for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
create policy ticket_tags_delete_agents on public.ticket_tags for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[]));
-- Update is not granted: a tag is added or removed.
grant select, delete on public.ticket_tags to authenticated;
grant insert (team_id, ticket_id, tag) on public.ticket_tags to authenticated;
grant select, insert, update, delete on public.ticket_tags to service_role;

-- Canned responses --------------------------------------------------------------------------------------------------------

create table public.canned_responses (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  title text not null check (length(title) between 1 and 100),
  content text not null check (length(content) between 1 and 20000),
  category text check (length(category) between 1 and 50),
  created_by uuid not null default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (team_id, id)
);
alter table public.canned_responses enable row level security;
create index canned_responses_by_title on public.canned_responses (team_id, title collate "und-x-icu", id);
create index canned_responses_created_by on public.canned_responses (created_by); -- the foreign key
comment on table public.canned_responses is 'Reply templates';

create policy canned_responses_select_agents on public.canned_responses for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('canned_responses.view'))::uuid[]));
create policy canned_responses_insert_managers on public.canned_responses for insert to authenticated
  with check (created_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]));
create policy canned_responses_update_managers on public.canned_responses for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]));
create policy canned_responses_delete_managers on public.canned_responses for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('canned_responses.manage'))::uuid[]));
grant select, delete on public.canned_responses to authenticated;
grant insert (team_id, title, content, category, created_by) on public.canned_responses to authenticated;
grant update (title, content, category) on public.canned_responses to authenticated;
grant select, insert, update, delete on public.canned_responses to service_role;

create trigger canned_responses__set_updated_at before update on public.canned_responses
  for each row execute function private.tg__set_updated_at();

-- The life of a ticket -------------------------------------------------------------------------------------------------------

-- Every status that may follow another, and what a person needs for it beyond changing the ticket at all. Jobs do
-- whatever is listed; what is not listed never happens: a closed ticket is opened again before it becomes anything else.
create table private.status_transitions (
  from_status text not null,
  to_status text not null,
  permission text, -- null: none
  primary key (from_status, to_status)
);
comment on table private.status_transitions is 'Which status may follow which, and the permission it takes';

insert into private.status_transitions (from_status, to_status, permission)
select before, after, case when 'closed' in (before, after) then 'tickets.close' end
from unnest(array['open', 'in_progress', 'waiting', 'resolved', 'closed']) as before
cross join unnest(array['open', 'in_progress', 'waiting', 'resolved', 'closed']) as after
where before <> after and (before <> 'closed' or after = 'open');

-- Automatic fields ----------------------------------------------------------------------------------------------------------

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
create trigger teams__prepare_tickets after insert on public.teams
  for each row execute function private.tg_teams__prepare_tickets();

-- At most 100 at each level of a team's routing. The parent is locked, so that two at once cannot pass the limit together.
create function private.tg_ticket_categories__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.teams as team where team.id = new.team_id for no key update;
  if (select count(*) from public.ticket_categories as sibling where sibling.team_id = new.team_id) >= 100 then
    raise exception 'A team has at most 100 categories' using errcode = 'PT422', detail = 'routing_limit';
  end if;
  return new;
end $$;
create trigger ticket_categories__limit before insert on public.ticket_categories
  for each row execute function private.tg_ticket_categories__limit();

create function private.tg_ticket_types__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.ticket_categories as category where category.team_id = new.team_id and category.key = new.category for no key update;
  if (select count(*) from public.ticket_types as sibling where sibling.team_id = new.team_id and sibling.category = new.category) >= 100 then
    raise exception 'A category has at most 100 types' using errcode = 'PT422', detail = 'routing_limit';
  end if;
  return new;
end $$;
create trigger ticket_types__limit before insert on public.ticket_types
  for each row execute function private.tg_ticket_types__limit();

create function private.tg_ticket_items__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.ticket_types as type where type.team_id = new.team_id and type.id = new.type_id for no key update;
  if (select count(*) from public.ticket_items as sibling where sibling.team_id = new.team_id and sibling.type_id = new.type_id) >= 100 then
    raise exception 'A type has at most 100 items' using errcode = 'PT422', detail = 'routing_limit';
  end if;
  return new;
end $$;
create trigger ticket_items__limit before insert on public.ticket_items
  for each row execute function private.tg_ticket_items__limit();

-- The tickets of a deleted category go to "other", those of a deleted type keep their category: one change for a ticket,
-- written before the row goes, so that its name can still be told. The row is locked by now: nothing is added to it.
create function private.tg_ticket_categories__reroute_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select from public.teams as team where team.id = old.team_id) then
    return old; -- the team is being deleted, with its tickets
  end if;
  if old.key = 'other' then
    raise exception 'This category takes the tickets of deleted ones, so it cannot be deleted itself' using errcode = 'PT409', detail = 'category_required';
  end if;
  update public.tickets as ticket set category = 'other', type_id = null, item_id = null where ticket.team_id = old.team_id and ticket.category = old.key;
  return old;
end $$;
create trigger ticket_categories__reroute_tickets before delete on public.ticket_categories
  for each row execute function private.tg_ticket_categories__reroute_tickets();

create function private.tg_ticket_types__reroute_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.teams as team where team.id = old.team_id) then
    update public.tickets as ticket set type_id = null, item_id = null where ticket.team_id = old.team_id and ticket.type_id = old.id;
  end if;
  return old;
end $$;
create trigger ticket_types__reroute_tickets before delete on public.ticket_types
  for each row execute function private.tg_ticket_types__reroute_tickets();

create function private.tg_ticket_items__reroute_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.teams as team where team.id = old.team_id) then
    update public.tickets as ticket set item_id = null where ticket.team_id = old.team_id and ticket.type_id = old.type_id and ticket.item_id = old.id;
  end if;
  return old;
end $$;
create trigger ticket_items__reroute_tickets before delete on public.ticket_items
  for each row execute function private.tg_ticket_items__reroute_tickets();

-- An assignee works tickets: owner, admin or member.
create function private.is_assignable(team_id uuid, user_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return exists (
    select from public.team_members as member
    where member.team_id = is_assignable.team_id and member.user_id = is_assignable.user_id
      and member.role in ('owner', 'admin', 'member')
  );
end $$;

-- Null wakes a ticket; otherwise it is put away until a time to come, and for a year at most.
create function private.require_snooze(until timestamptz) returns void
language plpgsql stable set search_path = '' as $$
begin
  if until <= now() then
    raise exception 'A ticket is snoozed until a time in the future' using errcode = 'PT422', detail = 'snooze_past';
  end if;
  if until > now() + interval '1 year' then
    raise exception 'A ticket is snoozed for a year at most' using errcode = 'PT422', detail = 'snooze_too_long';
  end if;
end $$;

-- One message for viewers, strangers and ids that do not exist.
create function private.require_assignable(team_id uuid, user_id uuid) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if not private.is_assignable(require_assignable.team_id, require_assignable.user_id) then
    raise exception 'Not an agent of this team' using errcode = 'PT400', detail = 'assigned_to';
  end if;
end $$;

create function private.tg_tickets__before_insert() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.search := private.ticket_search(new.subject, new.description, new.requester_name, new.requester_email);
  if new.assigned_to is not null then
    perform private.require_assignable(new.team_id, new.assigned_to);
  end if;
  if new.channel = 'agent' and current_setting('switchboard.channel', true) = 'api' then
    new.channel := 'api'; -- not granted: the server knows by which way its caller came
  end if;
  if new.status in ('resolved', 'closed') then
    new.resolved_at := coalesce(new.resolved_at, now());
  end if;
  if new.status = 'closed' then
    new.closed_at := coalesce(new.closed_at, now());
  end if;
  return new;
end $$;
create trigger tickets__before_insert before insert on public.tickets
  for each row execute function private.tg_tickets__before_insert();

-- Last of the before-insert triggers by name, so that a refused row does not hold the counter's lock.
create function private.tg_tickets__number() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update private.ticket_counters as counter set last_number = counter.last_number + 1
  where counter.team_id = new.team_id
  returning counter.last_number into new.ticket_number;
  return new;
end $$;
create trigger tickets__number before insert on public.tickets
  for each row execute function private.tg_tickets__number();

-- Who may assign and close, which status follows which, and what the server fills in. Rules about persons are for
-- persons: jobs have no auth.uid().
create function private.tg_tickets__before_update() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := (select auth.uid());
  needed text;
  restored jsonb;
begin
  new.search := old.search; -- nobody's to write
  if new is not distinct from old then
    return null; -- nothing changed: no new version, no event
  end if;

  if new.assigned_to is distinct from old.assigned_to then
    if new.assigned_to is not null then
      perform private.require_assignable(new.team_id, new.assigned_to);
    end if;
    if caller is not null
      and not private.has_permission(old.team_id, 'tickets.assign')
      and not (
        -- claiming an unassigned ticket, or releasing one's own
        (coalesce(old.assigned_to, caller) = caller and coalesce(new.assigned_to, caller) = caller)
        and private.has_permission(old.team_id, 'tickets.claim')
      )
      -- the foreign key clears the tickets of a member who leaves, the demotion to viewer those of one who stays
      and (new.assigned_to is not null or exists (select from public.team_members as member where member.team_id = old.team_id and member.user_id = old.assigned_to and member.role <> 'viewer'))
    then
      raise exception 'Your role does not allow assigning tickets' using errcode = 'PT403', detail = 'forbidden';
    end if;
  end if;

  if new.status <> old.status then
    -- A bulk operation that is being undone gives back what it took, times included: its own row in this transaction says
    -- so, which nobody else can write.
    select row.before into restored from private.bulk_operation_tickets as row where row.ticket_id = old.id and row.state = 'restoring' and row.before ->> 'status' = new.status;
    select rule.permission into needed from private.status_transitions as rule where rule.from_status = old.status and rule.to_status = new.status;
    if restored is not null then
      needed := case when 'closed' in (old.status, new.status) then 'tickets.close' end;
    elsif not found then
      raise exception '%', case old.status when 'closed' then 'A closed ticket can only be opened again' else format('A ticket that is %s cannot become %s', old.status, new.status) end
        using errcode = 'PT422', detail = 'status_transition';
    end if;
    if caller is not null and needed is not null and not private.has_permission(old.team_id, needed) then
      raise exception 'Only owners and admins close tickets or open closed ones' using errcode = 'PT403', detail = 'forbidden';
    end if;
    new.resolved_at := case when new.status in ('resolved', 'closed') then coalesce(old.resolved_at, now()) end;
    new.closed_at := case when new.status = 'closed' then now() end;
    if restored is not null then
      new.resolved_at := (restored ->> 'resolved_at')::timestamptz;
      new.closed_at := (restored ->> 'closed_at')::timestamptz;
    end if;
  end if;

  -- Another assignee is something new in a ticket, and what is done needs no attention later.
  if new.snoozed_until = old.snoozed_until and (new.assigned_to is distinct from old.assigned_to or new.status in ('resolved', 'closed')) then
    new.snoozed_until := null;
  end if;
  if new.snoozed_until is distinct from old.snoozed_until then
    perform private.require_snooze(new.snoozed_until);
    if new.snoozed_until is not null and new.status in ('resolved', 'closed') then
      raise exception 'A resolved or closed ticket cannot be snoozed' using errcode = 'PT422', detail = 'snooze_status';
    end if;
    new.snoozed_by := case when new.snoozed_until is not null then caller end;
  end if;

  -- A level above changed and this one was not given anew: it belongs to what was left.
  if new.category <> old.category and new.type_id = old.type_id then
    new.type_id := null;
  end if;
  if new.type_id is distinct from old.type_id and new.item_id = old.item_id then
    new.item_id := null;
  end if;

  if (new.subject, new.description, new.requester_name, new.requester_email) is distinct from (old.subject, old.description, old.requester_name, old.requester_email) then
    new.search := private.ticket_search(new.subject, new.description, new.requester_name, new.requester_email);
  end if;
  new.version := old.version + 1;
  -- Nobody is granted these two: only what loads a history (import of a backup, the demo world) sets them.
  if new.updated_at = old.updated_at then
    new.updated_at := now();
  end if;
  if new.last_activity_at = old.last_activity_at then
    new.last_activity_at := now();
  end if;
  return new;
end $$;
create trigger tickets__before_update before update on public.tickets
  for each row execute function private.tg_tickets__before_update();

-- Replies keep the ticket's counter, and the first public one its time of first response; one of anybody but who put the
-- ticket away wakes it up. Every author of this table is a member of the team; a client's message will not count as a
-- response.
create function private.tg_ticket_replies__update_ticket() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    update public.tickets as ticket set
      reply_count = ticket.reply_count + 1,
      first_response_at = case when new.is_internal then ticket.first_response_at else coalesce(ticket.first_response_at, new.created_at) end,
      snoozed_until = case when ticket.snoozed_by = new.user_id then ticket.snoozed_until end
    where ticket.team_id = new.team_id and ticket.id = new.ticket_id;
  else
    update public.tickets as ticket set reply_count = ticket.reply_count - 1
    where ticket.team_id = old.team_id and ticket.id = old.ticket_id;
  end if;
  return null;
end $$;
create trigger ticket_replies__update_ticket after insert or delete on public.ticket_replies
  for each row execute function private.tg_ticket_replies__update_ticket();

-- A change of tags is a change of the ticket: one new version for a statement, however many tags it wrote.
create function private.tg_ticket_tags__update_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.tickets as ticket set version = ticket.version + 1
  where (ticket.team_id, ticket.id) in (select distinct changed.team_id, changed.ticket_id from changed);
  return null;
end $$;
create trigger ticket_tags__update_tickets_insert after insert on public.ticket_tags
  referencing new table as changed for each statement execute function private.tg_ticket_tags__update_tickets();
create trigger ticket_tags__update_tickets_delete after delete on public.ticket_tags
  referencing old table as changed for each statement execute function private.tg_ticket_tags__update_tickets();

-- A member who becomes a viewer works no tickets any more.
create function private.tg_team_members__release_tickets() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.tickets set assigned_to = null where team_id = new.team_id and assigned_to = new.user_id;
  return null;
end $$;
create trigger team_members__release_tickets after update of role on public.team_members
  for each row when (new.role = 'viewer' and old.role <> 'viewer')
  execute function private.tg_team_members__release_tickets();

-- Search --------------------------------------------------------------------------------------------------------------------

-- Neither `@@` nor `ilike` is leakproof, so that under row-level security Postgres would read every row of the team
-- before it looks for words, and never use their indexes. These two look past the policies, in one team of the caller's,
-- and answer ids, the newest `most` of them; what the caller then reads of these rows is for the policies to say.

-- Tickets whose words match `query`, or whose names and subject hold the `pattern` (of ilike), or with this number.
create function private.found_tickets(team_id uuid, query tsquery, pattern text default null, number integer default null, most integer default null) returns setof uuid
language sql stable security definer set search_path = '' rows 100 as $$
  select ticket.id
  from public.tickets as ticket
  where ticket.team_id = found_tickets.team_id
    and private.has_permission(found_tickets.team_id, 'tickets.view')
    and (
      ticket.search @@ found_tickets.query
      or (ticket.subject || ' ' || coalesce(ticket.requester_name, '') || ' ' || coalesce(ticket.requester_email, '')) ilike found_tickets.pattern
      or ticket.ticket_number = found_tickets.number
    )
  order by ticket.created_at desc
  limit found_tickets.most
$$;
grant execute on function private.found_tickets(uuid, tsquery, text, integer, integer) to authenticated;

-- Replies whose words match. Internal notes are among them for those who see the team's tickets, and for nobody else.
create function private.found_replies(team_id uuid, query tsquery, most integer default null) returns setof uuid
language sql stable security definer set search_path = '' rows 100 as $$
  select reply.id
  from public.ticket_replies as reply
  where reply.team_id = found_replies.team_id
    and private.has_permission(found_replies.team_id, 'tickets.view')
    and reply.search @@ found_replies.query
  order by reply.created_at desc
  limit found_replies.most
$$;
grant execute on function private.found_replies(uuid, tsquery, integer) to authenticated;
