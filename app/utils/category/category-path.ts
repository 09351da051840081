import { plural } from '#shared/utils/plural'
import type { Category, TicketCount, TicketItem, TicketType } from '#shared/types/api'

/** What a ticket is filed under: a category, optionally with a type and an item. */
export interface CategoryPath {
  category: string
  type_id: string | null
  item_id: string | null
}

/** A category path with its names, as an option of a picker. */
export interface CategoryChoice extends CategoryPath {
  /** A unique key, from `pathValue`. */
  value: string
  names: string[]
  /** "Category › Type › Item". */
  label: string
}

/** A category, type or item with its children. */
export interface CategoryNode {
  id: string
  level: 'category' | 'type' | 'item'
  /** The key that tickets store; categories only. */
  key: string | null
  name: string
  /** The name that clients see; null if they are not offered the category. Categories only. */
  portalName: string | null
  ticketCount: number
  /** Tickets of deleted categories move here, so it cannot be deleted. */
  isFallback: boolean
  children: CategoryNode[]
}

export const fallbackCategory = 'other'
export const pathSeparator = ' › '

export function pathValue({ category, type_id, item_id }: CategoryPath): string {
  return [category, type_id, item_id].filter(Boolean).join('/')
}

/** All paths in tree order, parents first. */
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

/** The tree for the settings page. */
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

/** Describes what deleting `node` (below `parent`) does to tickets and children. */
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
      ? 'No tickets are filed here.'
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
