-- Publication: the tables whose changes postgres_changes delivers.

-- Published for postgres_changes. The replica identity of each table is the unique key (team_id, id), not FULL: row-level security does
-- not check DELETE events, and FULL would reveal old values to other teams' subscribers. The columns named `search` are left out
-- (hosted Realtime's decoder sends them all the same: docs/decisions/004).
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
-- Realtime sends each deletion, with its id, to every subscriber of a table, whatever rows they may see. So deletions
-- are not published.
alter publication supabase_realtime set (publish = 'insert, update');
-- If a role may not read the key of a table, Realtime reports each change of any team to it, without contents. If the role may read the
-- key, row-level security decides, and shows anon no row.
grant select (id) on public.tickets, public.ticket_replies, public.ticket_tags to anon;
