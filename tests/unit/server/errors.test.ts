import { describe, expect, test } from 'vitest'
import { databaseFailure } from '#server/db/errors'

const error = (code: string, fields: Record<string, string> = {}) =>
  Object.assign(new Error(fields.message ?? 'relation "secret" violates'), { code, ...fields })

describe('databaseFailure of an error', () => {
  test.each([
    ['23505', 409, 'conflict'],
    ['23503', 400, 'unknown_reference'],
    ['23514', 400, 'invalid'],
    ['42501', 403, 'forbidden'],
    ['22021', 400, 'invalid'],
    ['22P02', 400, 'invalid'],
    ['40P01', 409, 'conflict'],
    ['57014', 503, 'timeout'],
    ['ECONNREFUSED', 503, 'unavailable'],
    ['57P01', 503, 'unavailable'],
    ['53300', 503, 'unavailable']
  ])('an error with code %s becomes %d %s, and its message names no table', (code, statusCode, name) => {
    const failure = databaseFailure(error(code))
    expect(failure).toMatchObject({ statusCode, code: name })
    expect(failure!.message).not.toContain('secret')
  })

  test('an error raised by our own SQL functions keeps its message and code', () => {
    expect(databaseFailure(error('PT409', { message: 'A team needs an owner', detail: 'last_owner' }))).toEqual({
      statusCode: 409,
      code: 'last_owner',
      message: 'A team needs an owner'
    })
    expect(databaseFailure(error('PT400', { message: 'Not an agent of this team', detail: 'assigned_to' }))).toEqual({
      statusCode: 400,
      code: 'invalid',
      message: 'Not an agent of this team',
      path: 'assigned_to'
    })
    expect(databaseFailure(error('PT404', { message: 'No such member' }))).toMatchObject({ statusCode: 404, code: 'not_found' })
    expect(databaseFailure(error('PT403', { message: 'Only owners can remove owners' }))).toEqual({
      statusCode: 403,
      code: 'forbidden',
      message: 'Only owners can remove owners'
    })
    expect(databaseFailure(error('PT403', { message: 'Not with this key', detail: 'scope' }))).toEqual({
      statusCode: 403,
      code: 'scope',
      message: 'Not with this key'
    })
  })

  test('an error from a known constraint names the field', () => {
    expect(databaseFailure(error('23505', { constraint: 'teams_slug_key' }))).toMatchObject({ code: 'slug_taken', path: 'slug' })
  })

  test.each([error('42P01'), error('XX000'), new Error('plain'), { code: '23505' }, null, 'text'])(
    'databaseFailure is undefined for an error that the caller did not cause',
    other => {
      expect(databaseFailure(other)).toBeUndefined()
    }
  )
})
