import type { ApiKeyReference, CannedResponseReference, PersonReference, RoutingPath, RoutingReference, TicketBirth, TicketEvent, ViewReference, WebhookReference } from '#shared/types/event'
import type { FilterNames } from './ticket-chips'
import { mentionsAsText } from '#shared/utils/mentions'
import { auditSubjects, typesAbout } from './audit'
import { roleTexts } from './member'
import { routeSeparator } from './routing'
import { priorityLooks, severityLook, statusLooks } from './ticket'
import { filterChips } from './ticket-chips'
import { parseListQuery } from './ticket-query'
import { exactTime } from './time'

/** What an event changed: a facet with its state before and after in words. Null before what was added, and after what was removed as a whole. */
export interface EventChange { label: string, from: string | null, to: string | null, /** Somebody's own words, of any length. */ isText?: boolean }

/** What is behind the sentence of an event: all that differs, of what was added or removed all that is known. Empty where the sentence says it all. */
export function eventChanges(event: TicketEvent, names: FilterNames = { members: [], categories: [], types: [], items: [] }): EventChange[] {
  switch (event.type) {
    case 'ticket.created': return birthFacts(event.to).filter(([, value]) => value).map(([label, value]) => ({ label, from: null, to: value! }))
    case 'ticket.status_changed': return [{ label: 'Status', from: statusLooks[event.from].label, to: statusLooks[event.to].label }]
    case 'ticket.priority_changed': return [{ label: 'Priority', from: priorityLooks[event.from].label, to: priorityLooks[event.to].label }]
    case 'ticket.severity_changed': return [{ label: 'Severity', from: severityLook(event.from).name, to: severityLook(event.to).name }]
    case 'ticket.assigned': return [{ label: 'Assignee', from: personName(event.from) ?? 'Nobody', to: personName(event.to) ?? 'Nobody' }]
    case 'ticket.rerouted': return [{ label: 'Route', from: routeName(event.from), to: routeName(event.to) }]
    case 'ticket.snoozed': return [{ label: 'Snoozed until', from: event.from && exactTime(event.from), to: event.to && exactTime(event.to) }]
    case 'ticket.subject_changed': return [{ label: 'Subject', from: event.from, to: event.to }]
    case 'ticket.requester_changed': return differing([['Requester', event.from.name ?? none, event.to.name ?? none], ['Their address', event.from.email ?? none, event.to.email ?? none]])
    case 'ticket.tags_changed': return [{ label: 'Tags', from: list(event.from) ?? none, to: list(event.to) ?? none }]
    case 'ticket.rated': return differing([['Score', score(event.from), score(event.to)], ['Comment', event.from?.comment ?? null, event.to?.comment ?? null]])
    case 'reply.deleted': return [{ label: event.from.is_internal ? 'Internal note' : 'Reply', from: mentionsAsText(event.from.content, event.from.mentions), to: null, isText: true }]
    case 'reply.created': return event.to.content === undefined ? [] : [{ label: event.to.is_internal ? 'Internal note' : 'Reply', from: null, to: mentionsAsText(event.to.content, event.to.mentions ?? []), isText: true }]
    case 'tickets.exported': return [{ label: 'Tickets', from: null, to: filtersName(event.to, names) }]
    case 'audit.exported': return [{ label: 'Entries', from: null, to: auditFilterName(event.to, names) }]
    case 'team.updated': return differing(Object.keys(event.from).map(key => [settingLabels[key] ?? sentenceCase(key), String(event.from[key]), String(event.to[key])]))
    case 'member.added':
    case 'invitation.created': return [{ label: 'Role', from: null, to: roleTexts[event.to.role].label }]
    case 'member.role_changed':
    case 'invitation.renewed': return differing([['Role', roleTexts[event.from.role].label, roleTexts[event.to.role].label]])
    case 'member.removed':
    case 'invitation.revoked': return [{ label: 'Role', from: roleTexts[event.from.role].label, to: null }]
    case 'routing.created':
    case 'routing.updated':
    case 'routing.deleted': return differing(pairs(routingFacts, event.from, event.to))
    case 'canned_response.updated':
    case 'canned_response.deleted': return differing(pairs(cannedResponseFacts, event.from, event.to), ['Text'])
    case 'view.shared':
    case 'view.updated':
    case 'view.unshared': return differing(pairs(view => viewFacts(view, names), event.from, event.to))
    case 'api_key.created':
    case 'api_key.rotated':
    case 'api_key.revoked': return differing(pairs(apiKeyFacts, event.from, event.to))
    case 'webhook.created':
    case 'webhook.updated':
    case 'webhook.deleted': return differing(pairs(webhookFacts, event.from, event.to))
    case 'webhook.disabled': return [{ label: 'Reason', from: null, to: event.to.reason }]
    // Nothing more is known than what happened, and to what.
    case 'ticket.description_changed':
    case 'ticket.deleted':
    case 'team.created':
    case 'canned_response.created':
    case 'webhook.secret_rotated': return []
  }
}

