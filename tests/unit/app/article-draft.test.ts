import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { effectScope, ref, type EffectScope, type Ref } from 'vue'
import { settle, startNuxt } from './support/nuxt.ts'

interface Text {
  title: string
  content: string
}
interface Stored extends Text {
  version: number
}
interface Draft {
  text: Ref<Text>
  state: Ref<string>
  version: Ref<number | null>
  conflict: Ref<Stored | null>
  problem: Ref<string>
  accept(locale: string, draft: Stored | null): void
  change(patch: Partial<Text>): void
  save(): Promise<boolean>
  resolve(text: Text): Promise<void>
  forget(): void
}

const nuxt = await startNuxt()
const storage = new Map<string, string>()
vi.stubGlobal('window', new EventTarget())
vi.stubGlobal(
  'localStorage',
  new Proxy({} as Record<string, unknown>, {
    get: (_, name) =>
      ({
        getItem: (key: string) => storage.get(key) ?? null,
        setItem: (key: string, value: string) => storage.set(key, value),
        removeItem: (key: string) => storage.delete(key)
      })[name as string],
    ownKeys: () => [...storage.keys()],
    getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true })
  })
)
// A session of Ann; only its subject is read.
const session = ref<{ access_token: string } | null>(null)
vi.stubGlobal('useSupabaseSession', () => session)
for (const path of ['~/utils/draft/drafts', '~/utils/draft/draft-forms', '~/utils/session/access-token'])
  for (const [name, value] of Object.entries(await vi.importActual<Record<string, unknown>>(path))) vi.stubGlobal(name, value)
const { useArticleDraft } = await vi.importActual<{
  useArticleDraft(article: () => { id: string }, locale: () => string, onSaved: (locale: string, draft: Stored) => void): Draft
}>('~/composables/article/useArticleDraft')

let articles = 0

