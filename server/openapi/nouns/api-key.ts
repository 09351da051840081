import { agentRoles } from '#shared/permissions'
import { apiKey, issuedApiKey } from '#shared/schemas/answers/api-key'
import { apiKeyCreate } from '#shared/schemas/api-key'
import { pageQuery } from '#shared/schemas/page'
import { deleted, json, list, oldSignIn, type Noun } from '../describe'

const holder = { 403: `\`key_holder\`: a key must act as its creator, or as a member, a viewer or a service agent. ${oldSignIn}` }

export const apiKeys: Noun = {
  name: 'API keys',
  description:
    'A key acts as one member of the team, within the role of the member and the scopes of the key. A service agent can get the scope `assign` beyond its role. A key never manages keys, members or the team, and has no access to personal data: drafts, views, notifications, followed tickets, the profile. The audit log names the key and its creator.',
  routes: {
    'GET /teams/[teamId]/api-keys': {
      id: 'listApiKeys',
      summary: 'List API keys',
      description: 'Owners and admins see all keys of the team. Others see the keys that act as them.',
      permission: 'api_keys.own',
      query: pageQuery,
      answers: { 200: list(apiKey, 'The keys, the newest first.') }
    },
    'POST /teams/[teamId]/api-keys': {
      id: 'createApiKey',
      summary: 'Create an API key',
      description: `Without \`user_id\`, a new service agent with the name of the key joins the team: a ${agentRoles.join(' or ')} without a sign-in.`,
      permission: 'api_keys.manage',
      body: apiKeyCreate,
      answers: { 201: json(issuedApiKey, 'The key. It is not shown again.') },
      refusals: {
        ...holder,
        422: '`limit`: a team has at most 100 keys. `scopes`: the role of the member does not allow anything in a scope, or `assign` is without `write`.'
      }
    },
    'POST /teams/[teamId]/api-keys/[keyId]/rotate': {
      id: 'rotateApiKey',
      summary: 'Rotate an API key',
      description: 'The key gets a new secret. The old one is refused at once.',
      permission: 'api_keys.manage',
      answers: { 200: json(issuedApiKey, 'The new key. It is not shown again.') },
      refusals: { ...holder, 422: '`expired`: the key has expired; create a new key.' }
    },
    'DELETE /teams/[teamId]/api-keys/[keyId]': {
      id: 'revokeApiKey',
      summary: 'Revoke an API key',
      description: 'The key is refused at once. Its service agent stays a member.',
      permission: 'api_keys.own',
      answers: deleted
    }
  }
}
