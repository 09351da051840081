import type { CategoryPathReference, ClockReference, PersonReference, TicketEvent, TicketEventType } from '#shared/schemas/event'
import type { FilterNames } from '../ticket/ticket-chips'
import { clockNews, metricNames } from '#shared/sla/receipt'
import type { TicketPriority } from '#shared/ticket'
import { mentionsAsText } from '#shared/utils/mentions'
import { plural } from '#shared/utils/plural'
import {
  apiKeyFacts,
  articleCategoryFacts,
  articleFacts,
  articlePublicationFacts,
  auditFilterName,
  calendarFacts,
  clockFacts,
  contactFacts,
  creationFacts,
  cannedResponseFacts,
  differingFacts,
  escalationSentence,
  filtersName,
  joinedNames,
  none,
  organizationFacts,
  projectFacts,
  pairFacts,
  policyFacts,
  pathName,
  personName,
  ratingName,
  categoryFacts,
  sentenceCase,
  settingLabels,
  settingText,
  viewFacts,
  webhookFacts,
  type EventChange,
  type FactPair,
  type Facts
} from './event-facts'
import { contactName, endedSessionsText } from '../contact/contact'
import { roleTexts } from '../member/member'
import { pathSeparator } from '../category/category-path'
import { momentName } from '../ticket/snooze'
import { priorityDisplay, severityDisplay, statusDisplay } from '../ticket/ticket'
import { exactTime } from '../app/time'
import { serverNow } from '../app/server-time'

type EventOf<T extends TicketEventType> = Extract<TicketEvent, { type: T }>

/** A text, or the parts before and after the ticket: its number in the audit log, "it" in the history of the ticket. */
type Words = string | readonly [before: string, after: string]

/** The text after the actor's name: "moved … to", followed by `what`, user-written text or a name. */
interface Sentence {
  text: Words
  what?: string
  /** The article that `what` names, for a link in the audit log. */
  articleId?: string
  /** A different text for the audit log, if the history does not mention the ticket. */
  inLog?: { text: Words; what?: string }
}

/** How one type of event is shown. */
interface EventDisplay<T extends TicketEventType> {
  icon: string
  sentence: (event: EventOf<T>) => Sentence
  /** The details: all differences, or all facts of what was added or removed. Absent if the sentence is complete. */
  changes?: (event: EventOf<T>, names: FilterNames) => EventChange[]
  /** Group and label in the webhook form; only events of tickets and replies have them. */
  webhook?: { group: 'Tickets' | 'Conversation' | 'Details' | 'SLA'; label: string }
}

