import type { Contact, EndedSessions } from '#shared/types/api'
import { plural } from '#shared/utils/plural'
import { isTimeZone } from '#shared/utils/time-zone'
import { ticketListPath } from '../report/stats'

const languageNames: Record<string, string> = { en: 'English', de: 'German' }

/** The choices of a contact's language, in order; null is the language of the team. */
export const languageChoices = [
  { value: null, label: 'Team default' },
  ...Object.entries(languageNames).map(([value, label]) => ({ value, label }))
] as const

export function languageName(locale: string | null): string {
  return locale === null ? 'Team default' : (languageNames[locale] ?? locale)
}

export function contactName({ name, email }: { name: string | null; email: string | null }): string {
  return name ?? email ?? 'without a name'
}

/** "14:05", with the day if it is another one than here: "Tue 02:05". Null if this browser does not know the time zone. `now` is in milliseconds. */
export function localTime(timeZone: string, now: number, here?: string): string | null {
  if (!isTimeZone(timeZone)) return null
  const format = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat('en-GB', options).format(now)
  const day = format({ timeZone, weekday: 'short' })
  const time = format({ timeZone, hour: '2-digit', minute: '2-digit' })
  return day === format({ timeZone: here, weekday: 'short' }) ? time : `${day} ${time}`
}

/** The location of the tickets of a contact in the ticket list, which finds them by the primary address. */
export function contactTicketsPath(email: string, isOpenOnly = false) {
  return ticketListPath({ q: `requester:${email}`, ...(isOpenOnly && { status: ['open', 'in_progress', 'waiting'] }) })
}

/** The open tickets of a contact without the ticket that is shown. */
export function otherOpenTickets({ open_tickets }: Pick<Contact, 'open_tickets'>, isShownOpen: boolean): number {
  return Math.max(0, open_tickets - (isShownOpen ? 1 : 0))
}

/** "1 ticket session and 2 links"; null if there was neither. */
export function endedSessionsText({ ticket_sessions, ticket_links }: EndedSessions): string | null {
  const sessions = ticket_sessions > 0 ? [plural(ticket_sessions, '1 ticket session', '# ticket sessions')] : []
  const links = ticket_links > 0 ? [plural(ticket_links, '1 link', '# links')] : []
  return [...sessions, ...links].join(' and ') || null
}

/** What signing a contact out of the portal did. */
export function signedOutText(name: string, ended: EndedSessions): string {
  const text = endedSessionsText(ended)
  return text === null ? `${name} was signed out` : `${name} was signed out: ${text} ended`
}

const filledFields = { name: 'name', locale: 'language', time_zone: 'time zone', organization_id: 'organization' } as const

/** The properties that a contact lacks and gets from its duplicate when both are merged. */
export function mergeGains(contact: Contact, duplicate: Contact): string[] {
  return (Object.keys(filledFields) as (keyof typeof filledFields)[])
    .filter(field => contact[field] === null && duplicate[field] !== null)
    .map(field => filledFields[field])
}

/** The id of the link of a contact in the list, which gets the focus back. */
export function contactRowId(id: string): string {
  return `contact-${id}`
}
