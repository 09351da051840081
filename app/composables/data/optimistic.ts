import type { Ref } from 'vue'

/**
 * Shows `next` in `state` before the server has answered. Throws what `request` throws; `state` then holds what it held
 * before, unless something else has replaced `next` meanwhile: a newer answer, or another team.
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