/** Every type of event: its icon, its sentence, its details and its place in the form of webhooks. */
export const eventDisplay: { [T in TicketEventType]: EventDisplay<T> } = {
  'ticket.created': {
    icon: 'i-lucide-plus',
    webhook: { group: 'Tickets', label: 'Created' },
    sentence: ({ to }) => ({ text: 'created', what: to.subject, inLog: { text: ['created', ''], what: to.subject } }),
    changes: ({ to }) =>
      creationFacts(to)
        .filter(([, value]) => value)
        .map(([label, value]) => ({ label, from: null, to: value! }))
  },
  'ticket.status_changed': {
    icon: 'i-lucide-circle-dot',
    webhook: { group: 'Tickets', label: 'Status changed' },
    sentence: ({ to }) => facet('status', statusDisplay[to].label),
    changes: ({ from, to }) => [{ label: 'Status', from: statusDisplay[from].label, to: statusDisplay[to].label }]
  },
  'ticket.assigned': {
    icon: 'i-lucide-user-round',
    webhook: { group: 'Tickets', label: 'Assigned' },
    sentence: assignmentSentence,
    changes: ({ from, to }) => [{ label: 'Assignee', from: personName(from) ?? 'Nobody', to: personName(to) ?? 'Nobody' }]
  },
  'ticket.snoozed': {
    icon: 'i-lucide-alarm-clock',
    webhook: { group: 'Tickets', label: 'Snoozed or woken' },
    sentence: ({ actor, to }) =>
      to
        ? { text: ['snoozed', 'until'], what: momentName(to, serverNow(), 'long') }
        : { text: actor ? 'ended the snooze' : 'woke up', inLog: { text: ['woke', 'up'] } },
    changes: ({ from, to }) => [{ label: 'Snoozed until', from: from && exactTime(from), to: to && exactTime(to) }]
  },
  'ticket.sla_warning': {
    icon: 'i-lucide-clock-alert',
    webhook: { group: 'SLA', label: 'Due soon' },
    sentence: ({ to }) => clockSentence(to, 'is due soon'),
    changes: ({ to }) => clockFacts(to)
  },
  'ticket.sla_breached': {
    icon: 'i-lucide-clock-alert',
    webhook: { group: 'SLA', label: 'Overdue' },
    sentence: ({ to }) => clockSentence(to, 'is overdue'),
    changes: ({ to }) => [...clockFacts(to), ...(to.change ? [levelChange(to.change)] : [])]
  },
  'ticket.sla_met': {
    icon: 'i-lucide-clock-check',
    webhook: { group: 'SLA', label: 'Met' },
    sentence: ({ to }) => {
      const text = `met the target of the ${metricNames[to.metric].toLowerCase()}`
      return { text, inLog: { text: [`${text} of`, ''] } }
    },
    changes: ({ to }) => clockFacts(to)
  },
  'ticket.escalated': {
    icon: 'i-lucide-trending-up',
    webhook: { group: 'SLA', label: 'Escalated' },
    sentence: ({ to }) => {
      const { done, what } = escalationSentence(to)
      return { text: done, what, inLog: { text: ['escalated', `and ${done}`], what } }
    }
  },
  'ticket.rated': {
    icon: 'i-lucide-star',
    webhook: { group: 'Tickets', label: 'Rated' },
    sentence: ({ to }) =>
      to
        ? { text: ['rated', ''], what: ratingName(to)! }
        : { text: 'withdrew the rating', inLog: { text: ['withdrew the rating of', ''] } },
    changes: ({ from, to }) =>
      differingFacts([
        ['Score', ratingName(from), ratingName(to)],
        ['Comment', from?.comment ?? null, to?.comment ?? null]
      ])
  },
  'ticket.deleted': {
    icon: 'i-lucide-trash-2',
    webhook: { group: 'Tickets', label: 'Deleted' },
    sentence: ({ from }) => ({ text: 'deleted', what: from.subject, inLog: { text: ['deleted', ''], what: from.subject } })
  },
  'reply.created': {
    icon: 'i-lucide-message-square',
    webhook: { group: 'Conversation', label: 'Reply or note written' },
    sentence: ({ to: { is_internal } }) => ({
      text: is_internal ? 'wrote an internal note' : 'replied',
      inLog: { text: [is_internal ? 'wrote an internal note in' : 'replied in', ''] }
    }),
    changes: ({ to: { content, is_internal, mentions } }) =>
      content === undefined
        ? []
        : [{ label: replyName(is_internal), from: null, to: mentionsAsText(content, mentions ?? []), isText: true }]
  },
  'reply.deleted': {
    icon: 'i-lucide-trash-2',
    webhook: { group: 'Conversation', label: 'Reply or note deleted' },
    sentence: ({ from: { is_internal, author } }) => {
      const [reply, what] = [is_internal ? 'an internal note' : 'a reply', author.full_name ?? 'a deleted account']
      return { text: `deleted ${reply} by`, what, inLog: { text: ['deleted from', `${reply} by`], what } }
    },
    changes: ({ from: { content, is_internal, mentions } }) => [
      { label: replyName(is_internal), from: mentionsAsText(content, mentions), to: null, isText: true }
    ]
  },
  'attachment.added': {
    icon: 'i-lucide-paperclip',
    webhook: { group: 'Conversation', label: 'File added' },
    sentence: ({ to }) => ({ text: 'added the file', what: to.name, inLog: { text: ['added to', 'the file'], what: to.name } })
  },
  'attachment.removed': {
    icon: 'i-lucide-trash-2',
    webhook: { group: 'Conversation', label: 'File removed' },
    sentence: ({ from }) => ({ text: 'removed the file', what: from.name, inLog: { text: ['removed from', 'the file'], what: from.name } })
  },
  'ticket.priority_changed': {
    icon: 'i-lucide-signal-high',
    webhook: { group: 'Details', label: 'Priority' },
    sentence: ({ to }) => facet('priority', priorityDisplay[to].label),
    changes: ({ from, to }) => [{ label: 'Priority', from: priorityDisplay[from].label, to: priorityDisplay[to].label }]
  },
  'ticket.severity_changed': {
    icon: 'i-lucide-gauge',
    webhook: { group: 'Details', label: 'Severity' },
    sentence: ({ to }) => facet('severity', severityDisplay(to).label),
    changes: ({ from, to }) => [{ label: 'Severity', from: severityDisplay(from).name, to: severityDisplay(to).name }]
  },
  'ticket.rerouted': {
    icon: 'i-lucide-route',
    webhook: { group: 'Details', label: 'Category' },
    sentence: ({ to }) => ({ text: ['moved', 'to'], what: pathName(to) }),
    changes: ({ from, to }: { from: CategoryPathReference; to: CategoryPathReference }) => [
      { label: 'Category', from: pathName(from), to: pathName(to) }
    ]
  },
  'ticket.participant_added': {
    icon: 'i-lucide-user-plus',
    webhook: { group: 'Details', label: 'Participant added' },
    sentence: ({ to }) => ({
      text: 'added the participant',
      what: contactName(to),
      inLog: { text: ['added to', 'the participant'], what: contactName(to) }
    })
  },
  'ticket.participant_removed': {
    icon: 'i-lucide-user-minus',
    webhook: { group: 'Details', label: 'Participant removed' },
    sentence: ({ from }) => ({
      text: 'removed the participant',
      what: contactName(from),
      inLog: { text: ['removed from', 'the participant'], what: contactName(from) }
    })
  },
  'ticket.article_cited': {
    icon: 'i-lucide-book-open',
    webhook: { group: 'Details', label: 'Article cited' },
    sentence: ({ to: { kind, id, title } }) => {
      const does = kind === 'draft' ? 'drafted' : 'cited'
      return articleSentence(does, `${does} ${kind === 'draft' ? 'from' : 'in'}`, { id, title })
    }
  },
  'ticket.article_removed': {
    icon: 'i-lucide-book-x',
    webhook: { group: 'Details', label: 'Article removed' },
    sentence: ({ from }) => articleSentence('removed', 'removed from', from)
  },
  'ticket.project_changed': {
    icon: 'i-lucide-folder',
    webhook: { group: 'Details', label: 'Project' },
    sentence: ({ to }) => facet('project', to?.name ?? 'none'),
    changes: ({ from, to }) => [{ label: 'Project', from: from?.name ?? null, to: to?.name ?? null }]
  },
  'ticket.subject_changed': {
    icon: 'i-lucide-pencil',
    webhook: { group: 'Details', label: 'Subject' },
    sentence: ({ to }) => ({ text: ['renamed', 'to'], what: to }),
    changes: ({ from, to }) => [{ label: 'Subject', from, to }]
  },
  'ticket.description_changed': {
    icon: 'i-lucide-pencil',
    webhook: { group: 'Details', label: 'Description' },
    sentence: () => ({ text: 'changed the description', inLog: { text: ['changed the description of', ''] } })
  },
  'ticket.requester_changed': {
    icon: 'i-lucide-contact-round',
    webhook: { group: 'Details', label: 'Requester' },
    sentence: ({ to: { name, email } }) =>
      name || email
        ? facet('requester', name ?? email ?? '')
        : { text: 'removed the requester', inLog: { text: ['removed the requester of', ''] } },
    changes: ({ from, to }) =>
      differingFacts([
        ['Requester', from.name ?? none, to.name ?? none],
        ['Requester e-mail', from.email ?? none, to.email ?? none]
      ])
  },
  'ticket.tags_changed': {
    icon: 'i-lucide-tag',
    webhook: { group: 'Details', label: 'Tags' },
    sentence: ({ from, to }) => ({
      ...tagSentence(from, to),
      inLog: to.length > 0 ? { text: ['set the tags of', 'to'], what: to.join(', ') } : { text: ['removed all tags from', ''] }
    }),
    changes: ({ from, to }) => [{ label: 'Tags', from: joinedNames(from) ?? none, to: joinedNames(to) ?? none }]
  },
  'tickets.exported': {
    icon: 'i-lucide-download',
    sentence: () => ({ text: 'exported tickets' }),
    changes: ({ to }, names) => [{ label: 'Tickets', from: null, to: filtersName(to, names) }]
  },
  'audit.exported': {
    icon: 'i-lucide-download',
    sentence: () => ({ text: 'exported the audit log' }),
    changes: ({ to }, names) => [{ label: 'Entries', from: null, to: auditFilterName(to, names, eventTypes) }]
  },
  'team.created': { icon: 'i-lucide-building-2', sentence: ({ to }) => ({ text: 'created the team', what: to.name }) },
  'team.updated': {
    icon: 'i-lucide-settings',
    sentence: () => ({ text: 'changed the settings of the team' }),
    changes: ({ from, to }) =>
      differingFacts(
        Object.keys(from).map(key => [settingLabels[key] ?? sentenceCase(key), settingText(key, from[key]), settingText(key, to[key])])
      )
  },
  'member.added': {
    icon: 'i-lucide-user-plus',
    sentence: ({ actor, to: { member, role } }) => ({
      text: member.id === actor?.id ? 'joined as' : `added ${memberName(member)} as`,
      what: roleTexts[role].label
    }),
    changes: ({ to }) => [{ label: 'Role', from: null, to: roleTexts[to.role].label }]
  },
  'member.role_changed': {
    icon: 'i-lucide-user-cog',
    sentence: ({ to: { member, role } }) => ({ text: `changed the role of ${memberName(member)} to`, what: roleTexts[role].label }),
    changes: ({ from, to }) => differingFacts([['Role', roleTexts[from.role].label, roleTexts[to.role].label]])
  },
  'member.removed': {
    icon: 'i-lucide-user-minus',
    sentence: ({ actor, from: { member } }) =>
      member.id === actor?.id ? { text: 'left the team' } : { text: 'removed', what: memberName(member) },
    changes: ({ from }) => [{ label: 'Role', from: roleTexts[from.role].label, to: null }]
  },
  'invitation.created': {
    icon: 'i-lucide-mail-plus',
    sentence: ({ to }) => ({ text: 'invited', what: to.email }),
    changes: ({ to }) => [{ label: 'Role', from: null, to: roleTexts[to.role].label }]
  },
  'invitation.renewed': {
    icon: 'i-lucide-mail',
    sentence: ({ to }) => ({ text: 'invited again', what: to.email }),
    changes: ({ from, to }) => differingFacts([['Role', roleTexts[from.role].label, roleTexts[to.role].label]])
  },
  'invitation.revoked': {
    icon: 'i-lucide-mail-x',
    sentence: ({ from }) => ({ text: 'revoked the invitation of', what: from.email }),
    changes: ({ from }) => [{ label: 'Role', from: roleTexts[from.role].label, to: null }]
  },
  'routing.created': {
    icon: 'i-lucide-network',
    sentence: ({ to }) => ({ text: `added the ${to.kind}`, what: to.path.join(pathSeparator) }),
    changes: changesOf(categoryFacts)
  },
  'routing.updated': {
    icon: 'i-lucide-network',
    sentence: ({ to }) => ({ text: `changed the ${to.kind}`, what: to.path.join(pathSeparator) }),
    changes: changesOf(categoryFacts)
  },
  'routing.deleted': {
    icon: 'i-lucide-network',
    sentence: ({ from }) => ({ text: `deleted the ${from.kind}`, what: from.path.join(pathSeparator) }),
    changes: changesOf(categoryFacts)
  },
  'contact.created': {
    icon: 'i-lucide-contact',
    sentence: ({ to }) => ({ text: 'added the contact', what: contactName(to) })
  },
  'contact.updated': {
    icon: 'i-lucide-contact',
    sentence: ({ to }) => ({ text: 'changed the contact', what: to.name ?? undefined }),
    changes: changesOf(contactFacts)
  },
  'contact.blocked': {
    icon: 'i-lucide-ban',
    sentence: ({ to }) => ({ text: 'blocked the contact', what: contactName(to) })
  },
  'contact.unblocked': {
    icon: 'i-lucide-contact',
    sentence: ({ from }) => ({ text: 'unblocked the contact', what: contactName(from) })
  },
  'contact.signed_out': {
    icon: 'i-lucide-log-out',
    sentence: ({ to }) => {
      const ended = endedSessionsText(to)
      return { text: ended === null ? 'signed out the contact' : `ended ${ended} of`, what: contactName(to) }
    }
  },
  'contact.merged': {
    icon: 'i-lucide-merge',
    sentence: ({ from, to }) => ({ text: `merged the contact ${contactName(from)} into`, what: contactName(to) })
  },
  'contact.unmerged': {
    icon: 'i-lucide-split',
    sentence: ({ from, to }) => ({ text: `separated the contact ${contactName(from)} from`, what: contactName(to) })
  },
  'contact.erased': {
    icon: 'i-lucide-trash-2',
    sentence: () => ({ text: 'erased a contact' })
  },
  'organization.created': {
    icon: 'i-lucide-building-2',
    sentence: ({ to }) => ({ text: 'added the organization', what: to.name })
  },
  'organization.updated': {
    icon: 'i-lucide-building-2',
    sentence: ({ to }) => ({ text: 'changed the organization', what: to.name }),
    changes: changesOf(organizationFacts)
  },
  'organization.deleted': {
    icon: 'i-lucide-building-2',
    sentence: ({ from }) => ({ text: 'deleted the organization', what: from.name })
  },
  'project.created': {
    icon: 'i-lucide-folder',
    sentence: ({ to }) => ({ text: 'added the project', what: to.name })
  },
  'project.updated': {
    icon: 'i-lucide-folder',
    sentence: ({ to }) => ({ text: 'changed the project', what: to.name }),
    changes: changesOf(projectFacts)
  },
  'project.deleted': {
    icon: 'i-lucide-folder',
    sentence: ({ from }) => ({ text: 'deleted the project', what: from.name })
  },
  'calendar.created': {
    icon: 'i-lucide-calendar-clock',
    sentence: ({ to }) => ({ text: 'added the calendar', what: to.name })
  },
  'calendar.updated': {
    icon: 'i-lucide-calendar-clock',
    sentence: ({ to: { name, open_clocks } }) => ({
      text: open_clocks ? `changed the calendar of ${plural(open_clocks, '1 open clock', '# open clocks')},` : 'changed the calendar',
      what: name
    }),
    changes: changesOf(calendarFacts)
  },
  'calendar.deleted': {
    icon: 'i-lucide-calendar-clock',
    sentence: ({ from }) => ({ text: 'deleted the calendar', what: from.name })
  },
  'policy.created': {
    icon: 'i-lucide-timer',
    sentence: ({ to }) => ({ text: 'added the SLA policy', what: to.name })
  },
  'policy.updated': {
    icon: 'i-lucide-timer',
    sentence: ({ to }) => ({ text: 'changed the SLA policy', what: to.name }),
    changes: changesOf(policyFacts)
  },
  'policy.deleted': {
    icon: 'i-lucide-timer',
    sentence: ({ from }) => ({ text: 'deleted the SLA policy', what: from.name })
  },
  'policy.applied': {
    icon: 'i-lucide-timer',
    sentence: ({ to }) => ({
      text: `applied the SLA policies to open tickets: ${to.moved_clocks ? plural(to.moved_clocks, '1 clock', '# clocks') : 'no clock'} moved`
    })
  },
  'article.created': {
    icon: 'i-lucide-book-open',
    sentence: ({ to }) => ({ text: 'began the article', what: to.title, articleId: to.id })
  },
  'article.updated': {
    icon: 'i-lucide-book-open',
    sentence: ({ to }) => ({ text: 'changed the article', what: to.title, articleId: to.id }),
    changes: changesOf(articleFacts)
  },
  'article.published': {
    icon: 'i-lucide-book-open-check',
    sentence: ({ from, to }) => ({
      text: from ? 'published a new text of the article' : 'published the article',
      what: to.title,
      articleId: to.id
    }),
    changes: changesOf(articlePublicationFacts)
  },
  'article.unpublished': {
    icon: 'i-lucide-book-x',
    sentence: ({ from }) => ({ text: 'took the article from its readers:', what: from.title, articleId: from.id })
  },
  'article.deleted': {
    icon: 'i-lucide-book-x',
    sentence: ({ from }) => ({ text: 'deleted the article', what: from.title }),
    changes: ({ from, to }) =>
      differingFacts([...pairFacts(articleFacts, from, null), ['Its readers are led to', null, to && to.title] satisfies FactPair])
  },
  'article_category.created': {
    icon: 'i-lucide-library',
    sentence: ({ to }) => ({ text: 'added the article category', what: to.name })
  },
  'article_category.updated': {
    icon: 'i-lucide-library',
    sentence: ({ to }) => ({ text: 'changed the article category', what: to.name }),
    changes: changesOf(articleCategoryFacts)
  },
  'article_category.deleted': {
    icon: 'i-lucide-library',
    sentence: ({ from }) => ({ text: 'deleted the article category', what: from.name })
  },
  'canned_response.created': {
    icon: 'i-lucide-message-square-quote',
    sentence: ({ to }) => ({ text: 'added the canned response', what: to.title })
  },
  'canned_response.updated': {
    icon: 'i-lucide-message-square-quote',
    sentence: ({ to }) => ({ text: 'changed the canned response', what: to.title }),
    changes: changesOf(cannedResponseFacts, ['Text'])
  },
  'canned_response.deleted': {
    icon: 'i-lucide-message-square-quote',
    sentence: ({ from }) => ({ text: 'deleted the canned response', what: from.title }),
    changes: changesOf(cannedResponseFacts, ['Text'])
  },
  'view.shared': {
    icon: 'i-lucide-bookmark',
    sentence: ({ to }) => ({ text: 'shared the view', what: to.name }),
    changes: changesOf(viewFacts)
  },
  'view.updated': {
    icon: 'i-lucide-bookmark',
    sentence: ({ to }) => ({ text: 'changed the shared view', what: to.name }),
    changes: changesOf(viewFacts)
  },
  'view.unshared': {
    icon: 'i-lucide-bookmark-x',
    sentence: ({ from }) => ({ text: 'stopped sharing the view', what: from.name }),
    changes: changesOf(viewFacts)
  },
  'api_key.created': {
    icon: 'i-lucide-key-round',
    sentence: ({ to }) => ({ text: 'created the API key', what: to.name }),
    changes: changesOf(apiKeyFacts)
  },
  'api_key.rotated': {
    icon: 'i-lucide-key-round',
    sentence: ({ to }) => ({ text: 'rotated the API key', what: to.name }),
    changes: changesOf(apiKeyFacts)
  },
  'api_key.revoked': {
    icon: 'i-lucide-key-round',
    sentence: ({ from }) => ({ text: 'revoked the API key', what: from.name }),
    changes: changesOf(apiKeyFacts)
  },
  'attachment.infected': {
    icon: 'i-lucide-shield-alert',
    sentence: ({ actor, to }) => ({ text: actor ? 'uploaded the infected file' : 'found the infected file', what: to.name }),
    changes: ({ to }) => [
      { label: 'Found', from: null, to: to.signature },
      { label: 'Uploaded by', from: null, to: memberName(to.uploaded_by) },
      { label: 'SHA-256', from: null, to: to.sha256 }
    ]
  },
  'webhook.created': {
    icon: 'i-lucide-webhook',
    sentence: ({ to }) => ({ text: 'added the webhook', what: to.name }),
    changes: changesOf(webhookFacts)
  },
  'webhook.updated': {
    icon: 'i-lucide-webhook',
    sentence: ({ to }) => ({ text: 'changed the webhook', what: to.name }),
    changes: changesOf(webhookFacts)
  },
  'webhook.deleted': {
    icon: 'i-lucide-webhook',
    sentence: ({ from }) => ({ text: 'deleted the webhook', what: from.name }),
    changes: changesOf(webhookFacts)
  },
  'webhook.secret_rotated': {
    icon: 'i-lucide-webhook',
    sentence: ({ to }) => ({ text: 'rotated the secret of the webhook', what: to.name })
  },
  'webhook.disabled': {
    icon: 'i-lucide-webhook-off',
    sentence: ({ to }) => ({ text: 'switched off the webhook', what: to.name }),
    changes: ({ to }) => [{ label: 'Reason', from: null, to: to.reason }]
  }
}