const none = 'None'

const settingLabels: Record<string, string> = { name: 'Name', slug: 'Address', time_zone: 'Time zone', auto_close_days: 'Days to close', reply_to_email: 'Reply address', mail_level: 'Mail budget' }

type Facts = [label: string, value: string | null | undefined][]

function birthFacts({ status, priority, severity, path, requester, assigned_to, tags }: TicketBirth): Facts {
  return [
    ['Status', statusLooks[status].label], ['Priority', priorityLooks[priority].label], ['Severity', severityLook(severity).name], ['Route', routeName(path)],
    ['Requester', requester.name], ['Their address', requester.email], ['Assignee', personName(assigned_to)], ['Tags', list(tags)]
  ]
}

function routingFacts({ kind, path, portal_name, types = 0, items = 0 }: RoutingReference): Facts {
  const gone = [types > 0 ? count(types, 'type') : '', items > 0 ? count(items, 'item') : ''].filter(Boolean).join(', ')
  return [[sentenceCase(kind), path.join(routeSeparator)], ['Clients read', portal_name === null ? 'Nothing: they are not offered it' : portal_name], ['With it', gone || null]]
}

function cannedResponseFacts({ title, category, content }: CannedResponseReference): Facts {
  return [['Title', title], ['Category', category], ['Text', content]]
}

function viewFacts({ name, filters }: ViewReference, names: FilterNames): Facts {
  return [['Name', name], ['Shows', filters && filtersName(filters, names)]]
}

function apiKeyFacts({ name, prefix, member, scopes }: ApiKeyReference): Facts {
  return [['Name', name], ['Begins with', prefix], ['Acts as', personName(member)], ['May', list(scopes)]]
}

function webhookFacts({ name, url, events, is_active }: WebhookReference): Facts {
  return [['Name', name], ['Address', url], ['Events', list(events)], ['State', is_active ? 'On' : 'Off']]
}

function pairs<T>(facts: (reference: T) => Facts, from: T | null, to: T | null): [label: string, from: string | null, to: string | null][] {
  const [before, after] = [from ? facts(from) : null, to ? facts(to) : null]
  const missing = before && after ? none : null
  return (before ?? after ?? []).map(([label], index) => [label, before?.[index]?.[1] ?? missing, after?.[index]?.[1] ?? missing])
}

function differing(rows: [label: string, from: string | null, to: string | null][], texts: string[] = []): EventChange[] {
  return rows.filter(([, from, to]) => from !== to).map(([label, from, to]) => ({ label, from, to, ...texts.includes(label) && { isText: true } }))
}

function personName(person: PersonReference | null): string | null {
  return person && (person.full_name ?? 'Deleted account')
}

function routeName({ category, category_name, type_name, item_name }: RoutingPath): string {
  return [category_name ?? category, type_name, item_name].filter(Boolean).join(routeSeparator)
}

function filtersName(filters: Record<string, unknown>, names: FilterNames): string {
  const texts = Object.entries(filters).map(([key, value]) => [key, Array.isArray(value) ? value.map(String) : String(value)])
  const query = parseListQuery(Object.fromEntries(texts))
  const words = [...filterChips(query, names).map(({ label }) => label), ...query.q ? [`Search: ${query.q}`] : []]
  return words.length > 0 ? words.join(' · ') : 'All tickets'
}

function auditFilterName({ type, actor, ticket, from, to }: Record<string, unknown>, { members }: FilterNames): string {
  const about = auditSubjects.find(({ value }) => JSON.stringify(typesAbout(value)) === JSON.stringify(type))?.label ?? (type as string[] | undefined)?.join(', ')
  const who = (actor as string[] | undefined)?.map(id => id === 'none' ? 'Nobody' : members.find(member => member.id === id)?.full_name ?? 'Former member')
  const words = [about, who && `By: ${who.join(', ')}`, ticket && `Ticket: ${String(ticket)}`, from && `From: ${exactTime(String(from))}`, to && `Until: ${exactTime(String(to))}`].filter(Boolean)
  return words.length > 0 ? words.join(' · ') : 'The whole log'
}

function score(rating: { score: number } | null): string | null {
  return rating && `${rating.score} of 5`
}

function list(values: string[]): string | null {
  return values.length > 0 ? values.join(', ') : null
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`
}

function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replaceAll('_', ' ')
}
