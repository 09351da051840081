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

// A composable that is compiled as it stands: what Nuxt imports for it by itself is put in its place here.
const { useTicketSelection } = await vi.importActual<{
  useTicketSelection(tickets: Ref<TicketRow[]>, total: Ref<number>, query: Ref<TicketListQuery>): Selection
}>('~/composables/ticket/useTicketSelection')
const imported = { computed, readonly, ref, shallowRef, watch, useRealtime: () => ({ onTable: () => undefined }) }

describe('selecting all', () => {
  beforeEach(() => {
    for (const [name, value] of Object.entries(imported)) vi.stubGlobal(name, value)
  })
  afterEach(() => vi.unstubAllGlobals())

  const begin = (ids: string[], count: number) => {
    const query = ref(parseListQuery({ status: 'open' })) as Ref<TicketListQuery>
    return { query, ...useTicketSelection(shallowRef(ids.map(id => ({ id }) as TicketRow)), ref(count), query) }
  }

  it('is first the page, and a second time all that the filter finds', () => {
    const { selection, offered, selectAll } = begin(['a', 'b'], 27)
    expect(offered.value).toBe(null)
    selectAll()
    expect(selection.value).toEqual({ ids: ['a', 'b'] })
    expect(offered.value).toBe(27)
    selectAll()
    expect(selection.value).toMatchObject({ filter: { status: ['open'] }, total: 27 })
    selectAll()
    expect(selection.value).toMatchObject({ total: 27 })
  })

  it('completes a page that is selected in part', () => {
    const { selection, toggle, selectAll } = begin(['a', 'b', 'c'], 3)
    toggle('b')
    selectAll()
    expect(selection.value).toEqual({ ids: ['b', 'a', 'c'] })
  })

  it('takes nothing back where the page is all there is', () => {
    const { selection, offered, selectAll } = begin(['a', 'b'], 2)
    selectAll()
    selectAll()
    expect(selection.value).toEqual({ ids: ['a', 'b'] })
    expect(offered.value).toBe(null)
  })

  it('begins anew with another filter', async () => {
    const { query, selection, selectAll } = begin(['a'], 2)
    selectAll()
    selectAll()
    query.value = parseListQuery({ status: 'closed' })
    await nextTick()
    expect(selection.value).toEqual({ ids: [] })
  })
})
