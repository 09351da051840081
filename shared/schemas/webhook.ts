import { cursor, pageNumber } from './page'
import { z } from './zod'
import { ticketEventTypes } from './event'
import { line, wholeNumber } from './text'

/** What a webhook can be told of. */
export const webhookEvents = ticketEventTypes

export type WebhookEvent = (typeof webhookEvents)[number]

// Comments are replies here; what was written for other ticket systems asks for them by that name.
const event = z
  .enum([...webhookEvents, 'comment.created'], 'Not an event that webhooks can receive')
  .transform(name => (name === 'comment.created' ? 'reply.created' : name))

const events = z
  .array(event, 'Events must be a list')
  .min(1, 'Choose at least one event')
  .max(50, 'At most 50 events')
  .transform((chosen): WebhookEvent[] => webhookEvents.filter(one => chosen.includes(one)))

/** As it is called: with what is not ASCII in its percent-encoding. */
export const maxUrlLength = 2_000

// Where it leads is not a question of form: the server looks at it.
const url = z
  .string('URL must be text')
  .trim()
  .min(1, { error: 'URL is required', abort: true })
  .max(maxUrlLength, `URL must be at most ${maxUrlLength} characters`)
  .refine(value => value.isWellFormed(), 'Contains characters that cannot be stored')

/** A key of 24 to 64 bytes in base64 behind "whsec_", as Standard Webhooks writes it, or any text of printable ASCII. */
const secret = z
  .string('Secret must be text')
  .min(16, { error: 'A secret has at least 16 characters', abort: true })
  .max(256, { error: 'A secret has at most 256 characters', abort: true })
  .regex(/^[\x21-\x7e]+$/, { error: 'A secret is made of letters, digits and signs without spaces', abort: true })
  .refine(value => !value.startsWith('whsec_') || isKey(value.slice(6)), 'Behind whsec_ stand 24 to 64 bytes in base64')

export const webhookCreate = z.strictObject({ name: line(100, 'Name'), url, events, secret: secret.optional() })

export const webhookUpdate = z
  .strictObject({ name: line(100, 'Name'), url, events, is_active: z.boolean('Must be true or false') })
  .partial()

export const deliveryStates = ['waiting', 'delivered', 'failed'] as const

/** The log of a webhook, newest first: a page behind `cursor`. */
export const deliveryQuery = z
  .strictObject({
    state: z.enum(deliveryStates, 'Not a state of deliveries').optional(),
    page: pageNumber.optional(),
    page_size: wholeNumber(1, 100).default(25).describe('A whole number from 1 to 100; 25 without it.'),
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
