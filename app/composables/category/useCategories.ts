import type { Category, TicketItem, TicketType } from '#shared/types/api'
import type { CategoryPath } from '~/utils/category/category-path'

interface Levels {
  categories: Category[]
  types: TicketType[]
  items: TicketItem[]
}

/** The names of a category path in a ticket row. */
interface PathNames {
  category_name?: string
  type_name?: string | null
  item_name?: string | null
}

/** The team's categories, types and items, live; shared by the whole app. */
export const useCategories = createSharedComposable(() => {
  const { data, isLoaded, error, refresh } = useLive<Levels>('cti', {
    empty: () => ({ categories: [], types: [], items: [] }),
    tables: { ticket_categories: true, ticket_types: true, ticket_items: true },
    load: async (url, { signal }) => {
      const [categories, types, items] = await Promise.all([
        $fetch<Category[]>(`${url}/categories`, { signal }),
        fetchAll<TicketType>(`${url}/types`, { signal }),
        fetchAll<TicketItem>(`${url}/items`, { signal })
      ])
      return { categories, types, items }
    }
  })
  const categories = computed(() => data.value.categories)
  const types = computed(() => data.value.types)
  const items = computed(() => data.value.items)
  const paths = computed(() => categoryPaths(categories.value, types.value, items.value))
  const known = computed(() => new Map(paths.value.map(path => [path.value, path])))

  /** The name of a category; its key while the names are loading. */
  function categoryName(key: string): string {
    return categories.value.find(category => category.key === key)?.name ?? key.replaceAll('_', ' ')
  }

  /** The names of a path, the category first; those of the ticket row while the current ones are loading. */
  function pathNames(path: CategoryPath & PathNames): string[] {
    const names = known.value.get(pathValue(path))?.names
    return (
      names ?? [path.category_name ?? categoryName(path.category), path.type_name, path.item_name].filter(name => typeof name === 'string')
    )
  }

  return { categories, types, items, paths, isLoaded, error, refresh, categoryName, pathNames }
})
