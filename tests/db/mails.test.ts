import { createHash, randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { preferenceKinds } from '#shared/notification'
import { configureMail, type Delivery, type Message } from '#server/adapters/mail'
import { asService } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { claimMail, removeOldMails } from '#server/domain/mail/claim'
import { dispatchEvents } from '#server/jobs/dispatch-events'
import { createMailSender } from '#server/jobs/send-mails'
import { wakeSnoozedTickets } from '#server/jobs/wake-snoozed-tickets'
import type { as } from '../support/as.ts'
import { database, databaseUrl, impersonate, service, session } from '../support/as.ts'
import { describeRights, managers } from '../support/matrix.ts'
import { acme, adam, addTeam, ann, bob, initech, vera, type Person } from '../support/world.ts'

const aMail = (sql: Parameters<Parameters<typeof as>[1]>[0]) =>
  sql`insert into mails (team_id, ticket_id, event_id, kind, recipient) values (${acme.id}, ${acme.tickets.bobs}, 1, 'public_reply', 'client@mail.test')`

describeRights('public.mails', [
  { does: 'reads what the team mails', by: managers, given: aMail, run: sql => sql`select * from mails where team_id = ${acme.id}` },
  {
    does: 'queues a mail',
    by: [],
    given: aMail,
    run: sql =>
      sql`insert into mails (team_id, event_id, kind, recipient) values (${acme.id}, 1, 'public_reply', 'victim@mail.test') returning id`
  },
  {
    does: 'sends a mail to somebody else',
    by: [],
    given: aMail,
    run: sql => sql`update mails set recipient = 'victim@mail.test' returning id`
  },
  { does: 'deletes mails', by: [], given: aMail, run: sql => sql`delete from mails returning id` }
])

const teams: string[] = []
const mailed: Message[] = []
let answer: (message: Message) => Delivery | Promise<Delivery>
let sendMails: ReturnType<typeof createMailSender>

beforeAll(async () => {
  configureDatabase(databaseUrl(), 8)
  configureMail({ smtpUrl: 'smtp://127.0.0.1:9', mailFrom: 'Switchboard <support@desk.test>' })
  await database()`delete from private.event_outbox`
})
beforeEach(() => {
  answer = () => ({ outcome: 'delivered' })
  mailed.length = 0
  sendMails = createMailSender({ siteUrl: 'http://desk.test', mailHost: 'desk.test' }, async message => {
    const delivery = await answer(message)
    if (delivery.outcome === 'delivered') mailed.push(message)
    return delivery
  })
})
afterEach(async () => {
  await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
})
afterAll(async () => {
  configureMail({ smtpUrl: '', mailFrom: '' })
  await closePool()
})

/** A team of Ann, Adam, Bob and Vera, and a ticket of a client in it. */
async function newTeam(
  ticket: Record<string, unknown> = {},
  settings: Parameters<typeof addTeam>[3] = {}
): Promise<{ team: string; ticket: string; client: string }> {
  const id = randomUUID()
  const client = `client.${id.slice(0, 8)}@mail.test`
  teams.push(id)
  await database().begin(async sql => {
    await addTeam(sql, id, [ann, adam, bob, vera], settings)
  })
  const [created] = await by(
    ann,
    sql =>
      sql<
        [{ id: string }]
      >`insert into tickets ${sql({ team_id: id, subject: 'VPN drops', description: 'Every hour.', requester_name: 'Cleo', requester_email: client, created_by: ann.id, ...ticket })} returning id`
  )
  return { team: id, ticket: created.id, client }
}

type Work = Parameters<Parameters<ReturnType<typeof database>['begin']>[1]>[0]

/** What a person does in the product. */
async function by<T>(person: Person, work: (sql: Work) => Promise<T>): Promise<T> {
  return (await database().begin(async sql => {
    await impersonate(sql, person)
    await sql`select set_config('switchboard.channel', 'ui', true)`
    return await work(sql)
  })) as T
}

const dispatch = () => dispatchEvents(new AbortController().signal)

/** A minute passes, and what is due goes to the mail server. */
async function send(teamId: string): Promise<Message[]> {
  await dispatch()
  await database()`update public.mails set next_attempt_at = now() where team_id = ${teamId} and state = 'waiting' and next_attempt_at < now() + interval '5 minutes'`
  return sendDue()
}

async function sendDue(): Promise<Message[]> {
  const before = mailed.length
  await sendMails(new AbortController().signal)
  return mailed.slice(before)
}

const to = (address: string) => mailed.filter(mail => mail.to === address)
const rows = (team: string) =>
  database()<
    { kind: string; recipient: string; state: string; reason: string | null; attempts: number }[]
  >`select kind, recipient, state, reason, attempts from public.mails where team_id = ${team} order by created_at, id`
const reply =
  (teamId: string, ticketId: string, content: string, isInternal = false) =>
  (sql: Work) =>
    sql<
      [{ id: string }]
    >`insert into ticket_replies ${sql({ team_id: teamId, ticket_id: ticketId, content, is_internal: isInternal })} returning id`
const status = (ticketId: string, value: string) => (sql: Work) => sql`update tickets set status = ${value} where id = ${ticketId}`

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
    answer = () => ({ outcome: 'deferred', reason: '450 Later' })
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    answer = () => ({ outcome: 'delivered' })
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
    answer = async () => {
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
    answer = ({ messageId }) => {
      ids.push(messageId)
      throw new Error('killed')
    }
    await expect(passDay(team)).rejects.toThrow('killed')
    for (const id of tickets) await by(bob, reply(team, id, 'Later words'))
    await dispatch()
    answer = ({ messageId }) => {
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
    answer = ({ messageId }) => {
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
    answer = () => ({ outcome: 'refused', reason: '550 No such user' })
    await passDay(team)
    for (const id of tickets)
      expect(await mailsOf(team, id)).toEqual([
        { kind: 'public_reply', state: 'failed', reason: 'The mail server refused it', waits: false }
      ])
    answer = () => ({ outcome: 'delivered' })
    const [digest] = await database()<[{ id: string }]>`select id from public.mails where team_id = ${team} and kind = 'digest'`
    await by(ann, sql => sql`select private.retry_job(${team}, 'mail', ${digest.id})`)
    await sendDue()
    expect(to(client)[1]!.text).toMatch(/Answer 0[^]*Answer 1/)
  })

  test('leaves out what is no news any more, with the reason in its ticket, and is no mail where nothing is left', async () => {
    const { team, tickets, client } = await waitingAnswers(['VPN drops', 'Printer', 'Mouse', 'Chair'])
    answer = () => ({ outcome: 'deferred', reason: '450 Later' })
    await passDay(team)
    answer = () => ({ outcome: 'delivered' })
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

describe('a member', () => {
  test('is told of what concerns them, with the link, and never of what they did', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    const [{ slug }] = await database()<[{ slug: string }]>`select slug from public.teams where id = ${team}`
    await by(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    expect(await send(team)).toMatchObject([
      { to: bob.email, subject: '[#001] VPN drops', fromName: 'Ann Arbor (Acme)', headers: { 'Auto-Submitted': 'auto-generated' } }
    ])
    expect(mailed[0]!.text).toContain('Ann Arbor assigned #001 to you.')
    expect(mailed[0]!.text).toContain(`Open #001:\nhttp://desk.test/t/${slug}/1`)
    await by(ann, reply(team, ticket, `Look at this <@${vera.id}> and <@${randomUUID()}>`, true))
    await send(team)
    expect(
      mailed
        .slice(1)
        .map(mail => mail.to)
        .sort()
    ).toEqual([bob.email, vera.email])
    expect(to(vera.email)[0]!.text).toContain('Ann Arbor (internal note, mentions you):\n\nLook at this @Vera Vale and @former member')
    expect(to(vera.email)[0]!.html).toContain('Look at this @Vera Vale and @former member')
    expect(to(ann.email)).toHaveLength(0)
  })

  test('gets what happens within a minute in one mail', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await by(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await dispatch()
    await by(ann, reply(team, ticket, 'First'))
    await by(vera, reply(team, ticket, 'Second', true))
    await send(team)
    expect(to(bob.email)).toHaveLength(1)
    expect(to(bob.email)[0]!.text).toMatch(/assigned #001[^]*First[^]*Vera Vale \(internal note\)[^]*Second/)
  })

  test('is told that the snooze of a ticket has ended, with the request, unless it is away again or done within the minute', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await send(team)
    mailed.length = 0
    const snooze = (time: string) =>
      by(bob, sql => sql`update tickets set snoozed_until = clock_timestamp() + ${time}::interval where id = ${ticket}`)
    /** It is put away for a moment, wakes, and that is told. */
    const wake = async () => {
      await snooze('20 milliseconds')
      await vi.waitFor(
        async () => {
          await wakeSnoozedTickets(new AbortController().signal)
          expect(await database()`select snoozed_until from public.tickets where id = ${ticket}`).toEqual([{ snoozed_until: null }])
        },
        { interval: 5 }
      )
      await dispatch()
    }
    const received = async () => (await send(team)).filter(mail => mail.to === bob.email)
    await wake()
    await snooze('1 hour')
    expect(await received()).toEqual([])
    await wake()
    await by(bob, status(ticket, 'resolved'))
    expect(await received()).toEqual([])
    await by(bob, status(ticket, 'open'))
    await wake()
    await received()
    expect((await rows(team)).filter(row => row.recipient === bob.email).map(row => row.state)).toEqual([
      'sent',
      'cancelled',
      'cancelled',
      'sent'
    ])
    expect(to(bob.email)).toMatchObject([
      { subject: 'Re: [#001] VPN drops', fromName: 'Switchboard (Acme)', headers: { 'Auto-Submitted': 'auto-generated' } }
    ])
    const [{ text, html }] = to(bob.email) as [Message]
    expect(text).toMatch(
      /^The snooze of #001 has ended\.\n\nCleo:\n\nEvery hour\.\n\nPriority: Normal\nSeverity: SEV 3\n\nOpen #001:\nhttp/
    )
    for (const words of ['The snooze of #001 has ended.', 'Every hour.', 'Open #001']) expect(html).toContain(words)
  })

  test('ends the mails of the team by one click in their mail client, which says whose list it is', async () => {
    const { team, ticket, client } = await newTeam()
    const assign = (person: Person | null) =>
      by(ann, sql => sql`update tickets set assigned_to = ${person?.id ?? null} where id = ${ticket}`)
    await assign(bob)
    await send(team)
    const { headers } = to(bob.email)[0]!
    expect(headers).toMatchObject({
      'List-Id': `Acme <notices.${team}.desk.test>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Auto-Submitted': 'auto-generated',
      'Precedence': 'bulk'
    })
    expect(to(client)[0]!.headers).not.toHaveProperty('List-Unsubscribe')
    const [, token] = /^<http:\/\/desk\.test\/unsubscribe\/([\w-]{43})>$/.exec(headers['List-Unsubscribe']!)!
    const anonymously = <T>(work: (sql: Work) => Promise<T>) =>
      database().begin(async sql => {
        await sql`select set_config('role', 'anon', true)`
        return work(sql)
      })
    const hash = createHash('sha256').update(token!).digest()
    const preview = () => anonymously(sql => sql`select * from private.unsubscribe_preview(${hash})`)
    expect(await preview()).toEqual([{ team_name: 'Acme' }])
    // Another address, or out of the team: the link is nobody's.
    await database()`update public.profiles set email = 'bob.moved@mail.test' where id = ${bob.id}`
    expect(await preview()).toEqual([])
    await database()`update public.profiles set email = ${bob.email} where id = ${bob.id}`
    await anonymously(sql => sql`select private.unsubscribe(${hash}, ${[...preferenceKinds]}::text[])`)
    await assign(null)
    await assign(bob)
    await send(team)
    expect(to(bob.email)).toHaveLength(1)
    await database()`delete from public.team_members where team_id = ${team} and user_id = ${bob.id}`
    expect(await preview()).toEqual([])
  })

  test('whose address is not confirmed gets no mail', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await by(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await database()`update auth.users set email_confirmed_at = null where id = ${bob.id}`
    try {
      expect(await send(team)).toEqual([])
    } finally {
      await database()`update auth.users set email_confirmed_at = now() where id = ${bob.id}`
    }
  })

  test('gets no mail about what they have read meanwhile', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await by(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await dispatch()
    await database()`update public.notifications set read_at = now() where user_id = ${bob.id} and team_id = ${team}`
    expect(await send(team)).toEqual([])
    expect(await rows(team)).toMatchObject([{ state: 'cancelled', reason: 'It was read already' }])
  })

  test('who has left gets none', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await by(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await dispatch()
    await database()`delete from public.team_members where team_id = ${team} and user_id = ${bob.id}`
    expect(await send(team)).toEqual([])
    expect(await rows(team)).toMatchObject([{ state: 'cancelled', reason: 'Not a member any more' }])
  })

  test('who has left within the minute is told of a key that acted as them all the same, and of nothing else', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await by(
      ann,
      sql =>
        sql`select private.create_api_key(${team}, ${bob.id}, 'n8n', '{read}', null, 'sk_abcdefgh', ${createHash('sha256').update(team).digest()})`
    )
    await by(ann, reply(team, ticket, 'Not for who has left'))
    await by(ann, sql => sql`select private.remove_member(${team}, ${bob.id})`)
    await send(team)
    expect(to(bob.email)).toHaveLength(1)
    const [mail] = to(bob.email)
    expect(mail!.text).toContain(`${ann.name} made the API key "n8n", which acts as you.`)
    expect(mail!.text).toContain('You are not in Acme any more, and the key ended with that.')
    expect(mail!.text).not.toMatch(/Not for who|settings/)
    expect(Object.keys(mail!.headers)).not.toContain('List-Unsubscribe')
    expect(await database()`select from public.notifications where team_id = ${team} and user_id = ${bob.id}`).toEqual([])
  })

  test("who has left after the key's mail was queued gets it", async () => {
    const { team } = await newTeam({ requester_email: null })
    await by(
      ann,
      sql =>
        sql`select private.create_api_key(${team}, ${bob.id}, 'n8n', '{read}', null, 'sk_abcdefgh', ${createHash('sha256').update(team).digest()})`
    )
    await dispatch()
    await by(ann, sql => sql`select private.remove_member(${team}, ${bob.id})`)
    await send(team)
    expect(to(bob.email)).toHaveLength(1)
  })

  test('who wants no mail gets none', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await database()`insert into public.notification_preferences (team_id, user_id, kind, in_app, mail) values (${team}, ${bob.id}, 'assigned', true, false)`
    await by(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    expect(await send(team)).toEqual([])
  })

  test('who wants no mail any more gets none that waits', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await by(ann, reply(team, ticket, `Look at this <@${bob.id}>`, true))
    await dispatch()
    await database()`insert into public.notification_preferences ${database()(['assigned', 'mentioned', 'replied'].map(kind => ({ team_id: team, user_id: bob.id, kind, in_app: true, mail: false })))}`
    expect(await send(team)).toEqual([])
    expect(await rows(team)).toMatchObject([{ state: 'cancelled', reason: 'Nothing of it is wanted by mail any more' }])
  })

  test('who wants mails of replies and not of mentions gets one of a reply that mentions them, of whatever was wanted when it was written', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await send(team)
    await database()`insert into public.notification_preferences (team_id, user_id, kind, in_app, mail) values (${team}, ${bob.id}, 'mentioned', true, false)`
    await by(ann, reply(team, ticket, `Look at this <@${bob.id}>`, true))
    expect(await send(team)).toMatchObject([{ to: bob.email }])
  })

  test('who manages webhooks no more is told nothing of them', async () => {
    const { team } = await newTeam({ requester_email: null })
    await database()`select private.record_event(${team}, null, null, 'webhook.disabled', null, ${database().json({ id: randomUUID(), name: 'Chat', reason: 'It failed for 75 hours' })}::jsonb)`
    await dispatch()
    await database()`update public.team_members set role = 'member' where team_id = ${team} and user_id = ${adam.id}`
    expect((await send(team)).map(mail => mail.to)).toEqual([ann.email])
  })

  test('who manages webhooks is told of one that was switched off', async () => {
    const { team } = await newTeam({ requester_email: null })
    await database()`select private.record_event(${team}, null, null, 'webhook.disabled', null, ${database().json({ id: randomUUID(), name: 'Chat <b>', reason: 'It answered nothing for 75 hours' })}::jsonb)`
    await send(team)
    expect(mailed.map(mail => mail.to).sort()).toEqual([adam.email, ann.email])
    expect(mailed[0]).toMatchObject({ subject: 'The webhook Chat <b> was switched off', fromName: 'Switchboard (Acme)' })
    expect(mailed[0]!.text).toContain('It answered nothing for 75 hours')
    expect(mailed[0]!.text).toContain('http://desk.test/settings/webhooks')
    expect(mailed[0]!.html).not.toContain('<b>')
  })

  test('has three mails in an hour, then everything that waits in one', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    const others: string[] = []
    for (let n = 0; n < 2; n++) {
      const [created] = await by(
        ann,
        sql =>
          sql<
            [{ id: string }]
          >`insert into tickets ${sql({ team_id: team, subject: `Another ${n}`, description: 'x', created_by: ann.id, assigned_to: bob.id })} returning id`
      )
      others.push(created.id)
    }
    await send(team)
    expect(to(bob.email)).toHaveLength(3)
    for (const id of [ticket, ...others]) {
      await by(ann, reply(team, id, `About ${id}`))
      await send(team)
    }
    expect(to(bob.email)).toHaveLength(3)
    expect((await rows(team)).filter(row => row.state === 'waiting')).toHaveLength(3)
    const [{ wait }] = await database()<
      [{ wait: number }]
    >`select max(extract(epoch from next_attempt_at - now()))::float8 as wait from public.mails where team_id = ${team} and state = 'waiting'`
    expect(wait).toBeGreaterThan(3_500)
    expect(wait).toBeLessThanOrEqual(3_606) // one behind another
    await database()`update public.mails set sent_at = sent_at - interval '1 hour' where team_id = ${team} and state = 'sent'`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    expect(to(bob.email)).toHaveLength(4)
    const digest = to(bob.email)[3]!
    expect(digest.subject).toBe('3 updates in Acme')
    for (const id of [ticket, ...others]) expect(digest.text).toContain(`About ${id}`)
    expect((await rows(team)).filter(row => row.state === 'merged')).toHaveLength(2)
  })
})

describe('the outbox', () => {
  test('sends each mail once, whoever sends', async () => {
    const { team } = await newTeam({ requester_email: null })
    for (let number = 0; number < 60; number++)
      await by(
        ann,
        sql =>
          sql`insert into tickets ${sql({ team_id: team, subject: 'x', description: 'x', requester_email: `c${number}.${team.slice(0, 8)}@mail.test`, created_by: ann.id })}`
      )
    await dispatch()
    await Promise.all([sendDue(), sendDue(), sendDue()])
    expect(mailed).toHaveLength(60)
    expect(new Set(mailed.map(mail => mail.messageId)).size).toBe(60)
  })

  test('keeps what a mail server does not want now, and tries again', async () => {
    const { team } = await newTeam()
    answer = () => ({ outcome: 'deferred', reason: '450 4.2.1 Mailbox busy' })
    await send(team)
    const [row] = await database()<
      [{ attempts: number; wait: number; last_error: string; state: string }]
    >`select attempts, extract(epoch from next_attempt_at - now())::float8 as wait, last_error, state from public.mails where team_id = ${team}`
    expect(row).toMatchObject({ attempts: 1, last_error: '450 4.2.1 Mailbox busy', state: 'waiting' })
    expect(row.wait).toBeGreaterThan(20)
    expect(row.wait).toBeLessThan(37)
    await database()`update public.mails set attempts = 30, created_at = now() - interval '2 days 23 hours' where team_id = ${team}`
    await send(team)
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team}`
    expect(await rows(team)).toMatchObject([{ state: 'waiting', attempts: 31 }])
    await database()`update public.mails set created_at = now() - interval '73 hours' where team_id = ${team}`
    await sendDue()
    expect(await rows(team)).toMatchObject([{ state: 'failed', attempts: 32 }])
  })

  test('gives up at once what is refused for good', async () => {
    const { team } = await newTeam()
    answer = () => ({ outcome: 'refused', reason: '550 5.1.1 No such user' })
    await send(team)
    expect(await rows(team)).toMatchObject([{ state: 'failed', reason: 'The mail server refused it', attempts: 1 }])
  })

  test('leaves a mail server alone that cannot be reached, and makes up for it', async () => {
    const { team } = await newTeam({ requester_email: null })
    for (let number = 0; number < 50; number++)
      await by(
        ann,
        sql =>
          sql`insert into tickets ${sql({ team_id: team, subject: 'x', description: 'x', requester_email: `d${number}.${team.slice(0, 8)}@mail.test`, created_by: ann.id })}`
      )
    let tries = 0
    answer = () => {
      tries++
      return { outcome: 'unreachable', reason: 'connect ECONNREFUSED' }
    }
    await send(team)
    await sendDue()
    expect(tries).toBeLessThanOrEqual(4)
    const touched = (await rows(team)).filter(row => row.attempts > 0)
    expect(touched).toHaveLength(tries)
    await new Promise(resolve => setTimeout(resolve, 1_300))
    await sendDue()
    expect(tries).toBeLessThanOrEqual(5)
    answer = () => ({ outcome: 'delivered' })
    await new Promise(resolve => setTimeout(resolve, 2_500))
    await sendDue()
    expect(mailed).toHaveLength(50)
  })

  test('a mail that was being sent when the server was killed goes again after a minute, under the same Message-ID', async () => {
    const { team } = await newTeam()
    const ids: string[] = []
    answer = message => {
      ids.push(message.messageId)
      throw new Error('killed')
    }
    await expect(send(team)).rejects.toThrow('killed')
    answer = message => {
      ids.push(message.messageId)
      return { outcome: 'delivered' }
    }
    expect(await sendDue()).toEqual([])
    await database()`update public.mails set locked_until = now() where team_id = ${team}`
    expect(await sendDue()).toHaveLength(1)
    expect(new Set(ids).size).toBe(1)
  })

  test('counts an attempt before it is made, and gives a mail up that no server survived three times', async () => {
    const { team } = await newTeam()
    await dispatch()
    for (const attempts of [1, 2, 3]) {
      expect(await asService('test', claimMail)).toMatchObject({ team_id: team })
      expect(await rows(team)).toMatchObject([{ state: 'waiting', attempts }])
      await database()`update public.mails set locked_until = now() where team_id = ${team}`
    }
    expect(await asService('test', claimMail)).toBe('passed')
    expect(await rows(team)).toMatchObject([{ state: 'failed', reason: 'The server stopped three times while sending it', attempts: 3 }])
    expect(await sendDue()).toEqual([])
    const [{ id }] = await database()<[{ id: string }]>`select id from public.mails where team_id = ${team}`
    await by(ann, sql => sql`select private.retry_job(${team}, 'mail', ${id})`)
    expect(await sendDue()).toHaveLength(1)
  })

  test('tries what was cut off one after another, so that one that ends servers takes no other with it', async () => {
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
    expect(await sendMails(new AbortController().signal)).toBeGreaterThan(30_000)
    expect(first).not.toBeNull()
    await database()`update public.mails set locked_until = null, unfinished_attempts = 0 where id = ${(suspect as { id: string }).id}`
    expect(await sendDue()).toHaveLength(2)
  })

  test('waits with what is for an address until the mail that a server is at has gone, without asking all the time', async () => {
    const { team, ticket } = await newTeam()
    await dispatch()
    await database()`update public.mails set locked_until = now() + interval '40 seconds', first_attempt_at = now() where team_id = ${team}`
    await by(bob, reply(team, ticket, 'Behind it'))
    await dispatch()
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team}`
    await database()`update public.mails set state = 'cancelled' where team_id = ${team} and kind = 'member_notice'`
    const wait = await sendMails(new AbortController().signal)
    expect(wait).toBeGreaterThan(30_000)
  })

  test('of a ticket that is deleted is cancelled; what was sent stays', async () => {
    const { team, ticket } = await newTeam()
    await send(team)
    await by(bob, reply(team, ticket, 'Too late'))
    await dispatch()
    await by(ann, sql => sql`delete from tickets where id = ${ticket}`)
    expect(await send(team)).toEqual([])
    expect((await rows(team)).map(({ kind, state, reason }) => [kind, state, reason]).sort()).toEqual([
      ['member_notice', 'cancelled', 'The ticket was deleted'],
      ['public_reply', 'cancelled', 'The ticket was deleted'],
      ['ticket_received', 'sent', null]
    ])
  })

  test('forgets after ninety days, and keeps what waits', async () => {
    const { team, ticket } = await newTeam()
    await send(team)
    await by(bob, reply(team, ticket, 'Waits'))
    await dispatch()
    await database()`update public.mails set created_at = now() - interval '91 days' where team_id = ${team}`
    await database()`insert into private.rating_tokens (token_hash, team_id, ticket_id, recipient, expires_at) values (sha256('old'), ${team}, ${ticket}, 'c@mail.test', now()), (sha256('young'), ${team}, ${ticket}, 'c@mail.test', now() + interval '1 day')`
    await asService('test', removeOldMails)
    expect((await rows(team)).map(row => row.state)).toEqual(['waiting', 'waiting'])
    expect(await database()`select from private.rating_tokens where ticket_id = ${ticket}`).toHaveLength(1)
  })

  test('keeps what a digest that waits has yet to say', async () => {
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
    const digests = await database()<
      { id: string }[]
    >`insert into public.mails ${database()(['waiting', 'failed'].map(state => ({ team_id: team, ticket_id: ticket, event_id: 1, kind: 'digest', recipient: client, state, next_attempt_at: new Date(Date.now() + 86_400_000) })))} returning id`
    await database()`insert into public.mails ${database()(digests.map(({ id }) => part(id)))}`
    await asService('test', removeOldMails)
    expect(await database()`select carrier_id from public.mails where team_id = ${team} and state = 'merged'`).toEqual([
      { carrier_id: digests[0]!.id }
    ])
  })

  test('is empty where no mail can be sent', async () => {
    configureMail({ smtpUrl: '', mailFrom: '' })
    try {
      const { team } = await newTeam()
      await dispatch()
      expect(await rows(team)).toEqual([])
    } finally {
      configureMail({ smtpUrl: 'smtp://127.0.0.1:9', mailFrom: 'Switchboard <support@desk.test>' })
    }
  })

  test('of one team is not seen by another', () =>
    session(service, async ({ sql, as: run }) => {
      await sql`insert into mails (team_id, event_id, kind, recipient) values (${initech.id}, 1, 'public_reply', 'x@mail.test')`
      expect(await run(ann, sql => sql`select id from mails where team_id = ${initech.id}`)).toEqual([])
    }))
})
