import { LazyTicketSnoozeModal } from '#components'

/** Asks until when `subject` ("#012", "3 tickets") is to be snoozed; resolves to the moment in ISO 8601, or null. */
export function useSnoozePicker() {
  const overlay = useOverlay()

  return async (subject: string): Promise<string | null> =>
    (await overlay.create(LazyTicketSnoozeModal, { destroyOnClose: true }).open({ subject }).result) ?? null
}