/** All event types, without importing the server's schemas. */
export const eventTypes = Object.keys(eventDisplay) as TicketEventType[]

/** "set the priority to" (`does`) and "High" (`what`, user-written text or a name). */
export interface EventSentence {
  icon: string
  does: string
  what?: string
}

/** The sentence of an event in the history of its ticket, after the actor's name. */
export function eventSentence(event: TicketEvent): EventSentence {
  const { icon, sentence } = displayOf(event)
  const { text, what } = sentence(event)
  return { icon, does: typeof text === 'string' ? text : `${text[0]} it ${text[1]}`.trim(), ...(what !== undefined && { what }) }
}

/** The sentence of an event in the audit log; the ticket is shown between `before` and `after`. */
export interface AuditSentence {
  icon: string
  before: string
  after: string
  what?: string
  /** The article that `what` names. It may be deleted meanwhile. */
  articleId?: string
}

export function auditSentence(event: TicketEvent): AuditSentence {
  const { icon, sentence } = displayOf(event)
  const history = sentence(event)
  const { text, what } = history.inLog ?? history
  const { articleId } = history
  const [before, after] = typeof text === 'string' ? [text, ''] : text
  return { icon, before, after, ...(what !== undefined && { what, ...(articleId !== undefined && { articleId }) }) }
}

