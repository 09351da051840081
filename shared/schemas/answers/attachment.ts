import { id, timestamp } from '../answer'
import { z } from '../zod'

const person = z.object({ id, full_name: z.string().nullable() })

const fileFields = {
  id,
  team_id: id,
  name: z.string().describe('As its owner named it, without directories and invisible characters.'),
  size: z.int().min(1).describe('Bytes.'),
  sha256: z.string().describe('Of the content, in hexadecimal.'),
  content_type: z.string().describe('Determined from the content, not from the name.'),
  signature: z.string().nullable().describe('What the virus scanner found; null if it found nothing.')
}

export const upload = z
  .object({
    ...fileFields,
    state: z
      .enum(['receiving', 'scanning', 'clean', 'infected', 'unscanned'])
      .describe('`clean` can be sent. `unscanned` can be sent if the team allows it; a job scans it later. `infected` was not stored.'),
    created_at: timestamp,
    expires_at: timestamp.describe('When it is deleted if it has not been sent.')
  })
  .meta({ id: 'Upload', description: 'A file that was uploaded and not sent yet. Only its uploader sees it.' })

export const attachment = z
  .object({
    ...fileFields,
    ticket_id: id,
    reply_id: id.nullable().describe('Null if it belongs to the ticket itself.'),
    state: z.enum(['clean', 'unscanned', 'infected']).describe('`infected`: found by a later scan; its content is deleted.'),
    created_at: timestamp,
    uploaded_by: person,
    removed_at: timestamp.nullable().describe('When somebody removed it; its content is deleted then.'),
    removed_by: person.nullable()
  })
  .meta({ id: 'Attachment', description: 'A file of a ticket or of one of its replies.' })

export type Upload = z.output<typeof upload>
export type Attachment = z.output<typeof attachment>
