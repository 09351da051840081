import { plural } from '#shared/utils/plural'
import type { MailBudget, Team, TicketMail } from '#shared/types/api'

const names: Record<TicketMail['kind'], string> = {
  ticket_received: 'The acknowledgement',
  public_reply: 'A reply',
  status_changed: 'The status update',
  assigned: 'The assignment notice',
  rating_request: 'The rating request',
  participant_invitation: 'The invitation'
}

/** How the settings of a team describe the mails that clients get; `warning` is what follows from switching them off. */
export const clientMailTexts: Record<Team['client_mails'][number], { label: string; description: string; warning?: string }> = {
  ticket_received: { label: 'Request received', description: 'When they have written, with the number of their ticket.' },
  public_reply: {
    label: 'New reply',
    description: 'When somebody writes a public reply.',
    warning: 'Clients do not learn of answers unless they open their ticket.'
  },
  status_changed: {
    label: 'New status',
    description: 'When their ticket is worked on, waits for them, is resolved, closed or open again.'
  },
  assigned: { label: 'Assignment', description: 'When somebody else looks after their ticket. The mail names them.' }
}

/** "30 minutes", "1 hour", "24 hours"; whole hours only as hours. */
export function minutesText(minutes: number): string {
  return minutes % 60 === 0 ? plural(minutes / 60, '1 hour', '# hours') : plural(minutes, '1 minute', '# minutes')
}

/** Whether agents should see a mail: it failed, was suppressed, or waits for a known reason. */
export function isUnsent({ state, reason }: TicketMail): boolean {
  return state === 'failed' || state === 'suppressed' || (state === 'waiting' && reason !== null)
}

/** "A reply was not mailed to cleo@mail.test". */
export function mailSentence({ kind, recipient, state }: TicketMail): string {
  const outcome = { failed: 'could not be mailed', suppressed: 'was not mailed', waiting: 'waits to be mailed' }[state as 'failed']
  return `${names[kind]} ${outcome} to ${recipient}`
}

export const mailLevelNames: Record<MailBudget['level'], string> = { new: 'New team', known: 'Known team', established: 'Established team' }

/** Explains how a team gets larger mail budgets. */
export function mailLevelText({ level, answers }: MailBudget): string {
  const people = answers >= 50 ? '50 or more people have' : plural(answers, '1 person has', '# people have')
  const next = {
    new: 'Budgets grow with every person who does, after 7 days with 3 answers, and after 30 days. Until then, mails to people who have not answered leave names out of the subject and show links as plain text.',
    known: 'Budgets grow again after 30 days with 10 answers, and after 90 days.',
    established: 'These are the largest budgets.'
  }[level]
  return `${people} accepted an invitation of this team or rated one of its tickets. ${next}`
}
