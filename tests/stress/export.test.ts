import { request as httpRequest, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { describe, expect, test } from 'vitest'
import { api, database, expectError, newTeam, signIn } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { adam, ann, bob } from '../support/world.ts'

const path = (team: { id: string }) => `/teams/${team.id}/export/tickets.csv`
const rowsOf = (body: unknown) => parse(body as string, { columns: true, bom: true }) as Record<string, string>[]

test('an aborted export releases its database connection', async () => {
  const team = await newTeam()
  await database()`
    insert into tickets (team_id, subject, description, created_by)
    select ${team.id}, 'Ticket ' || n, repeat('words ', 2000), ${bob.id} from generate_series(1, 3000) as n`
  for (let times = 0; times < 15; times++) {
    // more exports than the pool has connections
    const controller = new AbortController()
    const response = await fetch(`${product().baseUrl}/api${path(team)}`, {
      headers: { authorization: `Bearer ${await signIn(bob)}` },
      signal: controller.signal
    })
    await response.body!.getReader().read()
    controller.abort()
  }
  await expect
    .poll(
      async () =>
        (
          await database()<
            { count: number }[]
          >`select count(*)::integer from pg_stat_activity where application_name = 'switchboard' and state <> 'idle'`
        )[0]!.count,
      { timeout: 10_000 }
    )
    .toBe(0)
  expect((await api(bob, 'GET', `/teams/${team.id}/tickets/counts`)).status).toBe(200)
}, 120_000)

describe('downloads whose client does not read', () => {
  const teamWithManyTickets = async (words: string) => {
    const team = await newTeam()
    await database()`insert into tickets (team_id, subject, description, created_by) select ${team.id}, 'Ticket ' || n, repeat(${words}, 700), ${bob.id} from generate_series(1, 1500) as n`
    return team
  }
  /** Starts a download, and stops reading after the headers. */
  const startUnread = async (address: string, headers: Record<string, string>) => {
    const request = httpRequest(`${product().baseUrl}/api${address}`, { headers })
    request.end()
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    return response.pause()
  }
  const busyConnections = async () =>
    (
      await database()<
        { count: number }[]
      >`select count(*)::integer from pg_stat_activity where application_name = 'switchboard' and state <> 'idle'`
    )[0]!.count

  test('downloads that are not read release their database connections, and a slow reader gets one consistent snapshot', async () => {
    const team = await teamWithManyTickets('words in it ')
    const [anns, adams] = [{ authorization: `Bearer ${await signIn(ann)}` }, { authorization: `Bearer ${await signIn(adam)}` }]
    const others = Array.from({ length: 8 }, (_, at) =>
      startUnread(`/teams/${team.id}/export/${at % 4 === 3 ? 'audit' : 'tickets'}.csv`, at < 4 ? anns : adams)
    )
    const slow = await startUnread(`${path(team)}?sort=ticket_number&order=asc`, { authorization: `Bearer ${await signIn(bob)}` })
    try {
      const waiting = await Promise.all(others)
      expect(waiting.map(({ statusCode }) => statusCode)).toEqual(waiting.map(() => 200))
      await expect.poll(busyConnections, { timeout: 60_000 }).toBe(0)
      expect((await api(bob, 'GET', `/teams/${team.id}/tickets/counts`)).status).toBe(200)
      expect((await fetch(`${product().baseUrl}/readyz`)).status).toBe(200)
      await database()`update tickets set subject = 'Changed after the download began' where team_id = ${team.id}`
      const chunks: Buffer[] = []
      for await (const chunk of slow) {
        chunks.push(chunk as Buffer)
        if (chunks.length % 50 === 0) await sleep(20)
      }
      const rows = rowsOf(Buffer.concat(chunks).toString('utf8'))
      expect(rows).toHaveLength(1_504)
      expect(rows.filter(({ subject }) => subject!.startsWith('Changed'))).toEqual([])
    } finally {
      for (const other of await Promise.all(others)) other.destroy()
    }
  }, 180_000)

  test('a person can have four downloads at once: a fifth is refused with 429, and one of a colleague is not', async () => {
    const team = await teamWithManyTickets('words in it ')
    const headers = { authorization: `Bearer ${await signIn(adam)}` }
    const opened: IncomingMessage[] = []
    try {
      for (let count = 0; count < 4; count++) opened.push(await startUnread(path(team), headers))
      const refused = await api(adam, 'GET', path(team))
      expectError(refused, 429, 'rate_limited')
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
      expect((await api(bob, 'GET', path(team))).status).toBe(200)
      opened.pop()!.destroy()
      await expect.poll(async () => (await api(adam, 'GET', path(team))).status, { timeout: 10_000 }).toBe(200)
    } finally {
      for (const response of opened) response.destroy()
    }
  }, 120_000)

  test('one download per person reads from the database at a time', async () => {
    const team = await teamWithManyTickets('x ')
    const headers = { authorization: `Bearer ${await signIn(adam)}` }
    const downloads = Array.from({ length: 4 }, () => startUnread(path(team), headers))
    let most = 0
    let isDone = false
    const watching = (async () => {
      while (!isDone)
        most = Math.max(
          most,
          (
            await database()<
              { count: number }[]
            >`select count(*)::integer from pg_stat_activity where application_name = 'switchboard' and state <> 'idle' and query ilike '%requester_email%'`
          )[0]!.count
        )
    })()
    const opened = await Promise.all(downloads)
    await expect.poll(busyConnections, { timeout: 60_000 }).toBe(0)
    isDone = true
    await watching
    expect(most).toBe(1)
    for (const response of opened) response.destroy()
  }, 180_000)
})
