import { team } from '#shared/schemas/answers/team'
import { pageQuery } from '#shared/schemas/page'
import { teamCreate, teamUpdate } from '#shared/schemas/team'
import { deleted, json, list, type Noun } from '../describe'

export const teams: Noun = {
  name: 'Teams',
  description: 'Tickets and everything else belong to a team. The person who creates a team becomes its owner.',
  routes: {
    'GET /teams': {
      id: 'listTeams',
      summary: 'List your teams',
      query: pageQuery,
      answers: { 200: list(team, 'The teams that the caller is a member of.') }
    },
    'POST /teams': {
      id: 'createTeam',
      summary: 'Create a team',
      body: teamCreate,
      answers: { 201: json(team, 'The new team, which the caller owns.') },
      refusals: { 409: '`slug_taken`: another team has this address.' }
    },
    'GET /teams/[teamId]': { id: 'getTeam', summary: 'Read the team', permission: 'team.view', answers: { 200: json(team, 'The team.') } },
    'PATCH /teams/[teamId]': {
      id: 'updateTeam',
      summary: "Change the team's settings",
      permission: 'team.update',
      body: teamUpdate,
      answers: { 200: json(team, 'The team as it is now.') },
      refusals: { 409: '`slug_taken`: another team has this address.' }
    },
    'DELETE /teams/[teamId]': {
      id: 'deleteTeam',
      summary: 'Delete the team with everything in it',
      description: 'This cannot be undone. All members lose access at once; a job deletes the data of a large team.',
      permission: 'team.delete',
      answers: deleted
    }
  }
}
