import { describe, expect, test } from 'vitest'
import { ticketChannels, ticketPriorities, ticketStatuses } from '#shared/schemas/ticket'
import { as, service, session } from '../support/as.ts'
import { acme, ann, bob, dan, initech, ivan, unknownId, vera } from '../support/world.ts'

const { bobs, unassigned, closed } = acme.tickets

describe('tickets', () => {
  test('each team sees its own ticket 1 and not that of another team', async () => {
    const readSubjects = (person: typeof bob) => as(person, sql => sql`select subject from tickets where ticket_number = 1`)
    expect(await readSubjects(bob)).toMatchObject([{ subject: 'VPN drops every hour' }])
    expect(await readSubjects(dan)).toMatchObject([{ subject: 'Stapler is missing' }])
  })

  test('a member cannot create a ticket in the name of somebody else', () =>
    session(bob, async ({ sql, refusal }) => {
      const { code } = await refusal(
        sql => sql`insert into tickets (team_id, subject, description, created_by) values (${acme.id}, 'x', 'x', ${ann.id})`
      )
      expect(code).toBe('42501')
      const [ticket] = await sql`insert into tickets (team_id, subject, description) values (${acme.id}, 'x', 'x') returning created_by`
      expect(ticket!.created_by).toBe(bob.id)
    }))

  test('a member of both teams cannot move a ticket from one to the other', () =>
    session(service, async ({ sql, become, refusal }) => {
      await sql`insert into team_members (team_id, user_id, role) values (${initech.id}, ${ann.id}, 'owner')`
      await become(ann)
      expect((await refusal(sql => sql`update tickets set team_id = ${initech.id} where id = ${bobs}`)).code).toBe('42501')
      await become(service)
      expect(await sql`select team_id from tickets where id = ${bobs}`).toMatchObject([{ team_id: acme.id }])
    }))

  test('an assignee must be an agent: viewers, strangers and unknown ids get the same error', () =>
    session(ann, async ({ refusal }) => {
      const answers = []
      for (const id of [vera.id, dan.id, ivan.id, unknownId]) {
        answers.push(await refusal(sql => sql`update tickets set assigned_to = ${id} where id = ${bobs}`))
        answers.push(
          await refusal(sql => sql`insert into tickets (team_id, subject, description, assigned_to) values (${acme.id}, 'x', 'x', ${id})`)
        )
      }
      for (const answer of answers) expect(answer).toEqual({ code: 'PT400', message: 'Not an agent of this team', detail: 'assigned_to' })
    }))

  test('the category of a ticket must belong to its team', () =>
    session(ann, async ({ sql, as, refusal }) => {
      await as(service, sql => sql`insert into ticket_categories (team_id, key, name) values (${initech.id}, 'theirs', 'Theirs')`)
      const theirs = await refusal(sql => sql`update tickets set category = 'theirs' where id = ${bobs}`)
      const unknown = await refusal(sql => sql`update tickets set category = 'nobodys' where id = ${bobs}`)
      expect(theirs.code).toBe('23503')
      expect(theirs.message).toBe(unknown.message)
      expect(await sql`select category from tickets where id = ${bobs}`).toMatchObject([{ category: 'bug' }])
    }))

  test('a member can release their own ticket and claim it again', () =>
    session(bob, async ({ sql }) => {
      expect(await sql`update tickets set assigned_to = null where id = ${bobs} returning assigned_to`).toMatchObject([
        { assigned_to: null }
      ])
      expect(await sql`update tickets set assigned_to = ${bob.id} where id = ${bobs} returning assigned_to`).toMatchObject([
        { assigned_to: bob.id }
      ])
    }))

  test('a member cannot assign their own ticket to somebody else', () =>
    session(bob, async ({ refusal }) => {
      expect((await refusal(sql => sql`update tickets set assigned_to = ${ann.id} where id = ${bobs}`)).code).toBe('PT403')
    }))

  test('ticket numbers of a team are consecutive and never reused', () =>
    session(ann, async ({ sql }) => {
      const create = async () =>
        (
          await sql<
            { ticket_number: number }[]
          >`insert into tickets (team_id, subject, description) values (${acme.id}, 'x', 'x') returning ticket_number`
        )[0]!.ticket_number
      const first = await create()
      expect(await create()).toBe(first + 1)
      await sql`delete from tickets where ticket_number = ${first + 1} and team_id = ${acme.id}`
      expect(await create()).toBe(first + 2)
    }))

  test('a refused ticket leaves no gap in the ticket numbers', () =>
    session(ann, async ({ sql, refusal }) => {
      const [{ ticket_number: before }] = await sql<
        [{ ticket_number: number }]
      >`insert into tickets (team_id, subject, description) values (${acme.id}, 'x', 'x') returning ticket_number`
      await refusal(sql => sql`insert into tickets (team_id, subject, description) values (${acme.id}, '', 'x')`)
      await refusal(sql => sql`insert into tickets (team_id, subject, description, category) values (${acme.id}, 'x', 'x', 'none_such')`)
      const [{ ticket_number: after }] = await sql<
        [{ ticket_number: number }]
      >`insert into tickets (team_id, subject, description) values (${acme.id}, 'x', 'x') returning ticket_number`
      expect(after).toBe(before + 1)
    }))

  test('an update that changes nothing leaves a ticket and its version as they were', () =>
    session(ann, async ({ sql, as }) => {
      const before = await as(service, sql => sql`select * from tickets where id = ${bobs}`)
      await sql`update tickets set subject = subject where id = ${bobs}`
      expect(await as(service, sql => sql`select * from tickets where id = ${bobs}`)).toEqual(before)
    }))

  test('a change raises the version of a ticket by one', () =>
    session(bob, async ({ sql }) => {
      const [{ version }] = await sql<[{ version: number }]>`select version from tickets where id = ${bobs}`
      expect(await sql`update tickets set subject = 'Other' where id = ${bobs} returning version`).toMatchObject([{ version: version + 1 }])
    }))
})

