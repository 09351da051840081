import type { EventActor, TicketEventType } from './schemas/event'

// Without the schemas, and so without zod.

type AboutTicket = Extract<TicketEventType, `ticket.${string}` | `reply.${string}`>

/** Whether such events happen to a ticket; the others happen to the team around them. */
export function isAboutTicket(type: TicketEventType): type is AboutTicket {
  return type.startsWith('ticket.') || type.startsWith('reply.')
}

/** Who did it, in words: "Bob Byrd", or "n8n (made by Ann Arbor) for Bob Byrd" where a key did. A service agent of the key's name goes without saying. */
export function actorName({ name, api_key }: Pick<EventActor, 'name' | 'api_key'>): string {
  if (!api_key) return name
  return api_key.name === name ? keyName(api_key) : `${keyName(api_key)} for ${name}`
}

/** An API key with its maker: "n8n (made by Ann Arbor)". */
export function keyName({ name, created_by }: NonNullable<EventActor['api_key']>): string {
  return `${name ?? 'A revoked API key'} (made by ${created_by?.full_name ?? 'a deleted account'})`
}
