import { id, timestamp } from '../answer'
import { z } from '../zod'

export const replyDraft = z
  .object({
    ticket_id: id,
    content: z.string(),
    is_internal: z.boolean(),
    version: id.describe('Changes with every change of the draft; `PUT` compares it.'),
    updated_at: timestamp
  })
  .meta({ id: 'ReplyDraft', description: 'The unsent reply of the caller in a ticket.' })

export const draftedTicket = z
  .object({ ticket_id: id, ticket_number: z.int().min(1), updated_at: timestamp })
  .meta({ id: 'DraftedTicket', description: 'A ticket in which the caller has a draft.' })

export type ReplyDraft = z.output<typeof replyDraft>
export type DraftedTicket = z.output<typeof draftedTicket>
