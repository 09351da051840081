import type { Page, SlaSimulationClock } from '#shared/types/api'

const pageSize = 10

/** The clocks with another result in a finished simulation, by page. */
export function useSimulatedClocks(simulationId: () => string) {
  const page = ref(1)
  const {
    data: clocks,
    isLoaded,
    error,
    refresh
  } = useLive<Page<SlaSimulationClock>>(() => `sla-simulations/${simulationId()}/clocks`, {
    empty: () => ({ data: [], total: 0, page: 1, page_size: pageSize }),
    query: () => ({ page: page.value, page_size: pageSize })
  })
  watch(simulationId, () => (page.value = 1))
  return { clocks, page, pageSize, isLoaded, error, refresh }
}
