import type { H3Event } from 'h3'
import type { CursorPage, Page } from '#shared/types/api'
import type { List } from '../domain/page'

export function sendCreated<T>(event: H3Event, row: T): T {
  setResponseStatus(event, 201)
  return row
}

/** Answers without a body: 204, or 202 while a job still deletes the rest. */
export function noContent(event: H3Event, isGone = true): null {
  setResponseStatus(event, isGone ? 204 : 202)
  return null
}

/** 202: a job does the rest. */
export function sendStarted<T>(event: H3Event, answer: T): T {
  setResponseStatus(event, 202)
  return answer
}

/** A page, or a bare list, with `X-Truncated` when there are more rows. */
export function sendList<T>(event: H3Event, list: List<T>): T[] | CursorPage<T> | Page<T> {
  if ('data' in list) return list
  if (list.isTruncated) setTruncated(event)
  return list.rows
}

export function setTruncated(event: H3Event): void {
  setHeader(event, 'x-truncated', 'true')
}
