import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, ref, type EffectScope, type Ref } from 'vue'
import { settle, startNuxt } from './support/nuxt.ts'

interface Row {
  id: number
}
interface Pages {
  rows: Ref<Row[]>
  hasMore: Ref<boolean>
  isLoaded: Ref<boolean>
  isStale: Ref<boolean>
  isLoadingMore: Ref<boolean>
  more(): Promise<void>
  refresh(): Promise<void>
}
interface Options {
  pageSize: number
  failure: string
  query?(): Record<string, unknown>
  keepStale?: boolean
}

const nuxt = await startNuxt()
const { useCursorPages } = await vi.importActual<{ useCursorPages(path: string, options: Options): Pages }>(
  '~/composables/data/useCursorPages'
)

describe('cursor pages', () => {
  let scope: EffectScope
  let log: number[]

  beforeEach(async () => {
    scope = effectScope()
    log = numbers(1, 10)
    nuxt.requests.length = 0
    nuxt.toasts.length = 0
    await nuxt.switchTeam('acme')
  })
  afterEach(() => scope.stop())
  afterAll(() => vi.unstubAllGlobals())

  const begin = (options: Partial<Options> = {}) =>
    scope.run(() => useCursorPages('audit', { pageSize: 3, failure: 'Earlier entries were not loaded', ...options }))!
  const ids = ({ rows }: Pages) => rows.value.map(({ id }) => id)
  const asked = (index: number) => nuxt.requests.at(index)!
  // The page as the API reads it from `log`: newest first, behind the cursor.
  const read = ({ query }: ReturnType<typeof asked>, from = log) => {
    const rows = from.filter(id => query.cursor === '' || id < Number(query.cursor)).sort((a, b) => b - a)
    const data = rows.slice(0, Number(query.page_size)).map(id => ({ id }))
    return { data, next_cursor: rows.length > data.length ? String(data.at(-1)!.id) : null }
  }
  const answer = (index = -1) => asked(index).answer(read(asked(index)))

  it('show the newest page, and older ones behind it until there are none', async () => {
    const pages = begin()
    await answer()
    expect([ids(pages), pages.hasMore.value]).toEqual([[10, 9, 8], true])
    for (let page = 0; page < 3; page++) {
      void pages.more()
      await answer()
    }
    expect([ids(pages), pages.hasMore.value]).toEqual([numbers(1, 10).reverse(), false])
    await pages.more()
    expect(nuxt.requests, 'nothing is older').toHaveLength(4)
  })

  it('keep what is shown when they are fetched again', async () => {
    const pages = begin()
    await answer()
    void pages.more()
    await answer()
    log.push(11)
    void pages.refresh()
    expect(asked(-1).query).toMatchObject({ cursor: '', page_size: 6 })
    await answer()
    expect([ids(pages), pages.hasMore.value]).toEqual([numbers(5, 11).reverse(), true])
  })

  it('push none out when all were shown and a new one comes', async () => {
    log = [1, 2, 3]
    const pages = begin()
    await answer()
    log.push(4)
    void pages.refresh()
    await answer()
    expect([ids(pages), pages.hasMore.value]).toEqual([[4, 3, 2, 1], false])
  })

  it('fetch at most a hundred again, and keep the older ones behind them', async () => {
    log = numbers(1, 200)
    const pages = begin({ pageSize: 80 })
    await answer()
    void pages.more()
    await answer()
    log.push(201)
    void pages.refresh()
    expect(asked(-1).query.page_size).toBe(100)
    await answer()
    expect(ids(pages)).toEqual(numbers(41, 201).reverse())
    void pages.more()
    await answer()
    expect(ids(pages), 'without a gap').toEqual(numbers(1, 201).reverse())
  })

  it('have no gap when an older page comes while the newest are fetched again', async () => {
    log = numbers(1, 300)
    const pages = begin({ pageSize: 80 })
    await answer()
    void pages.more()
    await answer()
    void pages.refresh()
    const newest = nuxt.requests.length - 1
    void pages.more()
    await answer()
    await answer(newest)
    expect(ids(pages)).toEqual(numbers(61, 300).reverse())
    void pages.more()
    await answer()
    expect(ids(pages)).toEqual(numbers(1, 300).reverse())
  })

  it('drop an older page of the filter before', async () => {
    const type = ref('all')
    const pages = begin({ query: () => ({ type: type.value }) })
    await answer()
    void pages.more()
    const older = nuxt.requests.length - 1
    type.value = 'even'
    await settle()
    await answer(older)
    expect([ids(pages), pages.isStale.value]).toEqual([[10, 9, 8], true])
    await pages.more()
    expect(nuxt.requests, 'no older page of a filter that is not shown any more').toHaveLength(3)
    await asked(2).answer(
      read(
        asked(2),
        log.filter(id => id % 2 === 0)
      )
    )
    expect([ids(pages), pages.isStale.value]).toEqual([[10, 8, 6], false])
    expect(asked(2).query).toEqual({ type: 'even', cursor: '', page_size: 3 })
  })

  it('append a page once, however often it was asked for', async () => {
    const pages = begin()
    await answer()
    void pages.more()
    void pages.more()
    await answer(1)
    await answer(2)
    expect(ids(pages)).toEqual([10, 9, 8, 7, 6, 5])
  })

  it('say when an older page failed, and ask for it again', async () => {
    const pages = begin()
    await answer()
    void pages.more()
    await asked(-1).fail(new TypeError('Failed to fetch'))
    expect([nuxt.toasts.map(({ title }) => title), pages.isLoadingMore.value]).toEqual([['Earlier entries were not loaded'], false])
    void pages.more()
    await answer()
    expect(ids(pages)).toEqual([10, 9, 8, 7, 6, 5])
  })
})

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
