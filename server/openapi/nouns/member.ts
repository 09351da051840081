import { member } from '#shared/schemas/answers/member'
import { pageQuery } from '#shared/schemas/page'
import { memberUpdate } from '#shared/schemas/team'
import { json, list, oldSignIn, type Noun } from '../describe'

const lastOwner = { 409: '`last_owner`: a team needs at least one owner.' }

export const members: Noun = {
  name: 'Members',
  description: 'The people and service agents of the team. Each has a role: owner, admin, member or viewer.',
  routes: {
    'GET /teams/[teamId]/members': {
      id: 'listMembers',
      summary: 'List members',
      permission: 'team.view',
      query: pageQuery,
      answers: { 200: list(member, 'The members, in the order in which they joined.') }
    },
    'PATCH /teams/[teamId]/members/[userId]': {
      id: 'updateMember',
      summary: "Change a member's role",
      description: 'Only an owner can give or take the role owner. A higher role needs a recent sign-in.',
      permission: 'members.manage',
      body: memberUpdate,
      answers: { 200: json(member, 'The member in the new role.') },
      refusals: { 403: oldSignIn, ...lastOwner, 422: '`service_role`: a service agent can only be a member or a viewer.' }
    },
    'DELETE /teams/[teamId]/members/[userId]': {
      id: 'removeMember',
      summary: 'Remove a member',
      description: 'Their tickets become unassigned.',
      permission: 'members.manage',
      answers: { 204: { description: 'The member is removed.' } },
      refusals: lastOwner
    },
    'DELETE /teams/[teamId]/members/me': {
      id: 'leaveTeam',
      summary: 'Leave the team',
      permission: 'team.leave',
      answers: { 204: { description: 'The caller has left the team.' } },
      refusals: lastOwner
    }
  }
}
