import type { Category, TicketItem, TicketType } from '#shared/types/api'
import type { CategoryPath } from '~/utils/category/category-path'

/** The team's routing (category › type › item), live: one copy for everything that names or chooses a route. */
export const useCategories = createSharedComposable(() => {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const categories = shallowRef<Category[]>([])
  const types = shallowRef<TicketType[]>([])
  const items = shallowRef<TicketItem[]>([])
  const isLoaded = ref(false)

  const { error, refresh, refetch } = useResource(async signal => {
    const base = `/api/teams/${teamId.value}/cti`
    const tree = await Promise.all([
      $fetch<Category[]>(`${base}/categories`, { signal }),
      fetchAll<TicketType>(`${base}/types`, { signal }),
      fetchAll<TicketItem>(`${base}/items`, { signal })
    ])
    categories.value = tree[0]
    types.value = tree[1]
    items.value = tree[2]
    isLoaded.value = true
  })

  const paths = computed(() => categoryPaths(categories.value, types.value, items.value))
  const known = computed(() => new Map(paths.value.map(path => [path.value, path])))

  watch(
    teamId,
    () => {
      categories.value = []
      types.value = []
      items.value = []
      isLoaded.value = false
      reload()
    },
    { immediate: true }
  )
  for (const table of ['ticket_categories', 'ticket_types', 'ticket_items'] as const) onTable(table, reload)
  onResync(reload)

  function reload(): void {
    if (teamId.value) refetch()
  }

  /** The name of a category; its key until the names are known. */
  function categoryName(key: string): string {
    return categories.value.find(category => category.key === key)?.name ?? key.replaceAll('_', ' ')
  }

  /** The names of a route from the category down, as they are now; of a row that came with names, those until then. */
  function pathNames(route: CategoryPath & { category_name?: string; type_name?: string | null; item_name?: string | null }): string[] {
    const names = known.value.get(pathValue(route))?.names
    return (
      names ??
      [route.category_name ?? categoryName(route.category), route.type_name, route.item_name].filter(name => typeof name === 'string')
    )
  }

  return { categories, types, items, paths, isLoaded, error, refresh, categoryName, pathNames }
})
