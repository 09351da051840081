import { describe, expect, test } from 'vitest'
import type { Operation } from '#server/openapi/describe'
import { nouns } from '#server/openapi/document'
import { bodies, forgedFields } from '../../support/bodies.ts'

// openapi.test.ts checks that each route parses its body by the schema of its description.
const described: Record<string, Operation> = Object.assign({}, ...nouns.map(({ routes }) => routes))

describe.each(Object.entries(bodies))('the body of %s', (route, { valid, fields }) => {
  const issuesOf = (body: unknown) => {
    const { success, error } = described[route]!.body!.safeParse(body)
    return success ? null : error.issues.map(({ path, code }) => ({ path: path.join('.'), code: code as string }))
  }

  test('a valid body is accepted', () => {
    expect(issuesOf(valid)).toBeNull()
  })

  test('a body with a field that is not described is refused', () => {
    for (const field of forgedFields.filter(field => !Object.hasOwn(fields, field))) {
      expect(issuesOf({ ...valid, [field]: 'x' }), field).toEqual(
        expect.arrayContaining([expect.objectContaining({ code: 'unrecognized_keys' })])
      )
    }
  })

  test.each(Object.keys(fields))('invalid values of %s are refused with the path of that field', field => {
    for (const value of fields[field]!) {
      const issues = issuesOf({ ...valid, [field]: value })
      const label = `${field}: ${JSON.stringify(value)?.slice(0, 200)}`
      expect(issues, label).not.toBeNull()
      for (const { path } of issues!) expect(path === field || path.startsWith(`${field}.`), `${label}: ${path}`).toBe(true)
    }
  })
})
