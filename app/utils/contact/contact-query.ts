/** The search and filters of the list of contacts, as in the URL. */
export interface ContactListQuery {
  q: string
  organization_id: string
  blocked: '' | 'true'
  page: number
}

export const contactPageSize = 25

const id = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/** Parses the query of the URL; invalid values are ignored. */
export function parseContactQuery(query: Record<string, unknown>): ContactListQuery {
  return {
    q: textOf(query.q, /^[^\0]{1,200}$/u),
    organization_id: textOf(query.organization_id, id),
    blocked: query.blocked === 'true' ? 'true' : '',
    page: Number(textOf(query.page, /^[1-9]\d{0,4}$/)) || 1
  }
}

/** The query parameters of the URL, without those that equal the default. */
export function contactAddress({ page, ...filter }: ContactListQuery): Record<string, string> {
  return { ...withoutEmpty(filter), ...(page > 1 && { page: String(page) }) }
}

/** The query of the contacts route. */
export function contactApiQuery({ page, ...filter }: ContactListQuery): Record<string, string | number> {
  return { ...withoutEmpty(filter), page, page_size: contactPageSize }
}

/** Whether the list leaves some contacts out. */
export function isContactListNarrowed({ q, organization_id, blocked }: ContactListQuery): boolean {
  return Boolean(q || organization_id || blocked)
}

/** The id of the contact that the URL opens; null if there is none. */
export function parseContactId(value: unknown): string | null {
  return textOf(value, id) || null
}

function withoutEmpty(filter: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
}

function textOf(value: unknown, pattern: RegExp): string {
  return typeof value === 'string' && pattern.test(value.trim()) ? value.trim() : ''
}
