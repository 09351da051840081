import { mailBudget, replyAddress, replyAddressProof, ticketMail, unsubscription } from '#shared/schemas/answers/mail'
import { pageQuery } from '#shared/schemas/page'
import { mailToken, replyAddressUpdate } from '#shared/schemas/team'
import { deleted, json, list, oldSignIn, type Noun } from '../describe'

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
      summary: 'Remove the reply address',
      permission: 'team.update',
      answers: deleted
    },
    'GET /reply-address/[token]': {
      id: 'previewReplyAddress',
      summary: 'See which reply address a link proves',
      isPublic: true,
      parameters,
      answers: { 200: json(replyAddressProof, 'The team and the address.') }
    },
    'POST /reply-address/[token]': {
      id: 'confirmReplyAddress',
      summary: 'Agree to receive answers',
      isPublic: true,
      parameters,
      answers: { 200: json(replyAddressProof, 'The team whose answers arrive here from now on.') }
    },
    'GET /unsubscribe/[token]': {
      id: 'previewUnsubscription',
      summary: 'See which team a link unsubscribes from',
      isPublic: true,
      parameters,
      answers: { 200: json(unsubscription, 'The team.') }
    },
    'POST /unsubscribe/[token]': {
      id: 'unsubscribe',
      summary: 'End the mails of a team',
      description: 'As the notification settings would; notifications in the app stay.',
      isPublic: true,
      parameters,
      answers: { 204: { description: 'The team mails this member no more notifications, except about API keys that act as them.' } }
    }
  }
}
