import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nouns } from '#server/openapi/document'
import { z } from '#shared/schemas/zod'
import { createStorage } from '../../support/browser-storage.ts'

type RequestKeys = typeof import('~/utils/app/request-keys')

const path = '/api/teams/1/tickets/2/replies'

describe('the Idempotency-Key of a POST', () => {
  let keys: RequestKeys

  const reload = async () => {
    vi.resetModules()
    keys = await import('~/utils/app/request-keys')
  }
  beforeEach(async () => {
    vi.useFakeTimers()
    vi.stubGlobal('window', {})
    vi.stubGlobal('localStorage', createStorage())
    await reload()
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('a key is unique, and consists of 32 hex digits', () => {
    const made = new Set(Array.from({ length: 40 }, (_, index) => keys.keyRequest('ann', path, { content: String(index) }).key))
    expect(made.size).toBe(40)
    for (const key of made) expect(key).toMatch(/^[0-9a-f]{32}$/)
  })

  it('a key is reused for the same body until the outcome is known, also after a reload', async () => {
    const first = keys.keyRequest('ann', path, { content: 'Hello' })
    expect(keys.keyRequest('ann', path, { content: 'Hello' })).toEqual(first)
    await reload()
    expect(keys.keyRequest('ann', path, { content: 'Hello' })).toEqual(first)
    keys.settleRequest('ann', path, { content: 'Hello' })
    expect(keys.keyRequest('ann', path, { content: 'Hello' }).key).not.toBe(first.key)
  })

  it('another body, path or person has another key', () => {
    const { key } = keys.keyRequest('ann', path, { content: 'Hello' })
    expect(keys.keyRequest('ann', path, { content: 'Hello!' }).key).not.toBe(key)
    expect(keys.keyRequest('ann', path.replace('2', '3'), { content: 'Hello' }).key).not.toBe(key)
    expect(keys.keyRequest('bob', path, { content: 'Hello' }).key).not.toBe(key)
    expect(keys.keyRequest('ann', path, undefined).key).not.toBe(keys.keyRequest('ann', path, {}).key)
  })

  it('pinned fields keep their values of the first attempt, byte for byte', async () => {
    const pinned = ['base_reply_id', 'draft_version']
    const first = keys.keyRequest(
      'ann',
      path,
      { content: 'Hello', base_reply_id: undefined, draft_version: '1', is_internal: false },
      pinned
    )
    expect(first.body).toEqual({ content: 'Hello', is_internal: false, draft_version: '1' })
    await reload()
    const again = keys.keyRequest('ann', path, { content: 'Hello', base_reply_id: 'mine', draft_version: null, is_internal: false }, pinned)
    expect(again.key).toBe(first.key)
    expect(JSON.stringify(again.body)).toBe(JSON.stringify(first.body))
    expect(
      keys.keyRequest('ann', path, { content: 'Hello', base_reply_id: 'mine', draft_version: null, is_internal: true }, pinned).body
    ).toEqual({ content: 'Hello', is_internal: true, base_reply_id: 'mine', draft_version: null })
  })

  it('a key expires after 23 hours, before the server deletes it', () => {
    vi.setSystemTime('2026-11-28T12:00:00Z')
    const first = keys.keyRequest('ann', path, { content: 'Hello' })
    vi.setSystemTime('2026-11-29T10:59:00Z')
    expect(keys.keyRequest('ann', path, { content: 'Hello' }).key).toBe(first.key)
    vi.setSystemTime('2026-11-29T11:01:00Z')
    expect(keys.keyRequest('ann', path, { content: 'Hello' }).key).not.toBe(first.key)
  })

  it('the key of a body without typed text expires after three minutes: a later press is a new request', () => {
    vi.setSystemTime('2026-11-28T12:00:00Z')
    for (const action of [
      '/api/teams/1/tickets/bulk',
      '/api/teams/1/operations/2/undo',
      '/api/teams/1/notifications/read',
      '/api/teams/1/webhooks/2/test',
      '/api/invitations/token/accept'
    ]) {
      vi.setSystemTime('2026-11-28T12:00:00Z')
      const { key } = keys.keyRequest('ann', action, { all: true })
      vi.setSystemTime('2026-11-28T12:02:00Z')
      expect(keys.keyRequest('ann', action, { all: true }).key).toBe(key)
      vi.setSystemTime('2026-11-28T12:04:00Z')
      expect(keys.keyRequest('ann', action, { all: true }).key).not.toBe(key)
    }
  })

  // A bulk operation holds chosen filters and tags, and a simulation only tries what was typed: pressed again later, they are new requests.
  const isChosen = (route: string) =>
    route === 'POST /teams/[teamId]/tickets/bulk' || route === 'POST /teams/[teamId]/sla-policies/simulate'
  const posts = nouns.flatMap(({ routes }) => Object.entries(routes)).filter(([route]) => route.startsWith('POST '))
  it.each(posts.map(([route, { body }]) => [route, holdsText(body) && !isChosen(route) ? 'hours' : 'minutes'] as const))(
    'a key for %s lives for %s',
    (route, unit) => {
      const address = `/api${route.slice('POST '.length).replace(/\[\w+\]/g, '1')}`
      vi.setSystemTime('2026-11-28T12:00:00Z')
      const { key } = keys.keyRequest('ann', address, { name: 'Typed' })
      vi.setSystemTime('2026-11-29T10:00:00Z')
      expect(
        keys.keyRequest('ann', address, { name: 'Typed' }).key === key ? 'hours' : 'minutes',
        'textPaths of app/utils/request-keys.ts'
      ).toBe(unit)
    }
  )

  it('a key is dropped when its text is abandoned', () => {
    const first = keys.keyRequest('ann', path, { content: 'Thanks' })
    const other = keys.keyRequest('ann', '/api/teams/1/tickets', { subject: 'Hello' })
    keys.abandonRequests('ann', path)
    expect(keys.keyRequest('ann', path, { content: 'Thanks' }).key).not.toBe(first.key)
    expect(keys.keyRequest('ann', '/api/teams/1/tickets', { subject: 'Hello' })).toEqual(other)
  })

  it('a key stores neither text nor password in the browser', () => {
    keys.keyRequest('ann', '/api/teams/1/api-keys', { name: 'Confidential name', password: 'correct horse' })
    const stored = localStorage.getItem('requests:ann')!
    expect(stored).not.toMatch(/Confidential|correct/)
    localStorage.clear()
    keys.settleRequest('ann', '/api/teams/1/api-keys', { name: 'Confidential name', password: 'correct horse' })
    keys.keyRequest('ann', '/api/teams/1/api-keys', { name: 'Confidential name', password: 'another' })
    expect(Object.keys(JSON.parse(localStorage.getItem('requests:ann')!) as object)).toEqual(Object.keys(JSON.parse(stored) as object))
  })

  it('a key is kept in memory when the storage is full, and replaces invalid stored JSON', () => {
    vi.stubGlobal('localStorage', createStorage(10))
    const first = keys.keyRequest('ann', path, { content: 'Hello' })
    expect(keys.keyRequest('ann', path, { content: 'Hello' })).toEqual(first)
    vi.stubGlobal('localStorage', createStorage())
    localStorage.setItem('requests:bob', '{nonsense')
    expect(keys.keyRequest('bob', path, { content: 'Hello' }).key).toMatch(/^[0-9a-f]{32}$/)
  })

  it('a key is forgotten when another person signs in', () => {
    const first = keys.keyRequest('ann', path, { content: 'Hello' })
    localStorage.clear()
    keys.forgetRequestsOfOthers('bob')
    expect(keys.keyRequest('ann', path, { content: 'Hello' }).key).not.toBe(first.key)
  })

  it.each([
    [null, true],
    [500, true],
    [503, true],
    [429, true],
    [401, true],
    [408, true],
    [400, false],
    [403, false],
    [404, false],
    [409, false],
    [422, false]
  ])('the outcome of a request is unknown after status %s: %s', (status, isOpen) => {
    expect(keys.isOutcomeUnknown(status)).toBe(isOpen)
  })
})

// Whether a body may hold typed text: a string that is no enum, id or date.
function holdsText(body: z.ZodType | undefined): boolean {
  return body !== undefined && hasFreeString(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' }))
}

function hasFreeString(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false
  const { type, format, enum: choices, const: constant } = schema as Record<string, unknown>
  if (type === 'string' && !choices && constant === undefined && !['uuid', 'date', 'date-time'].includes(String(format))) return true
  return Object.values(schema).some(hasFreeString)
}
