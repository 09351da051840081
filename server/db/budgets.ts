import { sql } from 'kysely'
import { database } from './pool'

/** A budget as `private.take_budgets()` is asked for it. */
export interface Budget {
  kind: string
  subject: string
  amount: number
  seconds: number
  burst: number
}

/** What is left of a budget after it was asked for one. */
export interface Spending {
  kind: string
  subject: string
  /** What may be spent at once from now on. */
  remaining: number
  /** Seconds until the budget is whole. */
  reset: number
  /** Seconds to wait; null where this one was spent. */
  wait: number | null
}

/** Spends one of each budget in order, up to the first that refuses. A statement of its own: it counts, whatever becomes of the work. */
export async function takeBudgets(budgets: Budget[]): Promise<Spending[]> {
  const { rows } =
    await sql<Spending>`select kind, subject, remaining, reset, wait from private.take_budgets(${JSON.stringify(budgets)}::jsonb)`.execute(
      database()
    )
  return rows
}

let factor: Promise<number> | undefined

/** What multiplies every budget of this database: 1, but for test suites. Read once by each process. */
export function budgetFactor(): Promise<number> {
  return (factor ??= sql<{ factor: number }>`select factor from private.budget_settings`.execute(database()).then(
    ({ rows }) => rows[0]!.factor,
    (error: unknown) => {
      factor = undefined
      throw error
    }
  ))
}

/** Forgets the budgets that are whole again. */
export async function removeWholeBudgets(): Promise<void> {
  await sql`delete from private.budgets where whole_at < now()`.execute(database())
}
