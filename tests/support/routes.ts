import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { api, readTeamRows, expectError, newTeam } from './api.ts'
import { anonymous } from './as.ts'
import { agents, callers, everybody, managers, owners, type CallerName } from './matrix.ts'
import { adam, ann, bob, unknownId, vera, type TeamWorld } from './world.ts'

/** A request to a route, and the callers `by` who may make it. All others are refused. */
export interface RouteRight {
  route: string
  /** Completes the title "an admin …". */
  does: string
  by: readonly CallerName[]
  status: number
  parameters?: (team: TeamWorld) => Record<string, string>
  query?: string
  body?: (team: TeamWorld) => unknown
  /** Statuses that differ from the usual 401 (not signed in), 404 (not in the team) and 403 (role lacks the permission). */
  refusals?: Partial<Record<CallerName, number>>
  /** The object belongs to a person: an API key whose scopes allow the route gets 404. */
  isPersonal?: boolean
}

const signedIn = [...everybody, 'an owner of another team', 'a member of another team'] as const
const anybody = [...signedIn, 'somebody who is not signed in'] as const

const ticket = (team: TeamWorld) => ({ ticketId: team.tickets.bobs })
const unassigned = (team: TeamWorld) => ({ ticketId: team.tickets.unassigned })
const later = new Date(Date.now() + 3_600_000).toISOString()
const webhook = (team: TeamWorld) => ({ webhookId: team.webhook })
const delivery = (team: TeamWorld) => ({ webhookId: team.webhook, deliveryId: team.delivery })
const newTicket = { subject: 'New', description: 'New' }

