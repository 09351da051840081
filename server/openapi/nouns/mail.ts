import { clientMailKinds, mailLevels, mailStates } from '#shared/mail'
import { mailToken, replyAddressUpdate } from '#shared/schemas/team'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import type { BudgetUse, MailBudget, ReplyAddress, ReplyAddressProof, TicketMail, Unsubscription } from '#shared/types/api'
import { count, deleted, id, json, list, moment, oldSignIn, row, type Noun } from '../describe'

const budgetUse = row<BudgetUse>()(
  'BudgetUse',
  'Mails to people who have not answered the team, in 24 hours.',
  z.object({
    size: count,
    used: count,
    frees_at: moment.nullable().describe('When there is room again; null while there is.')
  })
)

const mailBudget = row<MailBudget>()(
  'MailBudget',
  'How much a team may mail strangers: invitations, with mails that prove a reply address; and mails to clients who have not rated a ticket of the team yet, which wait beyond it.',
  z.object({
    level: z
      .enum(mailLevels)
      .describe(
        'How far the team is trusted, by its age and its answers: `known` after 7 days with 3 answers or after 30 days, `established` after 30 days with 10 answers or after 90 days.'
      ),
    answers: count.describe('People who accepted an invitation or rated a ticket; 50 at most are counted.'),
    invitations: budgetUse,
    client_mails: budgetUse
  })
)

const ticketMail = row<TicketMail>()(
  'TicketMail',
  'A mail about a ticket to its client.',
  z.object({
    id,
    kind: z.enum(clientMailKinds),
    recipient: z.string(),
    state: z
      .enum(mailStates)
      .describe(
        '`suppressed`: an acknowledgement beyond three automatic mails to the address in an hour, or beyond a budget. Other mails wait. `merged`: sent in one mail with others that waited for the same address.'
      ),
    reason: z.string().nullable().describe('Why it was not sent, or not yet.'),
    created_at: moment,
    next_attempt_at: moment.nullable(),
    sent_at: moment.nullable()
  })
)

const replyAddress = row<ReplyAddress>()(
  'ReplyAddress',
  'Where the answers of clients go.',
  z.object({
    email: z.string().nullable().describe('In use: the `Reply-To` of mails to clients.'),
    pending_email: z.string().nullable().describe('Waits for its proof.'),
    pending_until: moment.nullable()
  })
)

const proof = row<ReplyAddressProof>()(
  'ReplyAddressProof',
  'A reply address, as whoever holds its token sees it.',
  z.object({ team_name: z.string(), email: z.string() })
)
const unsubscription = row<Unsubscription>()('Unsubscription', 'What the token of a notice ends.', z.object({ team_name: z.string() }))
const parameters = { token: mailToken.describe('The token of the mail.') }

export const mails: Noun = {
  name: 'Mails',
  description:
    'What is mailed to clients. A new team reaches few people who have not answered it: mails beyond its budget wait, and go out later.',
  routes: {
    'GET /teams/[teamId]/mail-budget': {
      id: 'getMailBudget',
      summary: 'See the mail budgets',
      permission: 'jobs.manage',
      answers: { 200: json(mailBudget, 'The budgets and what is used of them.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/mails': {
      id: 'listTicketMails',
      summary: 'List the mails about a ticket',
      permission: 'tickets.view',
      query: pageQuery,
      answers: { 200: list(ticketMail, 'Those to its client, newest first.') }
    },
    'GET /teams/[teamId]/reply-address': {
      id: 'getReplyAddress',
      summary: 'See the reply address',
      permission: 'team.update',
      answers: { 200: json(replyAddress, 'The address in use, and the one that waits for its proof.') }
    },
    'PUT /teams/[teamId]/reply-address': {
      id: 'requestReplyAddress',
      summary: 'Change the reply address',
      description:
        'It is used when somebody who reads its mailbox agrees, by a link that works for 72 hours. The address before stays in use until then. The same address again within ten minutes changes nothing, and is not mailed twice.',
      permission: 'team.update',
      body: replyAddressUpdate,
      answers: { 200: json(replyAddress, 'With the address that waits for its proof.') },
      refusals: {
        403: oldSignIn,
        422: '`own_address`: mails are sent from it.',
        429: '`mail_budget`: the team has mailed too many strangers today, or no more mail to strangers goes out for now; `Retry-After` says when to try again.',
        502: '`mail_failed`: the address is saved, and its mail could not be sent; save it again.'
      }
    },
    'DELETE /teams/[teamId]/reply-address': {
      id: 'deleteReplyAddress',
      summary: 'Have no reply address',
      permission: 'team.update',
      answers: deleted
    },
    'GET /reply-address/[token]': {
      id: 'previewReplyAddress',
      summary: 'See what a mailbox is asked for',
      isPublic: true,
      parameters,
      answers: { 200: json(proof, 'The team and the address.') }
    },
    'POST /reply-address/[token]': {
      id: 'confirmReplyAddress',
      summary: 'Agree to receive answers',
      isPublic: true,
      parameters,
      answers: { 200: json(proof, 'The team whose answers arrive here from now on.') }
    },
    'GET /unsubscribe/[token]': {
      id: 'previewUnsubscription',
      summary: 'See whose mails a link ends',
      isPublic: true,
      parameters,
      answers: { 200: json(unsubscription, 'The team.') }
    },
    'POST /unsubscribe/[token]': {
      id: 'unsubscribe',
      summary: 'End the mails of a team',
      description: 'As the settings of notifications would; what is seen in the product stays.',
      isPublic: true,
      parameters,
      answers: { 204: { description: 'The team mails this member no more notifications, except about API keys that act as them.' } }
    }
  }
}