/** The details of an event; empty if its sentence is complete. */
export function eventChanges(
  event: TicketEvent,
  names: FilterNames = { members: [], categories: [], types: [], items: [] }
): EventChange[] {
  const changes = displayOf(event).changes?.(event, names) ?? []
  return event.cause
    ? [...changes, { label: 'Because', from: null, to: clockNews(event.cause.metric, event.cause.when === 'breach') }]
    : changes
}

// TypeScript cannot correlate the display of an event type with the event.
function displayOf({ type }: TicketEvent) {
  return eventDisplay[type] as {
    icon: string
    sentence: (event: TicketEvent) => Sentence
    changes?: (event: TicketEvent, names: FilterNames) => EventChange[]
  }
}

// The facts that differ between the states before and after; those listed in `texts` hold long text.
function changesOf<T>(facts: (state: T, names: FilterNames) => Facts, texts?: string[]) {
  return ({ from, to }: { from: T | null; to: T | null }, names: FilterNames) =>
    differingFacts(
      pairFacts(state => facts(state, names), from, to),
      texts
    )
}

function facet(name: string, what: string): Sentence {
  return { text: `set the ${name} to`, what, inLog: { text: [`set the ${name} of`, 'to'], what } }
}

// The change of the level that made a clock overdue.
function levelChange({ type, from, to }: { type: string; from: string | number; to: string | number }): EventChange {
  const nameOf = (level: string | number) =>
    type === 'ticket.priority_changed' ? priorityDisplay[level as TicketPriority].label : severityDisplay(level as number).name
  return {
    label: type === 'ticket.priority_changed' ? 'Because of the priority' : 'Because of the severity',
    from: nameOf(from),
    to: nameOf(to)
  }
}

