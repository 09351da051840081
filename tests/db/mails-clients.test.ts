import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { database, impersonate } from '../support/as.ts'
import { by, dispatch, mailed, mailServer, newTeam, reply, rows, send, sendDue, status, to, useMailOutbox } from '../support/mail-outbox.ts'
import { acme, adam, ann, bob, vera, type Person } from '../support/world.ts'

useMailOutbox()

describe('a client', () => {
  test('is told that the request is there, once', async () => {
    const { team, ticket, client } = await newTeam()
    expect(await send(team)).toMatchObject([
      {
        to: client,
        subject: '[#001] VPN drops',
        fromName: 'Acme',
        hasNullSender: true,
        headers: { 'Auto-Submitted': 'auto-generated', 'Precedence': 'bulk', 'X-Auto-Response-Suppress': 'All' }
      }
    ])
    expect(mailed[0]!.text).toContain('Acme has received your request. Its number is #001')
    await by(ann, sql => sql`update tickets set requester_email = 'other@mail.test' where id = ${ticket}`)
    await by(ann, sql => sql`update tickets set requester_email = ${client} where id = ${ticket}`)
    await send(team)
    expect(to(client)).toHaveLength(1)
    expect(await rows(team)).toMatchObject([{ state: 'sent' }])
  })

  test('who is the requester from now on is told so', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    expect(await send(team)).toEqual([])
    await by(ann, sql => sql`update tickets set requester_email = 'new@mail.test' where id = ${ticket}`)
    expect(await send(team)).toMatchObject([{ to: 'new@mail.test' }])
  })

  test('is not told that a request is there which is over already', async () => {
    const { team } = await newTeam({ status: 'resolved' })
    expect(await send(team)).toEqual([])
    expect(await rows(team)).toMatchObject([{ kind: 'ticket_received', state: 'cancelled', reason: 'The request is over' }])
  })

  test('gets public replies and never a note', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await by(
      bob,
      sql => sql`insert into ticket_replies ${sql({ team_id: team, ticket_id: ticket, content: 'Try **this**.', format: 'markdown' })}`
    )
    await by(ann, reply(team, ticket, 'SECRET: their firewall', true))
    await by(bob, status(ticket, 'waiting'))
    await by(bob, status(ticket, 'resolved'))
    await by(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await send(team)
    const [, answered] = to(client)
    expect(answered).toMatchObject({ subject: 'Re: [#001] VPN drops', fromName: 'Bob Byrd (Acme)', headers: {}, hasNullSender: false })
    expect(answered!.text).toContain('Bob Byrd:\n\nTry **this**.')
    expect(answered!.html).toContain('<strong>this</strong>')
    expect(to(client).length).toBeGreaterThan(2)
    for (const mail of to(client)) {
      expect(JSON.stringify(mail)).not.toMatch(/SECRET|firewall/)
      expect(JSON.stringify(mail)).not.toMatch(/@acme\.test/)
    }
    // A row that names a note, however it came to be: nothing of it.
    const [{ id: note }] = await by(ann, reply(team, ticket, 'SECRET again', true))
    await database()`insert into public.mails (team_id, ticket_id, event_id, kind, recipient, data) values (${team}, ${ticket}, 1, 'public_reply', ${client}, ${database().json({ events: [{ id: '1', reply_id: note }] })})`
    const before = to(client).length
    await send(team)
    expect(to(client)).toHaveLength(before)
    expect(
      (await rows(team))
        .filter(row => row.kind === 'public_reply')
        .map(row => [row.state, row.reason])
        .sort()
    ).toEqual([
      ['cancelled', 'Its messages were deleted'],
      ['sent', null]
    ])
  })

  test('gets several replies of a minute in one mail, and one after it in another', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await by(bob, reply(team, ticket, 'First'))
    await dispatch()
    await by(bob, reply(team, ticket, 'Second'))
    await by(ann, reply(team, ticket, 'Third'))
    await send(team)
    expect(to(client)).toHaveLength(2)
    expect(to(client)[1]!.text).toMatch(/First[^]*Second[^]*Third/)
    expect(to(client)[1]!.fromName).toBe('Acme')
    await by(bob, reply(team, ticket, 'Fourth'))
    expect((await send(team)).map(mail => mail.to === client && mail.text).join()).not.toContain('Third')
  })

  test('a reply waits for a minute', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await by(bob, reply(team, ticket, 'First'))
    await dispatch()
    await sendDue()
    expect(to(client)).toHaveLength(1)
    const [{ wait }] = await database()<
      [{ wait: number }]
    >`select extract(epoch from next_attempt_at - created_at)::float8 as wait from public.mails where team_id = ${team} and kind = 'public_reply'`
    expect(wait).toBe(60)
  })

  test('gets no reply that was deleted meanwhile, and no mail without one', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    const [{ id: gone }] = await by(bob, reply(team, ticket, 'Wrong window'))
    await by(bob, reply(team, ticket, 'The right words'))
    await dispatch()
    await by(bob, sql => sql`delete from ticket_replies where id = ${gone}`)
    await send(team)
    expect(to(client)[1]!.text).toContain('The right words')
    expect(to(client)[1]!.text).not.toContain('Wrong window')
    const [{ id: again }] = await by(bob, reply(team, ticket, 'Wrong again'))
    await dispatch()
    await by(bob, sql => sql`delete from ticket_replies where id = ${again}`)
    await send(team)
    expect(to(client)).toHaveLength(2)
  })

  test('reads all of it in one thread', async () => {
    const { team, ticket, client } = await newTeam()
    for (const text of ['One', 'Two']) {
      await send(team)
      await by(bob, reply(team, ticket, text))
    }
    await send(team)
    const root = `<ticket.${ticket}@desk.test>`
    const [first, second, third] = to(client)
    expect(first).toMatchObject({ references: [root], inReplyTo: root })
    expect(second).toMatchObject({ references: [root, first!.messageId], inReplyTo: first!.messageId, subject: 'Re: [#001] VPN drops' })
    expect(third).toMatchObject({ references: [root, second!.messageId], inReplyTo: second!.messageId })
    expect(new Set(to(client).map(mail => mail.messageId)).size).toBe(3)
    expect(first!.messageId).toMatch(/^<[0-9a-f-]{36}@desk\.test>$/)
  })

  test('hears once who looks after the request, by name', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    const assign = (person: Person | null) =>
      by(ann, sql => sql`update tickets set assigned_to = ${person?.id ?? null} where id = ${ticket}`)
    await assign(adam)
    await assign(bob)
    await send(team)
    expect(to(client)[1]!.text).toContain('Bob Byrd is looking after your request #001.')
    expect(JSON.stringify(to(client)[1])).not.toMatch(/bob@|Adam/)
    await assign(null)
    await assign(bob)
    await send(team)
    expect(to(client)).toHaveLength(2)
  })

  test('hears nothing of an assignment that was taken back within the minute', async () => {
    const { team, ticket } = await newTeam({ assigned_to: bob.id })
    await send(team)
    const before = mailed.length
    for (const person of [ann, adam, bob]) await by(ann, sql => sql`update tickets set assigned_to = ${person.id} where id = ${ticket}`)
    await send(team)
    expect(mailed.slice(before).filter(mail => mail.to.startsWith('client.'))).toEqual([])
    expect((await rows(team)).filter(({ kind }) => kind === 'assigned')).toMatchObject([
      { state: 'cancelled', reason: 'It was taken back' }
    ])
  })

  test('hears of a status that lasts a minute and is news, and is asked when it is resolved', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    for (const value of ['in_progress', 'waiting', 'open']) await by(bob, status(ticket, value))
    await send(team)
    expect(to(client)).toHaveLength(1)
    await by(bob, status(ticket, 'waiting'))
    await send(team)
    expect(to(client)[1]!.text).toContain('Your request #001 is waiting for more information from you.')
    await by(bob, status(ticket, 'resolved'))
    await send(team)
    expect(to(client)[2]!.text).toMatch(/is resolved[^]*5 - Excellent: http:\/\/desk\.test\/rate\/[\w-]{43}\?score=5/)
    await database()`update public.mails set sent_at = sent_at - interval '2 hours' where team_id = ${team} and state = 'sent'`
    await by(bob, status(ticket, 'open'))
    await by(bob, status(ticket, 'resolved'))
    await send(team)
    expect(to(client)).toHaveLength(3)
    await by(bob, status(ticket, 'open'))
    await send(team)
    expect(to(client)[3]!.text).toContain('Your request #001 is open again.')
    await by(bob, status(ticket, 'resolved'))
    await by(ann, status(ticket, 'closed'))
    await send(team)
    expect(to(client)).toHaveLength(6)
    expect(to(client)[4]!.text).toContain('is resolved')
    expect(to(client)[5]!.text).toContain('is closed')
  })

  test('of an imported request hears nothing of its history, and that it is open again', async () => {
    const { team } = await newTeam({ requester_email: null })
    const client = `client.${team.slice(0, 8)}@mail.test`
    const imported = {
      subject: 'Old',
      description: 'x',
      format: 'text',
      status: 'resolved',
      priority: 'normal',
      severity: 3,
      category: 'other',
      requester_email: client,
      route: [],
      tags: [],
      created_at: '2024-01-01T00:00:00Z'
    }
    await by(ann, sql => sql`select private.import_ticket(${team}, 'old-1', ${sql.json(imported)}, '[]')`)
    await send(team)
    expect(await rows(team)).toEqual([])
    await by(bob, sql => sql`update tickets set status = 'open' where team_id = ${team} and subject = 'Old'`)
    await send(team)
    expect(to(client).map(({ text }) => /Your request #002 is open again/.exec(text)?.[0])).toEqual(['Your request #002 is open again'])
  })

  test('reads with an answer that the next word is theirs, and in no other mail', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await by(bob, reply(team, ticket, 'Which version?'))
    await by(bob, status(ticket, 'waiting'))
    await send(team)
    expect(to(client)).toHaveLength(2)
    expect(to(client)[1]!.text).toContain('Status: Waiting for you')
    await by(bob, reply(team, ticket, 'Thank you, done.'))
    await by(bob, status(ticket, 'resolved'))
    await send(team)
    expect(to(client).map(mail => /Thank you, done|How did we do/.exec(mail.text)?.[0])).toEqual([
      undefined,
      undefined,
      'Thank you, done',
      'How did we do'
    ])
  })

  test('has at most three automatic mails in an hour; the words of people come through', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    for (const value of ['waiting', 'resolved', 'open']) {
      await by(bob, status(ticket, value))
      await send(team)
    }
    expect(to(client)).toHaveLength(3)
    for (let number = 0; number < 3; number++) {
      await by(bob, reply(team, ticket, `Words ${number}`))
      await send(team)
    }
    expect(to(client)).toHaveLength(6)
    expect((await rows(team)).filter(row => row.state === 'waiting' && row.recipient === client)).toEqual([
      { kind: 'status_changed', recipient: client, state: 'waiting', reason: 'More than 3 mails in an hour', attempts: 0 }
    ])
    await database()`update public.mails set sent_at = sent_at - interval '61 minutes' where team_id = ${team} and state = 'sent'`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await send(team)
    // The replies said that it is open again: what waited is no news.
    expect(
      (await rows(team))
        .filter(row => row.kind === 'status_changed' && row.recipient === client)
        .map(row => row.state)
        .sort()
    ).toEqual(['cancelled', 'sent'])
    await by(bob, status(ticket, 'waiting'))
    await send(team)
    expect(to(client)).toHaveLength(7)
  })

  test('has as many in both spellings of the domain of an address', async () => {
    const unicode = `c.${randomUUID().slice(0, 8)}@bücher.example`
    const ascii = unicode.replace('bücher', 'xn--bcher-kva')
    const { team } = await newTeam({ requester_email: unicode })
    for (const address of [unicode, ascii, unicode, ascii]) {
      await by(
        ann,
        sql =>
          sql`insert into tickets ${sql({ team_id: team, subject: 'x', description: 'x', requester_email: address, created_by: ann.id })}`
      )
      await send(team)
    }
    expect(await send(team)).toEqual([])
    expect((await rows(team)).filter(({ state }) => state === 'sent')).toHaveLength(3)
  })

  test('with five requests is told later of the two that were resolved: only acknowledgements are dropped', async () => {
    const { team, ticket, client } = await newTeam()
    const others: string[] = []
    for (let n = 0; n < 4; n++) {
      const [created] = await by(
        ann,
        sql =>
          sql<
            [{ id: string }]
          >`insert into tickets ${sql({ team_id: team, subject: `Request ${n}`, description: 'x', requester_email: client, created_by: ann.id })} returning id`
      )
      others.push(created.id)
      await send(team) // in their order: the first three are mailed
    }
    await by(bob, status(ticket, 'resolved'))
    await by(bob, status(others[3]!, 'resolved'))
    await send(team)
    expect(to(client)).toHaveLength(3)
    expect(
      (await rows(team))
        .filter(row => row.state !== 'sent' && row.recipient === client)
        .map(({ kind, state, reason }) => [kind, state, reason])
        .sort()
    ).toEqual([
      ['rating_request', 'waiting', 'More than 3 mails in an hour'],
      ['rating_request', 'waiting', 'More than 3 mails in an hour'],
      ['ticket_received', 'suppressed', 'More than 3 mails in an hour'],
      ['ticket_received', 'suppressed', 'More than 3 mails in an hour']
    ])
    await database().begin(async sql => {
      await impersonate(sql, vera)
      expect(
        await sql`select kind, state, reason, next_attempt_at > now() as waits from private.ticket_mails(${team}, ${others[3]!}) order by kind`
      ).toMatchObject([
        { kind: 'rating_request', state: 'waiting', reason: 'More than 3 mails in an hour', waits: true },
        { kind: 'ticket_received', state: 'suppressed' }
      ])
    })
    await database()`update public.mails set sent_at = sent_at - interval '1 hour' where team_id = ${team} and state = 'sent'`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    expect(
      to(client)
        .slice(3)
        .map(({ subject, text }) => [subject, text.match(/is resolved\.\n\nHow did we do/g)?.length])
    ).toEqual([['Your requests #001 and #005', 2]])
  })

  test('of a new team gets its mails later where the budget of the day is used, and none is lost', async () => {
    const { team, ticket, client } = await newTeam({}, { mail_level: 'new' })
    await send(team)
    for (let number = 0; number < 9; number++) {
      await by(bob, reply(team, ticket, `Words ${number}`))
      await send(team)
    }
    expect(to(client)).toHaveLength(6)
    const waiting = (await rows(team)).filter(row => row.state === 'waiting' && row.recipient === client)
    expect(waiting).toMatchObject([
      { kind: 'public_reply', reason: 'A mailbox that has not answered this team gets 6 of its mails in 24 hours' }
    ])
    // Its time with the mail server begins when there is room: it was written days ago.
    await database()`update public.mails set created_at = created_at - interval '4 days' where team_id = ${team} and state = 'waiting'`
    await database()`update private.stranger_mails set taken_at = taken_at - interval '1 day' where team_id = ${team}`
    mailServer.answer = () => ({ outcome: 'deferred', reason: '450 Later' })
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    mailServer.answer = () => ({ outcome: 'delivered' })
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    expect(to(client)).toHaveLength(7)
    for (let number = 5; number < 9; number++) expect(to(client)[6]!.text).toContain(`Words ${number}`)
    expect(
      await database()`select from private.stranger_mails where team_id = ${team} and taken_at > now() - interval '1 hour'`
    ).toHaveLength(1)
  })

  test('who rated a ticket of the team is no stranger to it', async () => {
    const { team, ticket, client } = await newTeam({}, { mail_level: 'new' })
    await send(team)
    await database()`select private.remember_mailbox(${team}, ${client})`
    for (let number = 0; number < 9; number++) {
      await by(bob, reply(team, ticket, `See https://help.test/${number}`))
      await send(team)
    }
    expect(to(client)).toHaveLength(10)
    expect(to(client)[9]).toMatchObject({ subject: 'Re: [#001] VPN drops', fromName: 'Bob Byrd (Acme)' })
    expect(to(client)[9]!.text).toContain('https://help.test/8')
  })

  test('who never answered a new team reads no words of its people in the subject, and no links of theirs', async () => {
    const { team, ticket, client } = await newTeam(
      { subject: 'You won: http://evil.test', requester_name: 'You won, see www.evil.test' },
      { mail_level: 'new', name: 'PayPal: you won, see http://evil.test/pay' }
    )
    await send(team)
    await by(bob, reply(team, ticket, 'Take [this](http://evil.test/a) or <https://evil.test/b> or evil.test'))
    await by(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await send(team)
    await by(bob, status(ticket, 'resolved'))
    await send(team)
    expect(to(client).map(({ subject, fromName }) => [subject, fromName])).toEqual([
      ['[#001] We have received your request', null],
      ['Re: [#001] Your request', null],
      ['Re: [#001] Your request', null],
      ['Re: [#001] Your request', null]
    ])
    for (const { text, html } of to(client)) {
      expect(`${text}${html}`).not.toMatch(/evil\.test/)
      for (const link of `${text}${html}`.match(/https?:\/\/[^\s"<]+/g) ?? []) expect(link).toMatch(/^http:\/\/desk\.test\/rate\//)
    }
    expect(to(client)[1]!.text + to(client)[2]!.text).toContain('Take [this](evil[.]test/a) or <evil[.]test/b> or evil[.]test')
  })

  test('is asked for an answer only where answers arrive', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    for (const address of [null, 'help@acme.test']) {
      await database()`update public.teams set reply_to_email = ${address} where id = ${team}`
      for (const value of ['waiting', 'resolved', 'open']) {
        await by(bob, status(ticket, value))
        await send(team)
        await database()`update public.mails set sent_at = sent_at - interval '2 hours' where team_id = ${team} and state = 'sent'`
      }
    }
    const said = to(client)
      .slice(1)
      .map(({ text, replyTo }) => [replyTo, /answer this mail/i.test(text), /tell us|your answer|open it again/i.test(text)])
    expect(said).toEqual([
      [null, false, false],
      [null, false, false],
      [null, false, false],
      ['help@acme.test', true, false],
      ['help@acme.test', true, false],
      ['help@acme.test', false, false]
    ])
  })

  test('has three of them even when forty are due at once', async () => {
    const { team, client } = await newTeam()
    for (let number = 0; number < 39; number++)
      await by(
        ann,
        sql =>
          sql`insert into tickets ${sql({ team_id: team, subject: `More ${number}`, description: 'x', requester_email: client, created_by: ann.id })}`
      )
    mailServer.answer = async () => {
      await new Promise(resolve => setTimeout(resolve, 5))
      return { outcome: 'delivered' }
    }
    await send(team)
    await send(team)
    expect(to(client)).toHaveLength(3)
    expect((await rows(team)).filter(row => row.state === 'suppressed')).toHaveLength(37)
  })

  test.each([
    'support@desk.test',
    'bob@acme.test',
    'mailer-daemon@mail.test',
    'postmaster@mail.test',
    'no-reply@mail.test',
    'bounces+1@mail.test'
  ])('%j is none', async address => {
    const { team, ticket } = await newTeam({ requester_email: address })
    await by(bob, reply(team, ticket, 'Hello'))
    expect((await send(team)).map(mail => mail.to).filter(one => one !== ann.email)).toEqual([])
    expect((await rows(team)).filter(row => row.kind !== 'member_notice')).toEqual([])
  })

  test("who becomes a member gets no client's mails any more, and who is not the requester any more none of the request", async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await by(bob, reply(team, ticket, 'For the client'))
    await dispatch()
    await by(ann, sql => sql`update tickets set requester_email = 'other@mail.test' where id = ${ticket}`)
    await send(team)
    expect(to(client)).toHaveLength(1)
    expect(to('other@mail.test')).toHaveLength(1)
  })

  test('reads of a request that came by itself nothing but that it came', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await dispatch()
    await database()`update public.tickets set channel = 'portal', subject = 'Buy pills at http://evil.test', requester_name = 'Victim', requester_email = 'victim@mail.test' where id = ${ticket}`
    const [mail] = await send(team)
    expect(mail).toMatchObject({ to: 'victim@mail.test', subject: '[#001] We have received your request' })
    expect(JSON.stringify(mail)).not.toMatch(/evil|pills|Every hour|Victim/)
  })

  test('hears nothing of a history that is loaded', async () => {
    const { team } = await newTeam({ requester_email: null })
    await database().begin(async sql => {
      await sql`select set_config('switchboard.channel', 'import', true)`
      await sql`insert into public.tickets ${sql({ team_id: team, subject: 'Old', description: 'x', requester_email: 'old@mail.test', created_by: ann.id })}`
    })
    expect(await send(team)).toEqual([])
  })
})
