import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isEmbedded, startBackend } from './support/backend.ts'
import type { Backend } from './support/backend.ts'
import { collectBroadcasts, closeClients, join, listen, openClient } from './support/client.ts'
import { Collector } from './support/collector.ts'
import { closeRawSockets, openRaw } from './support/raw-socket.ts'
import { createTable, dropTables, uniqueName } from './support/tables.ts'

let backend: Backend

beforeAll(async () => {
  backend = await startBackend()
}, 60_000)

afterEach(async () => {
  await closeClients()
  closeRawSockets()
})

afterAll(async () => {
  await dropTables(backend)
  await backend.stop()
})

describe('postgres_changes', () => {
  test('11. the join reply echoes each subscription with an id, and a system message confirms them', async () => {
    const table = await createTable(backend, 'id int primary key')
    const raw = await openRaw(backend)
    const name = uniqueName()
    const params = [
      { event: '*', schema: 'public', table, filter: 'id=gt.1' },
      { event: 'INSERT', schema: 'public', table }
    ]
    const [, , , , reply] = await raw.join(`realtime:${name}`, { postgres_changes: params })
    const { response } = reply as { response: { postgres_changes: { id: number }[] } }
    expect(response.postgres_changes).toMatchObject(params)
    for (const { id } of response.postgres_changes) expect(id).toBeGreaterThan(0)
    expect(new Set(response.postgres_changes.map(({ id }) => id)).size).toBe(2)
    const { systems } = await listen(await openClient(backend), name, { table })
    expect(systems.items[0]).toEqual({ extension: 'postgres_changes', status: 'ok', message: 'Subscribed to PostgreSQL', channel: name })
  })

  test.runIf(isEmbedded)('12. a row that is inserted right after SUBSCRIBED is delivered in each of 50 runs', async () => {
    const table = await createTable(backend, 'id int primary key')
    const client = await openClient(backend)
    for (let run = 1; run <= 50; run++) {
      const changes = new Collector<Record<string, unknown>>()
      const channel = client.channel(`${uniqueName()}`)
      channel.on('postgres_changes', { event: 'INSERT', schema: 'public', table }, change => changes.push(change.new))
      await join(channel)
      await backend.sql`insert into ${backend.sql(table)} values (${run})`
      expect(await changes.take(1)).toEqual([{ id: run }])
      await channel.unsubscribe()
    }
  })

  test('13. an INSERT has schema, table, event type, commit time and the new row', async () => {
    const table = await createTable(backend, 'id int primary key, subject text')
    const { changes } = await listen(await openClient(backend), uniqueName(), { table })
    await backend.sql`insert into ${backend.sql(table)} values (1, null)`
    const [change] = await changes.take(1)
    expect(change).toMatchObject({ eventType: 'INSERT', schema: 'public', table, errors: null })
    expect(change?.new).toEqual({ id: 1, subject: null })
    expect(change?.old).toEqual({})
    expect(change?.commit_timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
    expect(Math.abs(Date.parse(change?.commit_timestamp ?? '') - Date.now())).toBeLessThan(60_000)
  })

  test('14. an UPDATE has the new row and the primary key of the old row', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, subject text')
    const { changes } = await listen(await openClient(backend), uniqueName(), { table })
    await sql`insert into ${sql(table)} values (1, 'a')`
    await sql`update ${sql(table)} set subject = 'b'`
    await sql`update ${sql(table)} set id = 2`
    const [, content, key] = await changes.take(3)
    expect([content?.new, content?.old]).toEqual([{ id: 1, subject: 'b' }, { id: 1 }])
    expect([key?.new, key?.old]).toEqual([{ id: 2, subject: 'b' }, { id: 1 }])
  })

  test('15. with replica identity FULL an UPDATE has all old values, with and without row-level security', async () => {
    const { sql } = backend
    for (const rls of [true, false]) {
      const table = await createTable(backend, 'id int primary key, subject text', { identity: 'full', rls })
      if (rls) await sql.unsafe(`create policy everyone on public.${table} for select using (true)`)
      const { changes } = await listen(await openClient(backend), uniqueName(), { table })
      await sql`insert into ${sql(table)} values (1, 'a')`
      await sql`update ${sql(table)} set subject = 'b'`
      const [, update] = await changes.take(2)
      expect([update?.new, update?.old]).toEqual([
        { id: 1, subject: 'b' },
        { id: 1, subject: 'a' }
      ])
    }
  })

  test('16. a DELETE has the key; the old row only with replica identity FULL and without row-level security', async () => {
    const { sql } = backend
    const cases = [
      { identity: 'default', rls: false, old: { id: 1 } },
      { identity: 'full', rls: true, old: { id: 1 } },
      { identity: 'full', rls: false, old: { id: 1, subject: 'a' } }
    ] as const
    for (const { identity, rls, old } of cases) {
      const table = await createTable(backend, 'id int primary key, subject text', { identity, rls })
      const { changes } = await listen(await openClient(backend), uniqueName(), { table, event: 'DELETE' })
      await sql`insert into ${sql(table)} values (1, 'a')`
      await sql`delete from ${sql(table)}`
      const [change] = await changes.take(1)
      expect(change).toMatchObject({ eventType: 'DELETE', new: {} })
      expect(change?.old).toEqual(old)
    }
  })

  test('17. values have the format of to_jsonb, except bytea', async () => {
    const { sql } = backend
    const kind = uniqueName('conformance_type')
    await sql
      .unsafe(
        `
      create type public.${kind}_status as enum ('open', 'closed');
      create type public.${kind}_pair as (a int, b text, c timestamptz);
      create domain public.${kind}_count as int check (value > 0);
    `
      )
      .simple()
    try {
      const columns = `id int8 primary key, s int2, n numeric, nan numeric, f float8, inf float8, b bool, t text, v varchar(9), u uuid, j json, jb jsonb,
        ts timestamp, tz timestamptz, far timestamptz, d date, ti time, iv interval, e ${kind}_status, ia int[], ta text[], ua uuid[], tza timestamptz[], ja jsonb[],
        ea ${kind}_status[], na numeric[], ba bool[], matrix int[], bounds int[], empty text[], pair ${kind}_pair, pairs ${kind}_pair[], dom ${kind}_count,
        ip inet, r int4range, o oid, nothing text`
      const table = await createTable(backend, columns)
      const { changes } = await listen(await openClient(backend), uniqueName(), { table })
      await sql.unsafe(`insert into public.${table} values (
        42, -7, 12.5, 'NaN', 0.1, 'Infinity', true, 'hé "q" \\ \t', 'x', '6f0f1d1e-0000-4000-8000-00000000000a', '{"a": [1, 2]}', '{"b": {"c": null}}',
        '2026-11-20 10:00:00.123456', '2026-11-20 10:00:00.1+02', 'infinity', '2026-11-20', '10:00:00.5', '1 day 02:03:04', 'open', '{1,NULL,3}',
        array['a', 'b,c', 'd"e', 'NULL', null, '', 'f\\g', '{h}'], '{6f0f1d1e-0000-4000-8000-00000000000a}', array['2026-11-20 10:00:00.1+02'::timestamptz], array['{"a": "b,\\"c"}'::jsonb],
        '{open,closed}', '{1.50,NaN}', '{t,f}', '{{1,2},{3,4}}', '[2:3]={5,6}', '{}', row(1, 'x, "y" (z) \\', '2026-11-20 10:00:00+00'),
        array[row(1, 'a', null)::${kind}_pair], 5, '10.0.0.1/8', '[1,5)', 42, null)`)
      const expected = await sql.begin(async transaction => {
        await transaction`set local time zone 'UTC'`
        const [row] = await transaction<{ text: string }[]>`select to_jsonb(whole)::text as text from ${transaction(table)} whole`
        return JSON.parse(row?.text ?? '') as Record<string, unknown>
      })
      const [change] = await changes.take(1)
      // The client converts values of numeric types to numbers.
      expect(change?.new).toEqual({ ...expected, inf: Infinity, o: 42 })
    } finally {
      await sql
        .unsafe(`drop type public.${kind}_pair cascade; drop type public.${kind}_status cascade; drop domain public.${kind}_count cascade`)
        .simple()
    }
    const bytes = await createTable(backend, 'id int primary key, data bytea')
    const { changes } = await listen(await openClient(backend), uniqueName(), { table: bytes })
    await sql`insert into ${sql(bytes)} values (1, '\\x0102ff')`
    expect((await changes.take(1))[0]?.new).toEqual({ id: 1, data: '0102ff' })
  })

  test('18. the frame has large integers and decimals as exact JSON numbers', async () => {
    const table = await createTable(backend, 'id int8 primary key, amount numeric')
    const raw = await openRaw(backend)
    await raw.join(`realtime:${uniqueName()}`, { postgres_changes: [{ event: '*', schema: 'public', table }] })
    await raw.frames.find(([, , , event]) => event === 'system', 10_000)
    await backend.sql`insert into ${backend.sql(table)} values (9007199254740993, 12.50)`
    const text = await raw.texts.find(text => text.includes('"postgres_changes"') && text.includes('"record"'))
    expect(text).toMatch(/"id":\s*9007199254740993\b/)
    expect(text).toMatch(/"amount":\s*12\.50\b/)
  })

  test('19. a change lists its columns in table order with their type names', async () => {
    const table = await createTable(backend, 'zeta int8 primary key, tags text[], alpha bool, at timestamptz')
    const raw = await openRaw(backend)
    await raw.join(`realtime:${uniqueName()}`, { postgres_changes: [{ event: '*', schema: 'public', table }] })
    await raw.frames.find(([, , , event]) => event === 'system', 10_000)
    await backend.sql`insert into ${backend.sql(table)} values (1)`
    const frame = await raw.frames.find(([, , , event]) => event === 'postgres_changes')
    expect((frame[4].data as { columns: unknown }).columns).toEqual([
      { name: 'zeta', type: 'int8' },
      { name: 'tags', type: '_text' },
      { name: 'alpha', type: 'bool' },
      { name: 'at', type: 'timestamptz' }
    ])
  })

  test('20. each subscription gets its own event types; two subscriptions of one channel share a frame', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key')
    const channel = (await openClient(backend)).channel(uniqueName())
    const [inserts, all] = [new Collector<string>(), new Collector<string>()]
    channel.on('postgres_changes', { event: 'INSERT', schema: 'public', table }, ({ eventType }) => inserts.push(eventType))
    channel.on('postgres_changes', { event: '*', schema: 'public', table }, ({ eventType }) => all.push(eventType))
    const { systems } = await join(channel)
    await systems.take(1)
    const raw = await openRaw(backend)
    await raw.join(`realtime:${uniqueName()}`, {
      postgres_changes: [
        { event: 'INSERT', schema: 'public', table },
        { event: '*', schema: 'public', table }
      ]
    })
    await raw.frames.find(([, , , event]) => event === 'system', 10_000)
    await sql`insert into ${sql(table)} values (1)`
    await sql`update ${sql(table)} set id = 2`
    await sql`delete from ${sql(table)}`
    await all.take(3)
    expect(all.items).toEqual(['INSERT', 'UPDATE', 'DELETE'])
    expect(inserts.items).toEqual(['INSERT'])
    await raw.frames.until(frames => frames.filter(([, , , event]) => event === 'postgres_changes').length === 3, 5_000)
    expect(
      raw.frames.items.filter(([, , , event]) => event === 'postgres_changes').map(([, , , , { ids }]) => (ids as number[]).length)
    ).toEqual([2, 1, 1])
  })

  test('21. a subscription can name a schema, all schemas or only a table; an unpublished table is refused', async () => {
    const { sql } = backend
    const [table, other, hidden] = [
      await createTable(backend, 'id int primary key'),
      await createTable(backend, 'id int primary key'),
      await createTable(backend, 'id int primary key', { published: false })
    ]
    const client = await openClient(backend)
    const everything = await listen(client, uniqueName(), { schema: '*', table: undefined })
    const schema = await listen(client, uniqueName(), { schema: 'public' })
    const bare = await listen(client, uniqueName(), { schema: undefined, table })
    const channel = client.channel(uniqueName(), { config: { broadcast: { self: true, ack: true } } })
    const received = collectBroadcasts(channel)
    channel.on('postgres_changes', { event: '*', schema: 'public', table: hidden }, () => undefined)
    const refused = await join(channel)
    await sql`insert into ${sql(table)} values (1)`
    await sql`insert into ${sql(other)} values (2)`
    for (const { changes } of [everything, schema]) {
      const ours = (items: { table: string }[]) => items.filter(change => [table, other].includes(change.table))
      await changes.until(items => ours(items).length === 2, 5_000)
      expect(ours(changes.items).map(change => change.table)).toEqual([table, other])
    }
    await bare.changes.take(1)
    expect(bare.changes.items.map(change => change.table)).toEqual([table])
    const system = await refused.systems.find(({ status }) => status === 'error', 10_000)
    expect(system.extension).toBe('postgres_changes')
    expect(system.message).toContain(
      `Unable to subscribe to changes with given parameters. Please check Realtime is enabled for the given connect parameters: [event: *, schema: public, table: ${hidden}, filters: [], select: nil]`
    )
    expect(await channel.send({ type: 'broadcast', event: 'still here', payload: {} })).toBe('ok')
    await received.take(1)
  })

  test('with replica identity USING INDEX a DELETE can be filtered by the columns of the index', async () => {
    const { sql } = backend
    const table = await createTable(
      backend,
      'id int primary key, team int not null, subject text, shout text generated always as (upper(subject)) stored, unique (team, id)',
      { rls: true }
    )
    await sql
      .unsafe(
        `
      alter table public.${table} replica identity using index ${table}_team_id_key;
      create policy everyone on public.${table} for select using (true);
    `
      )
      .simple()
    const { changes } = await listen(await openClient(backend), uniqueName(), { table, filter: 'team=eq.1' })
    const { changes: all } = await listen(await openClient(backend), uniqueName(), { table })
    await sql`insert into ${sql(table)} values (1, 1, 'a'), (2, 2, 'b')`
    await all.take(2)
    await sql`update ${sql(table)} set subject = 'c'`
    await all.take(4)
    await sql`delete from ${sql(table)}`
    await all.take(6)
    await changes.take(3)
    expect(changes.items.map(change => [change.eventType, change.new, change.old])).toEqual([
      ['INSERT', { id: 1, team: 1, subject: 'a' }, {}],
      ['UPDATE', { id: 1, team: 1, subject: 'c' }, { id: 1, team: 1 }],
      ['DELETE', {}, { id: 1 }]
    ])
  })

  test('30. a change over 1 MiB arrives with an error and without its large values', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, small text, large text')
    const { changes } = await listen(await openClient(backend), uniqueName(), { table })
    await sql`insert into ${sql(table)} values (1, 'kept', repeat('x', 1048577))`
    const [change] = await changes.take(1)
    expect(change?.errors).toEqual(['Error 413: Payload Too Large'])
    expect(change?.new).toEqual({ id: 1, small: 'kept' })
  })

  test('32. changes arrive completely and in commit order, and none of a rolled back transaction arrives', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key')
    const { changes } = await listen(await openClient(backend), uniqueName(), { table })
    await sql
      .begin(async transaction => {
        await transaction`insert into ${transaction(table)} values (0)`
        throw new Error('roll back')
      })
      .catch((error: Error) => expect(error.message).toBe('roll back'))
    await sql`insert into ${sql(table)} select generate_series(1, 1000)`
    const [early, late] = await Promise.all([sql.reserve(), sql.reserve()])
    try {
      await early`begin`
      await early`insert into ${early(table)} values (2000)`
      await late`insert into ${late(table)} values (1500)`
      await early`commit`
    } finally {
      early.release()
      late.release()
    }
    await changes.take(1002, 10_000)
    expect(changes.items.map(change => change.new.id)).toEqual([...Array.from({ length: 1000 }, (_, position) => position + 1), 1500, 2000])
  })

  test('34. an UPDATE omits an unchanged TOASTed value, unless the replica identity is FULL', async () => {
    const { sql } = backend
    for (const identity of ['default', 'full'] as const) {
      const table = await createTable(backend, 'id int primary key, n int, large text', { identity })
      await sql.unsafe(`alter table public.${table} alter large set storage external`)
      const { changes } = await listen(await openClient(backend), uniqueName(), { table, event: 'UPDATE' })
      await sql`insert into ${sql(table)} values (1, 1, repeat('x', 10000))`
      await sql`update ${sql(table)} set n = 2`
      const [change] = await changes.take(1)
      expect(change?.new).toEqual({ id: 1, n: 2, ...(identity === 'full' ? { large: 'x'.repeat(10_000) } : {}) })
    }
  })
})