function articleSentence(does: string, doesIn: string, { id, title }: { id: string; title: string | null }): Sentence {
  const article = title === null ? 'an unpublished article' : 'the article'
  const what = title ?? undefined
  return { text: `${does} ${article}`, what, articleId: id, inLog: { text: [doesIn, article], what } }
}

function clockSentence({ metric }: ClockReference, news: string): Sentence {
  const name = metricNames[metric].toLowerCase()
  return { text: `warned: the ${name} ${news}`, inLog: { text: [`warned: the ${name} of`, news] } }
}

function assignmentSentence({ actor, from, to }: EventOf<'ticket.assigned'>): Sentence {
  if (to) return to.id === actor?.id ? { text: ['claimed', ''] } : { text: ['assigned', 'to'], what: memberName(to) }
  return !from || from.id === actor?.id ? { text: ['released', ''] } : { text: ['unassigned', 'from'], what: memberName(from) }
}

function tagSentence(from: string[], to: string[]): Sentence {
  const [added, removed] = [to.filter(tag => !from.includes(tag)), from.filter(tag => !to.includes(tag))]
  const noun = (tags: string[]) => (tags.length === 1 ? 'tag' : 'tags')
  if (added.length && removed.length) return { text: `replaced the ${noun(removed)} ${removed.join(', ')} with`, what: added.join(', ') }
  const tags = added.length ? added : removed
  return { text: `${added.length ? 'added' : 'removed'} the ${noun(tags)}`, what: tags.join(', ') }
}

function replyName(isInternal: boolean): string {
  return isInternal ? 'Internal note' : 'Reply'
}

function memberName({ full_name }: PersonReference): string {
  return full_name ?? 'a deleted account'
}
