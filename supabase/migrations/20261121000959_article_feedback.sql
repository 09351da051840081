-- Feedback on articles: "Was this helpful?", and what is missing.

-- A visitor is a hash of their network and browser with a secret of the day, which is deleted with the day: it tells two answers of the
-- same visitor apart on one day, and nobody can find out later who they were. So no cookie is needed.
create table private.visitor_salts (
  day date primary key,
  salt bytea not null default extensions.gen_random_bytes(32)
);
comment on table private.visitor_salts is 'The secret of the day that hides visitors of the help centre';

create function private.visitor_of_today(trait text) returns bytea
language plpgsql security definer set search_path = '' as $$
declare
  today date := (now() at time zone 'UTC')::date;
begin
  insert into private.visitor_salts (day) values (today) on conflict do nothing;
  if found then
    delete from private.visitor_salts as old where old.day < today;
  end if;
  return (select sha256(salts.salt || convert_to(trait, 'UTF8')) from private.visitor_salts as salts where salts.day = today);
end $$;

create table public.article_feedback (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  article_id uuid not null,
  locale text not null,
  visitor bytea not null,
  is_helpful boolean not null,
  missing text check (length(missing) between 1 and 2000 and private.is_visible(missing)), -- what the visitor did not find
  created_at timestamptz not null default now(),
  unique (article_id, locale, visitor),
  foreign key (team_id, article_id, locale) references public.article_translations (team_id, article_id, locale) on delete cascade
);
alter table public.article_feedback enable row level security;
create index article_feedback_article on public.article_feedback (team_id, article_id, locale); -- the foreign key
comment on table public.article_feedback is 'What visitors of the help centre say about articles: one answer a visitor, day and article';

create policy article_feedback_select_members on public.article_feedback for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('articles.view'))::uuid[]));
-- Writing is not granted, and neither is `visitor`.
grant select (id, team_id, article_id, locale, is_helpful, missing, created_at) on public.article_feedback to authenticated;
grant select, insert, update, delete on public.article_feedback to service_role;

-- Keeps the answer of a visitor to an article that they may read; a second answer of the same day replaces the first. `trait` tells
-- visitors apart. Raises PT404 for any other article. Only the server calls this: it knows the trait.
create function private.rate_article(team_id uuid, address text, trait text, is_helpful boolean, missing text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  visitor bytea := private.visitor_of_today(trait);
  article record;
begin
  select * into article from private.readable_article(rate_article.team_id, rate_article.address);
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  end if;
  perform private.require_budget('rate_article', 'visitor:' || encode(visitor, 'hex'), 60, '1 hour', 30);
  insert into public.article_feedback as feedback (team_id, article_id, locale, visitor, is_helpful, missing)
  values (rate_article.team_id, article.id, article.locale, visitor, rate_article.is_helpful, rate_article.missing)
  on conflict on constraint article_feedback_article_id_locale_visitor_key do update
    set is_helpful = excluded.is_helpful, missing = coalesce(excluded.missing, feedback.missing), created_at = now();
end $$;
grant execute on function private.rate_article(uuid, text, text, boolean, text) to anon, authenticated;
