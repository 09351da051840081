import { z } from './zod'
import { agentRoles, scopes } from '../permissions'
import { line, uuid } from './text'

/** The secret value of a key: `sk_` and 256 random bits in base64url. */
export const apiKey = z.string().regex(/^sk_[\w-]{43}$/, 'Not an API key')

export const apiKeyCreate = z
  .strictObject({
    name: line(100, 'Name'),
    scopes: z
      .array(z.enum(scopes, 'Not a scope'), 'Scopes must be a list')
      .min(1, 'Choose at least one scope')
      .max(scopes.length, 'List each scope only once')
      .refine(list => new Set(list).size === list.length, 'List each scope only once'),
    /** The member that the key acts as; by default a new service agent with the key's name. */
    user_id: uuid.optional(),
    /** The role of the new service agent. */
    role: z.enum(agentRoles, 'A service agent can only be a member or a viewer').optional(),
    expires_at: z.iso.datetime({ offset: true, error: 'Not an ISO 8601 date with its time' }).nullable().default(null)
  })
  .refine(({ user_id, role }) => user_id === undefined || role === undefined, {
    path: ['role'],
    error: 'The key takes the role of its member'
  })

export type ApiKeyCreate = z.output<typeof apiKeyCreate>
