import type { EventActor } from './types/event'

// Without the schemas, and so without zod.

/** What happens to tickets, and what webhooks can tell. */
export const ticketEventTypes = [
  'ticket.created', 'ticket.status_changed', 'ticket.priority_changed', 'ticket.severity_changed', 'ticket.assigned', 'ticket.rerouted', 'ticket.snoozed',
  'ticket.subject_changed', 'ticket.description_changed', 'ticket.requester_changed', 'ticket.tags_changed', 'ticket.deleted', 'ticket.rated',
  'reply.created', 'reply.deleted'
] as const

/** What happens in the team around them. */
export const teamEventTypes = [
  'tickets.exported', 'audit.exported', 'team.created', 'team.updated', 'member.added', 'member.role_changed', 'member.removed',
  'invitation.created', 'invitation.renewed', 'invitation.revoked', 'routing.created', 'routing.updated', 'routing.deleted',
  'canned_response.created', 'canned_response.updated', 'canned_response.deleted', 'view.shared', 'view.updated', 'view.unshared',
  'api_key.created', 'api_key.rotated', 'api_key.revoked',
  'webhook.created', 'webhook.updated', 'webhook.deleted', 'webhook.secret_rotated', 'webhook.disabled'
] as const

export const eventTypes = [...ticketEventTypes, ...teamEventTypes] as const

/** Who did it, in words: "Bob Byrd", or "n8n (made by Ann Arbor) for Bob Byrd" where a key did. A service agent of the key's name goes without saying. */
export function actorName({ name, api_key }: Pick<EventActor, 'name' | 'api_key'>): string {
  if (!api_key) return name
  return api_key.name === name ? keyName(api_key) : `${keyName(api_key)} for ${name}`
}

/** An API key with its maker: "n8n (made by Ann Arbor)". */
export function keyName({ name, created_by }: NonNullable<EventActor['api_key']>): string {
  return `${name ?? 'A revoked API key'} (made by ${created_by?.full_name ?? 'a deleted account'})`
}
