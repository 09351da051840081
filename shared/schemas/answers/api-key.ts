import { id, timestamp, role } from '../answer'
import { apiKey as key } from '../api-key'
import { scopes } from '../../permissions'
import { z } from '../zod'
import { memberKind } from './member'
import { personFields } from './person'

export const apiKey = z
  .object({
    id,
    name: z.string(),
    prefix: z.string().describe('The first characters of the key, to recognise it.'),
    scopes: z.array(z.enum(scopes)),
    member: z.object({ ...personFields, kind: memberKind, role }).describe('The member that the key acts as.'),
    created_by: z.string().nullable().describe('The name of the person who created or last rotated it; null if that account is deleted.'),
    last_used_at: timestamp.nullable().describe('To the minute.'),
    created_at: timestamp,
    expires_at: timestamp.nullable()
  })
  .meta({ id: 'ApiKey', description: 'A key with which programs act as a member of the team.' })

export const issuedApiKey = z
  .object({ ...apiKey.shape, key })
  .meta({ id: 'IssuedApiKey', description: 'An API key with its secret value, which no other answer contains.' })

export type ApiKey = z.output<typeof apiKey>
export type IssuedApiKey = z.output<typeof issuedApiKey>
