import type { Category, TicketCount, TicketItem, TicketType } from '#shared/types/api'
import type { CategoryNode } from '~/utils/category/category-path'

export interface CategoryFields {
  name: string
  portal_name?: string | null
}

const segments = { category: 'categories', type: 'types', item: 'items' } as const
const parentKeys = { category: 'category_id', type: 'type_id', item: '' } as const

/** The team's routing with its ticket counts, live, and what may be done to it. */
export function useCategoryTree() {
  const { teamId } = useTeam()
  const { onTable, onResync } = useRealtime()
  const nodes = shallowRef<CategoryNode[]>([])
  const isLoaded = ref(false)

  const url = (level: CategoryNode['level'], id = '') => `/api/teams/${teamId.value}/cti/${segments[level]}${id && `/${id}`}`

  const { error, refresh, refetch } = useResource(async signal => {
    const options = { query: { counts: true }, signal }
    nodes.value = categoryTree(
      ...(await Promise.all([
        $fetch<(Category & TicketCount)[]>(url('category'), options),
        fetchAll<TicketType & TicketCount>(url('type'), options),
        fetchAll<TicketItem & TicketCount>(url('item'), options)
      ]))
    )
    isLoaded.value = true
  })

  watch(
    teamId,
    () => {
      nodes.value = []
      isLoaded.value = false
      reload()
    },
    { immediate: true }
  )
  for (const table of ['ticket_categories', 'ticket_types', 'ticket_items'] as const) onTable(table, reload)
  onTable('tickets', ({ operation, changed }) => {
    if (operation !== 'UPDATE' || changed?.some(column => ['category', 'type_id', 'item_id'].includes(column))) reload()
  })
  onResync(reload)

  function reload(): void {
    if (teamId.value) refetch()
  }

  /** Adds a category, or below `parent` a type or an item, at the end. */
  async function add(parent: CategoryNode | null, fields: CategoryFields): Promise<void> {
    const level = parent === null ? 'category' : parent.level === 'category' ? 'type' : 'item'
    await $fetch(url(level), { method: 'POST', body: parent ? { ...fields, [parentKeys[parent.level]]: parent.id } : fields })
    await refresh()
  }

  async function change(node: CategoryNode, fields: CategoryFields): Promise<void> {
    await optimistically(
      siblings =>
        siblings.map(sibling =>
          sibling.id === node.id
            ? { ...sibling, name: fields.name, portalName: fields.portal_name === undefined ? sibling.portalName : fields.portal_name }
            : sibling
        ),
      node,
      () => $fetch(url(node.level, node.id), { method: 'PATCH', body: fields })
    )
  }

  /** `position` counts from 1 among the siblings. */
  async function move(node: CategoryNode, position: number): Promise<void> {
    await optimistically(
      siblings => siblings.filter(({ id }) => id !== node.id).toSpliced(position - 1, 0, node),
      node,
      () => $fetch(url(node.level, node.id), { method: 'PATCH', body: { position } })
    )
  }

  /** Answers whether it is gone; where many tickets are in it, it goes when a job has moved them out. */
  async function remove(node: CategoryNode): Promise<boolean> {
    let isGone = true
    await optimistically(
      siblings => siblings.filter(({ id }) => id !== node.id),
      node,
      () =>
        $fetch(url(node.level, node.id), {
          method: 'DELETE',
          onResponse: ({ response }) => void (isGone = response.status !== 202)
        })
    )
    return isGone
  }

  // Shown at once; taken back when the server refuses.
  async function optimistically(
    edit: (siblings: CategoryNode[]) => CategoryNode[],
    node: CategoryNode,
    request: () => Promise<unknown>
  ): Promise<void> {
    const before = nodes.value
    nodes.value = withSiblings(before, node.id, edit)
    try {
      await request()
    } catch (error) {
      nodes.value = before
      throw error
    } finally {
      await refresh()
    }
  }

  return { nodes, isLoaded, error, refresh, add, change, move, remove }
}

function withSiblings(nodes: CategoryNode[], id: string, edit: (siblings: CategoryNode[]) => CategoryNode[]): CategoryNode[] {
  return nodes.some(node => node.id === id)
    ? edit(nodes)
    : nodes.map(node => ({ ...node, children: withSiblings(node.children, id, edit) }))
}
