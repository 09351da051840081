import type { Sql } from 'postgres'

/** Multiplies all budgets by 1,000, so that suites do not exhaust them. Call it before the server starts: it reads the factor once. */
export async function widenBudgets(sql: Sql): Promise<void> {
  await sql`update private.budget_settings set factor = 1000`
}
