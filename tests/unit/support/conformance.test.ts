import { expect, test } from 'vitest'
import { buildDocument } from '#server/openapi/document'
import { createConformanceCheck, type Exchange } from '../../support/conformance.ts'

const check = createConformanceCheck(JSON.parse(JSON.stringify(buildDocument())) as object)
const team = '/teams/aaaaaaaa-0000-4000-8000-000000000001'
const json = (extra: Record<string, string> = {}) => new Headers({ 'content-type': 'application/json', ...extra })
const error = { statusCode: 404, statusMessage: 'Not Found', message: 'There is nothing here', data: { code: 'not_found' } }
const draft = { ticket_id: 'aaaaaaaa-0000-4000-8000-000000000101', ticket_number: 1, updated_at: '2026-11-21T09:00:00.123Z' }
const drafts = (body: unknown): Exchange => ({ method: 'GET', path: `${team}/drafts`, status: 200, headers: json(), body })
const deletion = { method: 'DELETE', path: `${team}/tickets/1`, status: 204, headers: new Headers(), body: null }
const creation = {
  method: 'POST',
  path: `${team}/cti/types`,
  status: 201,
  headers: json(),
  body: { id: draft.ticket_id, category_id: draft.ticket_id, category: 'bug', name: 'Network', position: 1 },
  sent: { category_id: draft.ticket_id, name: 'Network' }
}

test.each<[string, Exchange]>([
  ['a described answer', drafts([draft])],
  ['the same answer at the address for API keys', { ...drafts([draft]), path: '/v1/drafts?x=1' }],
  ['an empty answer', deletion],
  ['a described error', { ...drafts(error), status: 404 }],
  ['an error that any route may answer', { ...drafts({ ...error, statusCode: 503 }), status: 503 }],
  ['404 at an unknown address', { ...drafts(error), path: '/nothing', status: 404 }],
  ['405 for an unknown method', { ...drafts(error), method: 'PATCH', status: 405 }],
  ['a described body of a request', creation]
])('the conformance check accepts %s', (_, exchange) => {
  expect(() => check(exchange)).not.toThrow()
})

test.each<[string, Exchange]>([
  ['a field that is not described', drafts([{ ...draft, secret: 1 }])],
  ['an answer without a required field', drafts([{ ticket_id: draft.ticket_id, ticket_number: 1 }])],
  ['a field of another type', drafts([{ ...draft, ticket_number: '1' }])],
  ['an invalid id', drafts([{ ...draft, ticket_id: '1' }])],
  ['an invalid time', drafts([{ ...draft, updated_at: '2026-11-21 09:00' }])],
  ['an object where a list is described', drafts(draft)],
  ['a status that is not described', { ...drafts(error), status: 409 }],
  ['another content type', { ...drafts([draft]), headers: new Headers({ 'content-type': 'text/html' }) }],
  ['a body where none is described', { ...deletion, body: 'deleted' }],
  ['an error of another shape', { ...drafts({ error: 'not found' }), status: 404 }],
  ['an answer of an address that is not described', { ...drafts([draft]), path: '/teams/x/secrets' }],
  ['a header that is not described', { ...creation, headers: json({ 'x-truncated': 'true' }) }],
  ['an accepted request body that the document refuses', { ...creation, sent: { ...creation.sent, colour: 'red' } }]
])('the conformance check refuses %s', (_, exchange) => {
  expect(() => check(exchange)).toThrow()
})
