-- Changes of whole articles: category, audience, archive and deletion.

-- What people can change, with the name of the category instead of its id, and the title of the first language.
create function private.article_state(article public.articles) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  first_locale text := (select translation.locale from public.article_translations as translation
    where translation.article_id = article.id order by translation.locale <> 'en', translation.locale limit 1);
begin
  return private.article_reference(article, first_locale) || jsonb_build_object('audience', article.audience,
    'is_archived', article.archived_at is not null, 'category', (
      select category.name from public.article_categories as category
      where category.team_id = article.team_id and category.id = article.category_id
    ));
end $$;

-- Changes the category, the audience or the archive: `changes` holds category_id, audience or is_archived. Archiving takes all languages
-- from the readers.
create function private.update_article(team_id uuid, article_id uuid, changes jsonb) returns void
language plpgsql security definer set search_path = '' as $$
declare
  article public.articles := private.editable_article(update_article.team_id, update_article.article_id);
  before jsonb := private.article_state(article);
  after jsonb;
begin
  if article.is_published then
    perform private.require_permission(article.team_id, 'articles.publish');
  end if;
  if (changes ->> 'is_archived')::boolean then
    perform private.withdraw_article(article.id);
  end if;
  update public.articles as row set
    category_id = case when changes ? 'category_id' then (changes ->> 'category_id')::uuid else row.category_id end,
    audience = coalesce(changes ->> 'audience', row.audience),
    archived_at = case (changes ->> 'is_archived')::boolean when true then coalesce(row.archived_at, now()) when false then null
      else row.archived_at end
  where row.id = article.id
  returning * into article;
  after := private.article_state(article);
  if before <> after then
    perform private.record_team_event(article.team_id, 'article.updated', private.changed_fields(before, after, '{id,locale,title}'),
      private.changed_fields(after, before, '{id,locale,title}'));
  end if;
end $$;

-- Deletes an article with its revisions. If it was ever published, its addresses lead to the replacement; without one, the caller has to
-- say that they may lead nowhere. Raises PT409 `replacement_needed` otherwise.
create function private.delete_article(team_id uuid, article_id uuid, replacement_id uuid, is_final boolean) returns void
language plpgsql security definer set search_path = '' as $$
declare
  article public.articles := private.editable_article(delete_article.team_id, delete_article.article_id);
  replacement public.articles;
  was_published boolean := exists (
    select from public.article_translations as translation
    where translation.article_id = article.id and translation.first_published_at is not null
  );
begin
  if was_published then
    perform private.require_permission(article.team_id, 'articles.publish');
  end if;
  if replacement_id is not null then
    select * into replacement from public.articles as candidate
    where candidate.team_id = article.team_id and candidate.id = replacement_id and candidate.id <> article.id and candidate.is_published
    for key share;
    if not found then
      raise exception 'Choose a published article of this team' using errcode = 'PT400', detail = 'replacement_id';
    end if;
    update private.article_slugs as row set article_id = replacement.id
    where row.team_id = article.team_id and row.article_id = article.id;
    -- The links in the replies of these tickets lead to the replacement.
    update public.ticket_articles as row set article_id = replacement.id
    where row.team_id = article.team_id and row.article_id = article.id and not exists (
      select from public.ticket_articles as other
      where other.team_id = row.team_id and other.ticket_id = row.ticket_id and other.article_id = replacement.id
    );
  elsif was_published and not is_final then
    raise exception 'Choose an article that readers of this one are led to' using errcode = 'PT409', detail = 'replacement_needed';
  end if;
  perform private.record_team_event(article.team_id, 'article.deleted', private.article_state(article) - '{is_archived}'::text[],
    case when replacement.id is not null then private.article_state(replacement) - '{is_archived,audience,category}'::text[] end);
  delete from public.articles as row where row.id = article.id;
end $$;

grant execute on function private.update_article(uuid, uuid, jsonb), private.delete_article(uuid, uuid, uuid, boolean) to authenticated;
