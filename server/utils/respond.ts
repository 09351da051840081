import type { H3Event } from 'h3'

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
