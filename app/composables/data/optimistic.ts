import type { Ref } from 'vue'

/**
 * Sets `state` to `next` before the server responds. If `request` throws, restores the previous value and rethrows, unless something
 * else has replaced `next` in the meantime: a newer response, or another team.
 */
export async function optimistic<T, R>(state: Ref<T>, next: T, request: () => Promise<R>): Promise<R> {
  const previous = state.value
  state.value = next
  try {
    return await request()
  } catch (error) {
    if (toRaw(state.value) === toRaw(next)) state.value = previous
    throw error
  }
}
