/**
 * Counts how often `isOpen` became true. As `v-if`, it mounts an overlay, and so loads its code, when it first opens. As `:key` too,
 * it remounts the overlay at each opening, so that it is at the end of the page, above earlier overlays.
 */
export function useMountOnOpen(isOpen: MaybeRefOrGetter<boolean>): Readonly<Ref<number>> {
  const openings = ref(toValue(isOpen) ? 1 : 0)
  watch(
    () => toValue(isOpen),
    open => open && openings.value++,
    { flush: 'sync' }
  )
  return openings
}
