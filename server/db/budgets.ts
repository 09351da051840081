import { sql } from 'kysely'
import { database } from './pool'

/** An argument of `private.take_budgets()`. */
export interface Budget {
  kind: string
  subject: string
  amount: number
  seconds: number
  burst: number
}

export interface Spending {
  kind: string
  subject: string
  /** Requests that may come at once now. */
  remaining: number
  /** Seconds until the budget is full. */
  reset: number
  /** Seconds until one can be spent; null when one was spent. */
  wait: number | null
}

/** Spends one of each budget in order, up to the first exhausted one. Runs outside the caller's transaction: failed work counts too. */
export async function takeBudgets(budgets: Budget[]): Promise<Spending[]> {
  const { rows } =
    await sql<Spending>`select kind, subject, remaining, reset, wait from private.take_budgets(${JSON.stringify(budgets)}::jsonb)`.execute(
      database()
    )
  return rows
}

let factor: Promise<number> | undefined

/** The factor that multiplies every budget of this database: 1 outside of tests. Each process reads it once. */
export function budgetFactor(): Promise<number> {
  return (factor ??= sql<{ factor: number }>`select factor from private.budget_settings`.execute(database()).then(
    ({ rows }) => rows[0]!.factor,
    (error: unknown) => {
      factor = undefined
      throw error
    }
  ))
}

/** A full budget needs no row. */
export async function removeFullBudgets(): Promise<void> {
  await sql`delete from private.budgets where whole_at < now()`.execute(database())
}
