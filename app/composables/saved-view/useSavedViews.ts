import type { SavedViewCreate, SavedViewUpdate } from '#shared/schemas/saved-view'
import type { SavedView } from '#shared/types/api'

const countInterval = 2_000 // milliseconds between two counts at least: they look at many tickets

/** The views of the current team that I see, and how many tickets each shows; live, one copy for sidebar and list. */
export const useSavedViews = createSharedComposable(() => {
  const { teamId, profile } = useTeam()
  const { can } = usePermissions()
  const { onTable, onResync } = useRealtime()
  const saved = shallowRef<SavedView[]>([])
  const counts = shallowRef<Record<string, number>>({})
  const isLoaded = ref(false)
  const views = computed(() => allViews(saved.value))

  const url = (id = '') => `/api/teams/${teamId.value}/saved-views${id && `/${id}`}`
  const { error, refetch } = useResource(async signal => {
    saved.value = await $fetch<SavedView[]>(url(), { signal })
    isLoaded.value = true
  })
  const { refetch: recount } = useResource(
    async signal => {
      counts.value = await $fetch<Record<string, number>>(url('counts'), { signal })
    },
    { interval: countInterval, isWanted: () => Boolean(teamId.value) }
  ) // its person may sign out while it waits for its turn

  watch(
    teamId,
    () => {
      saved.value = []
      isLoaded.value = false
      counts.value = {}
      reload()
    },
    { immediate: true }
  )
  onTable('saved_views', reload)
  onTable('tickets', recount)
  onResync(reload)

  function reload(): void {
    if (!teamId.value) return
    refetch()
    recount()
  }

  async function create(view: SavedViewCreate): Promise<SavedView> {
    const created = await $fetch<SavedView>(url(), { method: 'POST', body: view, pinned: ['position'] })
    put(created)
    recount()
    return created
  }

  async function update(id: string, changes: SavedViewUpdate): Promise<SavedView> {
    const changed = await $fetch<SavedView>(url(id), { method: 'PATCH', body: changes })
    put(changed)
    if (changes.filters) recount()
    return changed
  }

  async function remove(id: string): Promise<void> {
    await $fetch(url(id), { method: 'DELETE' })
    saved.value = saved.value.filter(view => view.id !== id)
  }

  function isEditable(view: SavedView): boolean {
    return view.is_shared ? can('views.share') : view.user_id === profile.value?.id
  }

  /** Moves a view one place up (-1) or down (1) among its kind: one's own, or the team's. */
  async function move(id: string, by: -1 | 1): Promise<void> {
    for (const { id: moved, position } of movedPositions(kindOf(id), id, by)) await update(moved, { position })
  }

  function kindOf(id: string): SavedView[] {
    const isShared = saved.value.find(view => view.id === id)?.is_shared
    return saved.value.filter(view => view.is_shared === isShared)
  }

  function put(view: SavedView): void {
    const others = saved.value.filter(({ id }) => id !== view.id)
    // In the order of the server.
    saved.value = [...others, view].sort(
      (a, b) =>
        Number(a.is_shared) - Number(b.is_shared) ||
        a.position - b.position ||
        Date.parse(a.created_at) - Date.parse(b.created_at) ||
        (a.id < b.id ? -1 : 1)
    )
  }

  return { views, saved, isLoaded, counts, error, create, update, remove, move, kindOf, isEditable }
})
