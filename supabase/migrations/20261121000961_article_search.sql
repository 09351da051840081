-- Searching articles: for the help centre, for suggestions and for members. It never reads tickets.

-- The words of a search as queries, with how much each says about an article: the eight rarest that articles have, without those that say
-- next to nothing beside them, and eight that no public article has, which may be misspelled. Four letters or more also find the words that
-- begin with them, and so does the last word, which somebody may be typing.
create function private.article_terms(team_id uuid, words text[])
  returns table (word text, query tsquery, documents integer, weight real)
language plpgsql stable security definer set search_path = '' rows 8 as $$
#variable_conflict use_column
declare
  total integer := coalesce((select counts.documents from private.article_word_counts as counts
    where counts.team_id = article_terms.team_id), 0);
begin
  return query
    select ranked.word, to_tsquery('simple', '''' || ranked.word || '''' || case when ranked.is_prefix then ':*' else '' end),
      ranked.documents, ranked.weight
    from (
      select counted.*, weighed.weight, max(weighed.weight) filter (where counted.documents > 0) over () as heaviest,
        row_number() over (partition by counted.documents > 0
          order by weighed.weight desc, length(counted.word) desc, counted.word) as place
      from (
        select given.word, given.is_prefix, least(total, coalesce((
          select sum(known.documents) from (
            select words.documents from private.article_words as words
            where words.team_id = article_terms.team_id and words.word >= given.word
              and words.word <= given.word || case when given.is_prefix then E'\U0010FFFF' else '' end
            limit 200
          ) as known
        ), 0))::integer as documents
        from (
          select folded.word, bool_or(length(folded.word) >= 4 or folded.place = folded.places) as is_prefix
          from (
            select btrim(line.word) collate "C" as word, line.place, count(*) over () as places
            from string_to_table(private.search_text(array_to_string(article_terms.words[1:40], E'\n')), E'\n')
              with ordinality as line (word, place)
          ) as folded
          where folded.word <> '' group by folded.word
        ) as given
      ) as counted
      cross join lateral (
        select (case when total = 0 then 1
          when counted.documents = 0 then least(3, ln(1 + (total - 0.5) / 1.5)) -- as a word of one article, or of every twentieth
          else ln(1 + (total - counted.documents + 0.5) / (counted.documents + 0.5)) end)::real as weight
      ) as weighed
    ) as ranked
    where ranked.place <= 8 and (ranked.documents = 0 or ranked.weight >= 0.1 * ranked.heaviest);
end $$;

-- The best articles for some words, with the text in which a caller marks them. `rank` weighs rare words more, and words of titles and
-- headings. `coverage` is the share of the words' weight that the article has, from 0 to 1. Reads at most 150 articles for a word: a nested
-- loop ends there, while a hash join would read all articles first.
create function private.found_articles(team_id uuid, words text[], most integer)
  returns table (id uuid, locale text, slug text, title text, content text, audience text, category_id uuid, published_at timestamptz,
    rank real, coverage real)
language plpgsql stable security definer set search_path = '' set enable_hashjoin = off rows 20 as $$
#variable_conflict use_column
declare
  audiences text[] := private.article_audiences(found_articles.team_id);
begin
  return query
    with term as materialized (
      select word, query, weight, documents, sum(documents) over (order by documents, word) as read,
        sum(weight) over () as total
      from private.article_terms(found_articles.team_id, found_articles.words)
    ),
    hit as materialized ( -- by the words of titles, and by the rarest words
      select titled.article_id, titled.locale, 2 * term.weight as weight
      from term cross join lateral (
        select translation.article_id, translation.locale from public.article_translations as translation
        join public.articles as article on article.id = translation.article_id
        where translation.team_id = found_articles.team_id and translation.title_search @@ term.query and article.audience = any (audiences)
        limit 150
      ) as titled
      union all
      select texted.article_id, texted.locale, term.weight
      from term cross join lateral (
        select translation.article_id, translation.locale from public.article_translations as translation
        join public.articles as article on article.id = translation.article_id
        where translation.team_id = found_articles.team_id and translation.search @@ term.query and article.audience = any (audiences)
        limit 150
      ) as texted
      where term.read <= 300 or term.read = term.documents
    ),
    misspelled as materialized ( -- words that no article has, by titles with a similar word
      select similar_title.article_id, similar_title.locale, 0.5 * term.weight as weight
      from term cross join lateral (
        select translation.article_id, translation.locale from public.article_translations as translation
        join public.articles as article on article.id = translation.article_id
        where translation.team_id = found_articles.team_id and term.word operator(extensions.<%) translation.title
          and article.audience = any (audiences)
        limit 20
      ) as similar_title
      where term.documents = 0 and length(term.word) >= 5 and (select count(*) from hit) < 3
    ),
    candidate as materialized (
      select found.article_id, found.locale from (select * from hit union all select * from misspelled) as found
      group by found.article_id, found.locale order by sum(found.weight) desc, found.article_id
      limit greatest(24, least(found_articles.most, 50))
    ),
    vector as materialized ( -- the concatenation reads the words of an article once, and not once for each word
      select translation.article_id, translation.locale, translation.title, translation.search || ''::tsvector as search
      from candidate join public.article_translations as translation
        on translation.article_id = candidate.article_id and translation.locale = candidate.locale
    ),
    scored as materialized (
      select vector.article_id, vector.locale,
        coalesce(sum(term.weight) filter (where vector.search @@ term.query), 0) / max(term.total) as coverage,
        sum(term.weight * ts_rank_cd('{0.05, 0.1, 0.25, 1}', vector.search, term.query, 32)) / max(term.total) as density,
        max(extensions.word_similarity(term.word, vector.title)) as similarity
      from vector cross join term
      group by vector.article_id, vector.locale
    ),
    best as materialized (
      select scored.article_id, scored.locale, scored.coverage::real as coverage,
        (scored.coverage + scored.density + 0.2 * scored.similarity)::real as rank
      from scored order by rank desc, scored.article_id limit least(greatest(found_articles.most, 1), 50)
    )
    select article.id, article.locale, article.slug, article.title, article.content, article.audience, article.category_id,
      article.published_at, best.rank, best.coverage
    from best
    join private.published_articles as article on article.id = best.article_id and article.locale = best.locale
    where article.team_id = found_articles.team_id and article.audience = any (audiences)
    order by best.rank desc, article.first_published_at, article.id;
end $$;
grant execute on function private.found_articles(uuid, text[], integer) to anon, authenticated;
