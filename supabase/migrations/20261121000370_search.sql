-- Search: the functions that look up words without the policies.

-- Neither `@@` nor `ilike` is leakproof. Under row-level security Postgres would read every row of the team before it compares words,
-- and never use the indexes. These two functions bypass the policies for one team of the caller, and return ids, at most the newest
-- `most`. The caller then reads the rows under the policies.

-- Whether `value` contains texts that the words alone cannot tell apart: C++, .NET, a/b. All entries of `checks` must hold. Each entry
-- is a list of alternatives: { query, literal, begins, not }. A literal begins at the beginning of a word; without `begins` it also
-- ends at the end of one.
create function private.passes_checks(search tsvector, value text, checks jsonb) returns boolean
language plpgsql stable set search_path = '' as $$
declare
  folded text; -- only when the index says that it may matter, because folding reads the whole text
  alternatives jsonb;
  alternative jsonb;
  passes boolean;
begin
  for alternatives in select jsonb_array_elements(checks) loop
    passes := false;
    for alternative in select jsonb_array_elements(alternatives) loop
      if passes then
        continue;
      end if;
      if not search @@ (alternative ->> 'query')::tsquery then
        passes := (alternative ->> 'not')::boolean;
        continue;
      end if;
      folded := coalesce(folded, private.fold_text(value));
      passes := (alternative ->> 'not')::boolean <> (
        not exists (
          select from jsonb_array_elements_text(alternative -> 'literals') as wanted (literal)
          where position(private.fold_text(wanted.literal) in folded) = 0
            or folded !~ (case when wanted.literal ~ '^\w' then '(?<!\w)' else '' end
              || regexp_replace(private.fold_text(wanted.literal), '([^[:alnum:]])', '\\\1', 'g')
              || case when (alternative ->> 'begins')::boolean or wanted.literal !~ '\w$' then '' else '(?!\w)' end)
        )
      );
    end loop;
    if not passes then
      return false;
    end if;
  end loop;
  return true;
end $$;

-- Tickets whose words match `query` and pass the `checks`, or whose names and subject match `pattern` (of ilike), or
-- that have this number.
create function private.found_tickets(team_id uuid, query tsquery, pattern text default null, number integer default null,
    most integer default null, checks jsonb default null)
  returns setof uuid
language sql stable security definer set search_path = '' rows 100 as $$
  select ticket.id
  from public.tickets as ticket
  where ticket.team_id = found_tickets.team_id
    and private.has_permission(found_tickets.team_id, 'tickets.view')
    and (
      (
        ticket.search @@ found_tickets.query
        and (found_tickets.checks is null
          or private.passes_checks(ticket.search,
            concat_ws(E'\n', ticket.subject, ticket.description, ticket.requester_name, ticket.requester_email), found_tickets.checks))
      )
      or (ticket.subject || ' ' || coalesce(ticket.requester_name, '') || ' '
        || coalesce(ticket.requester_email, '')) ilike found_tickets.pattern
      or ticket.ticket_number = found_tickets.number
    )
  order by ticket.created_at desc
  limit found_tickets.most
$$;
grant execute on function private.found_tickets(uuid, tsquery, text, integer, integer, jsonb) to authenticated;

-- Replies whose words match, including internal notes. Returns nothing to callers who may not see the team's tickets.
create function private.found_replies(team_id uuid, query tsquery, most integer default null, checks jsonb default null) returns setof uuid
language sql stable security definer set search_path = '' rows 100 as $$
  select reply.id
  from public.ticket_replies as reply
  where reply.team_id = found_replies.team_id
    and private.has_permission(found_replies.team_id, 'tickets.view')
    and reply.search @@ found_replies.query
    and (found_replies.checks is null or private.passes_checks(reply.search, reply.content, found_replies.checks))
  order by reply.created_at desc
  limit found_replies.most
$$;
grant execute on function private.found_replies(uuid, tsquery, integer, jsonb) to authenticated;
