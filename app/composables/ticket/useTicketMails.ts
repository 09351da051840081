import type { TicketMail } from '#shared/types/api'

/** The unsent mails to the client of a ticket, refetched whenever the ticket changes. */
export function useTicketMails(ticket: Ref<{ id: string; version: number }>) {
  const { data: mails, refetch } = useLive<TicketMail[]>(() => `tickets/${ticket.value.id}/mails`, {
    empty: () => [],
    pollMs: 30_000, // a mail enters the outbox shortly after the change
    load: fetchAll
  })
  watch(() => ticket.value.version, refetch)

  return { unsent: computed(() => mails.value.filter(isUnsent)) }
}
