import { isAboutTicket } from '#shared/event'
import type { WebhookEvent } from '#shared/schemas/webhook'
import type { Webhook, WebhookDelivery, WebhookError } from '#shared/types/api'
import { eventDisplay, eventTypes } from '../event/event-display'

interface EventGroup {
  label: string
  events: { value: WebhookEvent; label: string }[]
}

const offered = eventTypes.filter(isAboutTicket).map(value => ({ value, ...eventDisplay[value].webhook! }))

/** The events in the webhook form, by group. */
export const webhookEventGroups: EventGroup[] = [...new Set(offered.map(({ group }) => group))].map(label => ({
  label,
  events: offered.filter(({ group }) => group === label).map(({ value, label }) => ({ value, label }))
}))

type Tone = 'success' | 'warning' | 'error' | 'neutral'
interface State {
  label: string
  tone: Tone
  icon: string
  why: string | null
}

/** The state of a webhook, in words. */
export function webhookState({
  is_active,
  disabled_reason,
  failing_since
}: Pick<Webhook, 'is_active' | 'disabled_reason' | 'failing_since'>): State {
  if (disabled_reason === 'gone')
    return {
      label: 'Switched off',
      tone: 'error',
      icon: 'i-lucide-circle-slash',
      why: 'The receiver answered “410 Gone”: it no longer wants deliveries.'
    }
  if (disabled_reason === 'failing')
    return { label: 'Switched off', tone: 'error', icon: 'i-lucide-circle-slash', why: 'Every delivery failed for 75 hours.' }
  if (!is_active) return { label: 'Off', tone: 'neutral', icon: 'i-lucide-circle-pause', why: null }
  return failing_since
    ? { label: 'Failing', tone: 'warning', icon: 'i-lucide-triangle-alert', why: null }
    : { label: 'Active', tone: 'success', icon: 'i-lucide-circle-check', why: null }
}

const errors: Record<Exclude<WebhookError, 'status' | 'redirect' | 'gone'>, string> = {
  timeout: 'No answer in ten seconds',
  refused: 'The connection was refused or closed',
  dns: 'The host name could not be resolved',
  tls: 'The certificate is not valid',
  private_address: 'The host name resolves to a private address',
  too_large: 'The answer’s headers are too large',
  protocol: 'The answer is not HTTP',
  switched_off: 'Not tried: the webhook was switched off'
}

/** Why an attempt failed; null if it did not. */
export function webhookFailure(error: WebhookError | null, status: number | null): string | null {
  if (error === null) return null
  if (error === 'redirect') return `Answered ${status}: redirects are not followed`
  return error === 'status' || error === 'gone' ? `Answered ${status}` : errors[error]
}

export const deliveryStateDisplay: Record<WebhookDelivery['state'], { label: string; tone: Tone; icon: string }> = {
  waiting: { label: 'Waiting', tone: 'warning', icon: 'i-lucide-clock' },
  delivered: { label: 'Delivered', tone: 'success', icon: 'i-lucide-check' },
  failed: { label: 'Failed', tone: 'error', icon: 'i-lucide-x' }
}

/** The host of a webhook's URL, for lists. */
export function webhookHost(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}

/** Indents JSON; returns other text unchanged. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
