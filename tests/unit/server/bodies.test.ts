import { describe, expect, test } from 'vitest'
import type { Operation } from '#server/openapi/describe'
import { nouns } from '#server/openapi/document'
import { bodies, forged } from '../../support/bodies.ts'

// That a route parses by the schema of its description is a test of openapi.test.ts.
const described: Record<string, Operation> = Object.assign({}, ...nouns.map(({ routes }) => routes))

describe.each(Object.entries(bodies))('the body of %s', (route, { valid, fields }) => {
  const issuesOf = (body: unknown) => {
    const { success, error } = described[route]!.body!.safeParse(body)
    return success ? null : error.issues.map(({ path, code }) => ({ path: path.join('.'), code: code as string }))
  }

  test('is accepted where nothing is wrong with it', () => {
    expect(issuesOf(valid)).toBeNull()
  })

  test('has no field that is not described', () => {
    for (const field of forged.filter(field => !Object.hasOwn(fields, field))) {
      expect(issuesOf({ ...valid, [field]: 'x' }), field).toEqual(
        expect.arrayContaining([expect.objectContaining({ code: 'unrecognized_keys' })])
      )
    }
  })

  test.each(Object.keys(fields))('is refused for bad values of %s, at that field', field => {
    for (const value of fields[field]!) {
      const issues = issuesOf({ ...valid, [field]: value })
      const label = `${field}: ${JSON.stringify(value)?.slice(0, 200)}`
      expect(issues, label).not.toBeNull()
      for (const { path } of issues!) expect(path === field || path.startsWith(`${field}.`), `${label}: ${path}`).toBe(true)
    }
  })
})
