-- Drafts of articles: beginning an article, saving the working draft of a language, and restoring a revision.

-- The article, locked, if the caller may edit it: any article with articles.publish, their own with articles.manage. Raises 404 for an
-- article that they do not see, and 403 for one that they may only read.
create function private.editable_article(team_id uuid, article_id uuid) returns public.articles
language plpgsql security definer set search_path = '' as $$
declare
  article public.articles;
  can_publish boolean := private.has_permission(editable_article.team_id, 'articles.publish');
begin
  select * into article from public.articles as candidate
  where candidate.team_id = editable_article.team_id and candidate.id = editable_article.article_id
  for no key update;
  if found and (can_publish or (article.created_by = (select auth.uid())
    and private.has_permission(article.team_id, 'articles.manage'))) then
    return article;
  end if;
  if article.id is null or not article.is_published or not private.has_permission(article.team_id, 'articles.view') then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  end if;
  perform private.require_permission(article.team_id, 'articles.manage');
  raise exception 'You may edit articles that you began yourself' using errcode = 'PT403', detail = 'forbidden';
end $$;

-- The title by which events name an article in a language: that of the draft, or "Untitled".
create function private.article_reference(article public.articles, locale text) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object('id', article.id, 'locale', article_reference.locale, 'title', coalesce((
    select nullif(draft.title, '') from public.article_drafts as draft
    where draft.article_id = article.id and draft.locale = article_reference.locale
  ), 'Untitled'));
end $$;

-- Begins a language of an article with a draft of the caller.
create function private.begin_article_language(article public.articles, locale text, title text, content text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.article_translations (team_id, article_id, locale)
  values (article.team_id, article.id, begin_article_language.locale);
  insert into public.article_drafts (team_id, article_id, locale, title, content, updated_by)
  values (article.team_id, article.id, begin_article_language.locale, begin_article_language.title, begin_article_language.content,
    (select auth.uid()));
end $$;

-- Begins an article with one language, which is a draft until somebody publishes it.
create function private.create_article(team_id uuid, locale text, title text, content text, category_id uuid, audience text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  created public.articles;
begin
  perform private.require_permission(create_article.team_id, 'articles.manage');
  insert into public.articles (team_id, category_id, audience, created_by)
  values (create_article.team_id, create_article.category_id, create_article.audience, (select auth.uid()))
  returning * into created;
  perform private.begin_article_language(created, create_article.locale, create_article.title, create_article.content);
  perform private.record_team_event(created.team_id, 'article.created', null, private.article_reference(created, create_article.locale));
  return created.id;
end $$;

-- Appends a revision with the text of a draft. `author`: who published it, or wrote it.
create function private.append_revision(draft public.article_drafts, kind text, note text, author uuid) returns public.article_revisions
language plpgsql security definer set search_path = '' as $$
declare
  revision public.article_revisions;
begin
  insert into public.article_revisions (team_id, article_id, locale, number, kind, title, content, note, created_by)
  select draft.team_id, draft.article_id, draft.locale, coalesce(max(earlier.number), 0) + 1, append_revision.kind, draft.title,
    draft.content, append_revision.note, append_revision.author
  from public.article_revisions as earlier
  where earlier.team_id = draft.team_id and earlier.article_id = draft.article_id and earlier.locale = draft.locale
  returning * into revision;
  return revision;
end $$;

-- Keeps a draft that no revision holds as one of its writer.
create function private.keep_draft(draft public.article_drafts) returns void
language plpgsql security definer set search_path = '' as $$
begin
  if not exists (
    select from public.article_revisions as known
    where known.team_id = draft.team_id and known.article_id = draft.article_id and known.locale = draft.locale
      and known.title = draft.title and known.content = draft.content
  ) then
    perform private.append_revision(draft, 'saved', null, draft.updated_by);
  end if;
end $$;

-- Saves the draft of a language and returns its version; with null for `seen_version`, begins the language. Returns null, and saves
-- nothing, if somebody else has saved another text since: the caller merges the two. The text of another writer is kept as a revision.
-- Saving the same text twice changes nothing.
create function private.save_article_draft(team_id uuid, article_id uuid, locale text, seen_version integer, title text, content text)
  returns integer
language plpgsql security definer set search_path = '' as $$
declare
  article public.articles := private.editable_article(save_article_draft.team_id, save_article_draft.article_id);
  draft public.article_drafts;
begin
  select * into draft from public.article_drafts as candidate
  where candidate.article_id = article.id and candidate.locale = save_article_draft.locale;
  if not found then
    if seen_version is not null then
      raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
    end if;
    perform private.begin_article_language(article, save_article_draft.locale, save_article_draft.title, save_article_draft.content);
    update public.articles as row set updated_at = now() where row.id = article.id;
    return 1;
  end if;
  if draft.title = save_article_draft.title and draft.content = save_article_draft.content then
    return draft.version;
  end if;
  if draft.version is distinct from seen_version then
    return null;
  end if;
  if draft.updated_by is distinct from (select auth.uid()) then
    perform private.keep_draft(draft);
  end if;
  update public.article_drafts as row set title = save_article_draft.title, content = save_article_draft.content,
    version = row.version + 1, updated_by = (select auth.uid()), updated_at = now()
  where row.article_id = article.id and row.locale = save_article_draft.locale;
  return draft.version + 1;
end $$;

-- Makes the text of a revision the draft of its language, and returns the version of the draft. A draft that no revision holds is kept as
-- one. Returns null, and changes nothing, if the draft is no longer at the version that the caller has seen.
create function private.restore_article_revision(team_id uuid, article_id uuid, revision_id uuid, seen_version integer) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  article public.articles := private.editable_article(restore_article_revision.team_id, restore_article_revision.article_id);
  revision public.article_revisions;
  draft public.article_drafts;
begin
  select * into revision from public.article_revisions as candidate
  where candidate.team_id = article.team_id and candidate.article_id = article.id
    and candidate.id = restore_article_revision.revision_id;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  end if;
  select * into draft from public.article_drafts as candidate
  where candidate.article_id = article.id and candidate.locale = revision.locale;
  if draft.version <> restore_article_revision.seen_version then
    return null;
  elsif draft.title = revision.title and draft.content = revision.content then
    return draft.version;
  end if;
  perform private.keep_draft(draft);
  update public.article_drafts as row set title = revision.title, content = revision.content, version = row.version + 1,
    updated_by = (select auth.uid()), updated_at = now()
  where row.article_id = article.id and row.locale = revision.locale;
  return draft.version + 1;
end $$;

grant execute on function private.create_article(uuid, text, text, text, uuid, text),
  private.save_article_draft(uuid, uuid, text, integer, text, text), private.restore_article_revision(uuid, uuid, uuid, integer)
  to authenticated;
