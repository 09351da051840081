import type { MailBudget } from '#shared/types/api'

/** How much the current team may mail strangers, and how much of it is used. */
export function useMailBudget() {
  const { value: budget, error, refresh } = useTeamResource<MailBudget>('mail-budget')
  return { budget, error, refresh }
}
