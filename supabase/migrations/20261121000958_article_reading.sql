-- Reading articles outside of the team: what the help centre, the portal and suggestions may show.

-- The audiences whose published articles the caller may read. Everything that shows articles asks this function. In the portal and the help
-- centre a member who is also a client reads as a client.
create function private.article_audiences(team_id uuid) returns text[]
language plpgsql stable security definer set search_path = '' as $$
begin
  if coalesce(current_setting('switchboard.channel', true), '') <> 'portal'
    and private.has_permission(article_audiences.team_id, 'articles.view') then
    return '{public,clients,internal}';
  elsif private.is_client(article_audiences.team_id) then
    return '{public,clients}';
  end if;
  return '{public}';
end $$;

-- Whether a contact of the team is signed in. A ticket session opens one ticket and nothing else.
create function private.is_client(team_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  if (select auth.uid()) is null then
    return false;
  end if;
  perform private.require_client(is_client.team_id);
  return true;
exception
  when sqlstate 'PT404' or sqlstate 'PT401' then
    return false;
end $$;

-- Granted to nobody: the functions below choose the audiences.
create view private.published_articles as
  select article.team_id, article.id, article.audience, article.category_id, translation.locale, translation.slug,
    translation.published_at, translation.first_published_at, translation.title, translation.published_revision_id as revision_id,
    revision.content
  from public.articles as article
  join public.teams as team on team.id = article.team_id and team.deleted_at is null
  join public.article_translations as translation on translation.team_id = article.team_id and translation.article_id = article.id
  -- Each has a revision. A left join is left out of a query that does not read the texts.
  left join public.article_revisions as revision on revision.id = translation.published_revision_id
  where article.is_published and translation.published_revision_id is not null;
comment on view private.published_articles is 'Each published language of each article, with what readers see';

-- The categories with articles that the caller may read.
create function private.readable_categories(team_id uuid) returns table (id uuid, slug text, name text, names jsonb)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  audiences text[] := private.article_audiences(readable_categories.team_id);
begin
  return query
    select category.id, category.slug, category.name, category.names from public.article_categories as category
    where category.team_id = readable_categories.team_id and exists (
      select from public.articles as article
      where article.team_id = category.team_id and article.category_id = category.id and article.is_published
        and article.audience = any (audiences)
    )
    order by category.position, category.created_at, category.id;
end $$;

-- The published articles that the caller may read: one row an article, in the preferred language, or in another if it lacks that.
-- Granted to nobody.
create function private.chosen_languages(team_id uuid, preferred text, only_category_id uuid default null)
  returns table (id uuid, locale text, slug text, title text, category_id uuid, published_at timestamptz)
language plpgsql stable security definer set search_path = '' rows 500 as $$
#variable_conflict use_column
declare
  audiences text[] := private.article_audiences(chosen_languages.team_id);
begin
  return query
    select distinct on (article.id) article.id, article.locale, article.slug, article.title, article.category_id, article.published_at
    from private.published_articles as article
    where article.team_id = chosen_languages.team_id and article.audience = any (audiences)
      and (only_category_id is null or article.category_id = only_category_id)
    order by article.id, article.locale = chosen_languages.preferred desc, article.locale = 'en' desc, article.locale;
end $$;

-- Articles by title: of one category, or of all. `total` counts them, also beyond `most`.
create function private.readable_articles(team_id uuid, preferred text, most integer, skip integer default 0,
    only_category_id uuid default null)
  returns table (id uuid, locale text, slug text, title text, category_id uuid, published_at timestamptz, total integer)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select article.id, article.locale, article.slug, article.title, article.category_id, article.published_at,
      (count(*) over ())::integer
    from private.chosen_languages(readable_articles.team_id, readable_articles.preferred, only_category_id) as article
    order by article.title collate "und-x-icu", article.id
    limit readable_articles.most offset readable_articles.skip;
end $$;

-- The first articles of each category, by title, and of those without one. `total` counts all articles of the category.
create function private.readable_overview(team_id uuid, preferred text, most integer)
  returns table (id uuid, locale text, slug text, title text, category_id uuid, published_at timestamptz, total integer)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return query
    select ranked.id, ranked.locale, ranked.slug, ranked.title, ranked.category_id, ranked.published_at, ranked.total
    from (
      select article.*, (count(*) over (partition by article.category_id))::integer as total,
        row_number() over (partition by article.category_id order by article.title collate "und-x-icu", article.id) as place
      from private.chosen_languages(readable_overview.team_id, readable_overview.preferred) as article
    ) as ranked
    where ranked.place <= readable_overview.most order by ranked.place;
end $$;

-- The addresses of everything that the caller may read, for a site map.
create function private.readable_addresses(team_id uuid) returns table (id uuid, locale text, slug text, published_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  audiences text[] := private.article_audiences(readable_addresses.team_id);
begin
  return query
    select article.id, article.locale, article.slug, article.published_at from private.published_articles as article
    where article.team_id = readable_addresses.team_id and article.audience = any (audiences)
    order by article.slug limit 50000;
end $$;

-- The article at an address, with its other published languages. At a former address, `slug` is the present one: the caller redirects. No
-- row if there is none that the caller may read.
create function private.readable_article(team_id uuid, address text)
  returns table (id uuid, locale text, slug text, title text, content text, audience text, category_id uuid, published_at timestamptz,
    first_published_at timestamptz, revision_id uuid, languages jsonb)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  audiences text[] := private.article_audiences(readable_article.team_id);
begin
  return query
    select article.id, article.locale, article.slug, article.title, article.content, article.audience, article.category_id,
      article.published_at, article.first_published_at, article.revision_id, (
        select jsonb_agg(jsonb_build_object('locale', other.locale, 'slug', other.slug, 'title', other.title) order by other.locale)
        from private.published_articles as other where other.team_id = article.team_id and other.id = article.id
      )
    from private.article_slugs as known
    join private.published_articles as article on article.team_id = known.team_id and article.id = known.article_id
    where known.team_id = readable_article.team_id and known.slug = readable_article.address and article.audience = any (audiences)
    -- A replacement may lack the language of the article that it replaces.
    order by article.locale = known.locale desc, article.locale = 'en' desc limit 1;
end $$;

grant execute on function private.readable_categories(uuid), private.readable_articles(uuid, text, integer, integer, uuid),
  private.readable_overview(uuid, text, integer), private.readable_addresses(uuid), private.readable_article(uuid, text)
  to anon, authenticated;
