import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { optionalMailKinds } from '#shared/mail'
import { database, impersonate } from '../support/as.ts'
import {
  addReply,
  asPerson,
  asRequester,
  dispatch,
  deliveredMails,
  mailRows,
  mailServer,
  mailsTo,
  newTeam,
  replyAsRequester,
  send,
  sendRatingRequests,
  sendDue,
  setStatus,
  useMailOutbox
} from '../support/mail-outbox.ts'
import { adam, ann, bob, vera, type Person } from '../support/world.ts'

useMailOutbox()

describe('mails to clients', () => {
  test('a new request is acknowledged once, even when its address is changed and changed back', async () => {
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
    expect(deliveredMails[0]!.text).toContain('Acme has received your request. Its number is #001')
    await asPerson(ann, sql => sql`update tickets set requester_email = 'other@mail.test' where id = ${ticket}`)
    await asPerson(ann, sql => sql`update tickets set requester_email = ${client} where id = ${ticket}`)
    await send(team)
    expect(mailsTo(client)).toHaveLength(1)
    expect(await mailRows(team)).toMatchObject([{ state: 'sent' }])
  })

  test('mails to clients have the colour of the team, and mails to members do not', async () => {
    const { team, ticket, client } = await newTeam({}, { portal_color: '#b91c1c' })
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await send(team)
    expect(mailsTo(client).length).toBeGreaterThan(1)
    for (const { html } of mailsTo(client)) expect(html).toContain('background:#b91c1c;color:#ffffff;')
    expect(mailsTo(bob.email)[0]!.html).toContain('background:#4f46e5;color:#ffffff;')
  })

  test('a requester who is added later gets the acknowledgement', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    expect(await send(team)).toEqual([])
    await asPerson(ann, sql => sql`update tickets set requester_email = 'new@mail.test' where id = ${ticket}`)
    expect(await send(team)).toMatchObject([{ to: 'new@mail.test' }])
  })

  test('the address of the team gets no mails for clients, also if it became one while a mail waited', async () => {
    const { team } = await newTeam({ requester_email: null })
    await database()`update teams set reply_to_email = 'support@team.example' where id = ${team}`
    await asPerson(ann, sql => sql`update tickets set requester_email = 'support@team.example' where team_id = ${team}`)
    expect(await send(team)).toEqual([])
    expect(await mailRows(team)).toEqual([])

    const other = await newTeam()
    await dispatch()
    await database()`update teams set reply_to_email = ${other.client} where id = ${other.team}`
    await send(other.team)
    expect(await mailRows(other.team)).toMatchObject([
      { state: 'cancelled', reason: 'The address belongs to a member, to the team or to Switchboard' }
    ])
  })

  test('a blocked contact gets no mails', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(ann, sql => sql`select private.block_contact(${team}, contact_id, true) from tickets where id = ${ticket}`)
    await asPerson(bob, addReply(team, ticket, 'Are you there?'))
    await send(team)
    expect(mailsTo(client)).toHaveLength(1)
  })

  test('a participant gets public replies after they were added, with their own link and language, and nothing else', async () => {
    const { team, ticket, client } = await newTeam()
    await asPerson(bob, addReply(team, ticket, 'Written before'))
    await send(team)
    await asPerson(ann, async sql => {
      const [{ id }] = await sql<
        [{ id: string }]
      >`insert into contacts (team_id, name, locale, created_by) values (${team}, 'Mona', 'de', ${ann.id}) returning id`
      await sql`insert into contact_addresses (team_id, address, contact_id) values (${team}, 'mona@mail.test', ${id})`
      await sql`insert into ticket_participants (team_id, ticket_id, contact_id, added_by) values (${team}, ${ticket}, ${id}, ${ann.id})`
    })
    await asPerson(bob, addReply(team, ticket, 'Written after'))
    await asPerson(ann, addReply(team, ticket, 'SECRET', true))
    await asPerson(bob, setStatus(ticket, 'waiting'))
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await send(team)
    expect(mailsTo('mona@mail.test')).toHaveLength(1)
    const [mail] = mailsTo('mona@mail.test')
    expect(mail!.text).toContain('Written after')
    expect(mail!.text).not.toMatch(/Written before|SECRET/)
    expect(mail!.text).toContain('weil Sie an der Anfrage #001')
    const [link] = /\/p\/\S+k=(\S+)/.exec(mail!.text)!
    expect(mailsTo(client).some(({ text }) => text.includes(link))).toBe(false)

    await replyAsRequester(team, ticket, 'Thank you')
    await asPerson(ann, sql => sql`delete from ticket_participants where ticket_id = ${ticket}`)
    await send(team)
    expect(mailsTo('mona@mail.test')).toHaveLength(1)
  })

  test('another name, another primary address, a merge and its undo mail nobody', async () => {
    const { team, ticket } = await newTeam()
    await send(team)
    const before = deliveredMails.length
    await asPerson(ann, async sql => {
      const [{ contact_id }] = await sql<[{ contact_id: string }]>`select contact_id from tickets where id = ${ticket}`
      await sql`update contacts set name = 'Renamed' where id = ${contact_id}`
      await sql`insert into contact_addresses (team_id, address, contact_id) values (${team}, 'second@mail.test', ${contact_id})`
      await sql`select private.set_primary_address(${team}, ${contact_id}, 'second@mail.test')`
      const [{ id: other }] = await sql<
        [{ id: string }]
      >`insert into contacts (team_id, name, created_by) values (${team}, 'Other', ${ann.id}) returning id`
      await sql`insert into contact_addresses (team_id, address, contact_id) values (${team}, 'other@mail.test', ${other})`
      const [{ merge }] = await sql<[{ merge: string }]>`select private.merge_contacts(${team}, ${other}, ${contact_id}) as merge`
      await sql`select private.undo_merge(${team}, ${merge})`
    })
    await send(team)
    expect(deliveredMails).toHaveLength(before)
    expect(await database()`select requester_name, requester_email from tickets where id = ${ticket}`).toEqual([
      { requester_name: 'Renamed', requester_email: 'second@mail.test' }
    ])
  })

  test('a request that is already resolved is not acknowledged', async () => {
    const { team } = await newTeam({ status: 'resolved' })
    expect(await send(team)).toEqual([])
    expect(await mailRows(team)).toMatchObject([{ kind: 'ticket_received', state: 'cancelled', reason: 'The request is over' }])
  })

  test('a client gets public replies, and never an internal note or the address of a member', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(
      bob,
      sql => sql`insert into ticket_replies ${sql({ team_id: team, ticket_id: ticket, content: 'Try **this**.', format: 'markdown' })}`
    )
    await asPerson(ann, addReply(team, ticket, 'SECRET: their firewall', true))
    await asPerson(bob, setStatus(ticket, 'waiting'))
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await send(team)
    const [, answered] = mailsTo(client)
    expect(answered).toMatchObject({ subject: 'Re: [#001] VPN drops', fromName: 'Bob Byrd (Acme)', headers: {}, hasNullSender: false })
    expect(answered!.text).toContain('Bob Byrd:\n\nTry **this**.')
    expect(answered!.html).toContain('<strong>this</strong>')
    expect(mailsTo(client).length).toBeGreaterThan(2)
    for (const mail of mailsTo(client)) {
      expect(JSON.stringify(mail)).not.toMatch(/SECRET|firewall/)
      expect(JSON.stringify(mail)).not.toMatch(/@acme\.test/)
    }
    // Even a row of the outbox that names a note sends nothing of it.
    const [{ id: note }] = await asPerson(ann, addReply(team, ticket, 'SECRET again', true))
    await database()`
      insert into public.mails (team_id, ticket_id, event_id, kind, recipient, data)
      values (${team}, ${ticket}, 1, 'public_reply', ${client}, ${database().json({ events: [{ id: '1', reply_id: note }] })})`
    const before = mailsTo(client).length
    await send(team)
    expect(mailsTo(client)).toHaveLength(before)
    expect(
      (await mailRows(team))
        .filter(row => row.kind === 'public_reply')
        .map(row => [row.state, row.reason])
        .sort()
    ).toEqual([
      ['cancelled', 'Its replies were deleted'],
      ['sent', null]
    ])
  })

  test('a client gets no mail about their own reply and their own change of the status', async () => {
    const { team, ticket, client } = await newTeam()
    await asPerson(bob, setStatus(ticket, 'waiting'))
    await send(team)
    const before = mailsTo(client).length
    await replyAsRequester(team, ticket, 'Version 3')
    await asRequester(ticket, sql => sql`update public.tickets set status = 'open' where id = ${ticket}`)
    await asRequester(ticket, sql => sql`update public.tickets set status = 'resolved' where id = ${ticket}`)
    await send(team)
    expect(mailsTo(client)).toHaveLength(before)
    expect((await mailRows(team)).filter(row => row.recipient === client && row.state === 'waiting')).toEqual([])
    // Another contact of the organization may act in the ticket: that is news.
    await database().begin(async sql => {
      const [{ id: other }] = await sql<
        [{ id: string }]
      >`insert into public.contacts (team_id, name) values (${team}, 'Colleague') returning id`
      await sql`select set_config('switchboard.contact_id', ${other}, true), set_config('switchboard.channel', 'portal', true)`
      await sql`
        insert into public.ticket_replies (team_id, ticket_id, user_id, author_kind, contact_id, content)
        values (${team}, ${ticket}, private.channel_profile(${team}, 'portal'), 'requester', ${other}, 'Me too')`
    })
    await send(team)
    expect(mailsTo(client).at(-1)).toMatchObject({ fromName: 'Colleague (Acme)' })
    expect(mailsTo(client).at(-1)!.text).toContain('Colleague:\n\nMe too')
  })

  test('replies within a minute go in one mail, and a later reply in another', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'First'))
    await dispatch()
    await asPerson(bob, addReply(team, ticket, 'Second'))
    await asPerson(ann, addReply(team, ticket, 'Third'))
    await send(team)
    expect(mailsTo(client)).toHaveLength(2)
    expect(mailsTo(client)[1]!.text).toMatch(/First[^]*Second[^]*Third/)
    expect(mailsTo(client)[1]!.fromName).toBe('Acme')
    await asPerson(bob, addReply(team, ticket, 'Fourth'))
    expect((await send(team)).map(mail => mail.to === client && mail.text).join()).not.toContain('Third')
  })

  test('a reply is sent after one minute', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'First'))
    await dispatch()
    await sendDue()
    expect(mailsTo(client)).toHaveLength(1)
    const [{ wait }] = await database()<[{ wait: number }]>`
      select extract(epoch from next_attempt_at - created_at)::float8 as wait from public.mails
      where team_id = ${team} and kind = 'public_reply'`
    expect(wait).toBe(60)
  })

  test('a reply deleted before its mail is sent is left out, and a mail without replies is not sent', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    const [{ id: deleted }] = await asPerson(bob, addReply(team, ticket, 'Wrong window'))
    await asPerson(bob, addReply(team, ticket, 'The right words'))
    await dispatch()
    await asPerson(bob, sql => sql`delete from ticket_replies where id = ${deleted}`)
    await send(team)
    expect(mailsTo(client)[1]!.text).toContain('The right words')
    expect(mailsTo(client)[1]!.text).not.toContain('Wrong window')
    const [{ id: again }] = await asPerson(bob, addReply(team, ticket, 'Wrong again'))
    await dispatch()
    await asPerson(bob, sql => sql`delete from ticket_replies where id = ${again}`)
    await send(team)
    expect(mailsTo(client)).toHaveLength(2)
  })

  test('the mails of a ticket form one thread', async () => {
    const { team, ticket, client } = await newTeam()
    for (const text of ['One', 'Two']) {
      await send(team)
      await asPerson(bob, addReply(team, ticket, text))
    }
    await send(team)
    const root = `<ticket.${ticket}@desk.test>`
    const [first, second, third] = mailsTo(client)
    expect(first).toMatchObject({ references: [root], inReplyTo: root })
    expect(second).toMatchObject({ references: [root, first!.messageId], inReplyTo: first!.messageId, subject: 'Re: [#001] VPN drops' })
    expect(third).toMatchObject({ references: [root, second!.messageId], inReplyTo: second!.messageId })
    expect(new Set(mailsTo(client).map(mail => mail.messageId)).size).toBe(3)
    expect(first!.messageId).toMatch(/^<[0-9a-f-]{36}@desk\.test>$/)
  })

  test('the assignee is announced once, by name and without their address', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    const assign = (person: Person | null) =>
      asPerson(ann, sql => sql`update tickets set assigned_to = ${person?.id ?? null} where id = ${ticket}`)
    await assign(adam)
    await assign(bob)
    await send(team)
    expect(mailsTo(client)[1]!.text).toContain('Bob Byrd is looking after your request #001.')
    expect(JSON.stringify(mailsTo(client)[1])).not.toMatch(/bob@|Adam/)
    await assign(null)
    await assign(bob)
    await send(team)
    expect(mailsTo(client)).toHaveLength(2)
  })

  test('an assignment that is reverted within a minute is not announced', async () => {
    const { team, ticket } = await newTeam({ assigned_to: bob.id })
    await send(team)
    const before = deliveredMails.length
    for (const person of [ann, adam, bob])
      await asPerson(ann, sql => sql`update tickets set assigned_to = ${person.id} where id = ${ticket}`)
    await send(team)
    expect(deliveredMails.slice(before).filter(mail => mail.to.startsWith('client.'))).toEqual([])
    expect((await mailRows(team)).filter(({ kind }) => kind === 'assigned')).toMatchObject([
      { state: 'cancelled', reason: 'The assignment was undone' }
    ])
  })

  test('a status is announced when it lasts a minute and is new', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    const sentences = async (...statuses: string[]) => {
      const before = mailsTo(client).length
      for (const status of statuses) await asPerson(ann, setStatus(ticket, status))
      await send(team)
      await database()`update public.mails set sent_at = sent_at - interval '2 hours' where team_id = ${team} and state = 'sent'`
      return mailsTo(client)
        .slice(before)
        .map(({ text }) => /^(?:Your request|We still).*$/m.exec(text)?.[0])
    }
    expect(await sentences('in_progress', 'waiting', 'open')).toEqual([])
    expect(await sentences('in_progress')).toEqual(['Your request #001 is being worked on.'])
    expect(await sentences('waiting', 'in_progress')).toEqual([])
    expect(await sentences('waiting')).toEqual(['Your request #001 is waiting for more information from you.'])
    expect(await sentences('open')).toEqual(['Your request #001 is open. We will continue to work on it.'])
    expect(await sentences('resolved')).toEqual(['Your request #001 is resolved.'])
    expect(await sentences('open', 'resolved')).toEqual([])
    expect(await sentences('open')).toEqual(['Your request #001 is open again.'])
    expect(await sentences('resolved')).toEqual(['Your request #001 is resolved.'])
    expect(await sentences('in_progress')).toEqual(['Your request #001 is open again, and is being worked on.'])
    expect(await sentences('resolved', 'closed')).toEqual(['Your request #001 is closed.'])
  })

  test('an agent who claims a request causes one mail: it names them and says that they work on it', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(bob, sql => sql`update tickets set assigned_to = ${bob.id}, status = 'in_progress' where id = ${ticket}`)
    await send(team)
    expect(mailsTo(client).slice(1)).toHaveLength(1)
    expect(mailsTo(client)[1]!.text).toContain('Bob Byrd is working on your request #001.')
  })

  test.each(optionalMailKinds)('a team can switch off mails of the kind %s', async kind => {
    const { team, ticket, client } = await newTeam()
    await asPerson(ann, sql => sql`update teams set client_mails = ${optionalMailKinds.filter(other => other !== kind)} where id = ${team}`)
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'Hello'))
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await send(team)
    const kinds = (await mailRows(team)).filter(row => row.recipient === client).map(row => row.kind)
    expect(kinds.sort()).toEqual([...optionalMailKinds, 'rating_request'].filter(other => other !== kind).sort())
  })

  test('an imported request sends no mail about its history, and one when it is reopened', async () => {
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
    await asPerson(ann, sql => sql`select private.import_ticket(${team}, 'old-1', ${sql.json(imported)}, '[]')`)
    await send(team)
    expect(await mailRows(team)).toEqual([])
    await asPerson(bob, sql => sql`update tickets set status = 'open' where team_id = ${team} and subject = 'Old'`)
    await send(team)
    expect(mailsTo(client).map(({ text }) => /Your request #002 is open again/.exec(text)?.[0])).toEqual([
      'Your request #002 is open again'
    ])
  })

  test('a reply includes the status waiting, and the resolution is a mail of its own', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'Which version?'))
    await asPerson(bob, setStatus(ticket, 'waiting'))
    await send(team)
    expect(mailsTo(client)).toHaveLength(2)
    expect(mailsTo(client)[1]!.text).toContain('Status: Waiting for you')
    await asPerson(bob, addReply(team, ticket, 'Thank you, done.'))
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await send(team)
    expect(mailsTo(client).map(mail => /Thank you, done|is resolved/.exec(mail.text)?.[0])).toEqual([
      undefined,
      undefined,
      'Thank you, done',
      'is resolved'
    ])
  })

  test('a client gets at most 3 automatic mails in an hour; replies are sent all the same', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    for (const value of ['waiting', 'resolved', 'open']) {
      await asPerson(bob, setStatus(ticket, value))
      await send(team)
    }
    expect(mailsTo(client)).toHaveLength(3)
    for (let number = 0; number < 3; number++) {
      await asPerson(bob, addReply(team, ticket, `Words ${number}`))
      await send(team)
    }
    expect(mailsTo(client)).toHaveLength(6)
    expect((await mailRows(team)).filter(row => row.state === 'waiting' && row.kind === 'status_changed')).toEqual([
      { kind: 'status_changed', recipient: client, state: 'waiting', reason: 'More than 3 mails in an hour', attempts: 0 }
    ])
    await database()`update public.mails set sent_at = sent_at - interval '61 minutes' where team_id = ${team} and state = 'sent'`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await send(team)
    // The replies included the status, which supersedes the waiting mail.
    expect(
      (await mailRows(team))
        .filter(row => row.kind === 'status_changed' && row.recipient === client)
        .map(row => row.state)
        .sort()
    ).toEqual(['cancelled', 'sent', 'sent'])
    await asPerson(bob, setStatus(ticket, 'waiting'))
    await send(team)
    expect(mailsTo(client)).toHaveLength(7)
  })

  test('both spellings of a domain share the limit of 3 automatic mails', async () => {
    const unicode = `c.${randomUUID().slice(0, 8)}@bücher.example`
    const ascii = unicode.replace('bücher', 'xn--bcher-kva')
    const { team } = await newTeam({ requester_email: unicode })
    for (const address of [unicode, ascii, unicode, ascii]) {
      await asPerson(
        ann,
        sql =>
          sql`insert into tickets ${sql({ team_id: team, subject: 'x', description: 'x', requester_email: address, created_by: ann.id })}`
      )
      await send(team)
    }
    expect(await send(team)).toEqual([])
    expect((await mailRows(team)).filter(({ state }) => state === 'sent')).toHaveLength(3)
  })

  test('above the limit, acknowledgements are dropped and resolutions are sent later in one mail', async () => {
    const { team, ticket, client } = await newTeam()
    const others: string[] = []
    for (let n = 0; n < 4; n++) {
      const [created] = await asPerson(
        ann,
        sql =>
          sql<[{ id: string }]>`
            insert into tickets ${sql({
              team_id: team,
              subject: `Request ${n}`,
              description: 'x',
              requester_email: client,
              created_by: ann.id
            })} returning id`
      )
      others.push(created.id)
      await send(team) // in order, so that the first three are mailed
    }
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await asPerson(bob, setStatus(others[3]!, 'resolved'))
    await send(team)
    expect(mailsTo(client)).toHaveLength(3)
    expect(
      (await mailRows(team))
        .filter(row => row.state !== 'sent' && row.recipient === client && row.kind !== 'rating_request')
        .map(({ kind, state, reason }) => [kind, state, reason])
        .sort()
    ).toEqual([
      ['status_changed', 'waiting', 'More than 3 mails in an hour'],
      ['status_changed', 'waiting', 'More than 3 mails in an hour'],
      ['ticket_received', 'suppressed', 'More than 3 mails in an hour'],
      ['ticket_received', 'suppressed', 'More than 3 mails in an hour']
    ])
    await database().begin(async sql => {
      await impersonate(sql, vera)
      expect(
        await sql`
          select kind, state, reason, next_attempt_at > now() as waits from private.ticket_mails(${team}, ${others[3]!}) order by kind`
      ).toMatchObject([
        { kind: 'rating_request', state: 'waiting', reason: null, waits: true },
        { kind: 'status_changed', state: 'waiting', reason: 'More than 3 mails in an hour', waits: true },
        { kind: 'ticket_received', state: 'suppressed' }
      ])
    })
    await database()`update public.mails set sent_at = sent_at - interval '1 hour' where team_id = ${team} and state = 'sent'`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting' and kind = 'status_changed'`
    await sendDue()
    expect(
      mailsTo(client)
        .slice(3)
        .map(({ subject, text }) => [subject, text.match(/is resolved\.\n\nIf something is still missing/g)?.length])
    ).toEqual([['Your requests #001 and #005', 2]])
  })

  test('replies above the daily budget of a new team are sent on the next day, and none is lost', async () => {
    const { team, ticket, client } = await newTeam({}, { mail_level: 'new' })
    await send(team)
    for (let number = 0; number < 9; number++) {
      await asPerson(bob, addReply(team, ticket, `Words ${number}`))
      await send(team)
    }
    expect(mailsTo(client)).toHaveLength(6)
    const waiting = (await mailRows(team)).filter(row => row.state === 'waiting' && row.recipient === client)
    expect(waiting).toMatchObject([
      { kind: 'public_reply', reason: 'A mailbox that has not answered this team gets 6 of its mails in 24 hours' }
    ])
    // The 72 hours of retries begin with the first attempt, not when the reply was written.
    await database()`update public.mails set created_at = created_at - interval '4 days' where team_id = ${team} and state = 'waiting'`
    await database()`update private.stranger_mails set taken_at = taken_at - interval '1 day' where team_id = ${team}`
    mailServer.answer = () => ({ outcome: 'deferred', reason: '450 Later' })
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    mailServer.answer = () => ({ outcome: 'delivered' })
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    expect(mailsTo(client)).toHaveLength(7)
    for (let number = 5; number < 9; number++) expect(mailsTo(client)[6]!.text).toContain(`Words ${number}`)
    expect(
      await database()`select from private.stranger_mails where team_id = ${team} and taken_at > now() - interval '1 hour'`
    ).toHaveLength(1)
  })

  test('a client who answered the team before gets all its mails, with subject and links', async () => {
    const { team, ticket, client } = await newTeam({}, { mail_level: 'new' })
    await send(team)
    await database()`select private.remember_mailbox(${team}, ${client})`
    for (let number = 0; number < 9; number++) {
      await asPerson(bob, addReply(team, ticket, `See https://help.test/${number}`))
      await send(team)
    }
    expect(mailsTo(client)).toHaveLength(10)
    expect(mailsTo(client)[9]).toMatchObject({ subject: 'Re: [#001] VPN drops', fromName: 'Bob Byrd (Acme)' })
    expect(mailsTo(client)[9]!.text).toContain('https://help.test/8')
  })

  test('mails of a new team to strangers contain no subject, name or link that its people wrote', async () => {
    const { team, ticket, client } = await newTeam(
      { subject: 'You won: http://evil.test', requester_name: 'You won, see www.evil.test' },
      { mail_level: 'new', name: 'PayPal: you won, see http://evil.test/pay' }
    )
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'Take [this](http://evil.test/a) or <https://evil.test/b> or evil.test'))
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await send(team)
    await asPerson(bob, setStatus(ticket, 'resolved'))
    await send(team)
    await database()`update public.mails set sent_at = sent_at - interval '2 hours' where team_id = ${team} and state = 'sent'`
    await sendRatingRequests(team)
    expect(mailsTo(client).map(({ subject, fromName }) => [subject, fromName])).toEqual([
      ['[#001] We have received your request', null],
      ['Re: [#001] Your request', null],
      ['Re: [#001] Your request', null],
      ['Re: [#001] Your request', null],
      ['Re: [#001] Your request', null]
    ])
    for (const { text, html } of mailsTo(client)) {
      expect(`${text}${html}`).not.toMatch(/evil\.test/)
      for (const link of `${text}${html}`.match(/https?:\/\/[^\s"<]+/g) ?? []) expect(link).toMatch(/^http:\/\/desk\.test\/(rate|p)\//)
    }
    expect(mailsTo(client)[1]!.text + mailsTo(client)[2]!.text).toContain('Take [this](evil[.]test/a) or <evil[.]test/b> or evil[.]test')
  })

  test('a client is asked to answer through the link, and by mail only when the team has a reply address', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    for (const address of [null, 'help@acme.test']) {
      await database()`update public.teams set reply_to_email = ${address} where id = ${team}`
      for (const value of ['waiting', 'resolved', 'open']) {
        await asPerson(bob, setStatus(ticket, value))
        await send(team)
        await database()`update public.mails set sent_at = sent_at - interval '2 hours' where team_id = ${team} and state = 'sent'`
      }
    }
    const questions = mailsTo(client)
      .slice(1)
      .map(({ text, replyTo }) => [replyTo, /^.*\blink below\./m.exec(text)?.[0].replace(/^Your request .*?\. /, '')])
    expect(questions).toEqual([
      [null, 'Please answer through the link below.'],
      [null, 'If something is still missing, tell us through the link below.'],
      [null, undefined],
      ['help@acme.test', 'Please answer this mail or use the link below.'],
      ['help@acme.test', 'If something is still missing, answer this mail or use the link below.'],
      ['help@acme.test', undefined]
    ])
  })

  test('the limit of 3 automatic mails holds when 40 are due at once', async () => {
    const { team, client } = await newTeam()
    for (let number = 0; number < 39; number++)
      await asPerson(
        ann,
        sql =>
          sql`
            insert into tickets ${sql({
              team_id: team,
              subject: `More ${number}`,
              description: 'x',
              requester_email: client,
              created_by: ann.id
            })}`
      )
    mailServer.answer = async () => {
      await new Promise(resolve => setTimeout(resolve, 5))
      return { outcome: 'delivered' }
    }
    await send(team)
    await send(team)
    expect(mailsTo(client)).toHaveLength(3)
    expect((await mailRows(team)).filter(row => row.state === 'suppressed')).toHaveLength(37)
  })

  test.each([
    'support@desk.test',
    'bob@acme.test',
    'mailer-daemon@mail.test',
    'postmaster@mail.test',
    'no-reply@mail.test',
    'bounces+1@mail.test'
  ])('%j gets no mails as a client', async address => {
    const { team, ticket } = await newTeam({ requester_email: address })
    await asPerson(bob, addReply(team, ticket, 'Hello'))
    expect((await send(team)).map(mail => mail.to).filter(one => one !== ann.email)).toEqual([])
    expect((await mailRows(team)).filter(row => row.kind !== 'member_notice')).toEqual([])
  })

  test('a queued reply goes to the new requester when the requester was changed', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'For the client'))
    await dispatch()
    await asPerson(ann, sql => sql`update tickets set requester_email = 'other@mail.test' where id = ${ticket}`)
    await send(team)
    expect(mailsTo(client)).toHaveLength(1)
    expect(mailsTo('other@mail.test')).toHaveLength(1)
  })

  test('the acknowledgement of a request from the portal repeats nothing of its text', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await dispatch()
    await database()`
      update public.tickets
      set channel = 'portal', subject = 'Buy pills at http://evil.test', requester_name = 'Victim', requester_email = 'victim@mail.test'
      where id = ${ticket}`
    const [mail] = await send(team)
    expect(mail).toMatchObject({ to: 'victim@mail.test', subject: '[#001] We have received your request' })
    expect(JSON.stringify(mail)).not.toMatch(/evil|pills|Every hour|Victim/)
  })

  test('an imported ticket is not acknowledged', async () => {
    const { team } = await newTeam({ requester_email: null })
    await database().begin(async sql => {
      await sql`select set_config('switchboard.channel', 'import', true)`
      await sql`
        insert into public.tickets
        ${sql({ team_id: team, subject: 'Old', description: 'x', requester_email: 'old@mail.test', created_by: ann.id })}`
    })
    expect(await send(team)).toEqual([])
  })
})
