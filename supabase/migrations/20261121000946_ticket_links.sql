-- Ticket links: the link in a mail opens one ticket for the contact it was mailed to, without a sign-in. Opening it begins a ticket
-- session.

-- The token is only in the mail. A mail that is sent again has another token; both work.
create table private.ticket_links (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  team_id uuid not null,
  ticket_id uuid not null,
  contact_id uuid not null,
  expires_at timestamptz not null default now() + interval '90 days',
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
create index ticket_links_ticket_id on private.ticket_links (team_id, ticket_id); -- the foreign key
create index ticket_links_contact_id on private.ticket_links (team_id, contact_id); -- the foreign key
create index ticket_links_expires_at on private.ticket_links (expires_at); -- a job deletes expired links
comment on table private.ticket_links is 'SHA-256 of the tokens in mailed links to tickets';

create table private.ticket_sessions (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  team_id uuid not null,
  ticket_id uuid not null,
  contact_id uuid not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '30 days',
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, contact_id) references public.contacts (team_id, id) on delete cascade
);
create index ticket_sessions_ticket_id on private.ticket_sessions (team_id, ticket_id); -- the foreign key
create index ticket_sessions_contact_id on private.ticket_sessions (team_id, contact_id); -- the foreign key
create index ticket_sessions_expires_at on private.ticket_sessions (expires_at); -- a job deletes expired sessions
comment on table private.ticket_sessions is 'SHA-256 of the cookies of people who opened a link to one ticket';
