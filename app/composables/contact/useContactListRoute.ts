import type { ContactListQuery } from '~/utils/contact/contact-query'

/** The list of contacts and the open contact in the URL, and functions to change them. */
export function useContactListRoute() {
  const route = useRoute()
  const router = useRouter()
  const steps = useRouteSteps()

  const query = computed<ContactListQuery>(previous => {
    const next = parseContactQuery(route.query)
    // Opening a contact changes the URL but not the list: keep the same object, so that the list is not fetched again.
    return previous && JSON.stringify(previous) === JSON.stringify(next) ? previous : next
  })
  const openId = computed(() => parseContactId(route.query.contact))

  function enqueue(step: (list: ContactListQuery, id: string | null) => unknown): void {
    steps.enqueue(query => step(parseContactQuery(query), parseContactId(query.contact)))
  }

  /** Changes the search or the filters, and goes to the first page unless `patch` contains a page. */
  function narrow(patch: Partial<ContactListQuery>): void {
    enqueue((list, id) => router.replace({ query: { ...contactAddress({ ...list, page: 1, ...patch }), ...(id && { contact: id }) } }))
  }

  /** The location of a contact above the list. */
  function contactLocation(id: string) {
    return { path: '/contacts', query: { ...contactAddress(query.value), contact: id } }
  }

  function open(id: string): void {
    enqueue((list, before) => {
      const to = { query: { ...contactAddress(list), contact: id } }
      return before === null ? router.push(to) : router.replace(to)
    })
  }

  function close(): void {
    enqueue((list, id) => id !== null && steps.returnTo(contactAddress(list)))
  }

  return { query, openId, narrow, contactLocation, open, close }
}
