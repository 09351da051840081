import { sql } from 'kysely'
import { preferenceKinds } from '#shared/notification'
import type { Unsubscription } from '#shared/types/api'
import type { Db } from '../../db/types'
import { notFound } from '../refusal'
import { digest } from '../secret'

/** The team whose mails the token ends. Throws 404 after 60 days, for a former member, and for a former address of a member. */
export async function previewUnsubscription(db: Db, token: string): Promise<Unsubscription> {
  const {
    rows: [unsubscription]
  } = await sql<Unsubscription>`select * from private.unsubscribe_preview(${digest(token)})`.execute(db)
  if (!unsubscription) throw notFound()
  return unsubscription
}

/** Turns off every mail preference of the token's member in its team. Throws 404 like the preview. */
export async function unsubscribe(db: Db, token: string): Promise<void> {
  await sql`select private.unsubscribe(${digest(token)}, ${[...preferenceKinds]}::text[])`.execute(db)
}
