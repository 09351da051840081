-- How many articles have a word: a search weighs rare words more, and looks up articles by them alone.

-- Only public articles are counted. So the order of what a visitor finds says nothing about articles that they may not read.
create table private.article_words (
  team_id uuid not null references public.teams (id) on delete cascade,
  word text collate "C" not null,
  documents integer not null, -- published languages with it
  primary key (team_id, word)
);
comment on table private.article_words is 'How many public articles of a team have a word';

create table private.article_word_counts (
  team_id uuid primary key references public.teams (id) on delete cascade,
  documents integer not null default 0, -- published languages of public articles, when they were counted
  is_stale boolean not null default true
);
comment on table private.article_word_counts is 'For which teams the words of articles are counted';
create index article_word_counts_stale on private.article_word_counts (team_id) where is_stale;

-- Counts the words of a team's public articles again.
create function private.count_article_words(team_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  vectors text := format('select translation.search from public.article_translations as translation
    join public.articles as article on article.id = translation.article_id
    where translation.team_id = %L and translation.published_revision_id is not null and article.audience = ''public''',
    count_article_words.team_id);
begin
  insert into private.article_word_counts as counts (team_id) values (count_article_words.team_id)
  on conflict on constraint article_word_counts_pkey do update set is_stale = true; -- locks it: one count of a team at a time
  delete from private.article_words as old where old.team_id = count_article_words.team_id;
  insert into private.article_words (team_id, word, documents)
  select count_article_words.team_id, counted.word, counted.ndoc from ts_stat(vectors) as counted
  where length(counted.word) <= 100;
  update private.article_word_counts as counts set is_stale = false, documents = (
    select count(*) from public.article_translations as translation
    join public.articles as article on article.id = translation.article_id
    where translation.team_id = counts.team_id and translation.published_revision_id is not null and article.audience = 'public'
  ) where counts.team_id = count_article_words.team_id;
end $$;

-- Counts the words of one team whose articles have changed since. Returns how many teams it found: 1 or 0. A job calls this.
create function private.count_stale_article_words() returns integer
language plpgsql security definer set search_path = '' as $$
declare
  team uuid := (select counts.team_id from private.article_word_counts as counts where counts.is_stale limit 1 for update skip locked);
begin
  if team is null then
    return 0;
  end if;
  perform private.count_article_words(team);
  return 1;
end $$;
grant execute on function private.count_stale_article_words() to service_role;

-- A change of what the public reads. A few articles are counted at once; many by the job, because that takes a second.
create function private.tg__recount_article_words() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  team uuid := coalesce(new.team_id, old.team_id);
  documents integer;
begin
  insert into private.article_word_counts as counts (team_id) select id from public.teams where id = team -- not a team that is deleted
  on conflict on constraint article_word_counts_pkey do update set is_stale = true
  returning counts.documents into documents;
  if documents <= 100 then
    perform private.count_article_words(team);
  end if;
  return null;
end $$;
create trigger _700_recount_words after update of published_revision_id on public.article_translations
  for each row when (old.published_revision_id is distinct from new.published_revision_id)
  execute function private.tg__recount_article_words();
create trigger _700_recount_words_delete after delete on public.article_translations
  for each row when (old.published_revision_id is not null) execute function private.tg__recount_article_words();
create trigger _700_recount_words after update of audience on public.articles
  for each row when (old.audience <> new.audience and new.is_published) execute function private.tg__recount_article_words();
