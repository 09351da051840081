-- What people asked the knowledge base, and how it ended: for the list of what is missing. A row counts one question of one day. It
-- does not say who asked.
create table public.article_questions (
  id bigint generated always as identity primary key,
  team_id uuid not null references public.teams (id) on delete cascade,
  day date not null default (now() at time zone 'UTC')::date,
  -- not_found: a search of the help centre without a result. ignored: the article was suggested, and a ticket was sent nevertheless.
  -- answered: somebody said that it answered their question, and sent no ticket.
  outcome text not null check (outcome in ('not_found', 'ignored', 'answered')),
  question text not null check (length(question) between 1 and 200 and private.is_line(question)),
  article_id uuid,
  times integer not null default 1,
  constraint article_questions_once unique nulls not distinct (team_id, day, outcome, question, article_id),
  foreign key (team_id, article_id) references public.articles (team_id, id) on delete cascade,
  check ((outcome = 'not_found') = (article_id is null))
);
alter table public.article_questions enable row level security;
create index article_questions_article_id on public.article_questions (team_id, article_id); -- the foreign key
create index article_questions_day on public.article_questions (day); -- old ones are deleted
comment on table public.article_questions is 'What people asked the knowledge base, by day and outcome';

create policy article_questions_select_agents on public.article_questions for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('articles.manage'))::uuid[]));
-- Writing is not granted.
grant select on public.article_questions to authenticated;
grant select, insert, update, delete on public.article_questions to service_role;

-- A form of the portal counts once, whatever its browser sends again.
create table private.article_question_forms (
  form uuid primary key,
  day date not null default (now() at time zone 'UTC')::date
);
comment on table private.article_question_forms is 'Forms of the portal whose suggestions were counted';
create index article_question_forms_day on private.article_question_forms (day);
grant select, delete on private.article_question_forms to service_role;

-- A question as it is stored: in small letters, on one line, without addresses and long numbers, which may be personal.
create function private.plain_question(question text) returns text
language plpgsql immutable set search_path = '' as $$
begin
  return btrim(left(btrim(regexp_replace(regexp_replace(
    lower(question collate "und-x-icu"), '\S+@\S+|\+?\d[\d ./()-]{3,}\d', ' ', 'g'), '\s+', ' ', 'g')), 200));
end $$;

-- Counts a question; at most 1,000 different ones a day for a team. A text that is no line is not counted.
create function private.count_question(team_id uuid, outcome text, question text, article_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  plain text := private.plain_question(count_question.question);
  today date := (now() at time zone 'UTC')::date;
begin
  if plain = '' or not private.is_line(plain) or (
    select count(*) from (
      select from public.article_questions as known where known.team_id = count_question.team_id and known.day = today limit 1000
    ) as known
  ) = 1000 then
    return;
  end if;
  insert into public.article_questions as counted (team_id, outcome, question, article_id)
  values (count_question.team_id, count_question.outcome, plain, count_question.article_id)
  on conflict on constraint article_questions_once do update set times = counted.times + 1;
end $$;

-- Counts a search of the help centre that found nothing. `trait` tells visitors apart; each counts 20 such searches an hour.
create function private.count_missed_search(team_id uuid, question text, trait text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  visitor text := 'visitor:' || encode(private.visitor_of_today(trait), 'hex');
begin
  if exists (
    select from private.published_articles as article where article.team_id = count_missed_search.team_id
      and article.audience = any (private.article_audiences(count_missed_search.team_id))
  ) and (
    select taken.wait is null from private.take_budget('missed_search', visitor, 20, '1 hour', 20) as taken
  ) then
    perform private.count_question(count_missed_search.team_id, 'not_found', count_missed_search.question, null);
  end if;
end $$;

-- Counts how suggestions ended that a client saw while they wrote a request, for each article by its address: 'answered' or 'ignored'.
-- A form counts once. Returns whether it was counted. Addresses that the client may not read are left out.
create function private.count_suggestions(team_id uuid, form uuid, outcome text, question text, addresses text[]) returns boolean
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  audiences text[];
  article_id uuid;
begin
  if not private.is_client(count_suggestions.team_id) or count_suggestions.outcome not in ('answered', 'ignored') then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  end if;
  audiences := private.article_audiences(count_suggestions.team_id);
  -- Beyond the budget nothing is counted, but what the client sends must not fail for it.
  if (
    select taken.wait is not null
    from private.take_budget('count_suggestions', 'person:' || (select auth.uid()), 60, '1 hour', 60) as taken
  ) then
    return false;
  end if;
  insert into private.article_question_forms (form) values (count_suggestions.form) on conflict do nothing;
  if not found then
    return false;
  end if;
  for article_id in
    select distinct article.id from unnest(addresses[1:3]) as given (address)
    join private.article_slugs as known on known.team_id = count_suggestions.team_id and known.slug = given.address
    join public.articles as article on article.id = known.article_id
    where article.is_published and article.audience = any (audiences)
  loop
    perform private.count_question(count_suggestions.team_id, count_suggestions.outcome, count_suggestions.question, article_id);
  end loop;
  return true;
end $$;
grant execute on function private.count_missed_search(uuid, text, text) to anon, authenticated;
grant execute on function private.count_suggestions(uuid, uuid, text, text, text[]) to authenticated;
