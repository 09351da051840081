import { agentRoles } from '#shared/permissions'
import { apiKey, issuedApiKey } from '#shared/schemas/answers/api-key'
import { apiKeyCreate } from '#shared/schemas/api-key'
import { pageQuery } from '#shared/schemas/page'
import { deleted, json, list, oldSignIn, type Noun } from '../describe'

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
      answers: { 201: json(issuedApiKey, 'The key. It is not shown again.') },
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
      answers: { 200: json(issuedApiKey, 'The new key. It is not shown again.') },
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
