import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { asService } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { closeDueTickets } from '#server/domain/ticket/auto-close'
import { closeResolvedTickets } from '#server/jobs/close-resolved-tickets'
import { database, databaseUrl, impersonate } from '../support/as.ts'
import { addTeam, ann, bob } from '../support/world.ts'

const teams: string[] = []

beforeAll(() => {
  configureDatabase(databaseUrl(), 4)
})
afterEach(async () => {
  await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
})
afterAll(closePool)

/** A team of Ann and Bob that closes resolved tickets after `days`. */
async function newTeam(days = 14): Promise<string> {
  const id = randomUUID()
  teams.push(id)
  await database().begin(async sql => {
    await addTeam(sql, id, [ann, bob], { auto_close_days: days })
  })
  return id
}

/** Tickets that were resolved `days` ago. */
async function createResolved(teamId: string, days: number, count = 1): Promise<string[]> {
  const rows = await database()<{ id: string }[]>`
    insert into public.tickets (team_id, subject, description, status, resolved_at, created_by)
    select ${teamId}, 'Ticket ' || n, 'x', 'resolved', now() - make_interval(secs => 86400 * ${days}::float8), ${ann.id}
    from generate_series(1, ${count}) as n returning id`
  return rows.map(({ id }) => id)
}

const runJob = () => closeResolvedTickets(new AbortController().signal)
const statusOf = async (id: string) =>
  (
    await database()<
      [{ status: string; resolved_at: Date | null; closed_at: Date | null }]
    >`select status, resolved_at, closed_at from public.tickets where id = ${id}`
  )[0]
const changesOf = (teamId: string) =>
  database()`
    select ticket_id, actor_id, channel, "from", "to" from public.ticket_events
    where team_id = ${teamId} and type = 'ticket.status_changed'`

async function asBob(change: string, id: string): Promise<void> {
  await database().begin(async sql => {
    await impersonate(sql, bob)
    await sql.unsafe(`update public.tickets set ${change} where id = $1`, [id])
  })
}

