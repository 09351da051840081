import { clientMailKinds, mailLevels, mailStates } from '../../mail'
import { count, id, timestamp } from '../answer'
import { z } from '../zod'

const budgetUse = z
  .object({
    size: count,
    used: count,
    frees_at: timestamp.nullable().describe('When there is room again; null while there is.')
  })
  .meta({ id: 'BudgetUse', description: 'Mails to people who have not answered the team, in 24 hours.' })

export const mailBudget = z
  .object({
    level: z
      .enum(mailLevels)
      .describe(
        'How far the team is trusted, by its age and its answers: `known` after 7 days with 3 answers or after 30 days, ' +
          '`established` after 30 days with 10 answers or after 90 days.'
      ),
    answers: count.describe('People who accepted an invitation or rated a ticket; 50 at most are counted.'),
    invitations: budgetUse,
    client_mails: budgetUse
  })
  .meta({
    id: 'MailBudget',
    description:
      'How much a team may mail strangers: invitations, with mails that prove a reply address; and mails to clients who have ' +
      'not rated a ticket of the team yet, which wait beyond it.'
  })

export const ticketMail = z
  .object({
    id,
    kind: z.enum(clientMailKinds),
    recipient: z.string(),
    state: z
      .enum(mailStates)
      .describe(
        '`suppressed`: an acknowledgement beyond three automatic mails to the address in an hour, or beyond a budget. Other mails ' +
          'wait. `merged`: sent in one mail with others that waited for the same address.'
      ),
    reason: z.string().nullable().describe('Why it was not sent, or not yet.'),
    created_at: timestamp,
    next_attempt_at: timestamp.nullable(),
    sent_at: timestamp.nullable()
  })
  .meta({ id: 'TicketMail', description: 'A mail about a ticket to its client.' })

export const replyAddress = z
  .object({
    email: z.string().nullable().describe('In use: the `Reply-To` of mails to clients.'),
    pending_email: z.string().nullable().describe('Waits for the click that proves it.'),
    pending_until: timestamp.nullable()
  })
  .meta({ id: 'ReplyAddress', description: 'Where the answers of clients go.' })

export const replyAddressProof = z
  .object({ team_name: z.string(), email: z.string() })
  .meta({ id: 'ReplyAddressProof', description: 'A reply address, as whoever holds its token sees it.' })

export const unsubscription = z
  .object({ team_name: z.string() })
  .meta({ id: 'Unsubscription', description: 'The team that a link unsubscribes from.' })

export type MailBudget = z.output<typeof mailBudget>
export type TicketMail = z.output<typeof ticketMail>
export type ReplyAddress = z.output<typeof replyAddress>
export type ReplyAddressProof = z.output<typeof replyAddressProof>
export type Unsubscription = z.output<typeof unsubscription>
