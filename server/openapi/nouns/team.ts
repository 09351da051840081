import { role } from '#shared/schemas/answer'
import { teamCreate, teamUpdate } from '#shared/schemas/team'
import type { Team } from '#shared/types/api'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { deleted, id, json, list, moment, row, type Noun } from '../describe'

export const team = row<Team>()(
  'Team',
  'A team, as its member sees it.',
  z.object({
    id,
    name: z.string(),
    slug: z.string().describe('Part of the addresses of its tickets.'),
    time_zone: z.string().describe("A name of the tz database: its days and months are the reports'."),
    auto_close_days: z.int().describe('Resolved tickets are closed after as many days.'),
    created_at: moment,
    role: role.describe("The caller's role."),
    realtime_topic: z.string().describe('The private channel of its changes.')
  })
)

export const teams: Noun = {
  name: 'Teams',
  description: 'Everything belongs to a team. Whoever creates one owns it.',
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
      description: 'Cannot be undone. Nobody sees it any more from then on; of a large team a job removes the rows.',
      permission: 'team.delete',
      answers: deleted
    }
  }
}
