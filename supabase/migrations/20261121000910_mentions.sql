-- Mentions: the members whom a reply or note names. The text contains a token <@id> for each. A trigger fills the rows when the text is
-- written. Notifications and the names in a conversation read the rows.

create table public.ticket_mentions (
  team_id uuid not null,
  ticket_id uuid not null,
  reply_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (team_id, reply_id, user_id),
  foreign key (team_id, reply_id) references public.ticket_replies (team_id, id) on delete cascade,
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  -- Not team_members: the name stays readable in the conversation when the person has left.
  foreign key (team_id, user_id) references private.team_people (team_id, user_id) on delete cascade
);
alter table public.ticket_mentions enable row level security;
create index ticket_mentions_by_ticket on public.ticket_mentions (team_id, ticket_id); -- the foreign key
create index ticket_mentions_by_person on public.ticket_mentions (team_id, user_id); -- the foreign key
comment on table public.ticket_mentions is 'Members that a reply or note mentions';

create policy ticket_mentions_select_members on public.ticket_mentions for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Writing is granted to nobody, not even service_role: mentions follow from the text and are deleted with it.
grant select on public.ticket_mentions to authenticated, service_role;

-- The ids of a text's tokens, each once, in the order of the text. shared/utils/mentions.ts parses the same tokens.
create function private.mentioned_ids(content text) returns uuid[]
language plpgsql immutable parallel safe set search_path = '' as $$
begin
  return (
    select coalesce(array_agg(token.id order by token.place), '{}')
    from (
      select found.match[1]::uuid as id, min(found.place) as place
      from regexp_matches(mentioned_ids.content, '<@([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})>', 'g')
        with ordinality as found (match, place)
      group by 1
    ) as token
  );
end $$;

-- People with their names, as rows of replies and events of their deletion carry them.
create function private.people_named(user_ids uuid[]) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(jsonb_agg(jsonb_build_object('id', person.id, 'full_name', person.full_name)
        order by person.full_name collate "und-x-icu", person.id),
      '[]')
    from public.profiles as person where person.id = any (people_named.user_ids)
  );
end $$;

-- Tokens of strangers, former members and people of other teams stay text. Fires before the broadcast and before the event is recorded,
-- so that their readers find the mentions.
create function private.tg_ticket_replies__add_mentions() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.ticket_mentions (team_id, ticket_id, reply_id, user_id)
  select new.team_id, new.ticket_id, new.id, member.user_id
  from unnest(private.mentioned_ids(new.content)) with ordinality as named (user_id, place)
  join public.team_members as member on member.team_id = new.team_id and member.user_id = named.user_id
  order by named.place
  limit 50;
  return null;
end $$;
create trigger _400_add_mentions after insert on public.ticket_replies
  for each row when (position('<@' in new.content) > 0 and new.author_kind = 'agent')
  execute function private.tg_ticket_replies__add_mentions();
