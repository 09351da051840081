import type { SavedViewCreate, SavedViewUpdate } from '#shared/schemas/saved-view'
import type { SavedView } from '#shared/types/api'

const countIntervalMs = 2_000 // counting reads many tickets

/** The saved views that I can see in the current team, with their ticket counts, live; shared by the whole app. */
export const useSavedViews = createSharedComposable(() => {
  const { profile } = useTeam()
  const { can } = usePermissions()
  const { data: saved, url, isLoaded, error } = useLive<SavedView[]>('saved-views', { empty: () => [], tables: { saved_views: true } })
  const { data: counts, refetch: recount } = useLive<Record<string, number>>('saved-views/counts', {
    empty: () => ({}),
    tables: { saved_views: true, tickets: true },
    interval: countIntervalMs
  })
  const views = computed(() => allViews(saved.value))

  async function create(view: SavedViewCreate): Promise<SavedView> {
    const created = await $fetch<SavedView>(url.value, { method: 'POST', body: view, pinned: ['position'] })
    put(created)
    recount()
    return created
  }

  async function update(id: string, changes: SavedViewUpdate): Promise<SavedView> {
    const changed = await $fetch<SavedView>(`${url.value}/${id}`, { method: 'PATCH', body: changes })
    put(changed)
    if (changes.filters) recount()
    return changed
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    saved.value = saved.value.filter(view => view.id !== id)
  }

  function isEditable(view: SavedView): boolean {
    return view.is_shared ? can('views.share') : view.user_id === profile.value?.id
  }

  /** Moves a view one place up (-1) or down (1) among the personal or the shared views. */
  async function move(id: string, by: -1 | 1): Promise<void> {
    for (const { id: moved, position } of movedPositions(kindOf(id), id, by)) await update(moved, { position })
  }

  function kindOf(id: string): SavedView[] {
    const isShared = saved.value.find(view => view.id === id)?.is_shared
    return saved.value.filter(view => view.is_shared === isShared)
  }

  function put(view: SavedView): void {
    const others = saved.value.filter(({ id }) => id !== view.id)
    saved.value = [...others, view].sort(compareViews)
  }

  return { views, saved, isLoaded, counts, error, create, update, remove, move, kindOf, isEditable }
})

// Sorts like the server.
function compareViews(a: SavedView, b: SavedView): number {
  return (
    Number(a.is_shared) - Number(b.is_shared) ||
    a.position - b.position ||
    Date.parse(a.created_at) - Date.parse(b.created_at) ||
    (a.id < b.id ? -1 : 1)
  )
}
