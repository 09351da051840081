import type { MailBudget } from '#shared/types/api'

/** How much the current team may mail strangers, and how much of it is used. */
export function useMailBudget() {
  const { data: budget, error, refresh } = useLive<MailBudget | null>('mail-budget', { empty: () => null })
  return { budget, error, refresh }
}
