const isOpen = ref(false)

/** The window for a new ticket, which opens from anywhere. */
export function useTicketCreation() {
  return { isOpen }
}
