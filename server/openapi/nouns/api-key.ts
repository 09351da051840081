import { role } from '#shared/schemas/answer'
import { agentRoles, scopes } from '#shared/permissions'
import { apiKey as key, apiKeyCreate } from '#shared/schemas/api-key'
import type { ApiKey, IssuedApiKey } from '#shared/types/api'
import { pageQuery } from '#shared/schemas/page'
import { z } from '#shared/schemas/zod'
import { deleted, id, json, list, moment, oldSignIn, row, type Noun } from '../describe'
import { memberKind } from './member'
import { personFields } from './person'

const fields = {
  id,
  name: z.string(),
  prefix: z.string().describe('The first characters of the key, to know it by.'),
  scopes: z.array(z.enum(scopes)),
  member: z.object({ ...personFields, kind: memberKind, role }).describe('Whom the key acts as.'),
  created_by: z.string().nullable().describe('The name of who made it, or rotated it last.'),
  last_used_at: moment.nullable().describe('To the minute.'),
  created_at: moment,
  expires_at: moment.nullable()
}

const apiKey = row<ApiKey>()('ApiKey', 'A key by which programs act for a member of the team.', z.object(fields))
const issued = row<IssuedApiKey>()('IssuedApiKey', 'A key, with the key itself: no other answer holds it.', z.object({ ...fields, key }))

const holder = { 403: `\`key_holder\`: a key acts as its maker, or as a member, a viewer or a service agent. ${oldSignIn}` }

export const apiKeys: Noun = {
  name: 'API keys',
  description:
    "A key acts as one member of the team, within their role and the scopes of the key; a service agent may be granted `assign` beyond its role. It never manages keys, members or the team, and never reads or changes what is somebody's own: drafts, views, notifications, followed tickets, the profile. The log names the key and who made it.",
  routes: {
    'GET /teams/[teamId]/api-keys': {
      id: 'listApiKeys',
      summary: 'List API keys',
      description: 'Owners and admins see all of the team, others those that act as them.',
      permission: 'api_keys.own',
      query: pageQuery,
      answers: { 200: list(apiKey, 'The newest first.') }
    },
    'POST /teams/[teamId]/api-keys': {
      id: 'createApiKey',
      summary: 'Create an API key',
      description: `Without \`user_id\` a service agent of the key's name joins the team with it: a ${agentRoles.join(' or ')} as whom nobody signs in.`,
      permission: 'api_keys.manage',
      body: apiKeyCreate,
      answers: { 201: json(issued, 'The key. It is not shown again.') },
      refusals: {
        ...holder,
        422: '`limit`: a team has at most 100 keys. `scopes`: the role of the holder leaves a scope nothing, or `assign` stands without `write`.'
      }
    },
    'POST /teams/[teamId]/api-keys/[keyId]/rotate': {
      id: 'rotateApiKey',
      summary: 'Rotate an API key',
      description: 'The old key is refused at once.',
      permission: 'api_keys.manage',
      answers: { 200: json(issued, 'The new key. It is not shown again.') },
      refusals: { ...holder, 422: '`expired`: it has expired, and another secret would not help; create another key.' }
    },
    'DELETE /teams/[teamId]/api-keys/[keyId]': {
      id: 'revokeApiKey',
      summary: 'Revoke an API key',
      description: 'It is refused at once. A service agent stays a member.',
      permission: 'api_keys.own',
      answers: deleted
    }
  }
}
