/**
 * How often `isOpen` has become true. As `v-if` it loads a window when it is first opened; as `:key` it mounts it anew
 * each time, at the end of the page, and so above whatever was opened before.
 */
export function useMountOnOpen(isOpen: Ref<boolean>): Readonly<Ref<number>> {
  const openings = ref(isOpen.value ? 1 : 0)
  watch(isOpen, open => open && openings.value++, { flush: 'sync' })
  return openings
}
