import { tryOnScopeDispose, useOnline, useThrottleFn, whenever } from '@vueuse/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { effectScope, readonly, ref, shallowRef } from 'vue'

interface Resource {
  isLoading: { readonly value: boolean }
  refresh(): Promise<void>
  refetch(): void
}

// The composable is imported without Nuxt; globals stand in for its auto-imports.
const { useResource } = await vi.importActual<{
  useResource(fetcher: (signal: AbortSignal) => Promise<void>, options?: { isEnabled?: () => boolean }): Resource
}>('~/composables/data/useResource')
const imported = { readonly, ref, shallowRef, tryOnScopeDispose, useOnline, usePendingRequests: () => ref(0), useThrottleFn, whenever }

describe('useResource', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    for (const [name, value] of Object.entries(imported)) vi.stubGlobal(name, value)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  const start = (isEnabled?: () => boolean) => {
    const scope = effectScope()
    const fetcher = vi.fn(() => Promise.resolve())
    const resource = scope.run(() => useResource(fetcher, { isEnabled }))!
    return { scope, fetcher, resource }
  }

  it('a resource is fetched at once, and again at the end of a burst of refetches', async () => {
    const { fetcher, resource } = start()
    for (let change = 0; change < 10; change++) resource.refetch()
    expect(fetcher).toHaveBeenCalledTimes(1)
    await vi.advanceTimersByTimeAsync(2_000)
    expect(fetcher).toHaveBeenCalledTimes(2)
  })

  it('the trailing fetch of a burst is skipped when isEnabled is false by then', async () => {
    let isOpen = true
    const { fetcher, resource } = start(() => isOpen)
    for (let change = 0; change < 10; change++) resource.refetch()
    isOpen = false
    await vi.advanceTimersByTimeAsync(2_000)
    expect(fetcher).toHaveBeenCalledTimes(1)
    expect(resource.isLoading.value).toBe(false)
    isOpen = true
    await resource.refresh()
    expect(fetcher).toHaveBeenCalledTimes(2)
  })

  it('a resource is not fetched after its scope has stopped', async () => {
    const { scope, fetcher, resource } = start()
    for (let change = 0; change < 10; change++) resource.refetch()
    scope.stop()
    await vi.advanceTimersByTimeAsync(2_000)
    expect(fetcher).toHaveBeenCalledTimes(1)
  })
})
