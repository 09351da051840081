import { cannedResponseCreate, cannedResponseUpdate } from '#shared/schemas/canned-response'
import type { CannedResponse } from '#shared/types/api'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { deleted, id, json, list, moment, row, type Noun } from '../describe'

const response = row<CannedResponse>()(
  'CannedResponse',
  'A text that replies begin with.',
  z.object({
    id,
    team_id: id,
    title: z.string(),
    content: z.string(),
    category: z.string().nullable(),
    created_by: id,
    created_at: moment,
    updated_at: moment
  })
)

export const cannedResponses: Noun = {
  name: 'Canned responses',
  description: 'Texts that replies begin with. Placeholders such as `{{requester_name}}` are filled in by the composer.',
  routes: {
    'GET /teams/[teamId]/canned-responses': {
      id: 'listCannedResponses',
      summary: 'List canned responses',
      permission: 'canned_responses.view',
      query: pageQuery,
      answers: { 200: list(response, "The team's canned responses, by title.") }
    },
    'POST /teams/[teamId]/canned-responses': {
      id: 'createCannedResponse',
      summary: 'Add a canned response',
      permission: 'canned_responses.manage',
      body: cannedResponseCreate,
      answers: { 201: json(response, 'The new one.') }
    },
    'PATCH /teams/[teamId]/canned-responses/[responseId]': {
      id: 'updateCannedResponse',
      summary: 'Change a canned response',
      permission: 'canned_responses.manage',
      body: cannedResponseUpdate,
      answers: { 200: json(response, 'As it is now.') }
    },
    'DELETE /teams/[teamId]/canned-responses/[responseId]': {
      id: 'deleteCannedResponse',
      summary: 'Delete a canned response',
      permission: 'canned_responses.manage',
      answers: deleted
    }
  }
}
