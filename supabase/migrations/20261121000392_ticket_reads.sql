-- Read marks: until when a member has read a ticket. One row each, written when they open it.

create table public.ticket_reads (
  team_id uuid not null,
  ticket_id uuid not null,
  user_id uuid not null default auth.uid(),
  read_at timestamptz not null default now(),
  primary key (team_id, ticket_id, user_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade
);
alter table public.ticket_reads enable row level security;
create index ticket_reads_user_id on public.ticket_reads (team_id, user_id); -- the foreign key
comment on table public.ticket_reads is 'Until when each member has read a ticket';

create policy ticket_reads_select_self on public.ticket_reads for select to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
create policy ticket_reads_insert_self on public.ticket_reads for insert to authenticated
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
create policy ticket_reads_update_self on public.ticket_reads for update to authenticated
  using (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]))
  with check (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('own.manage'))::uuid[]));
grant select on public.ticket_reads to authenticated;
grant insert (team_id, ticket_id, user_id, read_at), update (read_at) on public.ticket_reads to authenticated;
grant select, insert, update, delete on public.ticket_reads to service_role;
