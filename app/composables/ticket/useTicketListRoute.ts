import type { TicketListQuery } from '~/utils/ticket/ticket-query'

/** The list and the open ticket in the URL, and functions to change them. */
export function useTicketListRoute() {
  const route = useRoute()
  const router = useRouter()
  const steps = useRouteSteps()

  const query = computed<TicketListQuery>(previous => reuseEqual(previous, parseListQuery(route.query)))
  const openNumber = computed(() => parseTicketNumber(route.query.ticket))
  const openReplyId = computed(() => /^#reply-([0-9a-f-]{36})$/.exec(route.hash)?.[1] ?? null)

  function enqueue(step: (list: TicketListQuery, number: number | null) => unknown): void {
    steps.enqueue(query => step(parseListQuery(query), parseTicketNumber(query.ticket)))
  }

  /** Changes filters or order of the list, and goes to its first page unless `patch` contains a page. */
  function narrow(patch: Partial<TicketListQuery>): void {
    enqueue((list, number) => {
      const next = { ...list, page: 1, ...patch }
      changeView(next)
      return router.replace({ query: { ...addressOf(next), ...ticketPart(number) } })
    })
  }

  /** Opens a ticket, at a reply or at the newest one. If another ticket is open, it is replaced, so that going back leads to the list. */
  function open(number: number, replyId?: string): void {
    enqueue((list, before) => {
      const to = { query: { ...addressOf(list), ...ticketPart(number) }, hash: replyId ? `#reply-${replyId}` : '' }
      return before === null ? router.push(to) : router.replace(to)
    })
  }

  function close(): void {
    enqueue((list, number) => number !== null && steps.returnTo(addressOf(list)))
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

// Opening a ticket changes the URL but not the list query: keep the same object, so that the list is not fetched again.
function reuseEqual(previous: TicketListQuery | undefined, next: TicketListQuery): TicketListQuery {
  return previous && JSON.stringify(previous) === JSON.stringify(next) ? previous : next
}
