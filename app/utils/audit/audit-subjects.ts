const subjects = {
  tickets: { label: 'Tickets', prefixes: ['ticket.'] },
  replies: { label: 'Replies', prefixes: ['reply.'] },
  attachments: { label: 'Files', prefixes: ['attachment.'] },
  members: { label: 'Members and invitations', prefixes: ['member.', 'invitation.'] },
  team: { label: 'Team settings', prefixes: ['team.'] },
  contacts: { label: 'Contacts, organizations and projects', prefixes: ['contact.', 'organization.', 'project.'] },
  routing: { label: 'Categories', prefixes: ['routing.'] },
  calendars: { label: 'Calendars and SLA policies', prefixes: ['calendar.', 'policy.'] },
  articles: { label: 'Articles', prefixes: ['article.', 'article_category.'] },
  canned_responses: { label: 'Canned responses', prefixes: ['canned_response.'] },
  views: { label: 'Shared views', prefixes: ['view.'] },
  exports: { label: 'Exports', prefixes: ['tickets.', 'audit.'] },
  api_keys: { label: 'API keys', prefixes: ['api_key.'] },
  webhooks: { label: 'Webhooks', prefixes: ['webhook.'] }
} as const

export type AuditSubject = keyof typeof subjects

/** The choices of the filter "About", in order. */
export const auditSubjects = (Object.keys(subjects) as AuditSubject[]).map(value => ({ value, label: subjects[value].label }))

/** The event types about a subject. */
export function typesOfSubject<T extends string>(subject: AuditSubject, types: T[]): T[] {
  return types.filter(type => subjects[subject].prefixes.some(prefix => type.startsWith(prefix)))
}
