import { databaseFailure } from '../db/errors'
import { Refusal } from '../domain/refusal'
import type { Issue } from '#shared/types/api'

const names: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  415: 'Unsupported Media Type',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable'
}

/** An error in the one shape that every route answers: `{ statusCode, statusMessage, message, data: { code, … } }`. */
export function failure(statusCode: number, code: string, message: string, data: Record<string, unknown> & { issues?: Issue[] } = {}) {
  return createError({ statusCode, statusMessage: names[statusCode] ?? 'Error', message, data: { code, ...data } })
}

/** A refusal of the domain or an error of the database as an answer; anything else as it is. */
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

/** Does `work`, whose refusals and errors of the database become answers. */
export async function translateErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw translateError(error)
  }
}