describe('resolved tickets', () => {
  test('resolved tickets are closed after the number of days set for the team, without an actor', async () => {
    const team = await newTeam(14)
    const [due] = await createResolved(team, 14.01)
    const [young] = await createResolved(team, 13.99)
    const before = await statusOf(due!)
    expect(await runJob()).toBe(1)
    expect(await statusOf(due!)).toEqual({ status: 'closed', resolved_at: before.resolved_at, closed_at: expect.any(Date) as Date })
    expect((await statusOf(young!)).status).toBe('resolved')
    expect(await changesOf(team)).toEqual([{ ticket_id: due, actor_id: null, channel: 'job', from: 'resolved', to: 'closed' }])
    expect(await runJob()).toBe(0)
  })

  test('each team closes its resolved tickets after its own number of days', async () => {
    const [quick, slow] = [await newTeam(1), await newTeam(365)]
    const [first] = await createResolved(quick, 2)
    const [second] = await createResolved(slow, 300)
    expect(await runJob()).toBe(1)
    expect((await statusOf(first!)).status).toBe('closed')
    expect((await statusOf(second!)).status).toBe('resolved')
  })

  test('a changed auto_close_days applies to tickets that are already resolved', async () => {
    const team = await newTeam(30)
    const [id] = await createResolved(team, 10)
    expect(await runJob()).toBe(0)
    await database()`update public.teams set auto_close_days = 7 where id = ${team}`
    expect(await runJob()).toBe(1)
    expect((await statusOf(id!)).status).toBe('closed')
  })

  test('the time starts again for a ticket that is reopened and resolved again', async () => {
    const team = await newTeam(14)
    const [id] = await createResolved(team, 20)
    await asBob("status = 'open'", id!)
    expect((await statusOf(id!)).resolved_at).toBeNull()
    expect(await runJob()).toBe(0)
    await asBob("status = 'resolved'", id!)
    expect(await runJob()).toBe(0)
    expect((await statusOf(id!)).status).toBe('resolved')
  })

  test('another change of a resolved ticket does not postpone its closing', async () => {
    const team = await newTeam(14)
    const [id] = await createResolved(team, 20)
    await asBob("subject = 'Other'", id!)
    expect(await runJob()).toBe(1)
  })

  test.each(['open', 'in_progress', 'waiting', 'closed'])('a ticket in the status %s is left alone', async status => {
    const team = await newTeam(1)
    const [id] = await createResolved(team, 400)
    if (status !== 'closed') await asBob(`status = '${status}'`, id!)
    else await runJob()
    const before = await statusOf(id!)
    expect(await runJob()).toBe(0)
    expect(await statusOf(id!)).toEqual(before)
  })

  test('one run closes every due ticket, in as many batches as it takes', async () => {
    const team = await newTeam(14)
    await createResolved(team, 100, 450)
    expect(await runJob()).toBe(450)
    expect(await changesOf(team)).toHaveLength(450)
  })

  test('four concurrent runs close each ticket once', async () => {
    const team = await newTeam(14)
    const due = await createResolved(team, 15, 700)
    const counts = await Promise.all([runJob(), runJob(), runJob(), runJob()])
    await runJob() // closes what every one of the four skipped as locked by another
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(700)
    const changes = await changesOf(team)
    expect(changes.map(change => change.ticket_id as string).sort()).toEqual([...due].sort())
    expect(changes.every(change => change.actor_id === null && change.channel === 'job')).toBe(true)
  })

  test('a locked ticket is skipped and closed by the next run', async () => {
    const team = await newTeam(14)
    const [held, free] = await createResolved(team, 15, 2)
    await database().begin(async sql => {
      await sql`select from public.tickets where id = ${held!} for update`
      expect(await runJob()).toBe(1)
    })
    expect((await statusOf(held!)).status).toBe('resolved')
    expect((await statusOf(free!)).status).toBe('closed')
    expect(await runJob()).toBe(1)
  })

  test('a ticket that somebody reopens during the run stays open', async () => {
    const team = await newTeam(14)
    const [id] = await createResolved(team, 15)
    let job: Promise<number> | undefined
    await database().begin(async sql => {
      await sql`update public.tickets set status = 'open' where id = ${id!}`
      job = runJob()
      await expect(job).resolves.toBe(0)
    })
    expect(await runJob()).toBe(0)
    expect((await statusOf(id!)).status).toBe('open')
  })

  test('a failed batch closes nothing; the next run closes its tickets', async () => {
    const team = await newTeam(14)
    await createResolved(team, 15, 3)
    await expect(
      asService('test', async db => {
        expect(await closeDueTickets(db, 10)).toBe(3)
        throw new Error('crashed')
      })
    ).rejects.toThrow('crashed')
    expect(await changesOf(team)).toHaveLength(0)
    expect(await runJob()).toBe(3)
  })

  test('the auto-close job closes nothing when the server is shutting down', async () => {
    const team = await newTeam(14)
    await createResolved(team, 15, 3)
    expect(await closeResolvedTickets(AbortSignal.abort())).toBe(0)
    expect(await runJob()).toBe(3)
  })

  test('the query for due tickets uses the index tickets_resolved', async () => {
    const plan = await database().begin(async sql => {
      await sql`set local enable_seqscan = off`
      return sql<Record<string, string>[]>`
        explain select from public.teams as team cross join lateral (
          select from public.tickets as candidate where candidate.team_id = team.id and candidate.status = 'resolved'
            and candidate.resolved_at <= now() - make_interval(hours => 24 * team.auto_close_days)
            order by candidate.resolved_at limit 200) as ticket`
    })
    expect(plan.map(row => row['QUERY PLAN']).join('\n')).toMatch(/tickets_resolved/)
  })
})
