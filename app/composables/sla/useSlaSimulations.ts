import type { SlaSimulation } from '#shared/types/api'
import type { SimulationDraft } from '~/utils/sla/simulation'

/** The team's SLA simulations of the last day, the newest first, live. */
export const useSlaSimulations = createSharedComposable(() => {
  const { data: simulations, refresh } = useLive<SlaSimulation[]>('sla-simulations', {
    empty: () => [],
    tables: { sla_simulations: true }
  })
  const { teamId } = useTeam()
  const url = (path: string) => `/api/teams/${teamId.value}/${path}`

  async function start(body: SimulationDraft): Promise<SlaSimulation> {
    const simulation = await $fetch<SlaSimulation>(url('sla-policies/simulate'), { method: 'POST', body })
    await refresh()
    return simulation
  }

  /** Ends it if it is not finished. */
  async function remove(id: string): Promise<void> {
    await $fetch(url(`sla-simulations/${id}`), { method: 'DELETE' })
    await refresh()
  }

  return { simulations, start, remove }
})
