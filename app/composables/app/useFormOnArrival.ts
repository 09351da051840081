/** Opens the form of a page whose address has `?new`, as the commands of the palette call it, and takes `new` from the address. */
export function useFormOnArrival(open: () => unknown): void {
  const route = useRoute()
  const router = useRouter()

  async function arrive(): Promise<void> {
    if (!('new' in route.query)) return
    const { new: _, ...query } = route.query
    await router.replace({ query, hash: route.hash })
    open()
  }

  onMounted(arrive)
  watch(() => route.query, arrive)
}
