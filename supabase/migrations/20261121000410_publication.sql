-- Publication: the tables whose changes postgres_changes delivers.

-- Published for postgres_changes. The replica identity is the unique (team_id, id) of each table, not FULL: a DELETE is
-- not checked against row-level security, and FULL would hand old contents to other teams' subscribers.
-- What is searched of a ticket or reply is left out (Realtime's own decoder sends it all the same: docs/decisions/004).
do $$
declare
  columns text;
  published text;
begin
  foreach published in array array['tickets', 'ticket_replies'] loop
    select string_agg(quote_ident(attname), ', ' order by attnum) into columns
    from pg_catalog.pg_attribute
      where attrelid = format('public.%I', published)::regclass and attnum > 0 and not attisdropped and attname <> 'search';
    execute format('alter publication supabase_realtime add table public.%I (%s)', published, columns);
  end loop;
end $$;
alter publication supabase_realtime add table public.ticket_tags;
-- Realtime sends deletions, with their ids, to every subscriber of a table, whoever may see its rows: they are not published.
alter publication supabase_realtime set (publish = 'insert, update');
-- To a role that may not read a table's key Realtime says of each change, of any team, that there was one. One that may is
-- asked by row-level security, which shows anon no row.
grant select (id) on public.tickets, public.ticket_replies, public.ticket_tags to anon;
