const isOpen = ref(false)

/** The state of the dialog for a new ticket, which can open from anywhere. */
export function useTicketCreation() {
  return { isOpen }
}
