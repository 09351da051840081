import { sql } from 'kysely'
import type { Db } from '../../db/types'

/** How suggestions ended: somebody said that an article answered the question, or sent a ticket nevertheless. */
export interface SuggestionsOutcome {
  /** The form, which counts once. */
  form: string
  outcome: 'answered' | 'ignored'
  question: string
  /** The addresses of the articles. */
  addresses: string[]
}

/** Counts how suggestions ended. The caller must be a client. Returns false for a form that was counted before. */
export async function countSuggestions(
  db: Db,
  teamId: string,
  { form, outcome, question, addresses }: SuggestionsOutcome
): Promise<boolean> {
  const { rows } = await sql<{ counted: boolean }>`
    select private.count_suggestions(${teamId}, ${form}, ${outcome}, ${question}, ${addresses}::text[]) as counted`.execute(db)
  return rows[0]!.counted
}

/** Counts a search that found nothing. `visitor` tells visitors apart, and is not stored. */
export async function countMissedSearch(db: Db, teamId: string, { q, visitor }: { q: string; visitor: string }): Promise<void> {
  await sql`select private.count_missed_search(${teamId}, ${q}, ${visitor})`.execute(db)
}

/** Deletes questions that are older than 180 days, and forms older than two. Returns how many rows. */
export async function removeOldQuestions(db: Db, limit: number): Promise<number> {
  const { numAffectedRows: questions } = await sql`
    delete from public.article_questions where id in (
      select id from public.article_questions where day < (now() at time zone 'UTC')::date - 180 limit ${limit})`.execute(db)
  const { numAffectedRows: forms } = await sql`
    delete from private.article_question_forms where form in (
      select form from private.article_question_forms where day < (now() at time zone 'UTC')::date - 2 limit ${limit})`.execute(db)
  return Number(questions ?? 0) + Number(forms ?? 0)
}
