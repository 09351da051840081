import { expect, test } from 'vitest'
import { buildDocument } from '#server/openapi/document'
import { conformance, type Exchange } from '../../support/conformance.ts'

const check = conformance(JSON.parse(JSON.stringify(buildDocument())) as object)
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
  ['the same by a key', { ...drafts([draft]), path: '/v1/drafts?x=1' }],
  ['nothing', deletion],
  ['an error', { ...drafts(error), status: 404 }],
  ['an error of ours, which any route may have', { ...drafts({ ...error, statusCode: 503 }), status: 503 }],
  ['an address that is none', { ...drafts(error), path: '/nothing', status: 404 }],
  ['a method that is none', { ...drafts(error), method: 'PATCH', status: 405 }],
  ['what was sent', creation]
])('conforms: %s', (_, exchange) => {
  expect(() => check(exchange)).not.toThrow()
})

test.each<[string, Exchange]>([
  ['a field that is not described', drafts([{ ...draft, secret: 1 }])],
  ['a field that is missing', drafts([{ ticket_id: draft.ticket_id, ticket_number: 1 }])],
  ['a field of another type', drafts([{ ...draft, ticket_number: '1' }])],
  ['an id that is none', drafts([{ ...draft, ticket_id: '1' }])],
  ['a time that is none', drafts([{ ...draft, updated_at: '2026-11-21 09:00' }])],
  ['an object where a list is described', drafts(draft)],
  ['a status that is not described', { ...drafts(error), status: 409 }],
  ['another content type', { ...drafts([draft]), headers: new Headers({ 'content-type': 'text/html' }) }],
  ['a body where none is described', { ...deletion, body: 'deleted' }],
  ['an error of another shape', { ...drafts({ error: 'not found' }), status: 404 }],
  ['an answer of an address that is not described', { ...drafts([draft]), path: '/teams/x/secrets' }],
  ['a header that is not described', { ...creation, headers: json({ 'x-truncated': 'true' }) }],
  ['a body that was accepted and that the document refuses', { ...creation, sent: { ...creation.sent, colour: 'red' } }]
])('does not conform: %s', (_, exchange) => {
  expect(() => check(exchange)).toThrow()
})
