import type { EscalationReason, SlaMetric } from '#shared/sla/clock'
import { metricNames, spanText } from '#shared/sla/receipt'
import { plural } from '#shared/utils/plural'
import { formatSearch, type SearchOperator } from '#shared/utils/search-query'
import type { Escalation } from '#shared/schemas/sla'
import type { Team } from '#shared/types/api'
import type {
  ApiKeyReference,
  ArticleCategoryReference,
  ArticlePublicationReference,
  ArticleReference,
  CalendarReference,
  CannedResponseReference,
  ClockReference,
  ContactReference,
  EscalationReference,
  OrganizationReference,
  PersonReference,
  PolicyReference,
  ProjectReference,
  CategoryPathReference,
  CategoryReference,
  TicketCreation,
  ViewReference,
  WebhookReference
} from '#shared/schemas/event'
import type { FilterNames } from '../ticket/ticket-chips'
import { auditSubjects, typesOfSubject } from '../audit/audit-subjects'
import { audienceTexts } from '../article/article'
import { languageNames } from '../help/help'
import { hoursSummary } from '../calendar/calendar-hours'
import { pathSeparator } from '../category/category-path'
import { priorityDisplay, severityDisplay, statusDisplay } from '../ticket/ticket'
import { filterChips } from '../ticket/ticket-chips'
import { parseListQuery } from '../ticket/ticket-query'
import { escalationText, peopleText } from '../sla/escalation'
import { exactTime } from '../app/time'
import { languageName } from '../contact/contact'
import { clientMailTexts } from '../mail/mail'

/** One change of an event, in words. `from` is null if the whole thing was added, `to` if it was removed. */
export interface EventChange {
  label: string
  from: string | null
  to: string | null
  /** User-written text of any length. */
  isText?: boolean
}

/** A property with its values before and after. */
export type FactPair = [label: string, from: string | null, to: string | null]

export type Facts = [label: string, value: string | null | undefined][]

export const none = 'None'

/** Labels of the team settings. */
export const settingLabels: Record<string, string> = {
  name: 'Name',
  slug: 'Address',
  time_zone: 'Time zone',
  auto_close_days: 'Days until resolved tickets close',
  unscanned_files: 'Files without a virus scan',
  client_mails: 'Mails to clients',
  rating_delay_minutes: 'Minutes until clients are asked for a rating',
  portal_color: 'Colour for clients',
  client_priority: 'Clients choose the priority',
  portal_shows_due: 'Clients see when an answer is due',
  help_locales: 'Languages of the help centre',
  reply_to_email: 'Reply address',
  mail_level: 'Mail budget'
}

/** How a setting of the team reads. */
export function settingText(key: string, value: unknown): string {
  if (key === 'help_locales') return joinedNames((value as Team['help_locales']).map(locale => languageNames[locale] ?? locale)) ?? none
  if (key !== 'client_mails') return String(value ?? none)
  return joinedNames((value as Team['client_mails']).map(kind => clientMailTexts[kind]?.label ?? kind)) ?? none
}

export function creationFacts({ status, priority, severity, path, requester, assigned_to, tags }: TicketCreation): Facts {
  return [
    ['Status', statusDisplay[status].label],
    ['Priority', priorityDisplay[priority].label],
    ['Severity', severityDisplay(severity).name],
    ['Category', pathName(path)],
    ['Requester', requester.name],
    ['Requester e-mail', requester.email],
    ['Assignee', personName(assigned_to)],
    ['Tags', joinedNames(tags)]
  ]
}

export function categoryFacts({ kind, path, portal_name, types = 0, items = 0 }: CategoryReference): Facts {
  const deletedChildren = [types > 0 ? plural(types, '1 type', '# types') : '', items > 0 ? plural(items, '1 item', '# items') : '']
    .filter(Boolean)
    .join(', ')
  return [
    [sentenceCase(kind), path.join(pathSeparator)],
    ['Name for clients', portal_name === null ? 'None: not offered to clients' : portal_name],
    ['Also deleted', deletedChildren || null]
  ]
}

export function cannedResponseFacts({ title, category, content }: CannedResponseReference): Facts {
  return [
    ['Title', title],
    ['Category', category],
    ['Text', content]
  ]
}

export function contactFacts({ name, locale, time_zone, organization, notes, addresses }: ContactReference): Facts {
  return [
    ['Name', name],
    ['Language', locale],
    ['Time zone', time_zone],
    ['Organization', organization],
    ['Notes', notes],
    ['Addresses', addresses && joinedNames(addresses)]
  ]
}

