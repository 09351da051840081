import { plural } from '#shared/utils/plural'
import type { Category, TicketCount, TicketItem, TicketType } from '#shared/types/api'

/** Where a ticket is filed: a category, and below it a type and an item or neither. */
export interface CategoryPath {
  category: string
  type_id: string | null
  item_id: string | null
}

/** A category path with its names, to be chosen. */
export interface CategoryChoice extends CategoryPath {
  /** Tells paths apart, as `pathValue` does. */
  value: string
  names: string[]
  /** "Category › Type › Item". */
  label: string
}

/** A category, type or item with what is below it. */
export interface CategoryNode {
  id: string
  level: 'category' | 'type' | 'item'
  /** What tickets carry of a category. */
  key: string | null
  name: string
  /** What clients read; null: they are not offered it. Categories alone have one. */
  portalName: string | null
  ticketCount: number
  /** Takes the tickets of deleted categories, so that it stays. */
  isFallback: boolean
  children: CategoryNode[]
}

export const fallbackCategory = 'other'
export const pathSeparator = ' › '

export function pathValue({ category, type_id, item_id }: CategoryPath): string {
  return [category, type_id, item_id].filter(Boolean).join('/')
}

/** Every path in the order of the tree, parents first. */
export function categoryPaths(categories: Category[], types: TicketType[], items: TicketItem[]): CategoryChoice[] {
  const typesOf = Map.groupBy(types, type => type.category)
  const itemsOf = Map.groupBy(items, item => item.type_id)
  return categories.flatMap(({ key, name }) => [
    pathOf({ category: key, type_id: null, item_id: null }, [name]),
    ...(typesOf.get(key) ?? []).flatMap(type => [
      pathOf({ category: key, type_id: type.id, item_id: null }, [name, type.name]),
      ...(itemsOf.get(type.id) ?? []).map(item =>
        pathOf({ category: key, type_id: type.id, item_id: item.id }, [name, type.name, item.name])
      )
    ])
  ])
}

/** The tree as the settings show it. */
export function categoryTree(
  categories: (Category & TicketCount)[],
  types: (TicketType & TicketCount)[],
  items: (TicketItem & TicketCount)[]
): CategoryNode[] {
  const typesOf = Map.groupBy(types, type => type.category_id)
  const itemsOf = Map.groupBy(items, item => item.type_id)
  const leaf = ({ id, name, ticket_count }: { id: string; name: string } & TicketCount) => ({
    id,
    key: null,
    name,
    portalName: null,
    ticketCount: ticket_count ?? 0,
    isFallback: false
  })
  return categories.map(category => ({
    ...leaf(category),
    level: 'category',
    key: category.key,
    portalName: category.portal_name,
    isFallback: category.key === fallbackCategory,
    children: (typesOf.get(category.id) ?? []).map(type => ({
      ...leaf(type),
      level: 'type',
      children: (itemsOf.get(type.id) ?? []).map(item => ({ ...leaf(item), level: 'item', children: [] }))
    }))
  }))
}

/** What happens to tickets when `node`, below `parent`, is deleted. */
export function deletionConsequence(node: CategoryNode, parent: string, fallback: string): string {
  const below =
    node.level === 'category'
      ? [
          plural(node.children.length, '1 type', '# types'),
          plural(
            node.children.reduce((sum, { children }) => sum + children.length, 0),
            '1 item',
            '# items'
          )
        ]
      : [plural(node.children.length, '1 item', '# items')]
  const parts = below.filter(part => !part.startsWith('0 '))
  const tickets =
    node.ticketCount === 0
      ? 'No ticket is filed here.'
      : node.level === 'category'
        ? `${plural(node.ticketCount, '1 ticket moves', '# tickets move')} to “${fallback}”.`
        : `${plural(node.ticketCount, '1 ticket moves', '# tickets move')} up to “${parent}”.`
  return [
    tickets,
    ...(node.level !== 'item' && parts.length
      ? [`Its ${parts.join(' and ')} ${parts.length === 1 && parts[0]!.startsWith('1 ') ? 'is' : 'are'} deleted too.`]
      : []),
    'This cannot be undone.'
  ].join(' ')
}

function pathOf(path: CategoryPath, names: string[]): CategoryChoice {
  return { ...path, value: pathValue(path), names, label: names.join(pathSeparator) }
}
