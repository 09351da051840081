import { describe, expect, test } from 'vitest'
import type { Message } from '#server/adapters/mail'
import { database } from '../support/as.ts'
import {
  by,
  dispatch,
  mailServer,
  newTeam,
  reply,
  rows,
  send,
  sendDue,
  status,
  to,
  useMailOutbox,
  type Work
} from '../support/mail-outbox.ts'
import { ann, bob, vera } from '../support/world.ts'

useMailOutbox()

describe('what waits for one address', () => {
  /** A client of a new team who has got its six mails of the day, and whose requests `subjects` were answered since: the answers wait. */
  async function waitingAnswers(subjects: string[], words = (index: number) => `Answer ${index}`) {
    const { team, ticket, client } = await newTeam({}, { mail_level: 'new' })
    await send(team)
    const tickets: string[] = [ticket]
    for (const subject of subjects.slice(1)) {
      const [created] = await by(
        ann,
        sql =>
          sql<
            [{ id: string }]
          >`insert into tickets ${sql({ team_id: team, subject, description: 'x', requester_email: client, requester_name: 'Cleo', created_by: ann.id })} returning id`
      )
      tickets.push(created.id)
    }
    await dispatch()
    await database()`update public.mails set state = 'suppressed', reason = 'x' where team_id = ${team} and kind = 'ticket_received' and state = 'waiting'`
    await database()`insert into private.stranger_mails (team_id, kind, mailbox_hash, is_new_team) select ${team}, 'client', private.mailbox_hash(${client}), true from generate_series(1, 5)`
    for (const [index, id] of tickets.entries()) await by(bob, reply(team, id, words(index)))
    await send(team)
    expect(to(client)).toHaveLength(1)
    return { team, tickets, client }
  }
  /** The budgets of yesterday are whole again, and what waits is due. */
  async function passDay(team: string): Promise<Message[]> {
    await database()`update private.stranger_mails set taken_at = taken_at - interval '1 day' where team_id = ${team}`
    return passHold(team)
  }
  async function passHold(team: string): Promise<Message[]> {
    await database()`update public.mails set next_attempt_at = now(), held_until = least(held_until, now()) where team_id = ${team} and state = 'waiting'`
    return sendDue()
  }
  const mailsOf = (team: string, ticket: string) =>
    by(
      vera,
      sql => sql<{ kind: string; state: string; reason: string | null; waits: boolean }[]>`
    select kind, state, reason, next_attempt_at is not null as waits from private.ticket_mails(${team}, ${ticket}) where kind <> 'ticket_received' order by created_at, id`
    )
  const takenNow = async (team: string) =>
    (await database()`select from private.stranger_mails where team_id = ${team} and taken_at > now() - interval '1 hour'`).length

  test('goes as one mail about all its requests, which counts as one', async () => {
    const { team, tickets, client } = await waitingAnswers(['VPN drops', 'You won http://evil.test', 'Printer'])
    await by(bob, status(tickets[2]!, 'resolved'))
    await dispatch()
    await send(team)
    await passDay(team)
    expect(to(client)).toHaveLength(2)
    const digest = to(client)[1]!
    expect(digest).toMatchObject({
      subject: 'Your requests #001, #002 and #003',
      fromName: null,
      references: [`<team.${team}@desk.test>`],
      inReplyTo: `<team.${team}@desk.test>`,
      headers: {},
      hasNullSender: false
    })
    expect(digest.text).toMatch(
      /^Hello Cleo,\n\nThere is news about 3 of your requests to Acme\.\n\n#001 VPN drops\n\nBob Byrd:\n\nAnswer 0\n\nStatus: Open\n\n#002 You won evil\[\.\]test\n\nBob Byrd:\n\nAnswer 1[^]*#003 Printer\n\nBob Byrd:\n\nAnswer 2\n\nStatus: Resolved\n\nYour request #003 is resolved\.\n\nHow did we do/
    )
    expect(digest.text).toContain('because of your requests #001, #002 and #003 to Acme.')
    expect(digest.html).not.toContain('http://evil')
    expect(new Set(digest.text.match(/http:\S+(?=\?)/g)).size).toBe(1)
    expect(await takenNow(team)).toBe(1)
    expect(await mailsOf(team, tickets[0]!)).toEqual([
      { kind: 'public_reply', state: 'merged', reason: 'Sent together with #002, #003', waits: false }
    ])
    expect(await mailsOf(team, tickets[2]!)).toMatchObject([
      { kind: 'public_reply', state: 'merged', reason: 'Sent together with #001, #002' },
      { kind: 'rating_request', state: 'merged' }
    ])
    // What it told is known: open again is news of the third, and the first has its own thread.
    await database()`select private.remember_mailbox(${team}, ${client})`
    await by(bob, status(tickets[2]!, 'open'))
    await by(bob, reply(team, tickets[0]!, 'One more thing'))
    await send(team)
    expect(
      to(client)
        .slice(2)
        .map(({ text }) => /is open again|One more thing/.exec(text)?.[0])
        .sort()
    ).toEqual(['One more thing', 'is open again'])
    expect(to(client).find(({ text }) => text.includes('One more thing'))!.references).toEqual([
      `<ticket.${tickets[0]!}@desk.test>`,
      to(client)[0]!.messageId
    ])
  })

  test('of one request is one mail in its thread', async () => {
    const { team, tickets, client } = await waitingAnswers(['VPN drops'])
    await by(bob, status(tickets[0]!, 'resolved'))
    await send(team)
    await passDay(team)
    expect(to(client)).toHaveLength(2)
    expect(to(client)[1]).toMatchObject({ subject: 'Re: [#001] Your request', inReplyTo: to(client)[0]!.messageId })
    expect(to(client)[1]!.text).toMatch(/^Hello Cleo,\n\nBob Byrd:\n\nAnswer 0[^]*is resolved\.\n\nHow did we do/)
    expect(await mailsOf(team, tickets[0]!)).toMatchObject([
      { state: 'merged', reason: 'Sent together with other news of this ticket' },
      { state: 'merged' }
    ])
    await database()`select private.remember_mailbox(${team}, ${client})`
    await by(bob, reply(team, tickets[0]!, 'Bye'))
    await send(team)
    expect(to(client)[2]!.inReplyTo).toBe(to(client)[1]!.messageId)
  })

  test('is tried again together under one Message-ID, takes nothing more, and waits in each ticket', async () => {
    const { team, tickets, client } = await waitingAnswers(['VPN drops', 'Printer'])
    const ids: string[] = []
    mailServer.answer = ({ messageId }) => {
      ids.push(messageId)
      throw new Error('killed')
    }
    await expect(passDay(team)).rejects.toThrow('killed')
    for (const id of tickets) await by(bob, reply(team, id, 'Later words'))
    await dispatch()
    mailServer.answer = ({ messageId }) => {
      ids.push(messageId)
      return { outcome: 'deferred', reason: '450 Later' }
    }
    await database()`update public.mails set locked_until = now() where team_id = ${team} and locked_until is not null`
    await sendDue()
    for (const id of tickets)
      expect((await mailsOf(team, id))[0]).toEqual({
        kind: 'public_reply',
        state: 'waiting',
        reason: 'The mail server did not take it yet',
        waits: true
      })
    mailServer.answer = ({ messageId }) => {
      ids.push(messageId)
      return { outcome: 'delivered' }
    }
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and kind = 'digest'`
    await Promise.all([sendDue(), sendDue(), sendDue()])
    expect(ids).toHaveLength(3)
    expect(new Set(ids).size).toBe(1)
    expect(to(client)[1]!.text).toMatch(/Answer 0[^]*Answer 1/)
    expect(to(client)[1]!.text).not.toContain('Later words')
    expect(await takenNow(team)).toBe(1)
    expect((await rows(team)).filter(({ kind, state }) => kind === 'public_reply' && state === 'waiting')).toHaveLength(2)
  })

  test('fails in each ticket where the mail server refuses it, and goes together when somebody tries it again', async () => {
    const { team, tickets, client } = await waitingAnswers(['VPN drops', 'Printer'])
    mailServer.answer = () => ({ outcome: 'refused', reason: '550 No such user' })
    await passDay(team)
    for (const id of tickets)
      expect(await mailsOf(team, id)).toEqual([
        { kind: 'public_reply', state: 'failed', reason: 'The mail server refused it', waits: false }
      ])
    mailServer.answer = () => ({ outcome: 'delivered' })
    const [digest] = await database()<[{ id: string }]>`select id from public.mails where team_id = ${team} and kind = 'digest'`
    await by(ann, sql => sql`select private.retry_job(${team}, 'mail', ${digest.id})`)
    await sendDue()
    expect(to(client)[1]!.text).toMatch(/Answer 0[^]*Answer 1/)
  })

  test('leaves out what is no news any more, with the reason in its ticket, and is no mail where nothing is left', async () => {
    const { team, tickets, client } = await waitingAnswers(['VPN drops', 'Printer', 'Mouse', 'Chair'])
    mailServer.answer = () => ({ outcome: 'deferred', reason: '450 Later' })
    await passDay(team)
    mailServer.answer = () => ({ outcome: 'delivered' })
    await database()`delete from public.ticket_replies where team_id = ${team} and ticket_id = ${tickets[0]!}`
    await by(ann, sql => sql`update tickets set requester_email = 'other@mail.test' where id = ${tickets[1]!}`)
    await by(ann, sql => sql`delete from tickets where id = ${tickets[2]!}`)
    await passHold(team)
    expect(to(client)).toHaveLength(2)
    expect(to(client)[1]!).toMatchObject({ subject: '[#004] Your request', references: [`<ticket.${tickets[3]!}@desk.test>`] })
    expect(to(client)[1]!.text).not.toMatch(/Answer [012]/)
    expect(await mailsOf(team, tickets[0]!)).toMatchObject([{ state: 'cancelled', reason: 'Its messages were deleted' }])
    expect(await mailsOf(team, tickets[1]!)).toMatchObject([{ state: 'cancelled', reason: "The request is somebody else's now" }])
    expect((await rows(team)).filter(({ reason }) => reason === 'The ticket was deleted').map(({ state }) => state)).toContain('cancelled')

    const gone = await waitingAnswers(['VPN drops', 'Printer'])
    await database()`delete from public.ticket_replies where team_id = ${gone.team}`
    expect(await passDay(gone.team)).toEqual([])
    expect(
      (await rows(gone.team))
        .filter(({ recipient }) => recipient === gone.client)
        .map(({ kind, state }) => `${kind} ${state}`)
        .sort()
    ).toEqual([
      'digest cancelled',
      'public_reply cancelled',
      'public_reply cancelled',
      'ticket_received sent',
      'ticket_received suppressed'
    ])
    expect(await takenNow(gone.team)).toBe(0)
  })

  test('goes twenty requests at a time, and as many as a mail of bounded length holds', async () => {
    const many = await waitingAnswers(Array.from({ length: 23 }, (_, index) => `Request ${index}`))
    await passDay(many.team)
    await passDay(many.team)
    expect(
      to(many.client)
        .slice(1)
        .map(({ subject, text }) => [subject, text.match(/Answer \d+/g)!.length])
    ).toEqual([
      ['Your requests #001, #002 and 18 more', 20],
      ['Your requests #021, #022 and #023', 3]
    ])
    const long = await waitingAnswers(['A', 'B', 'C', 'D', 'E'], index => `${index} ${'x'.repeat(40_000)}`)
    for (let day = 0; day < 3; day++) await passDay(long.team)
    expect(
      to(long.client)
        .slice(1)
        .map(({ text }) => text.match(/\d x+/g)!.length)
    ).toEqual([2, 2, 1])
  })

  test('comes before an acknowledgement, which is dropped', async () => {
    const { team, client } = await waitingAnswers(['VPN drops'])
    await by(
      ann,
      sql =>
        sql`insert into tickets ${sql({ team_id: team, subject: 'New', description: 'x', requester_email: client, created_by: ann.id })}`
    )
    await dispatch()
    await database()`update private.stranger_mails set taken_at = taken_at - interval '1 day' where team_id = ${team}`
    await sendDue()
    expect(await rows(team)).toContainEqual({
      kind: 'ticket_received',
      recipient: client,
      state: 'suppressed',
      reason: 'Other news for this address waits already',
      attempts: 0
    })
    await passHold(team)
    expect(to(client)).toHaveLength(2)
  })

  test('goes in the mail to its own address and of its own team alone', async () => {
    const one = await waitingAnswers(['VPN drops', 'Printer'])
    const other = await waitingAnswers(['Secret of another team'])
    await database()`update public.mails set recipient = ${one.client} where team_id = ${other.team} and state = 'waiting' and recipient = ${other.client}`
    await database()`update public.tickets set requester_email = ${one.client} where team_id = ${other.team}`
    await passDay(one.team)
    expect(to(one.client)).toHaveLength(2)
    expect(to(one.client)[1]!.text).not.toContain('Secret')
  })
})

describe('what is long', () => {
  const replies = (team: string, ticket: string, count: number, letters: number) => async (sql: Work) => {
    await sql`insert into ticket_replies (team_id, ticket_id, content) select ${team}, ${ticket}, 'Reply ' || number || ': ' || repeat('x', ${letters}) from generate_series(1, ${count}) as number`
    // One statement writes all at one time: the order is that of their numbers.
    await sql`reset role`
    await sql`update ticket_replies set created_at = now() + substring(content from '\\d+')::integer * interval '1 microsecond' where team_id = ${team} and length(content) < ${letters} + 13 and length(content) > ${letters}`
  }
  const numbersIn = (text: string) => [...text.matchAll(/Reply (\d+): x/g)].map(([, number]) => Number(number))
  const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

  test('reaches a client in mails of bounded length, in its order, and the first says how much follows', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await by(bob, replies(team, ticket, 7, 40_000))
    await send(team)
    const letters = to(client).slice(1)
    expect(letters.map(({ text }) => numbersIn(text))).toEqual([[1, 2], [3, 4], [5, 6], [7]])
    expect(letters.map(({ text }) => /\d+ more repl.*$/m.exec(text)?.[0])).toEqual([
      '5 more replies follow in the next mail.',
      '3 more replies follow in the next mail.',
      '1 more reply follows in the next mail.',
      undefined
    ])
    expect(letters.map(({ inReplyTo }) => inReplyTo)).toEqual(
      to(client)
        .slice(0, -1)
        .map(({ messageId }) => messageId)
    )
  })

  test('is counted in bytes, and one reply goes whatever its size', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await by(
      bob,
      sql =>
        sql`insert into ticket_replies (team_id, ticket_id, content) select ${team}, ${ticket}, 'N' || number || repeat('語', 40000) from generate_series(1, 2) as number`
    )
    await send(team)
    expect(
      to(client)
        .slice(1)
        .map(({ text }) => text.match(/\d語/g)!)
        .sort()
    ).toEqual([['1語'], ['2語']])
  })

  test('of many short replies is several mails, and no row names more than a hundred', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await by(bob, replies(team, ticket, 160, 1))
    await dispatch()
    await by(bob, replies(team, ticket, 90, 2))
    await dispatch()
    const sizes = await database()<
      { size: number }[]
    >`select jsonb_array_length(data -> 'events') as size from public.mails where team_id = ${team} and kind = 'public_reply' order by event_id`
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBe(250)
    for (const { size } of sizes) expect(size).toBeLessThanOrEqual(100)
    await send(team)
    expect(
      to(client)
        .slice(1)
        .flatMap(({ text }) => numbersIn(text))
        .sort((a, b) => a - b)
    ).toEqual([...oneTo(160), ...oneTo(90)].sort((a, b) => a - b))
    await expect(
      database()`update public.mails set data = jsonb_build_object('events', (select jsonb_agg(n) from generate_series(1, 101) as n)) where team_id = ${team}`
    ).rejects.toMatchObject({ code: '23514' })
  })

  test('a member reads so much of, and how many more replies the ticket has', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await send(team)
    await by(ann, replies(team, ticket, 5, 40_000))
    await send(team)
    expect(to(bob.email)).toHaveLength(2)
    expect(numbersIn(to(bob.email)[1]!.text)).toEqual([1, 2])
    expect(to(bob.email)[1]!.text).toContain('3 more replies are in #001.')
  })

  test('waits for a member together only as far as one mail names it', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await send(team)
    await database()`update public.mails set sent_at = now() where team_id = ${team}`
    await database()`insert into public.mails (team_id, event_id, kind, recipient, recipient_user_id, state, sent_at) select ${team}, 1, 'member_notice', ${bob.email}, ${bob.id}, 'sent', now() from generate_series(1, 3)`
    await by(ann, replies(team, ticket, 250, 1))
    await send(team)
    expect(to(bob.email)).toHaveLength(1)
    await database()`update public.mails set sent_at = sent_at - interval '1 hour' where team_id = ${team} and state = 'sent'`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    expect(
      to(bob.email)
        .slice(1)
        .flatMap(({ text }) => numbersIn(text))
        .sort((a, b) => a - b)
    ).toEqual(oneTo(250))
    for (const { text } of to(bob.email)) expect(numbersIn(text).length).toBeLessThanOrEqual(100)
  })
})