export function organizationFacts({ name, tier, notes, shares_tickets }: OrganizationReference): Facts {
  return [
    ['Name', name],
    ['Tier', tier],
    ['Notes', notes],
    ['Its contacts see each other’s tickets', shares_tickets === undefined ? undefined : shares_tickets ? 'yes' : 'no']
  ]
}

export function projectFacts({ name, organization, is_archived }: ProjectReference): Facts {
  return [
    ['Name', name],
    ['Offered to', organization === null ? 'all contacts' : organization],
    ['Archived', is_archived === undefined ? undefined : is_archived ? 'yes' : 'no']
  ]
}

/** What a warning, breach or success of an SLA clock is about. */
export function clockFacts({ policy, target_seconds, remaining_seconds, due_at }: ClockReference): EventChange[] {
  const facts: Facts = [
    ['Policy', policy],
    ['Target', spanText(target_seconds)],
    ['Due', due_at && exactTime(due_at)],
    ['Left', remaining_seconds !== null && remaining_seconds >= 0 ? spanText(remaining_seconds) : null]
  ]
  return facts.flatMap(([label, value]) => (value ? [{ label, from: null, to: value }] : []))
}

export function policyFacts(policy: PolicyReference, { members }: FilterNames): Facts {
  const { name, is_active, conditions, target_by, targets, calendar, pauses, warn_percent, reopen_percent, escalations } = policy
  const nameOf = (id: string) => members.find(member => member.id === id)?.full_name ?? 'a former member'
  return [
    ['Name', name],
    ['In use', is_active === undefined ? undefined : is_active ? 'yes' : 'no'],
    ['Conditions', conditions && (formatSearch({ items: conditions as SearchOperator[], issues: [], unfinished: [] }) || 'every ticket')],
    ['Targets by', target_by],
    ['Targets', targets && targetsText(targets as Record<string, Record<string, number>>)],
    ['Calendar', calendar === null ? 'around the clock' : calendar],
    ['Paused', pauses && pausesText(pauses as Record<string, string[]>)],
    ['Warning', warn_percent === undefined ? undefined : `at ${warn_percent} %`],
    ['After a reopening', reopen_percent === undefined ? undefined : `at least ${reopen_percent} %`],
    [
      'Escalations',
      escalations &&
        joinedNames(
          escalations.map(step => escalationText(step as Escalation, nameOf)),
          '; '
        )
    ]
  ]
}

const escalationReasonTexts: Record<EscalationReason, string> = {
  member_left: 'who has left the team or works on no tickets',
  nobody_left: 'none of them is in the team',
  already_assigned: 'who has it already',
  already_tagged: 'it has the tag already',
  tag_limit: 'it has 20 tags already',
  severity_highest: 'it is 1 already',
  refused: 'a rule of tickets refused it'
}

/** What an escalation did, or why it did nothing. */
export function escalationSentence({ action, members = [], roles = [], followers = false, tag, passed_over }: EscalationReference): {
  done: string
  what: string
} {
  const people = peopleText({ names: members.map(member => personName(member)!), roles, followers })
  const reason = passed_over && escalationReasonTexts[passed_over]
  switch (action) {
    case 'notify':
      return reason ? { done: 'could not notify anybody:', what: reason } : { done: 'notified', what: people }
    case 'assign':
      return { done: 'did not assign it to', what: `${people}, ${reason}` }
    case 'raise_severity':
      return { done: 'did not raise the severity:', what: reason ?? '' }
    case 'add_tag':
      return { done: `did not add the tag ${tag}:`, what: reason ?? '' }
  }
}

function pausesText(pauses: Record<string, string[]>): string {
  const texts = Object.entries(pauses)
    .filter(([, reasons]) => reasons.length > 0)
    .map(([metric, reasons]) => `${metricNames[metric as SlaMetric]}: ${reasons.map(sentenceCase).join(', ').toLowerCase()}`)
  return texts.join('; ') || 'never'
}

function targetsText(targets: Record<string, Record<string, number>>): string {
  return Object.entries(targets)
    .map(
      ([metric, levels]) =>
        `${metricNames[metric as SlaMetric]}: ${Object.entries(levels)
          .map(([level, seconds]) => `${level} ${spanText(seconds)}`)
          .join(', ')}`
    )
    .join('; ')
}

export function articleFacts({ title, audience, category, is_archived, slug }: ArticleReference): Facts {
  return [
    ['Title', title],
    ['Audience', audience && audienceTexts[audience].label],
    ['Category', category],
    ['Archived', is_archived === undefined ? undefined : is_archived ? 'yes' : 'no'],
    ['Address', slug]
  ]
}

