-- Article categories: the sections of the help centre.

-- Whether `names` is an object of lines by language.
create function private.are_names_by_locale(names jsonb) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_typeof(names) = 'object' and not exists (
    select from jsonb_each(case jsonb_typeof(names) when 'object' then names else '{}' end) as entry
    where entry.key not in ('en', 'de') or jsonb_typeof(entry.value) <> 'string'
      or length(entry.value #>> '{}') not between 1 and 100 or not private.is_line(entry.value #>> '{}')
  );
end $$;

-- The part of an address that stands for a text: letters and digits of ASCII, joined by hyphens. Empty if it has none of them.
create function private.slug_of(value text) returns text
language plpgsql immutable set search_path = '' as $$
declare
  spelled text := lower(value collate "und-x-icu");
begin
  spelled := replace(replace(replace(spelled, E'\u00E4', 'ae'), E'\u00F6', 'oe'), E'\u00FC', 'ue');
  return btrim(left(btrim(regexp_replace(private.fold_text(spelled), '[^a-z0-9]+', '-', 'g'), '-'), 80), '-');
end $$;
grant execute on function private.are_names_by_locale(jsonb) to authenticated, service_role; -- a check runs with the rights of the writer

create table public.article_categories (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  slug text not null default '' check (slug ~ '^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$'), -- from the first name; it never changes
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  names jsonb not null default '{}' check (private.are_names_by_locale(names)), -- in other languages
  position integer not null default 0, -- orders the categories; readers must not take it as a number
  created_at timestamptz not null default now(),
  unique (team_id, id),
  unique (team_id, slug)
);
alter table public.article_categories enable row level security;
create unique index article_categories_name_key on public.article_categories (team_id, lower(name));
comment on table public.article_categories is 'The sections of the help centre';

create policy article_categories_select_members on public.article_categories for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('articles.view'))::uuid[]));
create policy article_categories_insert_managers on public.article_categories for insert to authenticated
  with check (team_id = any ((select private.permitted_team_ids('articles.publish'))::uuid[]));
create policy article_categories_update_managers on public.article_categories for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('articles.publish'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('articles.publish'))::uuid[]));
create policy article_categories_delete_managers on public.article_categories for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('articles.publish'))::uuid[]));
-- The slug is not granted: a trigger writes it.
grant select, delete on public.article_categories to authenticated;
grant insert (team_id, name, names, position) on public.article_categories to authenticated;
grant update (name, names, position) on public.article_categories to authenticated;
grant select, insert, update, delete on public.article_categories to service_role;

-- Security definer: the policies would hide nothing here, but the slugs of the team must be read in any case.
create function private.tg_article_categories__set_slug() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  base text := coalesce(nullif(private.slug_of(new.name), ''), 'category');
  attempt integer := 1;
begin
  new.slug := base;
  while exists (
    select from public.article_categories as category where category.team_id = new.team_id and category.slug = new.slug
  ) loop
    attempt := attempt + 1;
    new.slug := base || '-' || attempt;
  end loop;
  return new;
end $$;
create trigger _200_set_slug before insert on public.article_categories
  for each row execute function private.tg_article_categories__set_slug();

create function private.tg_article_categories__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select count(*) from public.article_categories as category where category.team_id = new.team_id) > 100 then
    raise exception 'A team has at most 100 article categories' using errcode = 'PT422', detail = 'article_category_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.article_categories
  for each row execute function private.tg_article_categories__limit();

create trigger _500_broadcast after insert or update or delete on public.article_categories
  for each row execute function private.tg__broadcast_ids();

create function private.tg_article_categories__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op <> 'INSERT' then jsonb_build_object('id', old.id, 'name', old.name, 'names', old.names) end;
  after jsonb := case when tg_op <> 'DELETE' then jsonb_build_object('id', new.id, 'name', new.name, 'names', new.names) end;
begin
  case tg_op
    when 'INSERT' then perform private.record_team_event(new.team_id, 'article_category.created', null, after - 'names');
    when 'DELETE' then perform private.record_team_event(old.team_id, 'article_category.deleted', before - 'names', null);
    else
      if before <> after then -- moving it among the others is no event
        perform private.record_team_event(new.team_id, 'article_category.updated', private.changed_fields(before, after, '{id,name}'),
          private.changed_fields(after, before, '{id,name}'));
      end if;
  end case;
  return null;
end $$;
create trigger _600_record_events after insert or update or delete on public.article_categories
  for each row execute function private.tg_article_categories__record_events();
