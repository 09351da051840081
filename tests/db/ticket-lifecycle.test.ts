import { describe, expect, test } from 'vitest'
import { ticketStatuses, type TicketStatus } from '#shared/schemas/ticket'
import { as, service, session, type Caller } from '../support/as.ts'
import { callers, type CallerName } from '../support/authorization/principals.ts'
import { acme } from '../support/world.ts'

const { unassigned: ticket } = acme.tickets
const managers: CallerName[] = ['an owner', 'an admin']
const agents: CallerName[] = [...managers, 'a member']

/** The callers who may move a ticket from one status to another; null where nobody may. */
function allowedCallers(from: TicketStatus, to: TicketStatus): CallerName[] | null {
  if (from === to) return agents // no change, so nothing to refuse
  if (from === 'closed') return to === 'open' ? managers : null
  return to === 'closed' ? managers : agents
}

/** Puts a ticket into the status `from` with past times, and tries to move it to `to`. */
async function move(caller: Caller, from: TicketStatus, to: TicketStatus) {
  return session(service, async ({ sql, become, refusal, as }) => {
    const past = new Date('2026-01-01T00:00:00Z')
    await sql`alter table tickets disable trigger _200_before_update`
    const columns = {
      status: from,
      resolved_at: from === 'resolved' || from === 'closed' ? past : null,
      closed_at: from === 'closed' ? past : null
    }
    await sql`update tickets set ${sql(columns)} where id = ${ticket}`
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
  describe(`a ticket with the status ${from}`, () => {
    for (const to of ticketStatuses) {
      const allowed = allowedCallers(from, to)

      for (const [name, caller] of Object.entries(callers) as [CallerName, Caller][]) {
        const isAllowed = allowed?.includes(name) ?? false
        test(`${name} ${isAllowed ? 'moves' : 'never moves'} a ticket from ${from} to ${to}`, async () => {
          const { code, before, after } = await move(caller, from, to)
          if (isAllowed) {
            expect(code).toBeNull()
            return expect(after.status).toBe(to)
          }
          expect(after).toEqual(before)
          // Callers who cannot change tickets match no row, or have no right to the table.
          if (!agents.includes(name)) return expect(code ?? '42501').toBe('42501')
          expect(code).toBe(allowed ? 'PT403' : 'PT422')
        })
      }

      test(`a job ${allowed ? 'moves' : 'never moves'} a ticket from ${from} to ${to}`, async () => {
        const { code, before, after, past } = await move(service, from, to)
        if (!allowed) {
          expect(code).toBe('PT422')
          return expect(after).toEqual(before)
        }
        expect(code).toBeNull()
        if (from === to) return expect(after).toEqual(before)
        const isFinished = to === 'resolved' || to === 'closed'
        expect(after).toEqual({
          status: to,
          // A resolved ticket keeps the time when it is closed; reopening clears it.
          resolved_at: !isFinished ? null : from === 'resolved' ? past : (expect.any(Date) as Date),
          closed_at: to === 'closed' ? (expect.any(Date) as Date) : null,
          version: before.version + 1
        })
        if (to === 'closed') expect(after.closed_at).not.toEqual(past)
      })
    }
  })
}

describe('the table of status transitions', () => {
  test('the transition table has exactly the statuses of the schema', async () => {
    const rows = await as(
      service,
      sql => sql<{ from_status: TicketStatus; to_status: TicketStatus }[]>`select from_status, to_status from private.status_transitions`
    )
    expect(rows).toHaveLength(17)
    expect([...new Set(rows.flatMap(row => [row.from_status, row.to_status]))].sort()).toEqual([...ticketStatuses].sort())
  })

  test.each(Object.entries(callers).filter(([name]) => name !== 'somebody who is not signed in'))(
    '%s can neither read nor change the transition table',
    (_, caller) =>
      session(caller, async ({ refusal }) => {
        expect((await refusal(sql => sql`insert into private.status_transitions values ('closed', 'waiting', null)`)).code).toBe('42501')
        expect((await refusal(sql => sql`select * from private.status_transitions`)).code).toBe('42501')
      })
  )

  test('an unknown status is refused', () =>
    session(service, async ({ refusal }) => {
      for (const status of ['', 'done', 'OPEN', 'closed '])
        expect(['PT422', '23514']).toContain((await refusal(sql => sql`update tickets set status = ${status} where id = ${ticket}`)).code)
    }))
})
