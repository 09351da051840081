import { cannedResponse } from '#shared/schemas/answers/canned-response'
import { cannedResponseCreate, cannedResponseUpdate } from '#shared/schemas/canned-response'
import { pageQuery } from '#shared/schemas/page'
import { deleted, json, list, type Noun } from '../describe'

export const cannedResponses: Noun = {
  name: 'Canned responses',
  description: 'Reusable texts for replies. The composer fills in placeholders such as `{{requester_name}}`.',
  routes: {
    'GET /teams/[teamId]/canned-responses': {
      id: 'listCannedResponses',
      summary: 'List canned responses',
      permission: 'canned_responses.view',
      query: pageQuery,
      answers: { 200: list(cannedResponse, "The team's canned responses, by title.") }
    },
    'POST /teams/[teamId]/canned-responses': {
      id: 'createCannedResponse',
      summary: 'Add a canned response',
      permission: 'canned_responses.manage',
      body: cannedResponseCreate,
      answers: { 201: json(cannedResponse, 'The new canned response.') }
    },
    'PATCH /teams/[teamId]/canned-responses/[responseId]': {
      id: 'updateCannedResponse',
      summary: 'Change a canned response',
      permission: 'canned_responses.manage',
      body: cannedResponseUpdate,
      answers: { 200: json(cannedResponse, 'The canned response as it is now.') }
    },
    'DELETE /teams/[teamId]/canned-responses/[responseId]': {
      id: 'deleteCannedResponse',
      summary: 'Delete a canned response',
      permission: 'canned_responses.manage',
      answers: deleted
    }
  }
}
