import { id, timestamp, role } from '../answer'
import { z } from '../zod'

const invitationFields = {
  email: z.string(),
  role,
  invited_by: z.string().nullable().describe('The name of the person who invited them.'),
  expires_at: timestamp
}

export const invitation = z
  .object({ id, ...invitationFields, created_at: timestamp })
  .meta({ id: 'Invitation', description: 'A pending invitation.' })

export const invitationPreview = z
  .object({ team_name: z.string(), ...invitationFields })
  .meta({ id: 'InvitationPreview', description: 'An invitation, as shown to the holder of its token.' })

export type Invitation = z.output<typeof invitation>
export type InvitationPreview = z.output<typeof invitationPreview>
