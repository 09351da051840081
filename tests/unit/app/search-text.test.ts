import { watchDebounced } from '@vueuse/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { customRef, effectScope, nextTick, ref, watch, type Ref } from 'vue'

// The composable is imported without Nuxt; globals stand in for its auto-imports.
const { useSearchText } = await vi.importActual<{
  useSearchText(query: Ref<string>, toQuery: (text: string) => string | null): Ref<string>
}>('~/composables/app/useSearchText')
const imported = { ref, watch, watchDebounced }

/** A query in the address bar, where a written value arrives after `delay` milliseconds. */
function createAddress(delay: number): Ref<string> {
  return customRef((track, trigger) => {
    let value = ''
    return {
      get: () => (track(), value),
      set: next =>
        void setTimeout(() => {
          value = next
          trigger()
        }, delay)
    }
  })
}

describe('useSearchText', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    for (const [name, value] of Object.entries(imported)) vi.stubGlobal(name, value)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('the typed text stays while the address lags behind', async () => {
    const query = createAddress(100)
    const text = effectScope().run(() => useSearchText(query, text => text.trim()))!
    text.value = 'Tick'
    await vi.advanceTimersByTimeAsync(350)
    text.value = 'Ticket'
    await vi.advanceTimersByTimeAsync(60) // the address says "Tick" now
    expect([query.value, text.value]).toEqual(['Tick', 'Ticket'])
    await vi.advanceTimersByTimeAsync(1_000)
    expect([query.value, text.value]).toEqual(['Ticket', 'Ticket'])
  })

  it('the text follows a query that is set from outside, also when the value is the same as before', async () => {
    const query = ref('')
    const text = effectScope().run(() => useSearchText(query, text => (text === 'is:' ? null : text)))!
    text.value = 'printer'
    await vi.advanceTimersByTimeAsync(350)
    for (const set of ['', 'printer', 'vpn']) {
      query.value = set
      await nextTick()
      expect(text.value).toBe(set)
    }
    text.value = 'is:'
    await vi.advanceTimersByTimeAsync(350)
    expect(query.value, 'an invalid search is not sent').toBe('vpn')
  })
})
