import type { TicketListQuery } from '~/utils/ticket-query'

/** The list and the open ticket as the address bar names them, and the ways to another. */
export function useTicketView() {
  const route = useRoute()
  const router = useRouter()

  const query = computed<TicketListQuery>(previous => kept(previous, parseListQuery(route.query)))
  const openNumber = computed(() => {
    const text = /^#?0*(\d{1,9})$/.exec(String(route.query.ticket ?? ''))?.[1]
    return text ? Number(text) : null
  })

  /** Narrows or orders the list; it then begins with its first page unless `patch` names one. */
  function narrow(patch: Partial<TicketListQuery>): void {
    void router.replace({ query: { ...addressOf({ ...query.value, page: 1, ...patch }), ...ticketPart(openNumber.value) } })
  }

  /** Opens a ticket; from another open one, going back leads to the list all the same. */
  function open(number: number): void {
    const to = { query: { ...addressOf(query.value), ...ticketPart(number) } }
    void (openNumber.value === null ? router.push(to) : router.replace(to))
  }

  function close(): void {
    if (openNumber.value === null) return
    const list = router.resolve({ path: route.path, query: addressOf(query.value) })
    if (window.history.state?.back === list.fullPath) router.back()
    else void router.replace(list)
  }

  return { query, openNumber, narrow, open, close }
}

function ticketPart(number: number | null): Record<string, string> {
  return number === null ? {} : { ticket: String(number) }
}

// Opening a ticket changes the address but not the list: the same object, so that nobody fetches it again.
function kept(previous: TicketListQuery | undefined, next: TicketListQuery): TicketListQuery {
  return previous && JSON.stringify(previous) === JSON.stringify(next) ? previous : next
}
