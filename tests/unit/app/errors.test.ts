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

describe('messageOf an error', () => {
  it('the message is the one of our API, never the line of the HTTP client', () => {
    expect(messageOf(answer(409, 'The last owner cannot leave', { code: 'last_owner' }))).toBe('The last owner cannot leave')
  })

  it('invalid credentials have our own sentence', () => {
    expect(messageOf(authError(400, 'invalid_credentials', 'Invalid login credentials'))).toBe('The e-mail address or password is wrong.')
  })

  it('the message says how long to wait after too many attempts', () => {
    expect(messageOf(authError(429, 'over_request_rate_limit', 'Too many attempts. Try again in 42 seconds.'))).toContain('42 seconds')
  })

  it('the message hides internal errors of the server', () => {
    expect(messageOf(answer(500, 'relation "tickets" does not exist', { code: 'internal' }))).not.toContain('relation')
  })

  it('the message names a lost connection', () => {
    expect(messageOf(Object.assign(new Error('Failed to fetch'), { name: 'TypeError' }))).toMatch(/connection/)
    expect(messageOf(Object.assign(new Error('fetch failed'), { name: 'AuthRetryableFetchError', status: 0 }))).toMatch(/connection/)
  })
})

describe('issuesOf an error', () => {
  it('issues are those of our API', () => {
    const issues = [{ path: 'slug', message: 'This address is already taken' }]
    expect(issuesOf(answer(422, 'Invalid', { code: 'invalid', issues }))).toEqual(issues)
  })

  it('an error code of the auth server becomes an issue with its field', () => {
    expect(issuesOf(authError(400, 'current_password_invalid', 'Current password required when setting new password.'))[0]?.path).toBe(
      'current_password'
    )
  })

  it('an error that concerns no field has no issues', () => {
    expect(issuesOf(answer(403, 'Forbidden', { code: 'forbidden' }))).toEqual([])
  })
})

it('statusOf and codeOf read errors of the API and of the auth server', () => {
  expect([statusOf(answer(412, 'Stale', { code: 'stale' })), codeOf(answer(412, 'Stale', { code: 'stale' }))]).toEqual([412, 'stale'])
  expect([statusOf(authError(400, 'otp_expired', 'x')), codeOf(authError(400, 'otp_expired', 'x'))]).toEqual([400, 'otp_expired'])
  expect([statusOf(undefined), codeOf('text')]).toEqual([null, null])
})
