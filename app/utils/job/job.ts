import type { Job, WebhookError } from '#shared/types/api'
import { webhookFailure } from '../webhook/webhook'

const mails: Record<string, string> = {
  member_notice: 'Notice to',
  ticket_received: 'Acknowledgement to',
  public_reply: 'Reply to',
  status_changed: 'Status update to',
  assigned: 'Assignment notice to',
  rating_request: 'Rating request to',
  participant_invitation: 'Invitation to',
  digest: 'Digest to'
}

/** Describes a job; `about` is an address or name and may be missing. */
export function jobTitle({ kind, type, about }: Job): { does: string; about?: string } {
  const rest = about === null ? {} : { about }
  switch (kind) {
    case 'event':
      return { does: `Dispatch of ${type}`, ...rest }
    case 'mail':
      return { does: mails[type] ?? 'Mail to', ...rest }
    case 'delivery':
      return { does: `${type} to`, ...rest }
    case 'bulk':
      return { does: `Bulk change: ${type.replaceAll('_', ' ')},`, ...rest }
  }
}

/** Why the last attempt failed; null if it did not. */
export function jobFailure({ kind, error }: Job): string | null {
  // The response itself is in the log of the webhook.
  if (kind === 'delivery')
    return error === 'status' || error === 'redirect' || error === 'gone'
      ? 'The receiver did not answer with success'
      : webhookFailure(error as WebhookError | null, null)
  return error
}

export const jobIcons: Record<Job['kind'], string> = {
  event: 'i-lucide-activity',
  mail: 'i-lucide-mail',
  delivery: 'i-lucide-webhook',
  bulk: 'i-lucide-layers'
}
