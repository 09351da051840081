import { cursor, pageNumber } from './page'
import { z } from './zod'
import { ticketEventTypes } from './event'
import { line, wholeNumber } from './text'

/** The events that webhooks can subscribe to. */
export const webhookEvents = ticketEventTypes

export type WebhookEvent = (typeof webhookEvents)[number]

// Integrations written for other ticket systems subscribe to `comment.created`; comments are replies here.
const event = z
  .enum([...webhookEvents, 'comment.created'], 'Not an event that webhooks can receive')
  .transform(name => (name === 'comment.created' ? 'reply.created' : name))

const events = z
  .array(event, 'Events must be a list')
  .min(1, 'Choose at least one event')
  .max(50, 'At most 50 events')
  .transform((chosen): WebhookEvent[] => webhookEvents.filter(one => chosen.includes(one)))

/** Characters of the URL after percent-encoding. */
export const maxUrlLength = 2_000

// Only the form is validated here; the server checks the host and its addresses.
const url = z
  .string('URL must be text')
  .trim()
  .min(1, { error: 'URL is required', abort: true })
  .max(maxUrlLength, `URL must be at most ${maxUrlLength} characters`)
  .refine(value => value.isWellFormed(), 'Contains characters that cannot be stored')

/** "whsec_" and 24 to 64 bytes in base64, as in Standard Webhooks, or any printable ASCII text. */
const secret = z
  .string('Secret must be text')
  .min(16, { error: 'A secret must have at least 16 characters', abort: true })
  .max(256, { error: 'A secret must have at most 256 characters', abort: true })
  .regex(/^[\x21-\x7e]+$/, { error: 'A secret may contain letters, digits and punctuation, but no spaces', abort: true })
  .refine(value => !value.startsWith('whsec_') || isKey(value.slice(6)), 'After whsec_, a secret must have 24 to 64 bytes in base64')

export const webhookCreate = z.strictObject({ name: line(100, 'Name'), url, events, secret: secret.optional() })

export const webhookUpdate = z
  .strictObject({ name: line(100, 'Name'), url, events, is_active: z.boolean('Must be true or false') })
  .partial()

export const deliveryStates = ['waiting', 'delivered', 'failed'] as const

/** The deliveries of a webhook, newest first, in pages by number or cursor. */
export const deliveryQuery = z
  .strictObject({
    state: z.enum(deliveryStates, 'Not a state of deliveries').optional(),
    page: pageNumber.optional(),
    page_size: wholeNumber(1, 100).default(25).describe('A whole number from 1 to 100; 25 by default.'),
    cursor: cursor.optional()
  })
  .refine(({ page, cursor }) => page === undefined || cursor === undefined, { path: ['cursor'], message: 'Use either page or cursor' })

export type WebhookCreate = z.output<typeof webhookCreate>
export type WebhookUpdate = z.output<typeof webhookUpdate>
export type DeliveryState = (typeof deliveryStates)[number]
export type DeliveryQuery = z.output<typeof deliveryQuery>

function isKey(text: string): boolean {
  const bytes =
    /^[A-Za-z0-9+/]+={0,2}$/.test(text) && text.length % 4 === 0
      ? (text.length / 4) * 3 - (text.length - text.replace(/=+$/, '').length)
      : 0
  return bytes >= 24 && bytes <= 64
}
