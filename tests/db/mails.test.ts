import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { configureMail } from '#server/adapters/mail'
import { asService } from '#server/db/identity'
import { claimMail, removeOldMails } from '#server/domain/mail/claim'
import { database, service, session } from '../support/as.ts'
import {
  addReply,
  asPerson,
  dispatch,
  deliveredMails,
  mailRows,
  mailServer,
  newTeam,
  send,
  sendDue,
  sendMails,
  useMailOutbox
} from '../support/mail-outbox.ts'
import { ann, bob, initech } from '../support/world.ts'

useMailOutbox()

describe('the mail outbox', () => {
  test('concurrent senders send each mail once', async () => {
    const { team } = await newTeam({ requester_email: null })
    for (let number = 0; number < 60; number++)
      await asPerson(
        ann,
        sql =>
          sql`
            insert into tickets ${sql({
              team_id: team,
              subject: 'x',
              description: 'x',
              requester_email: `c${number}.${team.slice(0, 8)}@mail.test`,
              created_by: ann.id
            })}`
      )
    await dispatch()
    await Promise.all([sendDue(), sendDue(), sendDue()])
    expect(deliveredMails).toHaveLength(60)
    expect(new Set(deliveredMails.map(mail => mail.messageId)).size).toBe(60)
  })

  test('a mail that the server defers is retried for 72 hours, then fails', async () => {
    const { team } = await newTeam()
    mailServer.answer = () => ({ outcome: 'deferred', reason: '450 4.2.1 Mailbox busy' })
    await send(team)
    const [row] = await database()<[{ attempts: number; wait: number; last_error: string; state: string }]>`
      select attempts, extract(epoch from next_attempt_at - now())::float8 as wait, last_error, state from public.mails
      where team_id = ${team}`
    expect(row).toMatchObject({ attempts: 1, last_error: '450 4.2.1 Mailbox busy', state: 'waiting' })
    expect(row.wait).toBeGreaterThan(20)
    expect(row.wait).toBeLessThan(37)
    await database()`update public.mails set attempts = 30, created_at = now() - interval '2 days 23 hours' where team_id = ${team}`
    await send(team)
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team}`
    expect(await mailRows(team)).toMatchObject([{ state: 'waiting', attempts: 31 }])
    await database()`update public.mails set created_at = now() - interval '73 hours' where team_id = ${team}`
    await sendDue()
    expect(await mailRows(team)).toMatchObject([{ state: 'failed', attempts: 32 }])
  })

  test('a mail that the server refuses for good fails at the first attempt', async () => {
    const { team } = await newTeam()
    mailServer.answer = () => ({ outcome: 'refused', reason: '550 5.1.1 No such user' })
    await send(team)
    expect(await mailRows(team)).toMatchObject([{ state: 'failed', reason: 'The mail server refused it', attempts: 1 }])
  })

  test('an unreachable mail server pauses the sender; the mails are sent when it answers again', async () => {
    const { team } = await newTeam({ requester_email: null })
    for (let number = 0; number < 50; number++)
      await asPerson(
        ann,
        sql =>
          sql`
            insert into tickets ${sql({
              team_id: team,
              subject: 'x',
              description: 'x',
              requester_email: `d${number}.${team.slice(0, 8)}@mail.test`,
              created_by: ann.id
            })}`
      )
    let tries = 0
    mailServer.answer = () => {
      tries++
      return { outcome: 'unreachable', reason: 'connect ECONNREFUSED' }
    }
    await send(team)
    await sendDue()
    expect(tries).toBeLessThanOrEqual(4)
    const touched = (await mailRows(team)).filter(row => row.attempts > 0)
    expect(touched).toHaveLength(tries)
    await new Promise(resolve => setTimeout(resolve, 1_300))
    await sendDue()
    expect(tries).toBeLessThanOrEqual(5)
    mailServer.answer = () => ({ outcome: 'delivered' })
    await new Promise(resolve => setTimeout(resolve, 2_500))
    await sendDue()
    expect(deliveredMails).toHaveLength(50)
  })

  test('a mail whose sender was killed is sent again when its lease expires, under the same Message-ID', async () => {
    const { team } = await newTeam()
    const ids: string[] = []
    mailServer.answer = message => {
      ids.push(message.messageId)
      throw new Error('killed')
    }
    await expect(send(team)).rejects.toThrow('killed')
    mailServer.answer = message => {
      ids.push(message.messageId)
      return { outcome: 'delivered' }
    }
    expect(await sendDue()).toEqual([])
    await database()`update public.mails set locked_until = now() where team_id = ${team}`
    expect(await sendDue()).toHaveLength(1)
    expect(new Set(ids).size).toBe(1)
  })

  test('an attempt is counted before it is made, and a mail fails when the server stopped during three attempts', async () => {
    const { team } = await newTeam()
    await dispatch()
    for (const attempts of [1, 2, 3]) {
      expect(await asService('test', claimMail)).toMatchObject({ team_id: team })
      expect(await mailRows(team)).toMatchObject([{ state: 'waiting', attempts }])
      await database()`update public.mails set locked_until = now() where team_id = ${team}`
    }
    expect(await asService('test', claimMail)).toBe('skipped')
    expect(await mailRows(team)).toMatchObject([
      { state: 'failed', reason: 'The server stopped three times while sending it', attempts: 3 }
    ])
    expect(await sendDue()).toEqual([])
    const [{ id }] = await database()<[{ id: string }]>`select id from public.mails where team_id = ${team}`
    await asPerson(ann, sql => sql`select private.retry_job(${team}, 'mail', ${id})`)
    expect(await sendDue()).toHaveLength(1)
  })

  test('mails with an unfinished attempt are retried one at a time; other mails do not wait for them', async () => {
    const made = [await newTeam(), await newTeam()]
    await dispatch()
    const first = await asService('test', claimMail)
    expect(await asService('test', claimMail)).toMatchObject({ kind: 'ticket_received' })
    for (const { team } of made) await database()`update public.mails set locked_until = now() where team_id = ${team}`
    const suspect = await asService('test', claimMail)
    expect(suspect).toMatchObject({ kind: 'ticket_received' })
    expect(await asService('test', claimMail)).toBeNull()
    const fresh = await newTeam()
    expect(await send(fresh.team)).toMatchObject([{ to: fresh.client }])
    expect(await sendMails()).toBeGreaterThan(30_000)
    expect(first).not.toBeNull()
    await database()`update public.mails set locked_until = null, unfinished_attempts = 0 where id = ${(suspect as { id: string }).id}`
    expect(await sendDue()).toHaveLength(2)
  })

  test('a mail waits while another mail to its address is leased, without polling', async () => {
    const { team, ticket } = await newTeam()
    await dispatch()
    await database()`update public.mails set locked_until = now() + interval '40 seconds', first_attempt_at = now() where team_id = ${team}`
    await asPerson(bob, addReply(team, ticket, 'Behind it'))
    await dispatch()
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team}`
    await database()`update public.mails set state = 'cancelled' where team_id = ${team} and kind = 'member_notice'`
    const wait = await sendMails()
    expect(wait).toBeGreaterThan(30_000)
  })

  test('deleting a ticket cancels its waiting mails and keeps the sent ones', async () => {
    const { team, ticket } = await newTeam()
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'Too late'))
    await dispatch()
    await asPerson(ann, sql => sql`delete from tickets where id = ${ticket}`)
    expect(await send(team)).toEqual([])
    expect((await mailRows(team)).map(({ kind, state, reason }) => [kind, state, reason]).sort()).toEqual([
      ['member_notice', 'cancelled', 'The ticket was deleted'],
      ['public_reply', 'cancelled', 'The ticket was deleted'],
      ['ticket_received', 'sent', null]
    ])
  })

  test('mails are deleted after 90 days unless they wait, and the tokens of links when they expire', async () => {
    const { team, ticket } = await newTeam()
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'Waits'))
    await dispatch()
    await database()`update public.mails set created_at = now() - interval '91 days' where team_id = ${team}`
    await database()`
      insert into ticket_ratings (team_id, ticket_id, cycle, resolved_at, contact_id)
      select team_id, id, 1, now(), contact_id from tickets where id = ${ticket}`
    await database()`
      insert into private.rating_tokens (token_hash, team_id, ticket_id, cycle, contact_id, recipient, expires_at)
      select sha256(name::bytea), ${team}, ${ticket}, 1, contact_id, 'c@mail.test', expires_at
      from tickets, (values ('old', now()), ('young', now() + interval '1 day')) as token (name, expires_at) where id = ${ticket}`
    for (const table of ['ticket_links', 'ticket_sessions'])
      await database()`
        insert into private.${database()(table)} (token_hash, team_id, ticket_id, contact_id, expires_at)
        select sha256(kind::bytea), ticket.team_id, ticket.id, ticket.contact_id, now() + case kind when 'young' then interval '1 day' else '0' end
        from tickets as ticket, unnest(array['old', 'young']) as kind where ticket.id = ${ticket}`
    await asService('test', removeOldMails)
    for (const table of ['ticket_links', 'ticket_sessions'])
      expect(
        await database()`select from private.${database()(table)} where token_hash in (sha256('old'), sha256('young'))`,
        table
      ).toHaveLength(1)
    expect((await mailRows(team)).map(row => row.state)).toEqual(['waiting', 'waiting'])
    expect(await database()`select from private.rating_tokens where ticket_id = ${ticket}`).toHaveLength(1)
  })

  test('links to tickets, and the sessions that they began, are deleted when they expire', async () => {
    const { team, ticket } = await newTeam()
    for (const table of ['ticket_links', 'ticket_sessions']) {
      await database()`
        insert into private.${database()(table)} (token_hash, team_id, ticket_id, contact_id, expires_at)
        select sha256(name::bytea), ${team}, ${ticket}, contact_id, expires_at
        from tickets, (values ('old', now()), ('young', now() + interval '1 day')) as token (name, expires_at) where id = ${ticket}`
    }
    await asService('test', removeOldMails)
    for (const table of ['ticket_links', 'ticket_sessions']) {
      expect(await database()`select token_hash from private.${database()(table)} where ticket_id = ${ticket}`).toEqual([
        { token_hash: createHash('sha256').update('young').digest() }
      ])
    }
  })

  test('mails that are merged into a waiting digest are not deleted', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    const part = (carrier: string | null) => ({
      team_id: team,
      ticket_id: ticket,
      event_id: 1,
      kind: 'public_reply',
      recipient: client,
      state: 'merged',
      carrier_id: carrier,
      created_at: new Date(Date.now() - 91 * 86_400_000)
    })
    const digests = await database()<{ id: string }[]>`
      insert into public.mails
      ${database()(
        ['waiting', 'failed'].map(state => ({
          team_id: team,
          ticket_id: ticket,
          event_id: 1,
          kind: 'digest',
          recipient: client,
          state,
          next_attempt_at: new Date(Date.now() + 86_400_000)
        }))
      )} returning id`
    await database()`insert into public.mails ${database()(digests.map(({ id }) => part(id)))}`
    await asService('test', removeOldMails)
    expect(await database()`select carrier_id from public.mails where team_id = ${team} and state = 'merged'`).toEqual([
      { carrier_id: digests[0]!.id }
    ])
  })

  test('no mail is queued when no mail server is configured', async () => {
    configureMail({ smtpUrl: '', mailFrom: '' })
    try {
      const { team } = await newTeam()
      await dispatch()
      expect(await mailRows(team)).toEqual([])
    } finally {
      configureMail({ smtpUrl: 'smtp://127.0.0.1:9', mailFrom: 'Switchboard <support@desk.test>' })
    }
  })

  test('a team does not see the mails of another team', () =>
    session(service, async ({ sql, as: run }) => {
      await sql`insert into mails (team_id, event_id, kind, recipient) values (${initech.id}, 1, 'public_reply', 'x@mail.test')`
      expect(await run(ann, sql => sql`select id from mails where team_id = ${initech.id}`)).toEqual([])
    }))
})
