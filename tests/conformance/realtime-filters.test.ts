import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startBackend } from './support/backend.ts'
import type { Backend } from './support/backend.ts'
import { collectBroadcasts, closeClients, join, listen, openClient } from './support/client.ts'
import { createTable, dropTables, uniqueName } from './support/tables.ts'

let backend: Backend

beforeAll(async () => {
  backend = await startBackend()
}, 60_000)

afterEach(closeClients)

afterAll(async () => {
  await dropTables(backend)
  await backend.stop()
})

const rows = `values
  (1, 5, 'Apple', true, 1.5, '2026-01-01'::timestamptz, 'open'),
  (2, 10, 'banana', false, 2.5, '2026-06-01', 'closed'),
  (3, null, null, null, null, null, null),
  (4, -3, 'a,b (c)', true, 10, '2027-01-01', 'open')`
const columns = 'id int primary key, n int, name text, flag bool, price numeric, at timestamptz, state text'
/** Each filter with the ids of the `rows` that it matches. */
const filters: [filter: string, ids: number[]][] = [
  ['n=eq.5', [1]],
  ['n=eq.+5', [1]],
  ['n=not.eq.5', [2, 4]],
  ['n=neq.5', [2, 4]],
  ['n=not.neq.5', [1]],
  ['n=lt.5', [4]],
  ['n=not.lt.5', [1, 2]],
  ['n=lte.5', [1, 4]],
  ['n=not.lte.5', [2]],
  ['n=gt.5', [2]],
  ['n=not.gt.5', [1, 4]],
  ['n=gte.5', [1, 2]],
  ['n=not.gte.5', [4]],
  ['n=in.(5,-3)', [1, 4]],
  ['n=not.in.(5,-3)', [2]],
  ['name=in.(banana,"a,b (c)")', [2, 4]],
  ['name=like.A%', [1]],
  ['name=not.like.A%', [2, 4]],
  ['name=ilike.a%', [1, 4]],
  ['name=not.ilike.a%', [2]],
  ['name=match.^[ab]', [2, 4]],
  ['name=not.match.^[ab]', [1]],
  ['name=imatch.^a', [1, 4]],
  ['name=not.imatch.^a', [2]],
  ['n=is.null', [3]],
  ['n=not.is.null', [1, 2, 4]],
  ['flag=is.true', [1, 4]],
  ['flag=not.is.true', [2, 3]],
  ['flag=is.unknown', [3]],
  ['flag=eq.true', [1, 4]],
  ['n=isdistinct.5', [2, 3, 4]],
  ['n=not.isdistinct.5', [1]],
  ['name=eq."a,b (c)"', [4]],
  ['price=eq.1.50', [1]],
  ['price=gt.9', [4]],
  ['at=gte.2026-06-01T02:00:00+02:00', [2, 4]],
  ['at=eq.2026-01-01', [1]],
  ['flag=eq.true,n=gt.0', [1]],
  ['name=neq."a,b (c)",state=eq.open', [1]],
  ['n=gte.0,n=lte.10,name=ilike.%an%', [2]]
]

