import postgres, { type TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { impersonate, service, session, type Caller } from '../as.ts'
import { acme, bob } from '../world.ts'
import { cellsOf, type Way } from './cells.ts'
import { matrix, type ResourceName } from './matrix.ts'
import type { ObjectAttempt, Resource, SqlAttempt, TopicAttempt } from './row.ts'

/** A way to try a row: what it needs, what the caller runs, and the table that a refused caller leaves as it is. */
interface Attempt {
  table?: string
  prepare?: (sql: TransactionSql) => Promise<unknown>
  run: (sql: TransactionSql, caller: { id: string }) => Promise<readonly unknown[]>
}

/** Defines a test for each row of a resource that can be tried in the database. Its cells share a transaction, which is rolled back. */
export function describeRights(name: ResourceName): void {
  const resource: Resource = matrix[name]
  if (!resource.rows.some(({ sql, topic, object }) => sql ?? topic ?? object)) return
  describe(`rights on ${name}`, () => {
    for (const row of resource.rows) {
      const attempts: Record<Way, Attempt | undefined> = {
        sql: row.sql,
        topic: row.topic && topicAttempt(row.topic),
        object: row.object && objectAttempt(row.object)
      }
      for (const way of ['sql', 'topic', 'object'] as const) {
        const attempt = attempts[way]
        if (attempt)
          test(`${row.does}: ${row.by.join(', ') || 'nobody'}`, () =>
            session(service, async ({ sql }) => {
              await attempt.prepare?.(sql)
              const before = await digestOf(sql, attempt.table)
              const cells = cellsOf(row, way)
              const outcomes: Record<string, string> = {}
              for (const { principal, caller } of cells) outcomes[principal] = await outcomeOf(sql, caller, attempt, before)
              expect(outcomes).toEqual(
                Object.fromEntries(cells.map(({ principal, isAllowed }) => [principal, isAllowed ? 'does' : 'is refused']))
              )
            }))
      }
    }
  })
}

class Undone extends Error {}

/**
 * What happens when a caller makes an attempt, in a savepoint that is rolled back. A caller "does" it who reads or writes at least one
 * row. A caller "is refused" who gets an error of permissions, or touches no row and leaves the table as it was.
 */
async function outcomeOf(sql: TransactionSql, caller: Caller, { table, run }: Attempt, before: string | undefined): Promise<string> {
  const identity = typeof caller === 'object' && 'id' in caller ? caller : { id: '00000000-0000-0000-0000-000000000000' }
  let outcome = 'is refused'
  try {
    await sql.savepoint(async sql => {
      await impersonate(sql, caller)
      const touched = await run(sql, identity)
      if (touched.length > 0) outcome = 'does'
      else {
        await impersonate(sql, service)
        if ((await digestOf(sql, table)) !== before) outcome = `changes ${table} unseen`
      }
      throw new Undone()
    })
  } catch (error) {
    if (error instanceof postgres.PostgresError) return /^(42501|PT403|PT404)$/.test(error.code) ? 'is refused' : `gets: ${error.message}`
    if (!(error instanceof Undone)) throw error
  }
  return outcome
}

/** A digest of all rows of a table. The table must have rows: an empty one proves nothing. */
async function digestOf(sql: TransactionSql, table: string | undefined): Promise<string | undefined> {
  if (!table) return undefined
  const [row] = await sql.unsafe<[{ digest: string | null }]>(
    `select md5(string_agg(t::text, e'\\n' order by t::text)) as digest from ${table} t`
  )
  expect(row.digest, `${table} has rows`).not.toBeNull()
  return row.digest!
}

/** The realtime server checks policies in this way: it sets the topic, then reads or inserts a message in a transaction it undoes. */
function topicAttempt({ channel, extension, action }: TopicAttempt): Attempt {
  let topic = ''
  return {
    table: 'realtime.messages',
    prepare: async sql => {
      const [row] = await (channel === 'team_topic'
        ? sql<[{ topic: string }]>`select private.team_topic(id, realtime_epoch) as topic from teams where id = ${acme.id}`
        : sql<
            [{ topic: string }]
          >`select private.person_topic(${bob.id}, coalesce((select epoch from private.person_channels where user_id = ${bob.id}), 1)) as topic`)
      topic = row.topic
      await sql`delete from realtime.messages`
      await sql`select realtime.send('{}', 'probe', ${topic}, true)`
      await sql`update realtime.messages set extension = ${extension}`
    },
    run: async sql => {
      await sql`select set_config('realtime.topic', ${topic}, true)`
      if (action === 'receive') return sql`select 1 from realtime.messages where topic = ${topic} limit 1`
      await sql`insert into realtime.messages (topic, extension, event, payload, private) values (${topic}, ${extension}, 'probe', '{}', true)`
      return [topic]
    }
  }
}

function objectAttempt({ bucket, path, action }: ObjectAttempt): Attempt {
  return {
    table: 'storage.objects',
    prepare: async sql => {
      await sql`insert into storage.buckets (id, name) values (${bucket}, ${bucket}) on conflict (id) do nothing`
      await sql`insert into storage.objects (bucket_id, name) values (${bucket}, ${path})`
    },
    run: async sql => {
      if (action === 'list') return sql`select name from storage.objects where bucket_id = ${bucket}`
      if (action === 'read') return sql`select name from storage.objects where bucket_id = ${bucket} and name = ${path}`
      if (action === 'delete') return sql`delete from storage.objects where bucket_id = ${bucket} and name = ${path} returning name`
      return sql`insert into storage.objects (bucket_id, name) values (${bucket}, ${`${path}.other`}) returning name`
    }
  }
}

/** The functions that the statements of a row call. */
export const callsOf = ({ calls = [] }: SqlAttempt): readonly string[] => (typeof calls === 'string' ? [calls] : calls)
