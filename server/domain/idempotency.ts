import { sql } from 'kysely'
import type { Db } from '../db/types'
import { Refusal } from './refusal'

/**
 * Takes an idempotency key of the caller's for this transaction, and waits where another transaction holds it. Answers
 * null when it was free, else the result that was stored under it. Throws 422 `idempotency_mismatch` when it was taken by
 * another request.
 */
export async function takeIdempotencyKey(db: Db, hash: Buffer, requestHash: Buffer): Promise<Buffer | null> {
  const {
    rows: [taken]
  } = await sql<{
    request_hash: Buffer
    result: Buffer
  }>`select request_hash, result from private.take_idempotency_key(${hash}, ${requestHash})`.execute(db)
  if (!taken) return null
  if (!taken.request_hash.equals(requestHash))
    throw new Refusal(422, 'idempotency_mismatch', 'This Idempotency-Key has been used for another request')
  return taken.result
}

/** Keeps the result for as long as the key, with what this transaction does and not without it. */
export async function storeIdempotentResult(db: Db, hash: Buffer, result: Buffer): Promise<void> {
  await sql`select private.store_idempotent_result(${hash}, ${result})`.execute(db)
}

/** Forgets what is older than a day. Past row-level security. */
export async function removeIdempotencyKeys(db: Db): Promise<void> {
  await sql`delete from private.idempotency_keys where created_at < now() - interval '24 hours'`.execute(db)
}
