import type { MailBudget } from '#shared/types/api'

/** How much the current team may mail strangers, and how much of it is used. */
export function useMailBudget() {
  const { teamId } = useTeam()
  const budget = shallowRef<MailBudget | null>(null)

  const { error, refresh } = useResource(async (signal) => {
    budget.value = await $fetch<MailBudget>(`/api/teams/${teamId.value}/mail-budget`, { signal })
  })
  watch(teamId, () => {
    budget.value = null
    void refresh()
  }, { immediate: true })

  return { budget, error, refresh }
}