/** The authorization matrix of every route, for the tests of rights, identity and invalid input. */
export const rights: Record<string, RouteRight[]> = {
  'profile': [
    { route: 'GET /profile', does: 'reads their profile', by: signedIn, status: 200 },
    { route: 'PATCH /profile', does: 'changes their profile', by: signedIn, status: 200, body: () => ({}) },
    {
      route: 'PUT /profile/avatar',
      does: 'uploads an empty picture',
      by: [],
      status: 415,
      refusals: Object.fromEntries(signedIn.map(name => [name, 415]))
    },
    { route: 'DELETE /profile/avatar', does: 'removes their picture', by: signedIn, status: 200 }
  ],
  'avatars': [
    {
      route: 'GET /avatars/[userId]',
      does: 'reads a missing picture',
      by: [],
      status: 404,
      parameters: () => ({ userId: bob.id }),
      refusals: Object.fromEntries(signedIn.map(name => [name, 404]))
    }
  ],
  'teams': [
    { route: 'GET /teams', does: 'lists their teams', by: signedIn, status: 200 },
    { route: 'POST /teams', does: 'creates a team', by: signedIn, status: 201, body: () => ({ name: 'Another' }) },
    { route: 'GET /teams/[teamId]', does: 'reads the team', by: everybody, status: 200 },
    { route: 'PATCH /teams/[teamId]', does: 'renames the team', by: managers, status: 200, body: () => ({ name: 'Other' }) },
    { route: 'DELETE /teams/[teamId]', does: 'deletes the team', by: owners, status: 204 }
  ],
  'members': [
    { route: 'GET /teams/[teamId]/members', does: 'lists members', by: everybody, status: 200 },
    {
      route: 'PATCH /teams/[teamId]/members/[userId]',
      does: 'makes a viewer a member',
      by: managers,
      status: 200,
      parameters: () => ({ userId: vera.id }),
      body: () => ({ role: 'member' })
    },
    {
      route: 'PATCH /teams/[teamId]/members/[userId]',
      does: 'makes a viewer an owner',
      by: owners,
      status: 200,
      parameters: () => ({ userId: vera.id }),
      body: () => ({ role: 'owner' })
    },
    {
      route: 'PATCH /teams/[teamId]/members/[userId]',
      does: 'demotes an owner',
      by: [],
      status: 200,
      parameters: () => ({ userId: ann.id }),
      body: () => ({ role: 'viewer' })
    },
    {
      route: 'PATCH /teams/[teamId]/members/[userId]',
      does: 'makes an admin an owner',
      by: owners,
      status: 200,
      parameters: () => ({ userId: adam.id }),
      body: () => ({ role: 'owner' })
    },
    {
      route: 'DELETE /teams/[teamId]/members/[userId]',
      does: 'removes a member',
      by: managers,
      status: 204,
      parameters: () => ({ userId: bob.id })
    },
    {
      route: 'DELETE /teams/[teamId]/members/[userId]',
      does: 'removes the owner',
      by: [],
      status: 204,
      parameters: () => ({ userId: ann.id }),
      refusals: { 'an owner': 409 }
    },
    {
      route: 'DELETE /teams/[teamId]/members/me',
      does: 'leaves the team',
      by: ['an admin', 'a member', 'a viewer'],
      status: 204,
      refusals: { 'an owner': 409 }
    }
  ],
  'invitations': [
    { route: 'GET /teams/[teamId]/invitations', does: 'lists invitations', by: managers, status: 200 },
    {
      route: 'POST /teams/[teamId]/invitations',
      does: 'invites a member',
      by: managers,
      status: 201,
      body: team => ({ email: `m-${team.id}@x.test`, role: 'member' })
    },
    {
      route: 'POST /teams/[teamId]/invitations',
      does: 'invites an admin',
      by: managers,
      status: 201,
      body: team => ({ email: `a-${team.id}@x.test`, role: 'admin' })
    },
    {
      route: 'POST /teams/[teamId]/invitations',
      does: 'invites an owner',
      by: owners,
      status: 201,
      body: team => ({ email: `o-${team.id}@x.test`, role: 'owner' })
    },
    {
      route: 'DELETE /teams/[teamId]/invitations/[invitationId]',
      does: 'revokes an invitation',
      by: managers,
      status: 204,
      parameters: team => ({ invitationId: team.invitation })
    },
    {
      route: 'POST /teams/[teamId]/invitations/[invitationId]/resend',
      does: 'sends an invitation again',
      by: managers,
      status: 200,
      parameters: team => ({ invitationId: team.invitation })
    },
    {
      route: 'GET /invitations/[token]',
      does: 'previews an unknown invitation',
      by: [],
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    },
    {
      route: 'POST /invitations/[token]/accept',
      does: 'accepts an unknown invitation',
      by: [],
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(signedIn.map(name => [name, 404]))
    }
  ],
  'tags': [{ route: 'GET /teams/[teamId]/tags', does: 'lists tags', by: everybody, status: 200 }],
  'tickets': [
    { route: 'GET /teams/[teamId]/tickets', does: 'lists tickets', by: everybody, status: 200 },
    { route: 'GET /teams/[teamId]/tickets', does: 'lists a page of tickets', by: everybody, status: 200, query: '?page=1' },
    { route: 'GET /teams/[teamId]/tickets', does: 'pages through tickets by cursor', by: everybody, status: 200, query: '?cursor=' },
    { route: 'GET /teams/[teamId]/tickets/counts', does: 'counts tickets', by: everybody, status: 200 },
    { route: 'GET /teams/[teamId]/tickets/[ticketId]', does: 'reads a ticket', by: everybody, status: 200, parameters: ticket },
    {
      route: 'GET /teams/[teamId]/tickets/[ticketId]',
      does: 'reads a ticket with its replies',
      by: everybody,
      status: 200,
      parameters: ticket,
      query: '?include=replies'
    },
    {
      route: 'GET /teams/[teamId]/tickets/[ticketId]',
      does: 'reads a ticket by its number',
      by: everybody,
      status: 200,
      parameters: () => ({ ticketId: '1' })
    },
    { route: 'POST /teams/[teamId]/tickets', does: 'creates a ticket', by: agents, status: 201, body: () => newTicket },
    {
      route: 'POST /teams/[teamId]/tickets',
      does: 'creates an assigned ticket',
      by: managers,
      status: 201,
      body: () => ({ ...newTicket, assigned_to: bob.id })
    },
    {
      route: 'POST /teams/[teamId]/tickets',
      does: 'creates a closed ticket',
      by: managers,
      status: 201,
      body: () => ({ ...newTicket, status: 'closed' })
    },
    {
      route: 'POST /teams/[teamId]/tickets',
      does: 'creates a resolved ticket',
      by: agents,
      status: 201,
      body: () => ({ ...newTicket, status: 'resolved' })
    },
    ...Object.entries({
      subject: 'Other',
      description: 'Other',
      format: 'markdown',
      priority: 'urgent',
      severity: 1,
      category: 'question',
      status: 'resolved',
      requester_name: 'Rita',
      requester_email: 'rita@x.test',
      snoozed_until: later,
      tags: ['a']
    }).map(([field, value]) => ({
      route: 'PATCH /teams/[teamId]/tickets/[ticketId]',
      does: `changes the ${field} of a ticket`,
      by: agents,
      status: 200,
      parameters: ticket,
      body: () => ({ [field]: value })
    })),
    {
      route: 'PATCH /teams/[teamId]/tickets/[ticketId]',
      does: 'assigns a ticket',
      by: managers,
      status: 200,
      parameters: unassigned,
      body: () => ({ assigned_to: adam.id })
    },
    {
      route: 'PATCH /teams/[teamId]/tickets/[ticketId]',
      does: 'assigns a ticket to Bob',
      by: managers,
      status: 200,
      parameters: unassigned,
      body: () => ({ assigned_to: bob.id })
    },
    {
      route: 'PATCH /teams/[teamId]/tickets/[ticketId]',
      does: 'unassigns a ticket',
      by: managers,
      status: 200,
      parameters: ticket,
      body: () => ({ assigned_to: null })
    },
    {
      route: 'PATCH /teams/[teamId]/tickets/[ticketId]',
      does: 'closes a ticket',
      by: managers,
      status: 200,
      parameters: ticket,
      body: () => ({ status: 'closed' })
    },
    {
      route: 'PATCH /teams/[teamId]/tickets/[ticketId]',
      does: 'reopens a closed ticket',
      by: managers,
      status: 200,
      parameters: team => ({ ticketId: team.tickets.closed }),
      body: () => ({ status: 'open' })
    },
    { route: 'DELETE /teams/[teamId]/tickets/[ticketId]', does: 'deletes a ticket', by: managers, status: 204, parameters: ticket },
    { route: 'PUT /teams/[teamId]/tickets/[ticketId]/claim', does: 'claims a ticket', by: agents, status: 200, parameters: unassigned },
    {
      route: 'DELETE /teams/[teamId]/tickets/[ticketId]/claim',
      does: "releases Bob's ticket",
      by: ['a member'],
      status: 200,
      parameters: ticket,
      refusals: { 'an owner': 409, 'an admin': 409 }
    }
  ],
  'bulk': [
    ...(
      [
        ['set_status', 'waiting'],
        ['set_severity', 1],
        ['set_priority', 'urgent'],
        ['set_category', 'question'],
        ['add_tag', 'a'],
        ['snooze', later],
        ['remove_tag', 'vpn']
      ] as const
    ).map(([action, value]) => ({
      route: 'POST /teams/[teamId]/tickets/bulk',
      does: `changes tickets by ${action}`,
      by: agents,
      status: 200,
      body: (team: TeamWorld) => ({ ids: [team.tickets.bobs, team.tickets.anns], action, value })
    })),
    {
      route: 'POST /teams/[teamId]/tickets/bulk',
      does: 'changes all tickets of a filter',
      by: agents,
      status: 200,
      body: () => ({ filter: { status: ['open'], assigned_to: 'none' }, action: 'set_severity', value: 2 })
    },
    {
      route: 'POST /teams/[teamId]/tickets/bulk',
      does: 'reassigns tickets',
      by: managers,
      status: 200,
      body: team => ({ ids: [team.tickets.unassigned], action: 'reassign', value: adam.id })
    },
    {
      route: 'POST /teams/[teamId]/tickets/bulk',
      does: 'assigns unassigned tickets to Bob',
      by: managers,
      status: 200,
      body: team => ({ ids: [team.tickets.unassigned], action: 'reassign', value: bob.id })
    },
    {
      route: 'POST /teams/[teamId]/tickets/bulk',
      does: 'closes tickets',
      by: managers,
      status: 200,
      body: team => ({ ids: [team.tickets.bobs, team.tickets.anns], action: 'close' })
    },
    {
      route: 'POST /teams/[teamId]/tickets/bulk',
      does: 'closes tickets by their status',
      by: managers,
      status: 200,
      body: team => ({ ids: [team.tickets.bobs], action: 'set_status', value: 'closed' })
    },
    {
      route: 'POST /teams/[teamId]/tickets/bulk',
      does: 'reopens closed tickets',
      by: managers,
      status: 200,
      body: team => ({ ids: [team.tickets.bobs, team.tickets.closed], action: 'set_status', value: 'open' })
    },
    {
      route: 'POST /teams/[teamId]/tickets/bulk',
      does: 'deletes tickets',
      by: managers,
      status: 200,
      body: team => ({ ids: [team.tickets.bobs, team.tickets.closed], action: 'delete' })
    }
  ],
  'operations': [
    {
      route: 'GET /teams/[teamId]/operations/[operationId]',
      does: "reads Bob's bulk change",
      by: ['a member'],
      status: 200,
      isPersonal: true,
      parameters: team => ({ operationId: team.operation }),
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 }
    },
    {
      route: 'POST /teams/[teamId]/operations/[operationId]/undo',
      does: "undoes Bob's bulk change",
      by: ['a member'],
      status: 200,
      isPersonal: true,
      parameters: team => ({ operationId: team.operation }),
      refusals: { 'an owner': 404, 'an admin': 404 }
    }
  ],
  'api-keys': [
    { route: 'GET /teams/[teamId]/api-keys', does: 'lists the API keys that they may see', by: everybody, status: 200 },
    {
      route: 'POST /teams/[teamId]/api-keys',
      does: 'makes a key for a service agent',
      by: managers,
      status: 201,
      body: () => ({ name: 'n8n', scopes: ['read', 'write'], role: 'viewer' })
    },
    {
      route: 'POST /teams/[teamId]/api-keys',
      does: 'makes a key that acts as Bob',
      by: managers,
      status: 201,
      body: () => ({ name: 'n8n', scopes: ['read'], user_id: bob.id })
    },
    {
      route: 'POST /teams/[teamId]/api-keys',
      does: 'makes a key that acts as an owner',
      by: owners,
      status: 201,
      body: () => ({ name: 'n8n', scopes: ['read'], user_id: ann.id })
    },
    {
      route: 'POST /teams/[teamId]/api-keys',
      does: 'makes a key that acts as an admin',
      by: ['an admin'],
      status: 201,
      body: () => ({ name: 'n8n', scopes: ['read'], user_id: adam.id })
    },
    {
      route: 'POST /teams/[teamId]/api-keys/[keyId]/rotate',
      does: 'rotates a key that acts as Bob',
      by: managers,
      status: 200,
      parameters: team => ({ keyId: team.apiKey })
    },
    {
      route: 'DELETE /teams/[teamId]/api-keys/[keyId]',
      does: 'revokes a key that acts as Bob',
      by: agents,
      status: 204,
      parameters: team => ({ keyId: team.apiKey }),
      refusals: { 'a viewer': 404 }
    }
  ],
  'search': [{ route: 'GET /teams/[teamId]/search', does: 'searches tickets', by: everybody, status: 200, query: '?q=vpn' }],
  'replies': [
    {
      route: 'GET /teams/[teamId]/tickets/[ticketId]/replies',
      does: 'reads the conversation',
      by: everybody,
      status: 200,
      parameters: ticket
    },
    {
      route: 'POST /teams/[teamId]/tickets/[ticketId]/replies',
      does: 'replies to a ticket',
      by: everybody,
      status: 201,
      parameters: ticket,
      body: () => ({ content: 'Hello' })
    },
    {
      route: 'POST /teams/[teamId]/tickets/[ticketId]/replies',
      does: 'writes a note',
      by: everybody,
      status: 201,
      parameters: ticket,
      body: () => ({ content: 'Hello', is_internal: true })
    },
    {
      route: 'POST /teams/[teamId]/tickets/[ticketId]/replies',
      does: 'replies in a closed ticket',
      by: managers,
      status: 201,
      parameters: team => ({ ticketId: team.tickets.closed }),
      body: () => ({ content: 'Hello' })
    },
    {
      route: 'DELETE /teams/[teamId]/tickets/[ticketId]/replies/[replyId]',
      does: "deletes Bob's reply",
      by: agents,
      status: 204,
      parameters: team => ({ ...ticket(team), replyId: team.replies.bobs })
    },
    {
      route: 'DELETE /teams/[teamId]/tickets/[ticketId]/replies/[replyId]',
      does: "deletes Vera's reply",
      by: [...managers, 'a viewer'],
      status: 204,
      parameters: team => ({ ...ticket(team), replyId: team.replies.veras })
    }
  ],
  'drafts': [
    { route: 'GET /teams/[teamId]/drafts', does: 'lists their drafts', by: everybody, status: 200 },
    {
      route: 'GET /teams/[teamId]/tickets/[ticketId]/draft',
      does: 'reads a draft that does not exist',
      by: everybody,
      status: 204,
      parameters: ticket
    },
    {
      route: 'PUT /teams/[teamId]/tickets/[ticketId]/draft',
      does: 'saves a draft',
      by: everybody,
      status: 200,
      parameters: ticket,
      body: () => ({ content: 'Hello' })
    },
    {
      route: 'PUT /teams/[teamId]/tickets/[ticketId]/draft',
      does: 'empties a draft',
      by: everybody,
      status: 204,
      parameters: ticket,
      body: () => ({ content: '' })
    }
  ],
  'notifications': [
    { route: 'GET /teams/[teamId]/notifications', does: 'lists their notifications', by: everybody, status: 200 },
    {
      route: 'GET /teams/[teamId]/notifications',
      does: 'pages through their unread notifications',
      by: everybody,
      status: 200,
      query: '?cursor=&unread=true'
    },
    { route: 'GET /teams/[teamId]/notifications/count', does: 'counts their unread notifications', by: everybody, status: 200 },
    {
      route: 'POST /teams/[teamId]/notifications/read',
      does: 'marks their notifications of a ticket as read',
      by: everybody,
      status: 200,
      body: team => ({ ticket_id: team.tickets.bobs })
    },
    {
      route: 'POST /teams/[teamId]/notifications/read',
      does: 'marks all their notifications as read',
      by: everybody,
      status: 200,
      body: () => ({})
    },
    {
      route: 'GET /teams/[teamId]/tickets/[ticketId]/watch',
      does: 'sees who follows a ticket',
      by: everybody,
      status: 200,
      parameters: ticket
    },
    { route: 'PUT /teams/[teamId]/tickets/[ticketId]/watch', does: 'follows a ticket', by: everybody, status: 200, parameters: ticket },
    { route: 'DELETE /teams/[teamId]/tickets/[ticketId]/watch', does: 'unfollows a ticket', by: everybody, status: 200, parameters: ticket }
  ],
  'notification-preferences': [
    { route: 'GET /teams/[teamId]/notification-preferences', does: 'reads their notification preferences', by: everybody, status: 200 },
    {
      route: 'PUT /teams/[teamId]/notification-preferences',
      does: 'changes their notification preferences',
      by: everybody,
      status: 200,
      body: () => ({ preferences: [{ kind: 'replied', in_app: true, mail: false }] })
    }
  ],
  'audit': [
    { route: 'GET /teams/[teamId]/audit', does: 'reads the audit log', by: managers, status: 200 },
    { route: 'GET /teams/[teamId]/audit', does: 'pages through the audit log', by: managers, status: 200, query: '?cursor=' },
    {
      route: 'GET /teams/[teamId]/tickets/[ticketId]/audit',
      does: 'reads the history of a ticket',
      by: everybody,
      status: 200,
      parameters: ticket
    }
  ],
  'canned-responses': [
    { route: 'GET /teams/[teamId]/canned-responses', does: 'reads canned responses', by: agents, status: 200 },
    {
      route: 'POST /teams/[teamId]/canned-responses',
      does: 'adds a canned response',
      by: managers,
      status: 201,
      body: () => ({ title: 'New', content: 'New' })
    },
    {
      route: 'PATCH /teams/[teamId]/canned-responses/[responseId]',
      does: 'changes a canned response',
      by: managers,
      status: 200,
      parameters: team => ({ responseId: team.cannedResponse }),
      body: () => ({ title: 'Other' })
    },
    {
      route: 'DELETE /teams/[teamId]/canned-responses/[responseId]',
      does: 'deletes a canned response',
      by: managers,
      status: 204,
      parameters: team => ({ responseId: team.cannedResponse })
    }
  ],
  'jobs': [
    { route: 'GET /teams/[teamId]/jobs', does: 'lists waiting and failed jobs', by: managers, status: 200 },
    {
      route: 'POST /teams/[teamId]/jobs/[jobId]/retry',
      does: 'retries an unknown job',
      by: [],
      status: 404,
      parameters: () => ({ jobId: `mail-${unknownId}` }),
      refusals: { 'an owner': 404, 'an admin': 404 }
    }
  ],
  'export': [
    { route: 'GET /teams/[teamId]/export/tickets.csv', does: 'exports tickets', by: agents, status: 200 },
    { route: 'GET /teams/[teamId]/export/audit.csv', does: 'exports the audit log', by: managers, status: 200 }
  ],
  'saved-views': [
    { route: 'GET /teams/[teamId]/saved-views', does: 'lists views', by: everybody, status: 200 },
    { route: 'GET /teams/[teamId]/saved-views/counts', does: 'counts views', by: everybody, status: 200 },
    {
      route: 'POST /teams/[teamId]/saved-views',
      does: 'saves a view',
      by: everybody,
      status: 201,
      body: () => ({ name: 'New', filters: { status: 'open' } })
    },
    {
      route: 'POST /teams/[teamId]/saved-views',
      does: 'shares a view',
      by: managers,
      status: 201,
      body: () => ({ name: 'New', filters: {}, is_shared: true })
    },
    {
      route: 'PATCH /teams/[teamId]/saved-views/[viewId]',
      does: 'changes a shared view',
      by: managers,
      status: 200,
      parameters: team => ({ viewId: team.views.shared }),
      body: () => ({ name: 'Other' })
    },
    {
      route: 'PATCH /teams/[teamId]/saved-views/[viewId]',
      does: "changes Bob's view",
      by: ['a member'],
      status: 200,
      parameters: team => ({ viewId: team.views.bobs }),
      body: () => ({ name: 'Other' }),
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 }
    },
    {
      route: 'PATCH /teams/[teamId]/saved-views/[viewId]',
      does: "shares Bob's view",
      by: [],
      status: 200,
      parameters: team => ({ viewId: team.views.bobs }),
      body: () => ({ is_shared: true }),
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 }
    },
    {
      route: 'PATCH /teams/[teamId]/saved-views/[viewId]',
      does: 'makes a shared view private',
      by: ['an admin'],
      status: 200,
      parameters: team => ({ viewId: team.views.shared }),
      body: () => ({ is_shared: false })
    },
    {
      route: 'DELETE /teams/[teamId]/saved-views/[viewId]',
      does: 'deletes a shared view',
      by: managers,
      status: 204,
      parameters: team => ({ viewId: team.views.shared })
    },
    {
      route: 'DELETE /teams/[teamId]/saved-views/[viewId]',
      does: "deletes Bob's view",
      by: ['a member'],
      status: 204,
      parameters: team => ({ viewId: team.views.bobs }),
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 }
    }
  ],
  'ratings': [
    {
      route: 'GET /ratings/[token]',
      does: 'previews an unknown rating request',
      by: [],
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    },
    {
      route: 'POST /ratings/[token]',
      does: 'rates with an unknown token',
      by: [],
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      body: () => ({ score: 5 }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  ],
  'mails': [
    { route: 'GET /teams/[teamId]/mail-budget', does: 'sees the mail budgets', by: managers, status: 200 },
    {
      route: 'GET /teams/[teamId]/tickets/[ticketId]/mails',
      does: 'lists the mails about a ticket',
      by: everybody,
      status: 200,
      parameters: ticket
    }
  ],
  'reply-address': [
    { route: 'GET /teams/[teamId]/reply-address', does: 'sees the reply address', by: managers, status: 200 },
    {
      route: 'PUT /teams/[teamId]/reply-address',
      does: 'requests another reply address',
      by: managers,
      status: 200,
      body: team => ({ email: `help-${team.id.slice(0, 8)}@x.test` })
    },
    { route: 'DELETE /teams/[teamId]/reply-address', does: 'removes the reply address', by: managers, status: 204 },
    {
      route: 'GET /reply-address/[token]',
      does: 'previews an unknown reply address confirmation',
      by: [],
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    },
    {
      route: 'POST /reply-address/[token]',
      does: 'confirms an unknown reply address',
      by: [],
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  ],
  'unsubscribe': [
    {
      route: 'GET /unsubscribe/[token]',
      does: 'previews an unknown unsubscribe link',
      by: [],
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    },
    {
      route: 'POST /unsubscribe/[token]',
      does: 'unsubscribes by an unknown link',
      by: [],
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  ],
  'webhooks': [
    { route: 'GET /teams/[teamId]/webhooks', does: 'lists webhooks', by: managers, status: 200 },
    {
      route: 'POST /teams/[teamId]/webhooks',
      does: 'adds a webhook',
      by: managers,
      status: 201,
      body: () => ({ name: 'New', url: 'https://hooks.elsewhere.test/', events: ['ticket.created'] })
    },
    {
      route: 'PATCH /teams/[teamId]/webhooks/[webhookId]',
      does: 'renames a webhook',
      by: managers,
      status: 200,
      parameters: webhook,
      body: () => ({ name: 'Other' })
    },
    {
      route: 'PATCH /teams/[teamId]/webhooks/[webhookId]',
      does: 'changes the URL of a webhook',
      by: managers,
      status: 200,
      parameters: webhook,
      body: () => ({ url: 'https://hooks.elsewhere.test/' })
    },
    {
      route: 'PATCH /teams/[teamId]/webhooks/[webhookId]',
      does: 'switches a webhook off',
      by: managers,
      status: 200,
      parameters: webhook,
      body: () => ({ is_active: false })
    },
    { route: 'DELETE /teams/[teamId]/webhooks/[webhookId]', does: 'deletes a webhook', by: managers, status: 204, parameters: webhook },
    {
      route: 'POST /teams/[teamId]/webhooks/[webhookId]/rotate-secret',
      does: 'rotates a secret',
      by: managers,
      status: 200,
      parameters: webhook
    },
    { route: 'POST /teams/[teamId]/webhooks/[webhookId]/test', does: 'tests a webhook', by: managers, status: 201, parameters: webhook },
    {
      route: 'GET /teams/[teamId]/webhooks/[webhookId]/deliveries',
      does: 'lists deliveries',
      by: managers,
      status: 200,
      parameters: webhook
    },
    {
      route: 'GET /teams/[teamId]/webhooks/[webhookId]/deliveries/[deliveryId]',
      does: 'reads a delivery',
      by: managers,
      status: 200,
      parameters: delivery
    },
    {
      route: 'POST /teams/[teamId]/webhooks/[webhookId]/deliveries/[deliveryId]/redeliver',
      does: 'sends a delivery again',
      by: managers,
      status: 200,
      parameters: delivery
    }
  ],
  'analytics': [
    { route: 'GET /teams/[teamId]/analytics/summary', does: 'reads the report', by: everybody, status: 200 },
    {
      route: 'GET /teams/[teamId]/analytics/report.csv',
      does: 'downloads a table of the report',
      by: everybody,
      status: 200,
      query: '?table=per_agent'
    }
  ],
  'stats': [{ route: 'GET /teams/[teamId]/stats', does: 'reads the dashboard', by: everybody, status: 200 }],
  'openapi': [{ route: 'GET /openapi.json', does: 'reads the description of the API', by: anybody, status: 200 }],
  'cti': [
    { route: 'GET /teams/[teamId]/cti/categories', does: 'reads categories', by: everybody, status: 200 },
    { route: 'GET /teams/[teamId]/cti/types', does: 'reads types', by: everybody, status: 200 },
    { route: 'GET /teams/[teamId]/cti/items', does: 'reads items', by: everybody, status: 200 },
    {
      route: 'POST /teams/[teamId]/cti/categories',
      does: 'adds a category',
      by: managers,
      status: 201,
      body: () => ({ name: 'Hardware' })
    },
    {
      route: 'POST /teams/[teamId]/cti/types',
      does: 'adds a type',
      by: managers,
      status: 201,
      body: team => ({ category_id: team.category, name: 'Printing' })
    },
    {
      route: 'POST /teams/[teamId]/cti/items',
      does: 'adds an item',
      by: managers,
      status: 201,
      body: team => ({ type_id: team.type, name: 'Switch' })
    },
    ...(['PATCH', 'PUT'] as const).flatMap(method => [
      {
        route: `${method} /teams/[teamId]/cti/categories/[categoryId]`,
        does: 'renames a category',
        by: managers,
        status: 200,
        parameters: (team: TeamWorld) => ({ categoryId: team.category }),
        body: () => ({ name: 'Other bugs' })
      },
      {
        route: `${method} /teams/[teamId]/cti/types/[typeId]`,
        does: 'renames a type',
        by: managers,
        status: 200,
        parameters: (team: TeamWorld) => ({ typeId: team.type }),
        body: () => ({ name: 'Other' })
      },
      {
        route: `${method} /teams/[teamId]/cti/items/[itemId]`,
        does: 'renames an item',
        by: managers,
        status: 200,
        parameters: (team: TeamWorld) => ({ itemId: team.item }),
        body: () => ({ name: 'Other' })
      }
    ]),
    {
      route: 'DELETE /teams/[teamId]/cti/categories/[categoryId]',
      does: 'deletes a category',
      by: managers,
      status: 204,
      parameters: team => ({ categoryId: team.category })
    },
    {
      route: 'DELETE /teams/[teamId]/cti/types/[typeId]',
      does: 'deletes a type',
      by: managers,
      status: 204,
      parameters: team => ({ typeId: team.type })
    },
    {
      route: 'DELETE /teams/[teamId]/cti/items/[itemId]',
      does: 'deletes an item',
      by: managers,
      status: 204,
      parameters: team => ({ itemId: team.item })
    }
  ]
}

/** One right of each route. */
export const routes: RouteRight[] = [
  ...new Map(
    Object.values(rights)
      .flat()
      .reverse()
      .map(right => [right.route, right])
  ).values()
]

/** The routes of server/api, named as in `rights`. */
export function readRouteFiles(): string[] {
  return globSync('server/api/**/*.ts')
    .filter(file => !file.endsWith('[...].ts'))
    .map(file => {
      const [, path, method] = /^server\/api(.*?)(?:\/index)?\.(get|post|put|patch|delete)\.ts$/.exec(file) ?? []
      if (!path || !method) throw new Error(`${file} names no method`)
      return `${method.toUpperCase()} ${path}`
    })
}

/** The method and path of a request to a route. */
export function buildRequest(
  { route, parameters, query = '' }: RouteRight,
  team: TeamWorld,
  others: Record<string, string> = {}
): { method: string; path: string } {
  const values: Record<string, string> = { teamId: team.id, ...parameters?.(team), ...others }
  const [method, path] = route.split(' ') as [string, string]
  return { method, path: path.replace(/\[(\w+)\]/g, (_, name: string) => values[name]!) + query }
}

/**
 * The highest and the lowest role with a right. The roles between need no request: each role has the permissions of the role below
 * (tests/unit/shared/permissions.test.ts), and tests/db checks every role. All callers when `by` is not the top of the list of roles.
 */
function representatives(by: readonly CallerName[]): CallerName[] {
  const isNested = by.every((name, index) => name === Object.keys(callers)[index])
  return isNested ? [...new Set([...by.slice(0, 1), ...by.slice(-1)])] : [...by]
}

/** Defines tests for each right of a noun: callers who have it succeed; all others are refused and change nothing. */
export function describeRouteRights(noun: string): void {
  describe(`rights of ${noun}`, () => {
    // Refused requests and GET requests change nothing, so that they share a team.
    let shared: Promise<TeamWorld> | undefined
    for (const right of rights[noun]!) {
      const request = (name: CallerName, team: TeamWorld) => {
        const { method, path } = buildRequest(right, team)
        const caller = callers[name]
        return api(typeof caller === 'object' ? caller : null, method, path, right.body?.(team))
      }
      for (const name of representatives(right.by)) {
        test(`${name} ${right.does}: ${right.route}`, async () => {
          const team = await (right.route.startsWith('GET') ? (shared ??= newTeam()) : newTeam())
          const answer = await request(name, team)
          expect(answer.status, JSON.stringify(answer.body)).toBe(right.status)
        })
      }
      const others = (Object.keys(callers) as CallerName[]).filter(name => !right.by.includes(name))
      if (others.length > 0)
        test(`${right.route} refuses all other callers: ${right.does}`, async () => {
          const team = await (shared ??= newTeam())
          const before = await readTeamRows(team.id)
          await Promise.all(
            others.map(async name => {
              const inTeam = (everybody as readonly string[]).includes(name)
              const answer = await request(name, team)
              expect(answer.status, `${name}: ${JSON.stringify(answer.body)}`).toBe(
                right.refusals?.[name] ?? (callers[name] === anonymous ? 401 : inTeam ? 403 : 404)
              )
              expectError(answer, answer.status)
            })
          )
          expect(await readTeamRows(team.id)).toBe(before)
        })
    }
  })
}
