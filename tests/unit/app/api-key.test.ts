import { describe, expect, it } from 'vitest'
import { scopes } from '#shared/permissions'
import { curlSample, isExpired, mayHoldKey, scopeTexts } from '~/utils/api/api-key'

describe('mayHoldKey', () => {
  const me = 'me'

  it('a manager may hold their own keys and keys of members whom they outrank', () => {
    for (const role of ['owner', 'admin'] as const) {
      expect(mayHoldKey(role, me, { id: me, role })).toBe(true)
      expect(mayHoldKey(role, me, { id: 'other', role: 'member' })).toBe(true)
      expect(mayHoldKey(role, me, { id: 'other', role: 'viewer' })).toBe(true)
      expect(mayHoldKey(role, me, { id: 'other', role: 'admin' })).toBe(false)
      expect(mayHoldKey(role, me, { id: 'other', role: 'owner' })).toBe(false)
    }
  })

  it('members and viewers may hold no key, not even their own', () => {
    expect(mayHoldKey('member', me, { id: me, role: 'member' })).toBe(false)
    expect(mayHoldKey('viewer', me, { id: me, role: 'viewer' })).toBe(false)
    expect(mayHoldKey(null, undefined, { id: me, role: 'viewer' })).toBe(false)
  })
})

it('every scope has a description', () => {
  expect(Object.keys(scopeTexts)).toEqual([...scopes])
})

it('a key expires at expires_at, and never when that is null', () => {
  const now = Date.parse('2026-11-21T09:00:00Z')
  expect(isExpired({ expires_at: null }, now)).toBe(false)
  expect(isExpired({ expires_at: '2026-11-21T09:00:01Z' }, now)).toBe(false)
  expect(isExpired({ expires_at: '2026-11-21T09:00:00Z' }, now)).toBe(true)
})

it('the curl sample holds the key and the address of the API', () => {
  expect(curlSample('https://desk.test', 'sk_x')).toContain('curl https://desk.test/api/v1/tickets')
  expect(curlSample('https://desk.test', 'sk_x')).toContain('X-Api-Key: sk_x')
})
