import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { computed, nextTick, readonly, ref, shallowRef, watch, type Ref } from 'vue'
import type { TicketRow } from '#shared/types/api'
import { parseListQuery, type TicketListQuery } from '~/utils/ticket/ticket-query'

interface Selection {
  selection: Readonly<Ref<unknown>>
  offered: Readonly<Ref<number | null>>
  toggle(id: string): void
  selectAll(): void
}

// The composable is imported without Nuxt; globals stand in for its auto-imports.
const { useTicketSelection } = await vi.importActual<{
  useTicketSelection(tickets: Ref<TicketRow[]>, total: Ref<number>, query: Ref<TicketListQuery>): Selection
}>('~/composables/ticket/useTicketSelection')
const imported = { computed, readonly, ref, shallowRef, watch, useRealtime: () => ({ onTable: () => undefined }) }

describe('selectAll of the ticket list', () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(imported)) vi.stubGlobal(name, value)
  })
  afterEach(() => vi.unstubAllGlobals())

  const start = (ids: string[], count: number) => {
    const query = ref(parseListQuery({ status: 'open' })) as Ref<TicketListQuery>
    return { query, ...useTicketSelection(shallowRef(ids.map(id => ({ id }) as TicketRow)), ref(count), query) }
  }

  it('selectAll selects the page first, and on the second call all tickets of the filter', () => {
    const { selection, offered, selectAll } = start(['a', 'b'], 27)
    expect(offered.value).toBe(null)
    selectAll()
    expect(selection.value).toEqual({ ids: ['a', 'b'] })
    expect(offered.value).toBe(27)
    selectAll()
    expect(selection.value).toMatchObject({ filter: { status: ['open'] }, total: 27 })
    selectAll()
    expect(selection.value).toMatchObject({ total: 27 })
  })

  it('selectAll completes a partly selected page', () => {
    const { selection, toggle, selectAll } = start(['a', 'b', 'c'], 3)
    toggle('b')
    selectAll()
    expect(selection.value).toEqual({ ids: ['b', 'a', 'c'] })
  })

  it('selectAll keeps the selection on the second call when the list has one page', () => {
    const { selection, offered, selectAll } = start(['a', 'b'], 2)
    selectAll()
    selectAll()
    expect(selection.value).toEqual({ ids: ['a', 'b'] })
    expect(offered.value).toBe(null)
  })

  it('the selection is cleared when the filter changes', async () => {
    const { query, selection, selectAll } = start(['a'], 2)
    selectAll()
    selectAll()
    query.value = parseListQuery({ status: 'closed' })
    await nextTick()
    expect(selection.value).toEqual({ ids: [] })
  })
})
