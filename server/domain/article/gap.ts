import { sql } from 'kysely'
import type { ArticleGap } from '#shared/types/api'
import type { Db } from '../../db/types'

const days = 90
const maxGaps = 100
// Fewer answers say little about an article.
const minAnswers = 5

/**
 * What the knowledge base lacks, of the last 90 days: searches that found nothing, articles that were suggested before a ticket was sent
 * nevertheless, articles that most visitors do not find helpful or whose tickets were opened again, and what visitors miss. What happened most often comes first.
 */
export async function listArticleGaps(db: Db, teamId: string): Promise<ArticleGap[]> {
  const since = sql`(now() at time zone 'UTC')::date - ${days}::integer`
  const { rows } = await sql<ArticleGap>`
    with gap as (
      select case asked.outcome when 'ignored' then 'ignored' else 'not_found' end as kind, asked.question as text, asked.article_id,
        sum(asked.times)::integer as times, max(asked.day) as day
      from public.article_questions as asked
      where asked.team_id = ${teamId} and asked.day >= ${since} and asked.outcome <> 'answered'
      group by asked.outcome, asked.question, asked.article_id
      union all
      select 'unhelpful', null, feedback.article_id, count(*) filter (where not feedback.is_helpful)::integer,
        max(feedback.created_at at time zone 'UTC')::date
      from public.article_feedback as feedback
      where feedback.team_id = ${teamId} and feedback.created_at >= ${since}
      group by feedback.article_id
      having count(*) >= ${minAnswers}::integer and count(*) filter (where not feedback.is_helpful) * 2 > count(*)
      union all
      select 'missing', feedback.missing, feedback.article_id, 1, (feedback.created_at at time zone 'UTC')::date
      from public.article_feedback as feedback
      where feedback.team_id = ${teamId} and feedback.created_at >= ${since} and feedback.missing is not null
      union all
      select 'stale', null, citation.article_id, count(distinct citation.ticket_id)::integer,
        max(event.created_at at time zone 'UTC')::date
      from public.ticket_articles as citation
      join public.ticket_events as event on event.team_id = citation.team_id and event.ticket_id = citation.ticket_id
      where citation.team_id = ${teamId} and citation.kind <> 'draft' and event.type = 'ticket.status_changed'
        and event."from" in ('"resolved"', '"closed"') and event."to" in ('"open"', '"in_progress"')
        and event.created_at > citation.created_at and event.created_at >= ${since}
      group by citation.article_id
    ),
    most as materialized (
      select * from gap order by gap.times desc, gap.day desc, gap.text, gap.article_id limit ${maxGaps}::integer
    )
    select most.kind, most.text, most.times, most.day::text, case when most.article_id is not null then jsonb_build_object(
      'id', most.article_id, 'title', coalesce((
        select revision.title from public.article_revisions as revision
        join public.article_translations as translation on translation.published_revision_id = revision.id
        where translation.article_id = most.article_id order by translation.locale <> 'en', translation.locale limit 1
      ), 'Untitled')
    ) end as article
    from most order by most.times desc, most.day desc, most.text, most.article_id`.execute(db)
  return rows
}
