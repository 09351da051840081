import type { EventActor, EventCause, TicketEventType } from './schemas/event'

// Free of the schemas, and so of zod.

type AboutTicket = Extract<TicketEventType, `ticket.${string}` | `reply.${string}` | 'attachment.added' | 'attachment.removed'>

/** Whether events of this type are about a ticket; the others are about the team. */
export function isAboutTicket(type: TicketEventType): type is AboutTicket {
  return type.startsWith('ticket.') || type.startsWith('reply.') || type === 'attachment.added' || type === 'attachment.removed'
}

/**
 * The name of an actor: "Bob Byrd", or "n8n (made by Ann Arbor) for Bob Byrd" for an API key. The name of a service agent is
 * omitted if it equals the name of the key.
 */
export function actorName({ name, api_key }: Pick<EventActor, 'name' | 'api_key'>): string {
  if (!api_key) return name
  return api_key.name === name ? keyName(api_key) : `${keyName(api_key)} for ${name}`
}

/** An API key with its creator: "n8n (made by Ann Arbor)". */
export function keyName({ name, created_by }: NonNullable<EventActor['api_key']>): string {
  return `${name ?? 'A revoked API key'} (made by ${created_by?.full_name ?? 'a deleted account'})`
}

/** Who acts when an escalation does: "SLA policy “Standard”". */
export function causeName({ policy }: Pick<EventCause, 'policy'>): string {
  return `SLA policy “${policy.name}”`
}
