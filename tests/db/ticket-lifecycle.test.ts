import { describe, expect, test } from 'vitest'
import { ticketStatuses, type TicketStatus } from '#shared/schemas/ticket'
import { as, service, session, type Caller } from '../support/as.ts'
import { callers, type CallerName } from '../support/matrix.ts'
import { acme } from '../support/world.ts'

const { unassigned: ticket } = acme.tickets
const managers: CallerName[] = ['an owner', 'an admin']
const agents: CallerName[] = [...managers, 'a member']

/** Who moves a ticket from one status to another; null where nobody does, whoever asks. */
function movers(from: TicketStatus, to: TicketStatus): CallerName[] | null {
  if (from === to) return agents // nothing happens, and nothing is refused
  if (from === 'closed') return to === 'open' ? managers : null
  return to === 'closed' ? managers : agents
}

/** A ticket that has been in this status for a while, and one attempt to move it. */
async function move(caller: Caller, from: TicketStatus, to: TicketStatus) {
  return session(service, async ({ sql, become, refusal, as }) => {
    const past = new Date('2026-01-01T00:00:00Z')
    await sql`alter table tickets disable trigger _200_before_update`
    await sql`update tickets set ${sql({ status: from, resolved_at: from === 'resolved' || from === 'closed' ? past : null, closed_at: from === 'closed' ? past : null })} where id = ${ticket}`
    await sql`alter table tickets enable trigger _200_before_update`
    const read = () =>
      as(
        service,
        async sql =>
          (
            await sql<
              { status: TicketStatus; resolved_at: Date | null; closed_at: Date | null; version: number }[]
            >`select status, resolved_at, closed_at, version from tickets where id = ${ticket}`
          )[0]!
      )
    const before = await read()
    await become(caller)
    let code: string | null = null
    try {
      code = (await refusal(sql => sql`update tickets set status = ${to} where id = ${ticket}`)).code
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('This should have been refused')) throw error
    }
    return { code, before, after: await read(), past }
  })
}

for (const from of ticketStatuses) {
  describe(`from ${from}`, () => {
    for (const to of ticketStatuses) {
      const allowed = movers(from, to)

      for (const [name, caller] of Object.entries(callers) as [CallerName, Caller][]) {
        const may = allowed?.includes(name) ?? false
        test(`${name} ${may ? 'moves' : 'never moves'} a ticket to ${to}`, async () => {
          const { code, before, after } = await move(caller, from, to)
          if (may) {
            expect(code).toBeNull()
            return expect(after.status).toBe(to)
          }
          expect(after).toEqual(before)
          // Whoever cannot even change a ticket touches none, or has no right to the table.
          if (!agents.includes(name)) return expect(code ?? '42501').toBe('42501')
          expect(code).toBe(allowed ? 'PT403' : 'PT422')
        })
      }

      test(`a job ${allowed ? 'moves' : 'never moves'} a ticket to ${to}`, async () => {
        const { code, before, after, past } = await move(service, from, to)
        if (!allowed) {
          expect(code).toBe('PT422')
          return expect(after).toEqual(before)
        }
        expect(code).toBeNull()
        if (from === to) return expect(after).toEqual(before)
        const finished = to === 'resolved' || to === 'closed'
        expect(after).toEqual({
          status: to,
          // Resolved once, and the time is kept; open again, and it is gone.
          resolved_at: !finished ? null : from === 'resolved' ? past : (expect.any(Date) as Date),
          closed_at: to === 'closed' ? (expect.any(Date) as Date) : null,
          version: before.version + 1
        })
        if (to === 'closed') expect(after.closed_at).not.toEqual(past)
      })
    }
  })
}

describe('the table of transitions', () => {
  test('knows the statuses that there are', async () => {
    const rows = await as(
      service,
      sql => sql<{ from_status: TicketStatus; to_status: TicketStatus }[]>`select from_status, to_status from private.status_transitions`
    )
    expect(rows).toHaveLength(17)
    expect([...new Set(rows.flatMap(row => [row.from_status, row.to_status]))].sort()).toEqual([...ticketStatuses].sort())
  })

  test.each(Object.entries(callers).filter(([name]) => name !== 'somebody who is not signed in'))(
    "is not %s's to change or to read",
    (_, caller) =>
      session(caller, async ({ refusal }) => {
        expect((await refusal(sql => sql`insert into private.status_transitions values ('closed', 'waiting', null)`)).code).toBe('42501')
        expect((await refusal(sql => sql`select * from private.status_transitions`)).code).toBe('42501')
      })
  )

  test('no status but these is ever stored', () =>
    session(service, async ({ refusal }) => {
      for (const status of ['', 'done', 'OPEN', 'closed '])
        expect(['PT422', '23514']).toContain((await refusal(sql => sql`update tickets set status = ${status} where id = ${ticket}`)).code)
    }))
})