export function articlePublicationFacts({ title, locale, audience, revision, note }: ArticlePublicationReference): Facts {
  return [
    ['Title', title],
    ['Language', languageName(locale)],
    ['Audience', audienceTexts[audience].label],
    ['Revision', `${revision}`],
    ['Note', note]
  ]
}

export function articleCategoryFacts({ name, names }: ArticleCategoryReference): Facts {
  return [
    ['Name', name],
    [
      'In other languages',
      names &&
        joinedNames(
          Object.entries(names)
            .map(([locale, name]) => `${languageName(locale)}: ${name}`)
            .sort()
        )
    ]
  ]
}

export function calendarFacts({ name, time_zone, country, region, hours, holidays, time_zone_data }: CalendarReference): Facts {
  return [
    ['Name', name],
    ['Time zone', time_zone],
    ['Country of the holidays', country],
    ['Region of the holidays', region],
    ['Hours', hours && hoursSummary(hours)],
    ['Holidays', holidays && joinedNames(holidays.map(({ date, name }) => `${date} ${name}`))],
    ['Time zone data', time_zone_data]
  ]
}

export function viewFacts({ name, filters }: ViewReference, names: FilterNames): Facts {
  return [
    ['Name', name],
    ['Shows', filters && filtersName(filters, names)]
  ]
}

export function apiKeyFacts({ name, prefix, member, scopes }: ApiKeyReference): Facts {
  return [
    ['Name', name],
    ['Begins with', prefix],
    ['Acts as', personName(member)],
    ['May', joinedNames(scopes)]
  ]
}

export function webhookFacts({ name, url, events, is_active }: WebhookReference): Facts {
  return [
    ['Name', name],
    ['Address', url],
    ['Events', joinedNames(events)],
    ['State', is_active ? 'On' : 'Off']
  ]
}

/** Pairs the facts of both states; one state is null if the thing was added or removed. */
export function pairFacts<T>(facts: (reference: T) => Facts, from: T | null, to: T | null): FactPair[] {
  const [before, after] = [from ? facts(from) : null, to ? facts(to) : null]
  const missing = before && after ? none : null
  return (before ?? after ?? []).map(([label], index) => [label, before?.[index]?.[1] ?? missing, after?.[index]?.[1] ?? missing])
}

/** The pairs that differ; those listed in `texts` hold long text. */
export function differingFacts(rows: FactPair[], texts: string[] = []): EventChange[] {
  return rows
    .filter(([, from, to]) => from !== to)
    .map(([label, from, to]) => ({ label, from, to, ...(texts.includes(label) && { isText: true }) }))
}

export function personName(person: PersonReference | null): string | null {
  return person && (person.full_name ?? 'Deleted account')
}

export function pathName({ category, category_name, type_name, item_name }: CategoryPathReference): string {
  return [category_name ?? category, type_name, item_name].filter(Boolean).join(pathSeparator)
}

export function filtersName(filters: Record<string, unknown>, names: FilterNames): string {
  const texts = Object.entries(filters).map(([key, value]) => [key, Array.isArray(value) ? value.map(String) : String(value)])
  const query = parseListQuery(Object.fromEntries(texts))
  const words = [...filterChips(query, names).map(({ label }) => label), ...(query.q ? [`Search: ${query.q}`] : [])]
  return words.length > 0 ? words.join(' · ') : 'All tickets'
}

/** Describes the filter of an exported audit log; `allTypes` are all event types. */
export function auditFilterName(
  { type, actor, ticket, from, to }: Record<string, unknown>,
  { members }: FilterNames,
  allTypes: string[]
): string {
  const types = type as string[] | undefined
  const about =
    auditSubjects.find(({ value }) => types?.toSorted().join() === typesOfSubject(value, allTypes).toSorted().join())?.label ??
    types?.join(', ')
  const who = (actor as string[] | undefined)?.map(id =>
    id === 'none' ? 'Nobody' : (members.find(member => member.id === id)?.full_name ?? 'Former member')
  )
  const words = [
    about,
    who && `By: ${who.join(', ')}`,
    ticket && `Ticket: ${String(ticket)}`,
    from && `From: ${exactTime(String(from))}`,
    to && `Until: ${exactTime(String(to))}`
  ].filter(Boolean)
  return words.length > 0 ? words.join(' · ') : 'The whole log'
}

export function ratingName(rating: { score: number } | null): string | null {
  return rating && `${rating.score} of 5`
}

/** "a, b"; null if empty. */
export function joinedNames(values: string[], separator = ', '): string | null {
  return values.length > 0 ? values.join(separator) : null
}

export function sentenceCase(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1).replaceAll('_', ' ')
}
