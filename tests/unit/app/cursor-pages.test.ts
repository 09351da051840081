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

  const start = (options: Partial<Options> = {}) =>
    scope.run(() => useCursorPages('audit', { pageSize: 3, failure: 'Earlier entries were not loaded', ...options }))!
  const ids = ({ rows }: Pages) => rows.value.map(({ id }) => id)
  const request = (index: number) => nuxt.requests.at(index)!
  // The page that the API would answer from `log`: newest first, after the cursor.
  const pageOf = ({ query }: ReturnType<typeof request>, from = log) => {
    const rows = from.filter(id => query.cursor === '' || id < Number(query.cursor)).sort((a, b) => b - a)
    const data = rows.slice(0, Number(query.page_size)).map(id => ({ id }))
    return { data, next_cursor: rows.length > data.length ? String(data.at(-1)!.id) : null }
  }
  const answer = (index = -1) => request(index).answer(pageOf(request(index)))

  it('the newest page is shown first, and older pages are appended until none is left', async () => {
    const pages = start()
    await answer()
    expect([ids(pages), pages.hasMore.value]).toEqual([[10, 9, 8], true])
    for (let page = 0; page < 3; page++) {
      void pages.more()
      await answer()
    }
    expect([ids(pages), pages.hasMore.value]).toEqual([numbers(1, 10).reverse(), false])
    await pages.more()
    expect(nuxt.requests, 'no request after the last page').toHaveLength(4)
  })

  it('a refresh keeps all shown rows', async () => {
    const pages = start()
    await answer()
    void pages.more()
    await answer()
    log.push(11)
    void pages.refresh()
    expect(request(-1).query).toMatchObject({ cursor: '', page_size: 6 })
    await answer()
    expect([ids(pages), pages.hasMore.value]).toEqual([numbers(5, 11).reverse(), true])
  })

  it('a new row pushes no row out when all rows were shown', async () => {
    log = [1, 2, 3]
    const pages = start()
    await answer()
    log.push(4)
    void pages.refresh()
    await answer()
    expect([ids(pages), pages.hasMore.value]).toEqual([[4, 3, 2, 1], false])
  })

  it('a refresh fetches at most 100 rows, and keeps the older rows behind them', async () => {
    log = numbers(1, 200)
    const pages = start({ pageSize: 80 })
    await answer()
    void pages.more()
    await answer()
    log.push(201)
    void pages.refresh()
    expect(request(-1).query.page_size).toBe(100)
    await answer()
    expect(ids(pages)).toEqual(numbers(41, 201).reverse())
    void pages.more()
    await answer()
    expect(ids(pages), 'without a gap').toEqual(numbers(1, 201).reverse())
  })

  it('rows have no gap when an older page arrives during a refresh', async () => {
    log = numbers(1, 300)
    const pages = start({ pageSize: 80 })
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

  it('an older page of the previous filter is dropped', async () => {
    const type = ref('all')
    const pages = start({ query: () => ({ type: type.value }) })
    await answer()
    void pages.more()
    const older = nuxt.requests.length - 1
    type.value = 'even'
    await settle()
    await answer(older)
    expect([ids(pages), pages.isStale.value]).toEqual([[10, 9, 8], true])
    await pages.more()
    expect(nuxt.requests, 'no older page while the shown rows are stale').toHaveLength(3)
    await request(2).answer(
      pageOf(
        request(2),
        log.filter(id => id % 2 === 0)
      )
    )
    expect([ids(pages), pages.isStale.value]).toEqual([[10, 8, 6], false])
    expect(request(2).query).toEqual({ type: 'even', cursor: '', page_size: 3 })
  })

  it('a page that was requested twice is appended once', async () => {
    const pages = start()
    await answer()
    void pages.more()
    void pages.more()
    await answer(1)
    await answer(2)
    expect(ids(pages)).toEqual([10, 9, 8, 7, 6, 5])
  })

  it('a toast is shown when an older page fails, and the page can be requested again', async () => {
    const pages = start()
    await answer()
    void pages.more()
    await request(-1).fail(new TypeError('Failed to fetch'))
    expect([nuxt.toasts.map(({ title }) => title), pages.isLoadingMore.value]).toEqual([['Earlier entries were not loaded'], false])
    void pages.more()
    await answer()
    expect(ids(pages)).toEqual([10, 9, 8, 7, 6, 5])
  })
})

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index)
}
