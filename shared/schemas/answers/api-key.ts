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
    prefix: z.string().describe('The first characters of the key, to know it by.'),
    scopes: z.array(z.enum(scopes)),
    member: z.object({ ...personFields, kind: memberKind, role }).describe('Whom the key acts as.'),
    created_by: z.string().nullable().describe('The name of who made it, or rotated it last; null when they are gone.'),
    last_used_at: timestamp.nullable().describe('To the minute.'),
    created_at: timestamp,
    expires_at: timestamp.nullable()
  })
  .meta({ id: 'ApiKey', description: 'A key by which programs act for a member of the team.' })

export const issuedApiKey = z
  .object({ ...apiKey.shape, key })
  .meta({ id: 'IssuedApiKey', description: 'A key, with the key itself: no other answer holds it.' })

export type ApiKey = z.output<typeof apiKey>
export type IssuedApiKey = z.output<typeof issuedApiKey>
