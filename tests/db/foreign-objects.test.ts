import { describe, expect, test } from 'vitest'
import { as, readTable, service, session } from '../support/as.ts'
import { columnCases, functionCases, type ForeignObjectCase } from '../support/foreign-objects.ts'
import { ivan, unknownId } from '../support/world.ts'

describe('ids of another team', () => {
  test('every security definer function with a uuid argument has a case', async () => {
    const functions = await as(
      service,
      sql => sql<{ name: string }[]>`
      select distinct case when pronamespace = 'portal'::regnamespace then 'portal.' else '' end || proname as name from pg_proc
      where pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'portal'::regnamespace) and prosecdef
        and (has_function_privilege('authenticated', oid, 'execute') or has_function_privilege('anon', oid, 'execute'))
        and proargtypes::oid[] && array['uuid'::regtype::oid, 'uuid[]'::regtype::oid] order by 1`
    )
    expect(
      Object.keys(functionCases)
        .filter(name => !name.includes(' '))
        .sort(),
      'cases in tests/support/foreign-objects.ts'
    ).toEqual(functions.map(({ name }) => name).sort())
  })

  test('every writable column with a foreign key has a case', async () => {
    const columns = await as(
      service,
      sql => sql<{ name: string }[]>`
      select distinct key.conrelid::regclass::text || '.' || attribute.attname as name
      from pg_constraint as key
      join pg_attribute as attribute on attribute.attrelid = key.conrelid and attribute.attnum = any (key.conkey)
      where key.contype = 'f' and key.connamespace = 'public'::regnamespace and attribute.attname <> 'team_id'
        and (has_column_privilege('authenticated', key.conrelid, attribute.attnum, 'insert')
        or has_column_privilege('authenticated', key.conrelid, attribute.attnum, 'update'))
      order by 1`
    )
    expect(Object.keys(columnCases).sort(), 'cases in tests/support/foreign-objects.ts').toEqual(columns.map(({ name }) => name).sort())
  })

  for (const [name, cases] of [...Object.entries(functionCases), ...Object.entries(columnCases)]) {
    test.each(cases)(`${name} answers alike for an unknown id and a foreign one: $object`, one =>
      session(service, async ({ sql, become, as }) => {
        await one.prepare?.(sql)
        const before = await readEverything(sql)
        await become(one.by ?? ivan)
        const answers = []
        for (const id of [unknownId, one.foreign]) answers.push(await attempt(sql, one, id))
        expect(answers[1], 'the answers to a foreign id and to an unknown id').toEqual(answers[0])
        expect(await as(service, readEverything)).toEqual(before)
      })
    )
  }
})

type Sql = Parameters<ForeignObjectCase['run']>[0]

/** Runs a case with an id and returns the error, or "nothing" for the expected rows. */
async function attempt(sql: Sql, { run, answer }: ForeignObjectCase, id: string): Promise<unknown> {
  try {
    const rows = await sql.savepoint(sql => run(sql, id))
    expect([...rows]).toEqual(answer === undefined ? [] : [answer])
    return 'nothing'
  } catch (error) {
    const { code, message, detail, constraint_name } = error as {
      code?: string
      message: string
      detail?: string
      constraint_name?: string
    }
    if (code === undefined) throw error
    expect(code, message).toMatch(/^(PT4\d\d|42501|23503)$/)
    // The detail of a foreign key error repeats the id that was sent.
    return { code, message, detail: code === '23503' ? constraint_name : detail }
  }
}

/** Every row of every table. */
async function readEverything(sql: Sql): Promise<Record<string, string[]>> {
  const tables = await sql<{ name: string }[]>`
    select oid::regclass::text as name from pg_class
    where relkind = 'r' and relnamespace in ('public'::regnamespace, 'private'::regnamespace) order by 1`
  const rows: Record<string, string[]> = {}
  for (const { name } of tables) rows[name] = await readTable(sql, name)
  return rows
}
