// Names of forms; together with the person they are the keys of drafts.
export function cannedResponseForm(teamId: string, id: string | null): string {
  return `${teamId}:canned-response:${id ?? 'new'}`
}

export function calendarForm(teamId: string, id: string | null): string {
  return `${teamId}:calendar:${id ?? 'new'}`
}

export function contactForm(teamId: string, id: string | null): string {
  return `${teamId}:contact:${id ?? 'new'}`
}

/** The address that somebody adds to a contact. */
export function contactAddressForm(teamId: string, id: string): string {
  return `${teamId}:contact-address:${id}`
}

export function organizationForm(teamId: string, id: string | null): string {
  return `${teamId}:organization:${id ?? 'new'}`
}

export function projectForm(teamId: string, id: string | null): string {
  return `${teamId}:project:${id ?? 'new'}`
}

export function policyForm(teamId: string, id: string | null): string {
  return `${teamId}:sla-policy:${id ?? 'new'}`
}

export function webhookForm(teamId: string, id: string | null): string {
  return `${teamId}:webhook:${id ?? 'new'}`
}

/** The edit of the subject or description of a ticket. */
export function editForm({ team_id, id }: { team_id: string; id: string }, column: 'subject' | 'description'): string {
  return `${team_id}:${column}:${id}`
}

export function newTicketForm(teamId: string): string {
  return `${teamId}:new-ticket`
}

export function apiKeyForm(teamId: string): string {
  return `${teamId}:api-key`
}

/** A category, type or item by its id; a new one by `new:` and the id of its parent. */
export function categoryForm(teamId: string, id: string): string {
  return `${teamId}:routing:${id}`
}

export function replyAddressForm(teamId: string): string {
  return `${teamId}:reply-address`
}

export function savedViewForm(teamId: string, id: string | null): string {
  return `${teamId}:view:${id ?? 'new'}`
}

/** The files of the reply to a ticket. The server's draft has no place for them, so another device does not see them. */
export function replyFilesForm({ team_id, id }: { team_id: string; id: string }): string {
  return `${team_id}:reply-files:${id}`
}

export function newTicketFilesForm(teamId: string): string {
  return `${teamId}:new-ticket-files`
}

/** The text of one language of an article. */
export function articleTextForm(teamId: string, articleId: string, locale: string): string {
  return `${teamId}:article:${articleId}:${locale}`
}

export function newArticleForm(teamId: string): string {
  return `${teamId}:new-article`
}

export function articleCategoryForm(teamId: string, id: string | null): string {
  return `${teamId}:article-category:${id ?? 'new'}`
}
