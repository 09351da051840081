import type { Category, TicketCount, TicketItem, TicketType } from '#shared/types/api'
import type { CategoryNode } from '~/utils/category/category-path'

export interface CategoryFields {
  name: string
  portal_name?: string | null
}

const segments = { category: 'categories', type: 'types', item: 'items' } as const
const parentKeys = { category: 'category_id', type: 'type_id', item: '' } as const
const pathColumns = ['category', 'type_id', 'item_id']

/** The team's categories as a tree with ticket counts, live, with the operations on it. */
export function useCategoryTree() {
  const {
    data: nodes,
    url: base,
    isLoaded,
    error,
    refresh
  } = useLive<CategoryNode[]>('cti', {
    empty: () => [],
    tables: {
      ticket_categories: true,
      ticket_types: true,
      ticket_items: true,
      tickets: ({ operation, changed }) => operation !== 'UPDATE' || !!changed?.some(column => pathColumns.includes(column))
    },
    load: async (url, { signal }) => {
      const options = { query: { counts: true }, signal }
      return categoryTree(
        ...(await Promise.all([
          $fetch<(Category & TicketCount)[]>(`${url}/categories`, options),
          fetchAll<TicketType & TicketCount>(`${url}/types`, options),
          fetchAll<TicketItem & TicketCount>(`${url}/items`, options)
        ]))
      )
    }
  })

  const url = ({ level, id }: CategoryNode) => `${base.value}/${segments[level]}/${id}`

  /** Appends a category, or a type or item below `parent`. */
  async function add(parent: CategoryNode | null, fields: CategoryFields): Promise<void> {
    const level = parent === null ? 'category' : parent.level === 'category' ? 'type' : 'item'
    const body = parent ? { ...fields, [parentKeys[parent.level]]: parent.id } : fields
    await $fetch(`${base.value}/${segments[level]}`, { method: 'POST', body })
    await refresh()
  }

  async function change(node: CategoryNode, fields: CategoryFields): Promise<void> {
    const { name, portal_name: portalName } = fields
    const changed = (sibling: CategoryNode) => ({
      ...sibling,
      name,
      portalName: portalName === undefined ? sibling.portalName : portalName
    })
    await replaceSiblings(
      node,
      siblings => siblings.map(sibling => (sibling.id === node.id ? changed(sibling) : sibling)),
      () => $fetch(url(node), { method: 'PATCH', body: fields })
    )
  }

  /** `position` counts from 1 among the siblings. */
  async function move(node: CategoryNode, position: number): Promise<void> {
    await replaceSiblings(
      node,
      siblings => siblings.filter(({ id }) => id !== node.id).toSpliced(position - 1, 0, node),
      () => $fetch(url(node), { method: 'PATCH', body: { position } })
    )
  }

  /** Returns whether it is already deleted. If it has many tickets, a job moves them before it is deleted. */
  async function remove(node: CategoryNode): Promise<boolean> {
    let isDeleted = true
    await replaceSiblings(
      node,
      siblings => siblings.filter(({ id }) => id !== node.id),
      () =>
        $fetch(url(node), {
          method: 'DELETE',
          onResponse: ({ response }) => void (isDeleted = response.status !== 202)
        })
    )
    return isDeleted
  }

  async function replaceSiblings(
    node: CategoryNode,
    edit: (siblings: CategoryNode[]) => CategoryNode[],
    request: () => Promise<unknown>
  ): Promise<void> {
    await optimistic(nodes, withSiblings(nodes.value, node.id, edit), request).finally(refresh)
  }

  return { nodes, isLoaded, error, refresh, add, change, move, remove }
}

function withSiblings(nodes: CategoryNode[], id: string, edit: (siblings: CategoryNode[]) => CategoryNode[]): CategoryNode[] {
  return nodes.some(node => node.id === id)
    ? edit(nodes)
    : nodes.map(node => ({ ...node, children: withSiblings(node.children, id, edit) }))
}
