import { isAboutTicket } from '#shared/event'
import type { WebhookEvent } from '#shared/schemas/webhook'
import type { Webhook, WebhookDelivery, WebhookError } from '#shared/types/api'
import { eventDisplay, eventTypes } from '../event/event-display'

interface EventGroup {
  label: string
  events: { value: WebhookEvent; label: string }[]
}

const offered = eventTypes.filter(isAboutTicket).map(value => ({ value, ...eventDisplay[value].webhook! }))

/** What a webhook can be told of, as its form offers it. */
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

/** How a webhook is doing, in words. */
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
      why: 'The receiver answered “410 Gone”: it wants no more of this.'
    }
  if (disabled_reason === 'failing')
    return { label: 'Switched off', tone: 'error', icon: 'i-lucide-circle-slash', why: 'Nothing was taken for 75 hours.' }
  if (!is_active) return { label: 'Off', tone: 'neutral', icon: 'i-lucide-circle-pause', why: null }
  return failing_since
    ? { label: 'Failing', tone: 'warning', icon: 'i-lucide-triangle-alert', why: null }
    : { label: 'Active', tone: 'success', icon: 'i-lucide-circle-check', why: null }
}

const errors: Record<Exclude<WebhookError, 'status' | 'redirect' | 'gone'>, string> = {
  timeout: 'No answer in ten seconds',
  refused: 'The connection was refused or broke off',
  dns: 'The name leads nowhere',
  tls: 'The certificate is not valid',
  private_address: 'The name leads to a private address',
  too_large: 'The answer’s headers are too large',
  protocol: 'The answer is not HTTP',
  switched_off: 'Not tried: the webhook was switched off'
}

/** Why an attempt failed; null where it did not. */
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

/** Where a webhook leads, short enough for a list. */
export function webhookHost(url: string): string {
  return URL.canParse(url) ? new URL(url).host : url
}

/** A JSON text with line breaks; any other as it is. */
export function prettyJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
