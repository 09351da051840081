import type { Category } from '#shared/types/api'

/** The team's ticket categories. */
export function useCategories() {
  const { teamId } = useTeam()
  const categories = useState<Category[]>('categories', () => [])
  const loadedFor = useState('categories-team', () => '')

  const { error, refresh } = useResource(async (signal) => {
    const team = teamId.value
    categories.value = await $fetch<Category[]>(`/api/teams/${team}/cti/categories`, { signal })
    loadedFor.value = team
  })

  watch(teamId, () => {
    if (teamId.value && loadedFor.value !== teamId.value) void refresh()
  }, { immediate: true })

  /** The name of a category; its key until the names are known. */
  function categoryName(key: string): string {
    return categories.value.find(category => category.key === key)?.name ?? key.replaceAll('_', ' ')
  }

  return { categories, categoryName, error, refresh }
}
