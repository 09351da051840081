import { STATUS_CODES } from 'node:http'
import { databaseFailure } from '../db/errors'
import { Refusal } from '../domain/refusal'
import type { Issue } from '#shared/types/api'

// Node still has the names that RFC 9110 replaced.
const statusNames: Record<number, string | undefined> = { ...STATUS_CODES, 413: 'Content Too Large', 422: 'Unprocessable Content' }

/** Makes an error in the shape that every route answers: `{ statusCode, statusMessage, message, data: { code, … } }`. */
export function failure(statusCode: number, code: string, message: string, data: Record<string, unknown> & { issues?: Issue[] } = {}) {
  return createError({ statusCode, statusMessage: statusNames[statusCode], message, data: { code, ...data } })
}

/** Turns a refusal of the domain or a database error into an error answer. Returns any other error unchanged. */
export function translateError(error: unknown): unknown {
  if (error instanceof Refusal) return failure(error.statusCode, error.code, error.message, error.data)
  const known = databaseFailure(error)
  if (!known) return error
  const { statusCode, code, message, path, retryAfter } = known
  return failure(statusCode, code, message, {
    ...(path && { issues: [{ path, message }] }),
    ...(retryAfter && { retry_after: retryAfter })
  })
}

export async function translateErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateError(error)
  }
}
