import type { TicketListQuery } from '~/utils/ticket/ticket-query'

/** The list and the open ticket as the address bar names them, and the ways to another. */
export function useTicketListRoute() {
  const route = useRoute()
  const router = useRouter()

  const query = computed<TicketListQuery>(previous => reuseEqual(previous, parseListQuery(route.query)))
  const openNumber = computed(() => parseTicketNumber(route.query.ticket))
  const openReplyId = computed(() => /^#reply-([0-9a-f-]{36})$/.exec(route.hash)?.[1] ?? null)

  // A change of the address takes a moment: whoever asks for another in that moment builds on the one before.
  let last: Promise<unknown> = Promise.resolve()
  function enqueue(step: (list: TicketListQuery, number: number | null) => unknown): void {
    last = last.then(() => {
      const { path, query } = router.currentRoute.value
      return path === route.path ? step(parseListQuery(query), parseTicketNumber(query.ticket)) : undefined
    })
  }

  /** Narrows or orders the list; it then begins with its first page unless `patch` names one. */
  function narrow(patch: Partial<TicketListQuery>): void {
    enqueue((list, number) => {
      const next = { ...list, page: 1, ...patch }
      changeView(next)
      return router.replace({ query: { ...addressOf(next), ...ticketPart(number) } })
    })
  }

  /** Opens a ticket, at one of its replies or at the newest; from another open one, going back leads to the list all the same. */
  function open(number: number, replyId?: string): void {
    enqueue((list, before) => {
      const to = { query: { ...addressOf(list), ...ticketPart(number) }, hash: replyId ? `#reply-${replyId}` : '' }
      return before === null ? router.push(to) : router.replace(to)
    })
  }

  function close(): void {
    enqueue((list, number) => {
      if (number === null) return
      const to = router.resolve({ path: route.path, query: addressOf(list) })
      return window.history.state?.back === to.fullPath ? goBack() : router.replace(to)
    })
  }

  // Going back is over when the address has changed: what comes next would open the ticket again otherwise.
  function goBack(): Promise<void> {
    return new Promise(resolve => {
      const off = router.afterEach(() => {
        off()
        resolve()
      })
      router.back()
    })
  }

  return { query, openNumber, openReplyId, narrow, open, close }
}

function parseTicketNumber(value: unknown): number | null {
  const text = /^#?0*(\d{1,9})$/.exec(String(value ?? ''))?.[1]
  return text ? Number(text) : null
}

function ticketPart(number: number | null): Record<string, string> {
  return number === null ? {} : { ticket: String(number) }
}

// Opening a ticket changes the address but not the list: the same object, so that nobody fetches it again.
function reuseEqual(previous: TicketListQuery | undefined, next: TicketListQuery): TicketListQuery {
  return previous && JSON.stringify(previous) === JSON.stringify(next) ? previous : next
}
