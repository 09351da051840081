import type { MailBudget } from '#shared/types/api'

/** The mail budgets of the current team and their use. */
export function useMailBudget() {
  const { data: budget, error, refresh } = useLive<MailBudget | null>('mail-budget', { empty: () => null })
  return { budget, error, refresh }
}