describe('filters of postgres_changes', () => {
  test('22, 23. filters support all operators, negation, AND and quoted values; null matches only is and isdistinct', async () => {
    const { sql } = backend
    const table = await createTable(backend, columns)
    const client = await openClient(backend)
    const listening = await Promise.all(
      filters.map(async ([filter]) => {
        const joined = await listen(client, uniqueName(), { table, filter, event: 'INSERT' }, { table, filter: 'id=eq.99' })
        expect(joined.systems.items[0], filter).toMatchObject({ status: 'ok' })
        return joined
      })
    )
    await sql.unsafe(`insert into public.${table} ${rows}`)
    await sql`insert into ${sql(table)} (id) values (99)`
    for (const [position, { changes }] of listening.entries()) {
      await changes.find(change => change.new.id === 99)
      const [filter, ids] = filters[position] ?? ['', []]
      expect(
        changes.items.map(change => change.new.id).filter(id => id !== 99),
        filter
      ).toEqual(ids)
    }
  })

  test('24. an invalid filter is refused in a system message, and the channel stays open', async () => {
    const table = await createTable(backend, columns)
    const refused: [filter: string, message: RegExp][] = [
      ['n=wrong.5', /Error parsing `filter` params/],
      ['n', /Error parsing `filter` params/],
      ['n=in.5', /`in` filter value must be wrapped by parentheses/],
      [`n=in.(${Array.from({ length: 101 }, (_, n) => n).join(',')})`, /Error parsing `filter` params|Unable to subscribe/],
      ['n=eq.5,', /must not contain empty segments/],
      ['nothing=eq.5', /invalid column for filter nothing/],
      ['n=eq.five', /Unable to subscribe/],
      ['name=match.[', /Unable to subscribe/],
      ['n=is.true', /Unable to subscribe/],
      ['n=like.5%', /Unable to subscribe/]
    ]
    const client = await openClient(backend)
    await Promise.all(
      refused.map(async ([filter, message]) => {
        const channel = client.channel(uniqueName(), { config: { broadcast: { self: true, ack: true } } })
        const received = collectBroadcasts(channel)
        channel.on('postgres_changes', { event: '*', schema: 'public', table, filter }, () => undefined)
        const { systems, statuses } = await join(channel)
        const system = await systems.find(({ status }) => status === 'error', 10_000)
        expect(system).toMatchObject({ extension: 'postgres_changes' })
        expect(system.message, filter).toMatch(message)
        await channel.send({ type: 'broadcast', event: 'still here', payload: {} })
        await received.take(1)
        expect(statuses.items.map(({ status }) => status)).toEqual(['SUBSCRIBED'])
      })
    )
  })

  test('25. an UPDATE is delivered when the new row matches the filter, regardless of the old row', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, state text', { identity: 'full' })
    const { changes } = await listen(await openClient(backend), uniqueName(), { table, event: 'UPDATE', filter: 'state=eq.open' })
    await sql`insert into ${sql(table)} values (1, 'open'), (2, 'closed')`
    await sql`update ${sql(table)} set state = 'closed' where id = 1`
    await sql`update ${sql(table)} set state = 'open' where id = 2`
    await changes.take(1)
    expect(changes.items.map(change => change.new)).toEqual([{ id: 2, state: 'open' }])
  })

  test('26. a filter on a DELETE matches only columns of the replica identity', async () => {
    const { sql } = backend
    const cases = [
      ['default', []],
      ['full', [1]]
    ] as const
    for (const [identity, ids] of cases) {
      const table = await createTable(backend, 'id int primary key, state text', { identity })
      const client = await openClient(backend)
      const filtered = await listen(
        client,
        uniqueName(),
        { table, event: 'DELETE', filter: 'state=eq.open' },
        { table, filter: 'id=eq.99', event: 'DELETE' }
      )
      await sql`insert into ${sql(table)} values (1, 'open'), (2, 'closed'), (99, 'last')`
      await sql`delete from ${sql(table)} where id = 1`
      await sql`delete from ${sql(table)} where id = 2`
      await sql`delete from ${sql(table)} where id = 99`
      await filtered.changes.find(change => change.old.id === 99)
      expect(filtered.changes.items.map(change => change.old.id)).toEqual([...ids, 99])
    }
  })

  test('27. a change has the selected columns and the key; a selection requires a table name', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, subject text, body text')
    const client = await openClient(backend)
    const { changes } = await listen(client, uniqueName(), { table, select: ['subject'] })
    const refused = await listen(client, uniqueName(), { table: '*', select: ['subject'] })
    expect(refused.systems.items[0]).toMatchObject({ status: 'error', extension: 'postgres_changes' })
    expect(refused.systems.items[0]?.message).toContain('Column selection is not supported for wildcard subscriptions.')
    await sql`insert into ${sql(table)} values (1, 'a', 'b')`
    expect((await changes.take(1))[0]?.new).toEqual({ id: 1, subject: 'a' })
  })
})