describe('the status of a ticket', () => {
  test('resolving a ticket sets resolved_at, closing keeps it and sets closed_at, and reopening clears both', () =>
    session(ann, async ({ sql }) => {
      const change = async (status: string) =>
        (
          await sql<
            { resolved_at: Date | null; closed_at: Date | null }[]
          >`update tickets set status = ${status} where id = ${bobs} returning resolved_at, closed_at`
        )[0]!
      const resolved = await change('resolved')
      expect(resolved).toEqual({ resolved_at: expect.any(Date), closed_at: null })
      const closedTicket = await change('closed')
      expect(closedTicket).toEqual({ resolved_at: resolved.resolved_at, closed_at: expect.any(Date) })
      expect(await change('open')).toEqual({ resolved_at: null, closed_at: null })
    }))

  test('editing or closing a resolved ticket keeps resolved_at', () =>
    session(service, async ({ sql, become }) => {
      await sql`alter table tickets disable trigger _200_before_update`
      await sql`update tickets set status = 'resolved', resolved_at = '2026-01-01' where id = ${bobs}`
      await sql`alter table tickets enable trigger _200_before_update`
      await become(ann)
      const [edited] = await sql`update tickets set subject = 'Other' where id = ${bobs} returning resolved_at`
      expect(edited!.resolved_at).toEqual(new Date('2026-01-01'))
      const [closedTicket] = await sql`update tickets set status = 'closed' where id = ${bobs} returning resolved_at`
      expect(closedTicket!.resolved_at).toEqual(new Date('2026-01-01'))
    }))

  test('a closed ticket can only be reopened', () =>
    session(ann, async ({ sql, refusal }) => {
      for (const status of ['in_progress', 'waiting', 'resolved']) {
        expect(await refusal(sql => sql`update tickets set status = ${status} where id = ${closed}`)).toMatchObject({
          code: 'PT422',
          detail: 'status_transition'
        })
      }
      expect(await sql`update tickets set status = 'open' where id = ${closed} returning status`).toMatchObject([{ status: 'open' }])
    }))

  test.each(['open', 'in_progress', 'waiting', 'resolved'])('a member moves a ticket from %s to every other open status', from =>
    session(service, async ({ sql, become }) => {
      await sql`update tickets set status = ${from} where id = ${unassigned}`
      await become(bob)
      for (const to of ['open', 'in_progress', 'waiting', 'resolved'].filter(status => status !== from)) {
        expect(await sql`update tickets set status = ${to} where id = ${unassigned} returning status`).toMatchObject([{ status: to }])
        await sql`update tickets set status = ${from} where id = ${unassigned}`
      }
    })
  )
})

describe('the constraints of tickets', () => {
  test.each([
    ['status', ticketStatuses],
    ['priority', ticketPriorities],
    ['channel', ticketChannels]
  ] as const)('the check of %s allows the values of shared/schemas/ticket.ts', async (column, values) => {
    const rows = await as(
      service,
      sql => sql<{ definition: string }[]>`
        select pg_get_constraintdef(oid) as definition from pg_constraint
        where conrelid = 'public.tickets'::regclass and conname = ${`tickets_${column}_check`}`
    )
    expect([...rows[0]!.definition.matchAll(/'(\w+)'::text/g)].map(match => match[1])).toEqual([...values])
  })

  test('the severity of a ticket is 1 to 5', () =>
    session(ann, async ({ sql, refusal }) => {
      for (const severity of [0, 6, -1])
        expect((await refusal(sql => sql`update tickets set severity = ${severity} where id = ${bobs}`)).code).toBe('23514')
      for (const severity of [1, 2, 4, 5])
        expect(await sql`update tickets set severity = ${severity} where id = ${bobs} returning severity`).toMatchObject([{ severity }])
    }))
})
