import { role } from '#shared/schemas/answer'
import { memberUpdate } from '#shared/schemas/team'
import type { Member } from '#shared/types/api'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { json, list, moment, oldSignIn, row, type Noun } from '../describe'
import { personFields } from './person'

/** Shared with API keys. */
export const memberKind = z.enum(['person', 'service']).describe('A `service` agent works by API keys alone: nobody signs in as it.')

const member = row<Member>()(
  'Member',
  'A person in the team.',
  z.object({
    ...personFields,
    kind: memberKind,
    role,
    email: z.string().nullable().describe('Null for callers without `members.view_emails`, and of service agents.'),
    joined_at: moment
  })
)

const lastOwner = { 409: '`last_owner`: a team needs an owner.' }

export const members: Noun = {
  name: 'Members',
  description: 'Who is in the team, and as what: owner, admin, member or viewer.',
  routes: {
    'GET /teams/[teamId]/members': {
      id: 'listMembers',
      summary: 'List members',
      permission: 'team.view',
      query: pageQuery,
      answers: { 200: list(member, 'Everybody in the team.') }
    },
    'PATCH /teams/[teamId]/members/[userId]': {
      id: 'updateMember',
      summary: "Change a member's role",
      description: 'Only an owner makes and unmakes owners. A higher role needs a recent sign-in.',
      permission: 'members.manage',
      body: memberUpdate,
      answers: { 200: json(member, 'The member in the new role.') },
      refusals: { 403: oldSignIn, ...lastOwner, 422: '`service_role`: a service agent is a member or a viewer.' }
    },
    'DELETE /teams/[teamId]/members/[userId]': {
      id: 'removeMember',
      summary: 'Remove a member',
      description: "Their tickets become nobody's.",
      permission: 'members.manage',
      answers: { 204: { description: 'Removed.' } },
      refusals: lastOwner
    },
    'DELETE /teams/[teamId]/members/me': {
      id: 'leaveTeam',
      summary: 'Leave the team',
      permission: 'team.leave',
      answers: { 204: { description: 'Left.' } },
      refusals: lastOwner
    }
  }
}
