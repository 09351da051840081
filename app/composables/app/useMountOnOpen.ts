/**
 * How often `isOpen` has become true. As `v-if` it mounts an overlay, and so loads its code, when it is first opened. As `:key`
 * as well, it mounts the overlay anew at each opening: at the end of the page, above whatever was opened before.
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
