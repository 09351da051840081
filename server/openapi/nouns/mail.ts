import { mailBudget, replyAddress, replyAddressProof, ticketMail, unsubscription } from '#shared/schemas/answers/mail'
import { pageQuery } from '#shared/schemas/page'
import { mailToken, replyAddressUpdate } from '#shared/schemas/team'
import { deleted, json, list, oldSignIn, type Noun } from '../describe'

const parameters = { token: mailToken.describe('The token from the mail.') }

export const mails: Noun = {
  name: 'Mails',
  description:
    'Mails to clients. A new team can mail only a few people who have never answered it: mails beyond its budget are sent later.',
  routes: {
    'GET /teams/[teamId]/mail-budget': {
      id: 'getMailBudget',
      summary: 'See the mail budgets',
      permission: 'jobs.manage',
      answers: { 200: json(mailBudget, 'The budgets, and how much of them is used.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/mails': {
      id: 'listTicketMails',
      summary: 'List the mails about a ticket',
      permission: 'tickets.view',
      query: pageQuery,
      answers: { 200: list(ticketMail, 'The mails to the requester of the ticket, newest first.') }
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
        'A mail asks the reader of the new address for consent, by a link that works for 72 hours. Until they agree, the old address stays in use. Requesting the same address again within ten minutes sends no second mail.',
      permission: 'team.update',
      body: replyAddressUpdate,
      answers: { 200: json(replyAddress, 'The address in use, and the one that waits for its proof.') },
      refusals: {
        403: oldSignIn,
        422: '`own_address`: Switchboard sends its mails from this address.',
        429: '`mail_budget`: the team has mailed too many strangers today, or no more mail to strangers can be sent at the moment. `Retry-After` says when to try again.',
        502: '`mail_failed`: the address is saved, but its mail could not be sent; save it again.'
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
      answers: { 200: json(replyAddressProof, 'The team, and the address that now receives the answers of its clients.') }
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
      summary: 'Unsubscribe from the mails of a team',
      description: 'Switches off all mails in the notification settings of the member. Notifications in the app stay on.',
      isPublic: true,
      parameters,
      answers: { 204: { description: 'The team no longer mails notifications to this member, except about API keys that act as them.' } }
    }
  }
}
