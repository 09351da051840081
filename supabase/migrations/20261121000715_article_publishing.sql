-- Publishing articles: what readers see, and at which address.

-- The words of an article: its title weighs most, then its headings. The addresses of pictures are no words.
create function private.article_search(title text, content text) returns tsvector
language plpgsql immutable set search_path = '' as $$
declare
  words text := regexp_replace(content, '\mimages/[0-9a-f-]{36}\.[a-z]{3,4}(#[0-9]+x[0-9]+)?', '', 'g');
begin
  return setweight(private.search_vector(title), 'A')
    || setweight(private.search_vector(coalesce((
      select string_agg(heading[1], ' ') from regexp_matches(content, '^ {0,3}#{1,6}[ \t]+([^\n]+)', 'gn') as heading), '')), 'B')
    || setweight(private.search_vector(words), 'C');
end $$;

-- Gives a language of an article an address: a slug that no other article has or had. Returns whether it could.
create function private.take_article_slug(article public.articles, locale text, slug text) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.article_slugs (team_id, slug, article_id, locale)
  values (article.team_id, take_article_slug.slug, article.id, take_article_slug.locale)
  on conflict on constraint article_slugs_pkey do nothing;
  if not exists (
    select from private.article_slugs as taken where taken.team_id = article.team_id and taken.slug = take_article_slug.slug
      and taken.article_id = article.id and taken.locale = take_article_slug.locale
  ) then
    return false;
  end if;
  update public.article_translations as row set slug = take_article_slug.slug
  where row.article_id = article.id and row.locale = take_article_slug.locale;
  return true;
end $$;

-- Changes the address of a language. The former one leads to it from then on, if it was ever published.
create function private.set_article_slug(team_id uuid, article_id uuid, locale text, slug text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  article public.articles := private.editable_article(set_article_slug.team_id, set_article_slug.article_id);
  translation public.article_translations;
begin
  select * into translation from public.article_translations as candidate
  where candidate.article_id = article.id and candidate.locale = set_article_slug.locale;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  elsif translation.published_revision_id is not null then
    perform private.require_permission(article.team_id, 'articles.publish');
  end if;
  if translation.slug = set_article_slug.slug then
    return;
  elsif not private.take_article_slug(article, set_article_slug.locale, set_article_slug.slug) then
    raise exception 'Another article has or had this address' using errcode = 'PT409', detail = 'slug_taken';
  elsif translation.first_published_at is null then
    delete from private.article_slugs as unused where unused.team_id = article.team_id and unused.slug = translation.slug;
  end if;
  update public.articles as row set updated_at = now() where row.id = article.id;
  perform private.record_team_event(article.team_id, 'article.updated',
    private.article_reference(article, set_article_slug.locale) || jsonb_build_object('slug', translation.slug),
    private.article_reference(article, set_article_slug.locale) || jsonb_build_object('slug', set_article_slug.slug));
end $$;

-- Publishes the draft of a language, and returns the id of the revision that readers see from then on. Returns null, and changes nothing,
-- if the draft is no longer at the version that the caller has seen. Publishing what is published changes nothing.
create function private.publish_article(team_id uuid, article_id uuid, locale text, seen_version integer, note text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  article public.articles := private.editable_article(publish_article.team_id, publish_article.article_id);
  draft public.article_drafts;
  translation public.article_translations;
  revision public.article_revisions;
  before jsonb;
  base text;
begin
  perform private.require_permission(article.team_id, 'articles.publish');
  select * into draft from public.article_drafts as candidate
  where candidate.article_id = article.id and candidate.locale = publish_article.locale;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  elsif draft.version is distinct from publish_article.seen_version then
    return null;
  elsif article.archived_at is not null then
    raise exception 'Take this article out of the archive first' using errcode = 'PT409', detail = 'article_archived';
  elsif draft.title = '' then
    raise exception 'An article needs a title to be published' using errcode = 'PT422', detail = 'article_untitled';
  elsif not private.is_visible(draft.content) then
    raise exception 'An article needs a text to be published' using errcode = 'PT422', detail = 'article_empty';
  end if;
  select * into translation from public.article_translations as candidate
  where candidate.article_id = article.id and candidate.locale = draft.locale;
  select * into revision from public.article_revisions as published where published.id = translation.published_revision_id;
  if found then
    if revision.title = draft.title and revision.content = draft.content then
      update public.article_translations as row set published_version = draft.version
      where row.article_id = article.id and row.locale = draft.locale;
      return revision.id;
    end if;
    before := jsonb_build_object('id', article.id, 'locale', draft.locale, 'title', revision.title, 'revision', revision.number,
      'audience', article.audience, 'note', revision.note);
  end if;
  if translation.slug is null then
    base := coalesce(nullif(private.slug_of(draft.title), ''), 'article');
    for attempt in 1 .. 20 loop
      exit when private.take_article_slug(article, draft.locale, base || case attempt when 1 then '' else '-' || attempt end);
      if attempt = 20 then
        perform private.take_article_slug(article, draft.locale, left(base, 60) || '-' || left(article.id::text, 8) || '-' || draft.locale);
      end if;
    end loop;
  end if;
  revision := private.append_revision(draft, 'published', publish_article.note, (select auth.uid()));
  update public.article_translations as row set published_revision_id = revision.id, published_version = draft.version,
    published_at = now(), first_published_at = coalesce(row.first_published_at, now()),
    title = revision.title, search = private.article_search(revision.title, revision.content),
    title_search = private.search_vector(revision.title)
  where row.article_id = article.id and row.locale = draft.locale;
  update public.articles as row set is_published = true, updated_at = now() where row.id = article.id;
  perform private.record_team_event(article.team_id, 'article.published', before, jsonb_build_object('id', article.id,
    'locale', draft.locale, 'title', revision.title, 'revision', revision.number, 'audience', article.audience, 'note', revision.note));
  return revision.id;
end $$;

-- Takes a language from the readers. Its draft, its revisions and its address stay. Does nothing if it is not published.
create function private.unpublish_article(team_id uuid, article_id uuid, locale text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  article public.articles := private.editable_article(unpublish_article.team_id, unpublish_article.article_id);
  revision public.article_revisions;
begin
  perform private.require_permission(article.team_id, 'articles.publish');
  select published.* into revision from public.article_translations as translation
  join public.article_revisions as published on published.id = translation.published_revision_id
  where translation.article_id = article.id and translation.locale = unpublish_article.locale;
  if not found then
    return;
  end if;
  perform private.withdraw_article(article.id, unpublish_article.locale);
  perform private.record_team_event(article.team_id, 'article.unpublished',
    jsonb_build_object('id', article.id, 'locale', revision.locale, 'title', revision.title), null);
end $$;

-- Takes one language of an article from the readers, or all of them.
create function private.withdraw_article(article_id uuid, locale text default null) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.article_translations as row
  set published_revision_id = null, published_version = null, published_at = null, title = null, search = null,
    title_search = null
  where row.article_id = withdraw_article.article_id and row.locale = coalesce(withdraw_article.locale, row.locale);
  update public.articles as row set updated_at = now(), is_published = exists (
    select from public.article_translations as translation
    where translation.article_id = row.id and translation.published_revision_id is not null
  ) where row.id = withdraw_article.article_id;
end $$;

grant execute on function private.set_article_slug(uuid, uuid, text, text), private.publish_article(uuid, uuid, text, integer, text),
  private.unpublish_article(uuid, uuid, text) to authenticated;
