import { clientMailKinds, mailLevels, mailStates } from '../../mail'
import { count, id, timestamp } from '../answer'
import { z } from '../zod'

const budgetUse = z
  .object({
    size: count,
    used: count,
    frees_at: timestamp.nullable().describe('When the budget has room again; null while it has room.')
  })
  .meta({ id: 'BudgetUse', description: 'A budget for mails to people who have not answered the team, per 24 hours.' })

export const mailBudget = z
  .object({
    level: z
      .enum(mailLevels)
      .describe(
        'How far the team is trusted, by its age and its number of answers: `known` after 7 days with 3 answers or after 30 days, ' +
          '`established` after 30 days with 10 answers or after 90 days.'
      ),
    answers: count.describe('People who accepted an invitation or rated a ticket, counted up to 50.'),
    invitations: budgetUse,
    client_mails: budgetUse
  })
  .meta({
    id: 'MailBudget',
    description:
      'How many mails a team may send to strangers: invitations, including mails that verify a reply address; and mails to clients who have ' +
      'not rated a ticket of the team yet. Mails to clients beyond the budget wait.'
  })

export const ticketMail = z
  .object({
    id,
    kind: z.enum(clientMailKinds),
    recipient: z.string(),
    state: z
      .enum(mailStates)
      .describe(
        '`suppressed`: an acknowledgement that exceeded three automatic mails to the address per hour, or a budget. Other mails ' +
          'wait. `merged`: sent in one digest with other mails that waited for the same address.'
      ),
    reason: z.string().nullable().describe('Why it was not sent, or is still waiting.'),
    created_at: timestamp,
    next_attempt_at: timestamp.nullable(),
    sent_at: timestamp.nullable()
  })
  .meta({ id: 'TicketMail', description: 'A mail about a ticket to its client.' })

export const replyAddress = z
  .object({
    email: z.string().nullable().describe('The active address: the `Reply-To` of mails to clients.'),
    pending_email: z.string().nullable().describe('The address that waits for its confirmation link to be opened.'),
    pending_until: timestamp.nullable()
  })
  .meta({ id: 'ReplyAddress', description: "The address that receives clients' answers to mails." })

export const replyAddressProof = z
  .object({ team_name: z.string(), email: z.string() })
  .meta({ id: 'ReplyAddressProof', description: 'A reply address, as shown to the holder of its token.' })

export const unsubscription = z
  .object({ team_name: z.string() })
  .meta({ id: 'Unsubscription', description: 'The team that a link unsubscribes from.' })

export type MailBudget = z.output<typeof mailBudget>
export type TicketMail = z.output<typeof ticketMail>
export type ReplyAddress = z.output<typeof replyAddress>
export type ReplyAddressProof = z.output<typeof replyAddressProof>
export type Unsubscription = z.output<typeof unsubscription>
