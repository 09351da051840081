import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { isEmbedded, startBackend } from './support/backend.ts'
import type { Backend } from './support/backend.ts'
import { closeClients, listen, openClient } from './support/client.ts'
import { createPerson, sign } from './support/people.ts'
import { closeRawSockets, openRaw } from './support/raw-socket.ts'
import { allowTeam, createTable, dropTables, uniqueName } from './support/tables.ts'

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

describe('row-level security of postgres_changes', () => {
  test('28. a subscriber receives changes of rows that it may see, and of other rows only the DELETE', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, team text, n int', { rls: true })
    await allowTeam(backend, table)
    const [ann, dan] = await Promise.all([createPerson(backend, { team: 'a' }), createPerson(backend, { team: 'd' })])
    const [annChanges, danChanges, anonymousChanges, serviceChanges] = await Promise.all(
      [
        openClient(backend, { token: ann.token }),
        openClient(backend, { token: dan.token }),
        openClient(backend),
        openClient(backend, { key: backend.secretKey })
      ].map(async client => (await listen(await client, uniqueName(), { table })).changes)
    )
    // Row-level security is checked on the current row, so each change must wait for the delivery of the previous one.
    const waitForChanges = (count: number) => serviceChanges?.take(count)
    await sql`insert into ${sql(table)} values (1, 'a', 0), (2, 'd', 0)`
    await waitForChanges(2)
    await sql`update ${sql(table)} set n = 1`
    await waitForChanges(4)
    await sql`update ${sql(table)} set team = 'd' where id = 1`
    await waitForChanges(5)
    await sql`delete from ${sql(table)} where id = 2`
    const seen = (changes: typeof annChanges) =>
      changes?.items.map(({ eventType, ...change }) => `${eventType} ${change.new.id ?? change.old.id}`)
    for (const changes of [annChanges, danChanges, anonymousChanges, serviceChanges])
      await changes?.find(({ eventType }) => eventType === 'DELETE')
    expect(seen(serviceChanges)).toEqual(['INSERT 1', 'INSERT 2', 'UPDATE 1', 'UPDATE 2', 'UPDATE 1', 'DELETE 2'])
    expect(seen(annChanges)).toEqual(['INSERT 1', 'UPDATE 1', 'DELETE 2'])
    expect(seen(danChanges)).toEqual(['INSERT 2', 'UPDATE 2', 'UPDATE 1', 'DELETE 2'])
    expect(seen(anonymousChanges)).toEqual(['DELETE 2'])
  })

  test('29. a change omits columns that the role may not select; without a selectable key it is only an error', async () => {
    const { sql } = backend
    const [partial, keyless] = [
      await createTable(backend, 'id int primary key, shown text, secret text', { identity: 'full' }),
      await createTable(backend, 'id int primary key, shown text')
    ]
    await sql
      .unsafe(
        `
      revoke select on public.${partial} from anon; grant select (id, shown) on public.${partial} to anon;
      revoke select on public.${keyless} from anon; grant select (shown) on public.${keyless} to anon;
    `
      )
      .simple()
    const raw = await openRaw(backend)
    await raw.join(`realtime:${uniqueName()}`, { postgres_changes: [{ event: '*', schema: 'public', table: partial }] })
    await raw.frames.find(([, , , event]) => event === 'system', 10_000)
    const { changes } = await listen(await openClient(backend), uniqueName(), { table: partial })
    const { changes: errors } = await listen(await openClient(backend), uniqueName(), { table: keyless })
    await sql`insert into ${sql(partial)} values (1, 'a', 'x')`
    await sql`update ${sql(partial)} set shown = 'b', secret = 'y'`
    await sql`insert into ${sql(keyless)} values (1, 'a')`
    const [, update] = await changes.take(2)
    expect([update?.new, update?.old]).toEqual([
      { id: 1, shown: 'b' },
      { id: 1, shown: 'a' }
    ])
    const frame = await raw.frames.find(([, , , event]) => event === 'postgres_changes')
    expect((frame[4].data as { columns: { name: string }[] }).columns.map(({ name }) => name)).toEqual(['id', 'shown'])
    expect(raw.texts.items.join('')).not.toContain('secret')
    const [error] = await errors.take(1)
    expect(error).toMatchObject({ errors: ['Error 401: Unauthorized'], new: {}, old: {}, eventType: 'INSERT' })
  })

  test('a change of a table without a primary key is an error without values', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'n int')
    const { changes } = await listen(await openClient(backend), uniqueName(), { table })
    await sql`insert into ${sql(table)} values (1)`
    expect((await changes.take(1))[0]).toMatchObject({ errors: ['Error 400: Bad Request, no primary key'], new: {} })
  })

  test('a role that may select the key but sees no row by policy receives no INSERT or UPDATE', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, team text', { rls: true })
    await allowTeam(backend, table)
    await sql.unsafe(`revoke select on public.${table} from anon; grant select (id) on public.${table} to anon`).simple()
    const ann = await createPerson(backend, { team: 'a' })
    const anonymousListener = await listen(await openClient(backend), uniqueName(), { table })
    const annListener = await listen(await openClient(backend, { token: ann.token }), uniqueName(), { table })
    await sql`insert into ${sql(table)} values (1, 'a')`
    await sql`update ${sql(table)} set team = 'a'`
    await annListener.changes.take(2)
    expect(anonymousListener.changes.items).toEqual([])
  })

  test('nobody receives a DELETE while the publication does not publish deletes', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key')
    await sql.unsafe("alter publication supabase_realtime set (publish = 'insert, update')")
    try {
      const { changes } = await listen(await openClient(backend, { key: backend.secretKey }), uniqueName(), { table })
      await sql`insert into ${sql(table)} values (1)`
      await sql`delete from ${sql(table)}`
      await sql`insert into ${sql(table)} values (2)`
      await changes.take(2)
      expect(changes.items.map(({ eventType, new: row }) => `${eventType} ${String(row.id)}`)).toEqual(['INSERT 1', 'INSERT 2'])
    } finally {
      await sql.unsafe("alter publication supabase_realtime set (publish = 'insert, update, delete, truncate')")
    }
  })

  test('31. a policy that raises for one subscriber replaces the row by an error for that subscriber only', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, team text', { rls: true })
    await sql.unsafe(
      `create policy ${table}_failing on public.${table} for select to authenticated using (1 / (auth.jwt() ->> 'divisor')::int = 1)`
    )
    const [failing, working] = await Promise.all([createPerson(backend, { divisor: 0 }), createPerson(backend, { divisor: 1 })])
    const failingListener = await listen(await openClient(backend, { token: failing.token }), uniqueName(), { table })
    const workingListener = await listen(await openClient(backend, { token: working.token }), uniqueName(), { table })
    await sql`insert into ${sql(table)} values (1, 'a')`
    await sql`insert into ${sql(table)} values (2, 'a')`
    await workingListener.changes.take(2)
    expect(workingListener.changes.items.map(change => change.new.id)).toEqual([1, 2])
    await failingListener.changes.take(2)
    for (const change of failingListener.changes.items) {
      expect(change).toMatchObject({ new: {}, errors: ['Error 500: Internal Server Error, RLS policy evaluation failed'] })
    }
  })

  test.runIf(isEmbedded)('33. 200 users receive 100 changes with at most one visibility query per batch', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, team text, sent timestamptz default clock_timestamp()', { rls: true })
    await sql
      .unsafe(
        `
      create table public.${table}_members (team text, user_id uuid, primary key (user_id, team));
      grant select on public.${table}_members to authenticated;
      create policy ${table}_members on public.${table} for select to authenticated
        using (exists (select from public.${table}_members m where m.team = ${table}.team and m.user_id = (select auth.uid())));
    `
      )
      .simple()
    const raw = await openRaw(backend)
    const people = await Promise.all(Array.from({ length: 200 }, () => createPerson(backend)))
    await sql`insert into ${sql(`${table}_members`)} ${sql(people.map(({ id }) => ({ team: 'a', user_id: id })))}`
    const sockets = [raw, await openRaw(backend)]
    await Promise.all(
      people.map(({ token }, position) =>
        sockets[position % 2]?.join(
          `realtime:${position}`,
          { postgres_changes: [{ event: '*', schema: 'public', table }] },
          { joinRef: String(position + 1), token }
        )
      )
    )
    let received = 0
    for (const { socket } of sockets) {
      socket.on('message', (data: Buffer) => {
        if (data.toString('utf8').includes('"record"')) received++
      })
    }
    const before = backend.embedded?.server().stats().changes
    for (let id = 1; id <= 100; id++) await sql`insert into ${sql(table)} (id, team) values (${id}, 'a')`
    await expect.poll(() => received, { timeout: 20_000 }).toBe(20_000)
    const after = backend.embedded?.server().stats().changes
    const batches = (after?.batches ?? 0) - (before?.batches ?? 0)
    expect((after?.visibilityQueries ?? 0) - (before?.visibilityQueries ?? 0)).toBeLessThanOrEqual(batches)
    await sql.unsafe(`drop table public.${table}_members cascade`)
  })

  test('a new policy, grant or column takes effect with the next change of the table', async () => {
    const { sql } = backend
    const table = await createTable(backend, 'id int primary key, team text', { rls: true })
    const ann = await createPerson(backend, { team: 'a' })
    const { changes } = await listen(await openClient(backend, { token: ann.token }), uniqueName(), { table })
    const { changes: all } = await listen(await openClient(backend, { key: backend.secretKey }), uniqueName(), { table })
    await sql`insert into ${sql(table)} values (1, 'a')`
    await all.take(1)
    await allowTeam(backend, table)
    await sql.unsafe(`alter table public.${table} add column extra text default 'x'`)
    await sql`insert into ${sql(table)} values (2, 'a', 'y')`
    await changes.take(1)
    await sql
      .unsafe(`revoke select on public.${table} from authenticated; grant select (id, team) on public.${table} to authenticated`)
      .simple()
    await sql`insert into ${sql(table)} values (3, 'a', 'z')`
    await changes.take(2)
    expect(changes.items.map(change => change.new)).toEqual([
      { id: 2, team: 'a', extra: 'y' },
      { id: 3, team: 'a' }
    ])
  })

  test('a token with a role outside of the API roles cannot subscribe to changes or join a private channel', async () => {
    const table = await createTable(backend, 'id int primary key')
    const raw = await openRaw(backend)
    const token = await sign(backend, { role: 'supabase_admin' })
    await raw.join(`realtime:${uniqueName()}`, { postgres_changes: [{ event: '*', schema: 'public', table }] }, { token })
    const system = await raw.frames.find(([, , , event]) => event === 'system', 10_000)
    expect(system[4]).toMatchObject({ status: 'error', extension: 'postgres_changes' })
    const refused = await raw.join(`realtime:${uniqueName()}`, { private: true }, { token, joinRef: '2' })
    expect(refused[4]).toMatchObject({ status: 'error' })
  })
})
