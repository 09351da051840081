import type { LocationQuery, LocationQueryRaw } from 'vue-router'

/** Changes the query of the current page in steps: navigation is asynchronous, so each step starts from the URL that the previous one produced. */
export function useRouteSteps() {
  const route = useRoute()
  const router = useRouter()
  let last: Promise<unknown> = Promise.resolve()

  /** Runs `step` after the steps before it, unless the page has been left. */
  function enqueue(step: (query: LocationQuery) => unknown): void {
    last = last.then(() => {
      const { path, query } = router.currentRoute.value
      return path === route.path ? step(query) : undefined
    })
  }

  /** Goes back if that leads to `query`, so that the history does not contain it twice; otherwise replaces the URL. */
  function returnTo(query: LocationQueryRaw): Promise<unknown> {
    const to = router.resolve({ path: route.path, query })
    return window.history.state?.back === to.fullPath ? goBack() : router.replace(to)
  }

  // Waits until the URL has changed: otherwise the next step would start from the old one.
  function goBack(): Promise<void> {
    return new Promise(resolve => {
      const off = router.afterEach(() => {
        off()
        resolve()
      })
      router.back()
    })
  }

  return { enqueue, returnTo }
}
