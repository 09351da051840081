import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { TransactionSql } from 'postgres'
import { configureStorage, putObject, type StorageSettings } from '../../server/adapters/storage.ts'
import { detectContentType } from '../../server/domain/attachment/content-type.ts'

/** A file in `./files`. With `signature`, a scanner has found it infected, so that only its row is kept. */
export interface DemoFile {
  name: string
  signature?: string
}

/** The message that gets files, and the profile or client who sends them. */
interface Message {
  teamId: string
  ticketId: string
  replyId: string | null
  userId: string
  contactId: string | null
  at: Date
}

/**
 * Stores files in the storage server, as an upload does where there is no virus scanner, and attaches them to a message. Returns what the
 * events of each say: that it was added and, if so, that it is infected.
 */
export async function attachDemoFiles(tx: TransactionSql, storage: StorageSettings, files: DemoFile[], message: Message) {
  configureStorage(storage)
  const { teamId, ticketId, replyId, userId, contactId, at } = message
  return Promise.all(
    files.map(async ({ name, signature = null }, index) => {
      const content = await readFile(new URL(`./files/${name}`, import.meta.url))
      const contentType = await detectContentType(content)
      const sha256 = createHash('sha256').update(content).digest('hex')
      const [{ id }] = await tx<[{ id: string }]>`
        insert into public.ticket_attachments (id, team_id, ticket_id, reply_id, uploaded_by, contact_id, name, size, sha256, content_type,
          state, signature, position, created_at)
        values (gen_random_uuid(), ${teamId}, ${ticketId}, ${replyId}, ${userId}, ${contactId}, ${name}, ${content.length}, ${sha256},
          ${contentType}, ${signature ? 'infected' : 'unscanned'}, ${signature}, ${index + 1}, ${at})
        returning id`
      const key = `${teamId}/${id}` // as objectKey() in server/domain/attachment/upload.ts
      if (!signature) await putObject(key, Readable.from([content]), content.length)
      return {
        added: { id, name, size: content.length, content_type: contentType, reply_id: replyId },
        infected: signature === null ? null : { name, sha256, signature }
      }
    })
  )
}

/** Stores the picture of an article, and returns what the text names it by, with its size. */
export async function storeDemoPicture(
  tx: TransactionSql,
  storage: StorageSettings,
  name: string,
  { teamId, userId, at }: Pick<Message, 'teamId' | 'userId' | 'at'>
): Promise<string> {
  configureStorage(storage)
  const content = await readFile(new URL(`./files/${name}`, import.meta.url))
  const [{ id }] = await tx<[{ id: string }]>`
    insert into private.article_images (id, team_id, created_by, name, size, sha256, content_type, state, created_at)
    values (gen_random_uuid(), ${teamId}, ${userId}, ${name}, ${content.length}, ${createHash('sha256').update(content).digest('hex')},
      'image/png', 'unscanned', ${at})
    returning id`
  await putObject(`${teamId}/${id}`, Readable.from([content]), content.length)
  // A PNG file begins with its size.
  return `images/${id}.png#${content.readUInt32BE(16)}x${content.readUInt32BE(20)}`
}
