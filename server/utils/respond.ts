import type { H3Event } from 'h3'
import type { CursorPage, Page } from '#shared/types/api'
import type { Log } from '../domain/audit'

/** 201 with the new row. */
export function created<T>(event: H3Event, row: T): T {
  setResponseStatus(event, 201)
  return row
}

/** 204 without a body. */
export function deleted(event: H3Event): null {
  setResponseStatus(event, 204)
  return null
}

/** A log as it was asked for: a page, or a bare list that says with `X-Truncated` when there is more. */
export function logged<T>(event: H3Event, log: Log<T>): T[] | CursorPage<T> | Page<T> {
  if ('data' in log) return log
  if (log.truncated) setHeader(event, 'x-truncated', 'true')
  return log.entries
}
