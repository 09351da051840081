-- Articles of the knowledge base. Each language of an article has a published revision and a working draft, side by side: editing changes
-- the draft alone, so it never changes what readers see. Only the functions of the next chapters write.

create table public.articles (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  category_id uuid,
  -- Who may read what is published: anybody, contacts of the team who are signed in, or members only. See private.article_audiences().
  audience text not null default 'internal' check (audience in ('public', 'clients', 'internal')),
  is_published boolean not null default false, -- whether any language is
  archived_at timestamptz,
  created_by uuid references public.profiles (id), -- a member may edit what they began themselves
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (team_id, id),
  constraint articles_category foreign key (team_id, category_id) references public.article_categories (team_id, id),
  constraint articles_archived check (archived_at is null or not is_published)
);
alter table public.articles enable row level security;
create index articles_category_id on public.articles (team_id, category_id); -- the foreign key, and the articles of a category
create index articles_created_by on public.articles (created_by); -- the foreign key, and the articles that a member may edit
comment on table public.articles is 'Articles of the knowledge base';

create table public.article_translations (
  team_id uuid not null,
  article_id uuid not null,
  locale text not null check (locale in ('en', 'de')),
  slug text check (slug ~ '^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$'), -- null until it is first published or somebody sets it
  published_revision_id uuid, -- null: not published
  published_version integer, -- the version of the draft that was published: a later one has changes
  published_at timestamptz, -- when this revision was
  first_published_at timestamptz,
  title text, -- of the published revision, as are the words
  search tsvector,
  title_search tsvector, -- the words of the title alone: short enough to be read for each article of a team
  primary key (article_id, locale),
  unique (team_id, article_id, locale),
  unique (team_id, slug),
  foreign key (team_id, article_id) references public.articles (team_id, id) on delete cascade,
  check (published_revision_id is null or (slug is not null and published_at is not null and published_version is not null
    and title is not null and search is not null and title_search is not null))
);
alter table public.article_translations enable row level security;
-- Publications are rare and searches are not: no list of pending entries that each search would read.
create index article_translations_search on public.article_translations using gin (team_id, search, title_search)
  with (fastupdate = off);
create index article_translations_title on public.article_translations using gin (team_id, title extensions.gin_trgm_ops)
  with (fastupdate = off);
create index article_translations_published_revision_id on public.article_translations (team_id, published_revision_id); -- the foreign key
comment on table public.article_translations is 'The languages of articles, and what is published of each';

create table public.article_drafts (
  team_id uuid not null,
  article_id uuid not null,
  locale text not null,
  title text not null check (title = '' or (length(title) <= 200 and private.is_line(title))), -- may be empty until it is published
  content text not null check (length(content) <= 50000), -- Markdown, kept exactly as written
  version integer not null default 1, -- raised by each change: a writer names the one that they have seen
  updated_by uuid references public.profiles (id),
  updated_at timestamptz not null default now(),
  primary key (article_id, locale),
  foreign key (team_id, article_id, locale) references public.article_translations (team_id, article_id, locale) on delete cascade
);
alter table public.article_drafts enable row level security;
create index article_drafts_translation on public.article_drafts (team_id, article_id, locale); -- the foreign key
create index article_drafts_updated_by on public.article_drafts (updated_by); -- the foreign key
comment on table public.article_drafts is 'The working draft of each language of an article';

-- Append-only: nobody is granted to change a revision.
create table public.article_revisions (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  article_id uuid not null,
  locale text not null,
  number integer not null, -- counts from 1 in each language
  kind text not null check (kind in ('published', 'saved')), -- saved: a draft that a restored revision or another writer replaced
  title text not null check (length(title) <= 200),
  content text not null check (length(content) <= 50000),
  note text check (length(note) between 1 and 200 and private.is_line(note)), -- what its author says about the change
  created_by uuid references public.profiles (id),
  created_at timestamptz not null default now(),
  unique (team_id, id),
  unique (team_id, article_id, locale, number),
  foreign key (team_id, article_id, locale) references public.article_translations (team_id, article_id, locale) on delete cascade
);
alter table public.article_revisions enable row level security;
create index article_revisions_created_by on public.article_revisions (created_by); -- the foreign key
comment on table public.article_revisions is 'What was published of articles, and drafts that were replaced; append-only';
alter table public.article_translations add constraint article_translations_published_revision
  foreign key (team_id, published_revision_id) references public.article_revisions (team_id, id);

