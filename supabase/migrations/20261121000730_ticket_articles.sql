-- Citations: the articles that helped with a ticket, or that somebody drafted from it.

create table public.ticket_articles (
  team_id uuid not null,
  ticket_id uuid not null,
  article_id uuid not null,
  -- cited: by hand. link, text: it was inserted in a reply. draft: it was drafted from the ticket.
  kind text not null default 'cited' check (kind in ('cited', 'link', 'text', 'draft')),
  cited_by uuid default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  primary key (team_id, ticket_id, article_id),
  foreign key (team_id, ticket_id) references public.tickets (team_id, id) on delete cascade,
  foreign key (team_id, article_id) references public.articles (team_id, id) on delete cascade
);
alter table public.ticket_articles enable row level security;
create index ticket_articles_article_id on public.ticket_articles (team_id, article_id, created_at desc); -- its tickets, the foreign key
create index ticket_articles_cited_by on public.ticket_articles (cited_by); -- the foreign key
comment on table public.ticket_articles is 'Articles that are cited in tickets';

create policy ticket_articles_select_members on public.ticket_articles for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.view'))::uuid[]));
-- Whoever may reply may cite, but only an article that they see: the policies of articles apply to the subquery.
create policy ticket_articles_insert_members on public.ticket_articles for insert to authenticated
  with check (cited_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])
    and exists (select from public.articles as article where article.team_id = ticket_articles.team_id
      and article.id = ticket_articles.article_id));
create policy ticket_articles_delete_members on public.ticket_articles for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('tickets.update'))::uuid[])
    or (cited_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('replies.create'))::uuid[])));
grant select, delete on public.ticket_articles to authenticated;
grant insert (team_id, ticket_id, article_id, kind, cited_by) on public.ticket_articles to authenticated;
grant select, insert, update, delete on public.ticket_articles to service_role;

create function private.tg_ticket_articles__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select count(*) from public.ticket_articles as entry
    where entry.team_id = new.team_id and entry.ticket_id = new.ticket_id) > 50 then
    raise exception 'A ticket cites at most 50 articles' using errcode = 'PT422', detail = 'citation_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.ticket_articles
  for each row execute function private.tg_ticket_articles__limit();

create trigger _500_broadcast after insert or update or delete on public.ticket_articles
  for each row execute function private.tg__broadcast_ids();

-- Everybody who sees the ticket reads its events, so only a published article has its title there.
create function private.tg_ticket_articles__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  entry public.ticket_articles := case when tg_op = 'DELETE' then old else new end;
  reference jsonb := jsonb_build_object('id', entry.article_id, 'title', (
    select revision.title from public.article_translations as translation
    join public.article_revisions as revision on revision.id = translation.published_revision_id
    where translation.team_id = entry.team_id and translation.article_id = entry.article_id
    order by translation.locale <> 'en', translation.locale limit 1
  ), 'kind', entry.kind);
begin
  -- A citation that is deleted with its ticket or article has no event.
  perform private.record_event(entry.team_id, entry.ticket_id, ticket.ticket_number,
    case tg_op when 'INSERT' then 'ticket.article_cited' else 'ticket.article_removed' end,
    case when tg_op = 'DELETE' then reference end, case when tg_op = 'INSERT' then reference end, entry.cited_by)
  from public.tickets as ticket, public.articles as article
  where ticket.team_id = entry.team_id and ticket.id = entry.ticket_id
    and article.team_id = entry.team_id and article.id = entry.article_id;
  return null;
end $$;
create trigger _600_record_events after insert or delete on public.ticket_articles
  for each row execute function private.tg_ticket_articles__record_events();
