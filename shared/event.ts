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
