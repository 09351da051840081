import { describe, expect, it } from 'vitest'
import { codeOf, issuesOf, messageOf, statusOf } from '~/utils/app/errors'

function answer(statusCode: number, message: string, data: object) {
  return Object.assign(new Error(`[POST] "/api": ${statusCode}`), {
    name: 'FetchError',
    statusCode,
    data: { statusCode, statusMessage: message, message, data }
  })
}

function authError(status: number, code: string, message: string) {
  return Object.assign(new Error(message), { name: 'AuthApiError', status, code })
}

describe('an error told to a person', () => {
  it('is the sentence of our API, never the line of the HTTP client', () => {
    expect(messageOf(answer(409, 'The last owner cannot leave', { code: 'last_owner' }))).toBe('The last owner cannot leave')
  })

  it('says the same for a wrong password and an unknown address', () => {
    expect(messageOf(authError(400, 'invalid_credentials', 'Invalid login credentials'))).toBe('The e-mail address or password is wrong.')
  })

  it('tells how long to wait', () => {
    expect(messageOf(authError(429, 'over_request_rate_limit', 'Too many attempts. Try again in 42 seconds.'))).toContain('42 seconds')
  })

  it('hides what went wrong inside the server', () => {
    expect(messageOf(answer(500, 'relation "tickets" does not exist', { code: 'internal' }))).not.toContain('relation')
  })

  it('knows a lost connection', () => {
    expect(messageOf(Object.assign(new Error('Failed to fetch'), { name: 'TypeError' }))).toMatch(/connection/)
    expect(messageOf(Object.assign(new Error('fetch failed'), { name: 'AuthRetryableFetchError', status: 0 }))).toMatch(/connection/)
  })
})

describe('an error beside a field', () => {
  it('comes from the issues of our API', () => {
    const issues = [{ path: 'slug', message: 'This address is taken' }]
    expect(issuesOf(answer(422, 'Invalid', { code: 'invalid', issues }))).toEqual(issues)
  })

  it('comes from the reason of the auth server', () => {
    expect(issuesOf(authError(400, 'current_password_invalid', 'Current password required when setting new password.'))[0]?.path).toBe(
      'current_password'
    )
  })

  it("is no field's when the reason is about none", () => {
    expect(issuesOf(answer(403, 'Forbidden', { code: 'forbidden' }))).toEqual([])
  })
})

it('status and code are read from both kinds', () => {
  expect([statusOf(answer(412, 'Stale', { code: 'stale' })), codeOf(answer(412, 'Stale', { code: 'stale' }))]).toEqual([412, 'stale'])
  expect([statusOf(authError(400, 'otp_expired', 'x')), codeOf(authError(400, 'otp_expired', 'x'))]).toEqual([400, 'otp_expired'])
  expect([statusOf(undefined), codeOf('text')]).toEqual([null, null])
})
