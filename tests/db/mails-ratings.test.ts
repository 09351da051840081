import { describe, expect, test } from 'vitest'
import { database } from '../support/as.ts'
import {
  asPerson,
  dispatch,
  mailRows,
  mailsTo,
  newTeam,
  send,
  sendDue,
  sendRatingRequests,
  setStatus,
  useMailOutbox
} from '../support/mail-outbox.ts'
import { ann, bob } from '../support/world.ts'

useMailOutbox()

const ratingMails = async (team: string) =>
  (await mailRows(team)).filter(({ kind }) => kind === 'rating_request').map(({ state, reason }) => ({ state, reason }))

/** Minutes between now and the time at which the client will be asked. */
async function minutesUntilAsked(team: string): Promise<number> {
  const [{ minutes }] = await database()<[{ minutes: number }]>`
    select extract(epoch from next_attempt_at - now())::float8 / 60 as minutes from public.mails
    where team_id = ${team} and kind = 'rating_request' and state = 'waiting'`
  return Math.round(minutes)
}

/** Another ticket of the same client, resolved. */
async function resolveAnother(team: string, client: string): Promise<string> {
  const [{ id }] = await asPerson(
    ann,
    sql =>
      sql<[{ id: string }]>`
        insert into tickets ${sql({ team_id: team, subject: 'Another', description: 'x', requester_email: client, created_by: ann.id })}
        returning id`
  )
  await asPerson(bob, setStatus(id, 'resolved'))
  return id
}

describe('the mail that asks for a rating', () => {
  test('goes an hour after the resolution, with a link for this client', async () => {
    const { team, ticket, client } = await newTeam()
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await send(team)
    expect(await minutesUntilAsked(team)).toBe(60)
    const [mail] = await sendRatingRequests(team)
    expect(mail!.text).toMatch(
      /Your request #001 is resolved\.\n\nHow did we do\?\n5 - Excellent: http:\/\/desk\.test\/rate\/[\w-]{43}\?score=5[^]*desk\.test\/p\//
    )
    expect(mailsTo(client).at(-1)).toBe(mail)
    expect(await database()`select cycle, score, assigned_to from ticket_ratings where ticket_id = ${ticket}`).toEqual([
      { cycle: 1, score: null, assigned_to: null }
    ])
  })

  test('is no job that managers see before it is due', async () => {
    const { team, ticket } = await newTeam()
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await send(team)
    const jobs = () => asPerson(ann, sql => sql`select id from private.team_jobs(${team})`)
    expect(await jobs()).toEqual([])
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and kind = 'rating_request'`
    expect(await jobs()).toHaveLength(1)
  })

  test('goes when the team wants it, or never', async () => {
    for (const minutes of [30, 1440, null]) {
      const { team, ticket } = await newTeam()
      await asPerson(ann, sql => sql`update teams set rating_delay_minutes = ${minutes} where id = ${team}`)
      await asPerson(bob, setStatus(ticket, 'resolved'))
      await send(team)
      if (minutes === null) expect(await ratingMails(team)).toEqual([])
      else expect(await minutesUntilAsked(team)).toBe(minutes)
    }
  })

  test('is cancelled when the ticket is open again, and waits anew after the next resolution', async () => {
    const { team, ticket } = await newTeam()
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await send(team)
    await database()`
      update public.mails set next_attempt_at = now() + interval '10 minutes' where team_id = ${team} and kind = 'rating_request'`
    await asPerson(bob, setStatus(ticket, 'open'))
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await send(team)
    expect(await minutesUntilAsked(team)).toBe(60)
    await asPerson(bob, setStatus(ticket, 'open'))
    await sendRatingRequests(team)
    expect(await ratingMails(team)).toEqual([{ state: 'cancelled', reason: 'The request is open again' }])
    expect(await database()`select from ticket_ratings where ticket_id = ${ticket}`).toEqual([])
  })

  test('goes to a client once in 30 days', async () => {
    const { team, ticket, client } = await newTeam()
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await send(team)
    await sendRatingRequests(team)
    const passHours = () =>
      database()`update public.mails set sent_at = sent_at - interval '2 hours' where team_id = ${team} and sent_at is not null`
    await passHours()
    await resolveAnother(team, client)
    await send(team)
    await sendRatingRequests(team)
    expect(await ratingMails(team)).toEqual([
      { state: 'sent', reason: null },
      { state: 'cancelled', reason: 'The client was asked for a rating within the last 30 days' }
    ])
    await database()`update ticket_ratings set asked_at = asked_at - interval '30 days' where team_id = ${team}`
    await passHours()
    await resolveAnother(team, client)
    await send(team)
    await sendRatingRequests(team)
    expect((await ratingMails(team)).at(-1)).toEqual({ state: 'sent', reason: null })
  })

  test('goes for a ticket that is closed meanwhile', async () => {
    const { team, ticket, client } = await newTeam()
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await send(team)
    await asPerson(ann, setStatus(ticket, 'closed'))
    await dispatch()
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and kind = 'rating_request'`
    await sendDue()
    expect(mailsTo(client).filter(({ text }) => text.includes('/rate/'))).toHaveLength(1)
  })
})
