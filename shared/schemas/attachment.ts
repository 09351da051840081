import { uuid } from './text'
import { z } from './zod'

/** Bytes: 25 MiB. private.uploads and the storage bucket have the same limit. */
export const maxFileBytes = 26_214_400

/** Files of one message. */
export const maxFiles = 10

/** Ids of the caller's own uploads, which become attachments of the message, in this order. */
export const uploadIds = z
  .array(uuid)
  .max(maxFiles, `At most ${maxFiles} files`)
  .refine(ids => new Set(ids.map(one => one.toLowerCase())).size === ids.length, 'Name each upload once')

/** The ticket whose files are downloaded together. */
export const archiveQuery = z.strictObject({ ticket: uuid.describe('The id of the ticket.') })
