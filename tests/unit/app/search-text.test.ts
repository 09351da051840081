import { watchDebounced } from '@vueuse/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { customRef, effectScope, nextTick, ref, watch, type Ref } from 'vue'

// A composable that is compiled as it stands: what Nuxt imports for it by itself is put in its place here.
const { useSearchText } = await vi.importActual<{
  useSearchText(query: Ref<string>, toQuery: (text: string) => string | null): Ref<string>
}>('~/composables/app/useSearchText')
const imported = { ref, watch, watchDebounced }

/** A query in the address: what is written arrives after `delay` milliseconds. */
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

describe('the text of the search', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    for (const [name, value] of Object.entries(imported)) vi.stubGlobal(name, value)
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('keeps what was typed while the address followed', async () => {
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

  it('follows a query that somebody else sets, the same as before included', async () => {
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
    expect(query.value, 'what cannot be understood is not asked for').toBe('vpn')
  })
})