-- Every address that an article has or had: an old one leads to the present one. That of a deleted article leads to its replacement.
create table private.article_slugs (
  team_id uuid not null,
  slug text not null,
  article_id uuid not null,
  locale text not null,
  created_at timestamptz not null default now(),
  primary key (team_id, slug),
  foreign key (team_id, article_id) references public.articles (team_id, id) on delete cascade
);
create index article_slugs_article_id on private.article_slugs (team_id, article_id); -- the foreign key
comment on table private.article_slugs is 'All present and former addresses of articles';

-- Members read what is published. Drafts and former revisions are for those who may edit them: whoever publishes, and the member who began
-- the article.
create policy articles_select_members on public.articles for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('articles.view'))::uuid[]) and (
    is_published or team_id = any ((select private.permitted_team_ids('articles.publish'))::uuid[])
    or (created_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('articles.manage'))::uuid[]))
  ));
create policy article_translations_select_members on public.article_translations for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('articles.view'))::uuid[]) and (
    published_revision_id is not null or team_id = any ((select private.permitted_team_ids('articles.publish'))::uuid[])
    or (team_id = any ((select private.permitted_team_ids('articles.manage'))::uuid[])
      and article_id in (select article.id from public.articles as article where article.created_by = (select auth.uid())))
  ));
create policy article_drafts_select_editors on public.article_drafts for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('articles.publish'))::uuid[])
    or (team_id = any ((select private.permitted_team_ids('articles.manage'))::uuid[])
      and article_id in (select article.id from public.articles as article where article.created_by = (select auth.uid()))));
create policy article_revisions_select_members on public.article_revisions for select to authenticated
  using (
    (team_id = any ((select private.permitted_team_ids('articles.view'))::uuid[]) and exists (
      select from public.article_translations as translation where translation.published_revision_id = article_revisions.id
        and translation.team_id = article_revisions.team_id and translation.article_id = article_revisions.article_id
        and translation.locale = article_revisions.locale
    ))
    or team_id = any ((select private.permitted_team_ids('articles.publish'))::uuid[])
    or (team_id = any ((select private.permitted_team_ids('articles.manage'))::uuid[])
      and article_id in (select article.id from public.articles as article where article.created_by = (select auth.uid()))));
-- Writing is not granted, and neither are the words.
grant select on public.articles, public.article_drafts, public.article_revisions to authenticated;
grant select (team_id, article_id, locale, slug, published_revision_id, published_version, published_at, first_published_at)
  on public.article_translations to authenticated;
grant select, insert, update, delete on public.articles, public.article_translations, public.article_drafts, public.article_revisions
  to service_role;

create trigger _300_set_updated_at before update on public.articles
  for each row execute function private.tg__set_updated_at();

create function private.tg_articles__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (
    select from (select distinct team_id from added) as team
    where (select count(*) from public.articles as article where article.team_id = team.team_id) > 10000
  ) then
    raise exception 'A team has at most 10,000 articles' using errcode = 'PT422', detail = 'article_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.articles referencing new table as added
  for each statement execute function private.tg_articles__limit();

-- Says only that something changed: members who may read the article fetch it.
create function private.tg_articles__broadcast() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.broadcast_change(coalesce(new.team_id, old.team_id), 'articles', tg_op,
    jsonb_build_object('team_id', coalesce(new.team_id, old.team_id)));
  return null;
end $$;
create trigger _500_broadcast after insert or update or delete on public.articles
  for each row execute function private.tg_articles__broadcast();
