import { describe, expect, test } from 'vitest'
import type { Message } from '#server/adapters/mail'
import { database } from '../support/as.ts'
import {
  addReply,
  asPerson,
  dispatch,
  mailRows,
  mailServer,
  mailsTo,
  newTeam,
  send,
  sendDue,
  setStatus,
  useMailOutbox,
  type Transaction
} from '../support/mail-outbox.ts'
import { ann, bob, vera } from '../support/world.ts'

useMailOutbox()

describe('digests of mails that wait for one address', () => {
  /** Spends the daily budget of a client at a new team, then replies to each of its tickets: the replies wait. */
  async function addWaitingReplies(subjects: string[], content = (index: number) => `Answer ${index}`) {
    const { team, ticket, client } = await newTeam({}, { mail_level: 'new' })
    await send(team)
    const tickets: string[] = [ticket]
    for (const subject of subjects.slice(1)) {
      const [created] = await asPerson(
        ann,
        sql =>
          sql<[{ id: string }]>`
            insert into tickets ${sql({
              team_id: team,
              subject,
              description: 'x',
              requester_email: client,
              requester_name: 'Cleo',
              created_by: ann.id
            })} returning id`
      )
      tickets.push(created.id)
    }
    await dispatch()
    await database()`
      update public.mails set state = 'suppressed', reason = 'x' where team_id = ${team} and kind = 'ticket_received' and state = 'waiting'`
    await database()`
      insert into private.stranger_mails (team_id, kind, mailbox_hash, is_new_team)
      select ${team}, 'client', private.mailbox_hash(${client}), true from generate_series(1, 5)`
    for (const [index, id] of tickets.entries()) await asPerson(bob, addReply(team, id, content(index)))
    await send(team)
    expect(mailsTo(client)).toHaveLength(1)
    return { team, tickets, client }
  }
  /** Refills the budgets as if a day had passed, and sends what waits. */
  async function passDay(team: string): Promise<Message[]> {
    await database()`update private.stranger_mails set taken_at = taken_at - interval '1 day' where team_id = ${team}`
    return sendWaiting(team)
  }
  /** Makes every waiting mail due, and sends it. */
  async function sendWaiting(team: string): Promise<Message[]> {
    await database()`
      update public.mails set next_attempt_at = now(), held_until = least(held_until, now()) where team_id = ${team} and state = 'waiting'`
    return sendDue()
  }
  const mailsOf = (team: string, ticket: string) =>
    asPerson(
      vera,
      sql => sql<{ kind: string; state: string; reason: string | null; waits: boolean }[]>`
    select kind, state, reason, next_attempt_at is not null as waits from private.ticket_mails(${team}, ${ticket})
    where kind <> 'ticket_received' order by created_at, id`
    )
  const countTaken = async (team: string) =>
    (await database()`select from private.stranger_mails where team_id = ${team} and taken_at > now() - interval '1 hour'`).length

  test('waiting mails of several requests go as one mail, which counts once against the budget', async () => {
    const { team, tickets, client } = await addWaitingReplies(['VPN drops', 'You won http://evil.test', 'Printer'])
    await asPerson(bob, setStatus(tickets[2]!, 'resolved'))
    await dispatch()
    await send(team)
    await passDay(team)
    expect(mailsTo(client)).toHaveLength(2)
    const digest = mailsTo(client)[1]!
    expect(digest).toMatchObject({
      subject: 'Your requests #001, #002 and #003',
      fromName: null,
      references: [`<team.${team}@desk.test>`],
      inReplyTo: `<team.${team}@desk.test>`,
      headers: {},
      hasNullSender: false
    })
    expect(digest.text).toMatch(
      /^Hello Cleo,\n\nThere is news about 3 of your requests to Acme\.\n\n#001 VPN drops\n\nBob Byrd:\n\nAnswer 0\n\nStatus: Open\n\nTo answer, use the link below\.[^\n]*\n\nOpen my request:\nhttp:\/\/desk\.test\/p\/[\w-]+\/1\?k=[\w-]{43}\n\n#002 You won evil\[\.\]test\n\nBob Byrd:\n\nAnswer 1[^]*#003 Printer\n\nBob Byrd:\n\nAnswer 2\n\nStatus: Resolved\n\nYour request #003 is resolved\.\n\nHow did we do/
    )
    expect(digest.text).toContain('because of your requests #001, #002 and #003 to Acme.')
    expect(digest.html).not.toContain('http://evil')
    expect(new Set(digest.text.match(/http:\S+\/rate\/\S+(?=\?)/g)).size).toBe(1)
    expect(await countTaken(team)).toBe(1)
    expect(await mailsOf(team, tickets[0]!)).toEqual([
      { kind: 'public_reply', state: 'merged', reason: 'Sent together with #002, #003', waits: false }
    ])
    expect((await mailsOf(team, tickets[2]!)).toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toMatchObject([
      { kind: 'public_reply', state: 'merged', reason: 'Sent together with #001, #002' },
      { kind: 'rating_request', state: 'merged' },
      { kind: 'status_changed', state: 'merged' }
    ])
    // Reopening the third request is news after the digest, and the first request keeps its own thread.
    await database()`select private.remember_mailbox(${team}, ${client})`
    await asPerson(bob, setStatus(tickets[2]!, 'open'))
    await asPerson(bob, addReply(team, tickets[0]!, 'One more thing'))
    await send(team)
    expect(
      mailsTo(client)
        .slice(2)
        .map(({ text }) => /is open again|One more thing/.exec(text)?.[0])
        .sort()
    ).toEqual(['One more thing', 'is open again'])
    expect(mailsTo(client).find(({ text }) => text.includes('One more thing'))!.references).toEqual([
      `<ticket.${tickets[0]!}@desk.test>`,
      mailsTo(client)[0]!.messageId
    ])
  })

  test('waiting mails of one request go as one mail in its thread', async () => {
    const { team, tickets, client } = await addWaitingReplies(['VPN drops'])
    await asPerson(bob, setStatus(tickets[0]!, 'resolved'))
    await send(team)
    await passDay(team)
    expect(mailsTo(client)).toHaveLength(2)
    expect(mailsTo(client)[1]).toMatchObject({ subject: 'Re: [#001] Your request', inReplyTo: mailsTo(client)[0]!.messageId })
    expect(mailsTo(client)[1]!.text).toMatch(/^Hello Cleo,\n\nBob Byrd:\n\nAnswer 0[^]*is resolved\.\n\nHow did we do/)
    expect(await mailsOf(team, tickets[0]!)).toMatchObject([
      { state: 'merged', reason: 'Sent together with other news of this ticket' },
      { state: 'merged' },
      { state: 'merged' }
    ])
    await database()`select private.remember_mailbox(${team}, ${client})`
    await asPerson(bob, addReply(team, tickets[0]!, 'Bye'))
    await send(team)
    expect(mailsTo(client)[2]!.inReplyTo).toBe(mailsTo(client)[1]!.messageId)
  })

  test('a digest is retried with the same mails and Message-ID, and each of its tickets shows that it waits', async () => {
    const { team, tickets, client } = await addWaitingReplies(['VPN drops', 'Printer'])
    const ids: string[] = []
    mailServer.answer = ({ messageId }) => {
      ids.push(messageId)
      throw new Error('killed')
    }
    await expect(passDay(team)).rejects.toThrow('killed')
    for (const id of tickets) await asPerson(bob, addReply(team, id, 'Later words'))
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
    expect(mailsTo(client)[1]!.text).toMatch(/Answer 0[^]*Answer 1/)
    expect(mailsTo(client)[1]!.text).not.toContain('Later words')
    expect(await countTaken(team)).toBe(1)
    expect((await mailRows(team)).filter(({ kind, state }) => kind === 'public_reply' && state === 'waiting')).toHaveLength(2)
  })

  test('a refused digest shows as failed in each ticket, and a manual retry sends all of it', async () => {
    const { team, tickets, client } = await addWaitingReplies(['VPN drops', 'Printer'])
    mailServer.answer = () => ({ outcome: 'refused', reason: '550 No such user' })
    await passDay(team)
    for (const id of tickets)
      expect(await mailsOf(team, id)).toEqual([
        { kind: 'public_reply', state: 'failed', reason: 'The mail server refused it', waits: false }
      ])
    mailServer.answer = () => ({ outcome: 'delivered' })
    const [digest] = await database()<[{ id: string }]>`select id from public.mails where team_id = ${team} and kind = 'digest'`
    await asPerson(ann, sql => sql`select private.retry_job(${team}, 'mail', ${digest.id})`)
    await sendDue()
    expect(mailsTo(client)[1]!.text).toMatch(/Answer 0[^]*Answer 1/)
  })

  test('a digest leaves out superseded mails with a reason, and is cancelled when none is left', async () => {
    const { team, tickets, client } = await addWaitingReplies(['VPN drops', 'Printer', 'Mouse', 'Chair'])
    mailServer.answer = () => ({ outcome: 'deferred', reason: '450 Later' })
    await passDay(team)
    mailServer.answer = () => ({ outcome: 'delivered' })
    await database()`delete from public.ticket_replies where team_id = ${team} and ticket_id = ${tickets[0]!}`
    await asPerson(ann, sql => sql`update tickets set requester_email = 'other@mail.test' where id = ${tickets[1]!}`)
    await asPerson(ann, sql => sql`delete from tickets where id = ${tickets[2]!}`)
    await sendWaiting(team)
    expect(mailsTo(client)).toHaveLength(2)
    expect(mailsTo(client)[1]!).toMatchObject({ subject: '[#004] Your request', references: [`<ticket.${tickets[3]!}@desk.test>`] })
    expect(mailsTo(client)[1]!.text).not.toMatch(/Answer [012]/)
    expect(await mailsOf(team, tickets[0]!)).toMatchObject([{ state: 'cancelled', reason: 'Its replies were deleted' }])
    expect(await mailsOf(team, tickets[1]!)).toMatchObject([{ state: 'cancelled', reason: 'They do not take part any more' }])
    expect((await mailRows(team)).filter(({ reason }) => reason === 'The ticket was deleted').map(({ state }) => state)).toContain(
      'cancelled'
    )

    const emptied = await addWaitingReplies(['VPN drops', 'Printer'])
    await database()`delete from public.ticket_replies where team_id = ${emptied.team}`
    expect(await passDay(emptied.team)).toEqual([])
    expect(
      (await mailRows(emptied.team))
        .filter(({ recipient }) => recipient === emptied.client)
        .map(({ kind, state }) => `${kind} ${state}`)
        .sort()
    ).toEqual([
      'digest cancelled',
      'public_reply cancelled',
      'public_reply cancelled',
      'ticket_received sent',
      'ticket_received suppressed'
    ])
    expect(await countTaken(emptied.team)).toBe(0)
  })

  test('a digest has at most 20 requests, and fewer when they are long', async () => {
    const many = await addWaitingReplies(Array.from({ length: 23 }, (_, index) => `Request ${index}`))
    await passDay(many.team)
    await passDay(many.team)
    expect(
      mailsTo(many.client)
        .slice(1)
        .map(({ subject, text }) => [subject, text.match(/Answer \d+/g)!.length])
    ).toEqual([
      ['Your requests #001, #002 and 18 more', 20],
      ['Your requests #021, #022 and #023', 3]
    ])
    const long = await addWaitingReplies(['A', 'B', 'C', 'D', 'E'], index => `${index} ${'x'.repeat(40_000)}`)
    for (let day = 0; day < 3; day++) await passDay(long.team)
    expect(
      mailsTo(long.client)
        .slice(1)
        .map(({ text }) => text.match(/\d x+/g)!.length)
    ).toEqual([2, 2, 1])
  })

  test('an acknowledgement is dropped when other mails wait for the address', async () => {
    const { team, client } = await addWaitingReplies(['VPN drops'])
    await asPerson(
      ann,
      sql =>
        sql`insert into tickets ${sql({ team_id: team, subject: 'New', description: 'x', requester_email: client, created_by: ann.id })}`
    )
    await dispatch()
    await database()`update private.stranger_mails set taken_at = taken_at - interval '1 day' where team_id = ${team}`
    await sendDue()
    expect(await mailRows(team)).toContainEqual({
      kind: 'ticket_received',
      recipient: client,
      state: 'suppressed',
      reason: 'Another mail already waits for this address',
      attempts: 0
    })
    await sendWaiting(team)
    expect(mailsTo(client)).toHaveLength(2)
  })

  test('a digest holds mails of one team alone', async () => {
    const one = await addWaitingReplies(['VPN drops', 'Printer'])
    const other = await addWaitingReplies(['Secret of another team'])
    await database()`
      update public.mails set recipient = ${one.client} where team_id = ${other.team} and state = 'waiting' and recipient = ${other.client}`
    await database()`update public.tickets set requester_email = ${one.client} where team_id = ${other.team}`
    await passDay(one.team)
    expect(mailsTo(one.client)).toHaveLength(2)
    expect(mailsTo(one.client)[1]!.text).not.toContain('Secret')
  })
})

describe('mails about many or long replies', () => {
  const replies = (team: string, ticket: string, count: number, letters: number) => async (sql: Transaction) => {
    await sql`
      insert into ticket_replies (team_id, ticket_id, content)
      select ${team}, ${ticket}, 'Reply ' || number || ': ' || repeat('x', ${letters}) from generate_series(1, ${count}) as number`
    // One statement gives all replies one created_at, so they get times in the order of their numbers.
    await sql`reset role`
    await sql`
      update ticket_replies set created_at = now() + substring(content from '\\d+')::integer * interval '1 microsecond'
      where team_id = ${team} and length(content) < ${letters} + 13 and length(content) > ${letters}`
  }
  const numbersIn = (text: string) => [...text.matchAll(/Reply (\d+): x/g)].map(([, number]) => Number(number))
  const numbersUpTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

  test('long replies reach a client in several mails in order, and each says how many replies follow', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(bob, replies(team, ticket, 7, 40_000))
    await send(team)
    const letters = mailsTo(client).slice(1)
    expect(letters.map(({ text }) => numbersIn(text))).toEqual([[1, 2], [3, 4], [5, 6], [7]])
    expect(letters.map(({ text }) => /\d+ more repl.*$/m.exec(text)?.[0])).toEqual([
      '5 more replies follow in the next mail.',
      '3 more replies follow in the next mail.',
      '1 more reply follows in the next mail.',
      undefined
    ])
    expect(letters.map(({ inReplyTo }) => inReplyTo)).toEqual(
      mailsTo(client)
        .slice(0, -1)
        .map(({ messageId }) => messageId)
    )
  })

  test('the length of a mail is counted in bytes, and a single reply is sent whatever its size', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(
      bob,
      sql =>
        sql`
          insert into ticket_replies (team_id, ticket_id, content)
          select ${team}, ${ticket}, 'N' || number || repeat('語', 40000) from generate_series(1, 2) as number`
    )
    await send(team)
    expect(
      mailsTo(client)
        .slice(1)
        .map(({ text }) => text.match(/\d語/g)!)
        .sort()
    ).toEqual([['1語'], ['2語']])
  })

  test('many short replies go in several mails, and a row names at most 100 events', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(bob, replies(team, ticket, 160, 1))
    await dispatch()
    await asPerson(bob, replies(team, ticket, 90, 2))
    await dispatch()
    const sizes = await database()<{ size: number }[]>`
      select jsonb_array_length(data -> 'events') as size from public.mails where team_id = ${team} and kind = 'public_reply'
      order by event_id`
    expect(sizes.reduce((sum, { size }) => sum + size, 0)).toBe(250)
    for (const { size } of sizes) expect(size).toBeLessThanOrEqual(100)
    await send(team)
    expect(
      mailsTo(client)
        .slice(1)
        .flatMap(({ text }) => numbersIn(text))
        .sort((a, b) => a - b)
    ).toEqual([...numbersUpTo(160), ...numbersUpTo(90)].sort((a, b) => a - b))
    await expect(
      database()`
        update public.mails set data = jsonb_build_object('events', (select jsonb_agg(n) from generate_series(1, 101) as n))
        where team_id = ${team}`
    ).rejects.toMatchObject({ code: '23514' })
  })

  test('a mail to a member is cut at the same length and says how many more replies the ticket has', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await send(team)
    await asPerson(ann, replies(team, ticket, 5, 40_000))
    await send(team)
    expect(mailsTo(bob.email)).toHaveLength(2)
    expect(numbersIn(mailsTo(bob.email)[1]!.text)).toEqual([1, 2])
    expect(mailsTo(bob.email)[1]!.text).toContain('3 more replies are in #001.')
  })

  test('a mail to a member has at most 100 of the replies that wait', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await send(team)
    await database()`update public.mails set sent_at = now() where team_id = ${team}`
    await database()`
      insert into public.mails (team_id, event_id, kind, recipient, recipient_user_id, state, sent_at)
      select ${team}, 1, 'member_notice', ${bob.email}, ${bob.id}, 'sent', now() from generate_series(1, 3)`
    await asPerson(ann, replies(team, ticket, 250, 1))
    await send(team)
    expect(mailsTo(bob.email)).toHaveLength(1)
    await database()`update public.mails set sent_at = sent_at - interval '1 hour' where team_id = ${team} and state = 'sent'`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    expect(
      mailsTo(bob.email)
        .slice(1)
        .flatMap(({ text }) => numbersIn(text))
        .sort((a, b) => a - b)
    ).toEqual(numbersUpTo(250))
    for (const { text } of mailsTo(bob.email)) expect(numbersIn(text).length).toBeLessThanOrEqual(100)
  })
})
