import { invitation, invitationPreview } from '#shared/schemas/answers/invitation'
import { team } from '#shared/schemas/answers/team'
import { pageQuery } from '#shared/schemas/page'
import { invitationCreate, invitationToken } from '#shared/schemas/team'
import { deleted, json, list, oldSignIn, type Noun } from '../describe'

const parameters = { token: invitationToken.describe('The token from the mail.') }
const notSent = {
  403: oldSignIn,
  429: '`mail_budget`: the team has mailed too many strangers today, or this mailbox too often, or no more mail to strangers can be sent at the moment. `Retry-After` says when to try again.',
  502: '`mail_failed`: the invitation is saved, but its mail could not be sent; send it again.'
}

export const invitations: Noun = {
  name: 'Invitations',
  description: 'People join a team by a link in a mail. The link works once, for 72 hours, and only for the address that it was sent to.',
  routes: {
    'GET /teams/[teamId]/invitations': {
      id: 'listInvitations',
      summary: 'List invitations',
      permission: 'members.invite',
      query: pageQuery,
      answers: { 200: list(invitation, 'The invitations that nobody has accepted yet.') }
    },
    'POST /teams/[teamId]/invitations': {
      id: 'createInvitation',
      summary: 'Invite somebody',
      description: 'Only an owner can invite owners.',
      permission: 'members.invite',
      body: invitationCreate,
      answers: { 201: json(invitation, 'The invitation. Only the mail has its token.') },
      refusals: { 409: '`already_member`: this person is in the team.', ...notSent }
    },
    'DELETE /teams/[teamId]/invitations/[invitationId]': {
      id: 'deleteInvitation',
      summary: 'Revoke an invitation',
      permission: 'members.invite',
      answers: deleted
    },
    'POST /teams/[teamId]/invitations/[invitationId]/resend': {
      id: 'resendInvitation',
      summary: 'Send an invitation again',
      description: 'The mail has a new token, which works for another 72 hours. The old token stops working.',
      permission: 'members.invite',
      answers: { 200: json(invitation, 'The invitation as it is now.') },
      refusals: { 409: '`already_member`: this person is in the team.', ...notSent }
    },
    'GET /invitations/[token]': {
      id: 'previewInvitation',
      summary: 'See an invitation',
      isPublic: true,
      parameters,
      answers: { 200: json(invitationPreview, 'The team and the role that the token invites to.') }
    },
    'POST /invitations/[token]/accept': {
      id: 'acceptInvitation',
      summary: 'Accept an invitation',
      parameters,
      answers: { 200: json(team, 'The team that the caller has joined.') },
      refusals: { 403: '`wrong_mailbox`: the invitation is for another address.' }
    }
  }
}