describe('the text of an article', () => {
  let scope: EffectScope
  let id: string

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    scope = effectScope()
    id = `article-${++articles}`
    nuxt.requests.length = 0
    await nuxt.switchTeam('acme')
    nuxt.profile.value = { id: 'ann' }
    session.value = { access_token: `x.${Buffer.from(JSON.stringify({ sub: 'ann' })).toString('base64url')}.x` }
  })
  afterEach(() => {
    scope.stop()
    vi.useRealTimers()
  })
  afterAll(() => vi.unstubAllGlobals())

  const saved: Stored[] = []
  function start(stored: Stored | null = { title: 'VPN', content: 'one', version: 1 }, locale: Ref<string> = ref('en')): Draft {
    const draft = scope.run(() =>
      useArticleDraft(
        () => ({ id }),
        () => locale.value,
        (_, each) => void saved.push(each)
      )
    )!
    draft.accept(locale.value, stored)
    return draft
  }
  async function wait(ms: number): Promise<void> {
    await vi.advanceTimersByTimeAsync(ms)
    await settle()
  }
  const request = (index: number) => nuxt.requests[index]!
  const conflict = (current: Stored) =>
    Object.assign(new Error('409'), { statusCode: 409, data: { statusCode: 409, message: 'Stale', data: { code: 'conflict', current } } })

  test('is saved two seconds after the last key, with the version that it is based on', async () => {
    const draft = start()
    expect([draft.text.value.content, draft.state.value]).toEqual(['one', 'saved'])
    draft.change({ content: 'one t' })
    await wait(1_900)
    draft.change({ content: 'one two' })
    await wait(1_900)
    expect(nuxt.requests).toHaveLength(0)
    expect(draft.state.value).toBe('saving')
    await wait(100)
    expect(request(0)).toMatchObject({ method: 'PUT', url: `/api/teams/acme/articles/${id}/drafts/en` })
    expect(request(0).body).toEqual({ title: 'VPN', content: 'one two', version: 1 })
    await request(0).answer({ title: 'VPN', content: 'one two', version: 2 })
    expect([draft.state.value, draft.version.value, saved.at(-1)?.version]).toEqual(['saved', 2, 2])
  })

  test('that is typed during a save is saved next, with the new version', async () => {
    const draft = start()
    draft.change({ content: 'two' })
    await wait(2_000)
    draft.change({ content: 'three' })
    await request(0).answer({ title: 'VPN', content: 'two', version: 2 })
    expect([draft.text.value.content, draft.state.value]).toEqual(['three', 'saving'])
    await wait(2_000)
    expect(request(1).body).toEqual({ title: 'VPN', content: 'three', version: 2 })
  })

  test('that is taken back during a save is saved, too', async () => {
    const draft = start()
    draft.change({ content: 'two' })
    await wait(2_000)
    draft.change({ content: 'one' })
    await request(0).answer({ title: 'VPN', content: 'two', version: 2 })
    expect(draft.text.value.content).toBe('one')
    await wait(2_000)
    expect(request(1).body).toEqual({ title: 'VPN', content: 'one', version: 2 })
  })

  test('is not sent again because the server trimmed its title', async () => {
    const draft = start()
    draft.change({ title: 'VPN ' })
    await wait(2_000)
    await request(0).answer({ title: 'VPN', content: 'one', version: 2 })
    draft.accept('en', { title: 'VPN', content: 'one', version: 2 })
    await wait(60_000)
    expect(nuxt.requests).toHaveLength(1)
    expect([draft.text.value.title, draft.state.value]).toEqual(['VPN ', 'saved'])
  })

  test('is kept after a failure, and saved again by itself', async () => {
    const draft = start()
    draft.change({ content: 'two' })
    await wait(2_000)
    await request(0).fail(new TypeError('Failed to fetch'))
    expect([draft.text.value.content, draft.state.value]).toEqual(['two', 'unsaved'])
    expect(draft.problem.value).toMatch(/cannot be reached/)
    await wait(10_000)
    await request(1).answer({ title: 'VPN', content: 'two', version: 2 })
    expect([draft.state.value, draft.problem.value]).toEqual(['saved', ''])
  })

  test('is not sent while it is invalid', async () => {
    const draft = start()
    draft.change({ content: 'x'.repeat(50_001) })
    expect(await draft.save()).toBe(false)
    expect(nuxt.requests).toHaveLength(0)
    expect(draft.problem.value).toBe('Text must be at most 50000 characters')
    draft.change({ content: 'x' })
    await wait(2_000)
    expect(nuxt.requests).toHaveLength(1)
  })

  test('is saved when its page is left or another language is shown, and is there again afterwards', async () => {
    const locale = ref('en')
    const draft = start(undefined, locale)
    draft.change({ content: 'two' })
    locale.value = 'de'
    await settle()
    expect(request(0)).toMatchObject({ url: expect.stringMatching(/en$/) as string })
    expect([draft.text.value.content, draft.state.value]).toEqual(['', 'idle'])
    draft.change({ content: 'zwei' })
    scope.stop()
    await settle()
    expect(request(1).body).toEqual({ title: '', content: 'zwei', version: null })

    // The page opens again before both answers arrive.
    scope = effectScope()
    const again = start({ title: 'VPN', content: 'one', version: 1 }, ref('en'))
    expect(again.text.value.content).toBe('two')
    await request(0).answer({ title: 'VPN', content: 'two', version: 2 })
    expect([again.text.value.content, again.state.value, again.version.value]).toEqual(['two', 'saved', 2])
  })

  test('follows a later draft of the server while nobody types, and never an earlier one', async () => {
    const draft = start()
    draft.accept('en', { title: 'VPN', content: 'theirs', version: 3 })
    expect(draft.text.value.content).toBe('theirs')
    draft.accept('en', { title: 'VPN', content: 'one', version: 1 })
    expect(draft.text.value.content).toBe('theirs')
    draft.change({ content: 'mine' })
    draft.accept('en', { title: 'VPN', content: 'later', version: 4 })
    expect(draft.text.value.content).toBe('mine')
    await wait(2_000)
    expect(request(0).body).toMatchObject({ version: 3 })
  })

  test('waits for a decision if somebody else saved another text', async () => {
    const draft = start()
    draft.change({ content: 'mine' })
    await wait(2_000)
    await request(0).fail(conflict({ title: 'VPN', content: 'theirs', version: 2 }))
    expect(draft.state.value).toBe('conflict')
    expect([draft.text.value.content, draft.conflict.value?.content]).toEqual(['mine', 'theirs'])
    draft.change({ content: 'mine, longer' })
    await wait(60_000)
    expect(await draft.save()).toBe(false)
    expect(nuxt.requests).toHaveLength(1)

    void draft.resolve({ title: 'VPN', content: 'theirs and mine' })
    await settle()
    expect(request(1).body).toEqual({ title: 'VPN', content: 'theirs and mine', version: 2 })
    await request(1).answer({ title: 'VPN', content: 'theirs and mine', version: 3 })
    expect([draft.state.value, draft.version.value]).toEqual(['saved', 3])
  })

  test('needs no request to take the text of the other', async () => {
    const draft = start()
    draft.change({ content: 'mine' })
    await wait(2_000)
    await request(0).fail(conflict({ title: 'VPN', content: 'theirs', version: 2 }))
    await draft.resolve({ title: 'VPN', content: 'theirs' })
    expect(nuxt.requests).toHaveLength(1)
    expect([draft.text.value.content, draft.state.value, draft.version.value]).toEqual(['theirs', 'saved', 2])
  })

  test('needs no decision if only the version is another one', async () => {
    const draft = start()
    draft.change({ content: 'mine' })
    await wait(2_000)
    await request(0).fail(conflict({ title: 'VPN', content: 'one', version: 5 }))
    await wait(0)
    expect(request(1).body).toEqual({ title: 'VPN', content: 'mine', version: 5 })
  })

  test('is not sent after the session ended or for somebody else', async () => {
    const draft = start()
    draft.change({ content: 'two' })
    session.value = null
    await wait(2_000)
    expect(nuxt.requests).toHaveLength(0)
    expect(draft.text.value.content).toBe('two')
  })

  test('is forgotten with a deleted article', async () => {
    const draft = start()
    draft.change({ content: 'two' })
    draft.forget()
    await wait(60_000)
    expect(nuxt.requests).toHaveLength(0)
    expect([...storage.keys()].filter(key => key.includes(id))).toEqual([])
  })
})
