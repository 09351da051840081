import { afterAll, describe, expect, it, vi } from 'vitest'
import { ref, shallowRef, type Ref } from 'vue'
import { startNuxt } from './support/nuxt.ts'

await startNuxt()
const { optimistic } = await vi.importActual<{ optimistic<T, R>(state: Ref<T>, next: T, request: () => Promise<R>): Promise<R> }>(
  '~/composables/data/optimistic'
)

afterAll(() => vi.unstubAllGlobals())

type Create = (value: { name: string }) => Ref<{ name: string }>

describe.each<[name: string, create: Create]>([
  ['a ref', ref],
  ['a shallow ref', shallowRef]
])('an optimistic change of %s', (_, create) => {
  const start = () => {
    const state = create({ name: 'old' })
    let settle: { resolve(answer: string): void; reject(error: Error): void }
    const request = optimistic(state, { name: 'new' }, () => new Promise<string>((resolve, reject) => (settle = { resolve, reject })))
    return { state, request, settle: settle! }
  }

  it('the change shows at once, and resolves with the answer of the request', async () => {
    const { state, request, settle } = start()
    expect(state.value).toEqual({ name: 'new' })
    settle.resolve('saved')
    await expect(request).resolves.toBe('saved')
    expect(state.value).toEqual({ name: 'new' })
  })

  it('the change is rolled back when the request fails', async () => {
    const { state, request, settle } = start()
    settle.reject(new Error('refused'))
    await expect(request).rejects.toThrow('refused')
    expect(state.value).toEqual({ name: 'old' })
  })

  it('a newer value of the server is not rolled back', async () => {
    const { state, request, settle } = start()
    state.value = { name: 'newest' }
    settle.reject(new Error('refused'))
    await expect(request).rejects.toThrow('refused')
    expect(state.value).toEqual({ name: 'newest' })
  })
})
