import { timestamp, role } from '../answer'
import { z } from '../zod'
import { personFields } from './person'

export const memberKind = z.enum(['person', 'service']).describe('A `service` agent works through API keys only: nobody signs in as it.')

export const member = z
  .object({
    ...personFields,
    kind: memberKind,
    role,
    email: z.string().nullable().describe('Null for callers without `members.view_emails`, and for service agents.'),
    joined_at: timestamp
  })
  .meta({ id: 'Member', description: 'A person in the team.' })

export type MemberKind = z.output<typeof memberKind>
export type Member = z.output<typeof member>
