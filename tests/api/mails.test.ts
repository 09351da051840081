import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { MailBudget, Reply, Ticket, TicketMail } from '#shared/types/api'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { readHeader, mailsTo, newAddress, type Mail } from '../support/mail.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { adam, ann, bob, dan, vera, type Person, type TeamWorld } from '../support/world.ts'

/** A ticket of a new team whose requester gets mails. */
async function newTicket(fields: Record<string, unknown> = {}): Promise<{ team: TeamWorld; ticket: Ticket; client: string }> {
  const team = await newTeam()
  const client = newAddress('client')
  const { body: ticket, status } = await api<Ticket>(ann, 'POST', `/teams/${team.id}/tickets`, {
    subject: 'Printer on fire',
    description: 'It burns.',
    requester_email: client,
    requester_name: 'Cleo Client',
    ...fields
  })
  expect(status).toBe(201)
  return { team, ticket, client }
}

/** Skips the minute in which mails are collected: waits until all events are dispatched, then makes the waiting mail of this kind due. */
async function skipCollectingMinute(team: TeamWorld, kind: string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const due =
      await database()`update public.mails set next_attempt_at = now() where team_id = ${team.id} and state = 'waiting' and kind = ${kind} and next_attempt_at > now()
      and not exists (select from private.event_outbox where team_id = ${team.id}) returning id`
    if (due.length > 0) return
    if (Date.now() > deadline) throw new Error(`No ${kind} is waiting`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const reply = (by: Person, { id }: TeamWorld, ticket: Ticket, content: string, is_internal = false) =>
  api<Reply>(by, 'POST', `/teams/${id}/tickets/${ticket.id}/replies`, { content, format: 'markdown', is_internal })
const change = (by: Person, { id }: TeamWorld, ticket: Ticket, fields: object) =>
  api(by, 'PATCH', `/teams/${id}/tickets/${ticket.id}`, fields)

/** Waits until an address has received `count` mails and returns the newest one. */
async function newestTo(address: string, count: number): Promise<Mail> {
  return (await mailsTo(address, count))[0]!
}

describeRouteRights('mails')

test('Postgres knows the address of MAIL_FROM, which never becomes a contact', async () => {
  expect(await database()`select sender_address from private.mail_settings`).toEqual([{ sender_address: 'no-reply@localhost' }])
})

describe('mails to a client', () => {
  test('a client gets mails about receipt, assignment, replies and resolution, in one thread, without internal notes', async () => {
    const { team, ticket, client } = await newTicket()
    const [received] = await mailsTo(client)
    expect(received).toMatchObject({
      to: [client],
      subject: `[#00${ticket.ticket_number}] Printer on fire`,
      from: expect.stringMatching(/^"?Acme"? </) as string
    })
    expect(received!.text).toContain('Acme has received your request.')
    expect(received!.html).toContain('Acme has received your request.')
    expect(readHeader(received!, 'Auto-Submitted')).toBe('auto-generated')
    expect(readHeader(received!, 'X-Auto-Response-Suppress')).toBe('All')
    expect(readHeader(received!, 'Precedence')).toBe('bulk')
    const root = readHeader(received!, 'References')!
    expect(root).toBe(`<ticket.${ticket.id}@localhost>`)

    await change(ann, team, ticket, { assigned_to: bob.id })
    await skipCollectingMinute(team, 'assigned')
    const assigned = await newestTo(client, 2)
    expect(assigned.text).toContain('Bob Byrd is looking after your request')

    await reply(ann, team, ticket, 'CONFIDENTIAL: they forgot to pay', true)
    await reply(bob, team, ticket, 'Take the **extinguisher**, please.')
    await reply(vera, team, ticket, 'And leave the room.')
    await skipCollectingMinute(team, 'public_reply')
    const answered = await newestTo(client, 3)
    expect(answered.text).toMatch(/Bob Byrd:[^]*extinguisher[^]*Vera Vale:[^]*leave the room/)
    expect(answered.html).toContain('<strong>extinguisher</strong>')
    expect(readHeader(answered, 'Auto-Submitted')).toBeUndefined()
    expect(answered.subject).toMatch(/^Re: \[#\d{3}\] Printer on fire$/)
    expect(readHeader(answered, 'In-Reply-To')).toBe(readHeader(assigned, 'Message-ID'))
    expect(readHeader(answered, 'References')).toBe(`${root} ${readHeader(assigned, 'Message-ID')}`)

    await change(bob, team, ticket, { status: 'resolved' })
    await skipCollectingMinute(team, 'status_changed')
    expect((await newestTo(client, 4)).text).toContain('is resolved')
    await database()`update public.mails set sent_at = sent_at - interval '2 hours' where team_id = ${team.id} and state = 'sent'`
    await skipCollectingMinute(team, 'rating_request')
    const question = await newestTo(client, 5)
    expect(question.text).toMatch(new RegExp(`${product().baseUrl}/rate/[\\w-]{43}\\?score=5`))

    const mails = await mailsTo(client, 5)
    expect(new Set(mails.map(mail => readHeader(mail, 'Message-ID'))).size).toBe(5)
    for (const mail of mails) {
      expect(mail.text).toMatch(new RegExp(`${product().baseUrl}/p/[\\w-]+/${ticket.ticket_number}\\?k=[\\w-]{43}`))
      expect(JSON.stringify(mail)).not.toMatch(/CONFIDENTIAL|forgot to pay|@acme\.test/)
      expect(mail.html).not.toMatch(/<script|<img|src=|https?:\/\/(?!127\.0\.0\.1)/)
    }
  })

  test('mails to a client show subjects, names and replies as text, not as HTML or headers', async () => {
    const evil = '"><img src=x onerror=alert(1)>'
    const { team, ticket, client } = await newTicket({
      subject: `${evil} =?utf-8?B?QmNjOiB4QGV2aWwudGVzdA==?= {{constructor}} \${7*7}`,
      requester_name: `Cleo ${evil} <b>`
    })
    await mailsTo(client)
    await reply(bob, team, ticket, `${evil}\n\n<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://evil.test/pixel.png) {{7*7}}`)
    await skipCollectingMinute(team, 'public_reply')
    const mail = await newestTo(client, 2)
    expect(mail.to).toEqual([client])
    expect(mail.subject).toContain('{{constructor}} ${7*7}')
    expect(mail.html).not.toMatch(/<img|<script|href="javascript|<b>/)
    expect(mail.html).toContain('&lt;script&gt;')
    expect(mail.headers.filter(line => /^(bcc|cc):/i.test(line))).toEqual([])
  })
})

describe('mails to members', () => {
  test('a member gets a mail with a link about what concerns them, and none after leaving the team', async () => {
    const team = await newTeam()
    const email = newAddress('nora')
    const nora = randomUUID()
    await database()`insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data) select ${nora}, ${email}, encrypted_password, now(), '{"full_name": "Nora New"}' from auth.users where id = ${ann.id}`
    await database()`insert into public.team_members (team_id, user_id, role) values (${team.id}, ${nora}, 'member')`
    const { body: ticket } = await api<Ticket>(ann, 'POST', `/teams/${team.id}/tickets`, { subject: 'For Nora', description: 'x' })
    await change(ann, team, ticket, { assigned_to: nora })
    await reply(bob, team, ticket, `What do you think, <@${nora}>?`, true)
    await skipCollectingMinute(team, 'member_notice')
    const [mail] = await mailsTo(email)
    const [{ slug }] = await database()<[{ slug: string }]>`select slug from public.teams where id = ${team.id}`
    expect(mail!.subject).toBe(`[#00${ticket.ticket_number}] For Nora`)
    expect(mail!.text).toContain(`${product().baseUrl}/t/${slug}/${ticket.ticket_number}`)
    expect(readHeader(mail!, 'Auto-Submitted')).toBe('auto-generated')

    await reply(bob, team, ticket, 'Still there?')
    await database()`delete from public.team_members where team_id = ${team.id} and user_id = ${nora}`
    await reply(bob, team, ticket, 'Hello?')
    await expect
      .poll(
        async () =>
          (
            await database()`select state from public.mails where team_id = ${team.id} and recipient = ${email} and state = 'waiting' and next_attempt_at > now()`
          ).length + (await database()`select from private.event_outbox where team_id = ${team.id}`).length,
        { timeout: 10_000 }
      )
      .toBeLessThanOrEqual(1)
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team.id} and recipient = ${email} and state = 'waiting'`
    await expect
      .poll(async () => database()`select id from public.mails where team_id = ${team.id} and recipient = ${email} and state = 'waiting'`, {
        timeout: 10_000
      })
      .toEqual([])
    expect(await mailsTo(email)).toHaveLength(1)
  })
})

describe('budgets of mails to strangers', () => {
  test('the fourth invitation to one mailbox in a day answers 429 with Retry-After and sends no mail', async () => {
    const team = await newTeam()
    const email = newAddress('victim')
    const { body: invitation } = await api<{ id: string }>(ann, 'POST', `/teams/${team.id}/invitations`, { email })
    expect((await api(ann, 'POST', `/teams/${team.id}/invitations/${invitation.id}/resend`)).status).toBe(200)
    expect((await api(ann, 'DELETE', `/teams/${team.id}/invitations/${invitation.id}`)).status).toBe(204)
    expect((await api(ann, 'POST', `/teams/${team.id}/invitations`, { email: email.toUpperCase() })).status).toBe(201)
    const refused = await api(adam, 'POST', `/teams/${team.id}/invitations`, { email: email.replace('@', '+again@') })
    expectError(refused, 429, 'mail_budget')
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(86_000)
    expect(await mailsTo(email, 3)).toHaveLength(3)
    expect(await database()`select from public.team_invitations where team_id = ${team.id} and email like '%+again@%'`).toEqual([])
  })

  test('a new team may mail a stranger six times a day; further mails wait with a reason and go later as a digest', async () => {
    const team = await newTeam('PayPal: you won, see http://evil.test')
    await database()`update public.teams set mail_level = 'new' where id = ${team.id}`
    const client = newAddress('stranger')
    const tickets: Ticket[] = []
    for (let number = 0; number < 7; number++) {
      const { body } = await api<Ticket>(ann, 'POST', `/teams/${team.id}/tickets`, {
        subject: `You won http://evil.test/${number}`,
        description: 'x',
        requester_email: client
      })
      tickets.push(body)
      await reply(bob, team, body, `Pay at https://evil.test/${number}`)
    }
    await expect
      .poll(async () => (await database()`select from private.event_outbox where team_id = ${team.id}`).length, { timeout: 10_000 })
      .toBe(0)
    await skipCollectingMinute(team, 'public_reply')
    const mails = await mailsTo(client, 6)
    await expect
      .poll(
        () =>
          database()`select from public.mails where team_id = ${team.id} and kind = 'public_reply' and state = 'waiting' and reason is null`,
        { timeout: 10_000 }
      )
      .toEqual([])
    expect(mails).toHaveLength(6)
    for (const { subject, from, text, html } of mails) {
      expect(subject).toMatch(/^(Re: )?\[#\d{3}\] (We have received your request|Your request)$/)
      expect(from).not.toMatch(/PayPal|Bob/)
      expect(`${text}${html}`).not.toMatch(/evil\.test/)
    }
    const states = (
      await Promise.all(tickets.map(({ id }) => api<TicketMail[]>(vera, 'GET', `/teams/${team.id}/tickets/${id}/mails`)))
    ).flatMap(({ body }) => body)
    const waiting = states.filter(({ state }) => state === 'waiting')
    expect(waiting.length).toBeGreaterThan(0)
    for (const mail of waiting)
      expect(mail).toMatchObject({
        kind: 'public_reply',
        recipient: client,
        reason: 'A mailbox that has not answered this team gets 6 of its mails in 24 hours',
        sent_at: null
      })
    expect((await api<MailBudget>(adam, 'GET', `/teams/${team.id}/mail-budget`)).body).toMatchObject({
      level: 'new',
      client_mails: { size: 30, used: 6, frees_at: null },
      invitations: { size: 10, used: 0 }
    })
    expect(JSON.stringify((await api(ann, 'GET', `/teams/${team.id}/jobs`)).body)).toContain('gets 6 of its mails in 24 hours')

    await database()`update private.stranger_mails set taken_at = taken_at - interval '1 day' where team_id = ${team.id}`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team.id} and state = 'waiting'`
    const digest = await newestTo(client, 7)
    expect(digest.subject).toMatch(/^Your requests #\d{3}(,| and) /)
    expect(readHeader(digest, 'References')).toBe(`<team.${team.id}@localhost>`)
    expect(readHeader(digest, 'Auto-Submitted')).toBeUndefined()
    expect(digest.from).not.toMatch(/PayPal|Bob/)
    expect(`${digest.text}${digest.html}`).not.toMatch(/evil\.test/)
    const after = (
      await Promise.all(tickets.map(({ id }) => api<TicketMail[]>(vera, 'GET', `/teams/${team.id}/tickets/${id}/mails`)))
    ).flatMap(({ body }) => body)
    const merged = after.filter(({ state }) => state === 'merged')
    expect(merged).toHaveLength(waiting.length)
    for (const { reason, sent_at } of merged)
      expect({ reason, sent_at }).toEqual({
        reason: expect.stringMatching(/^Sent together with #\d{3}/) as string,
        sent_at: expect.any(String) as string
      })
    expect(after.filter(({ state }) => state === 'waiting')).toEqual([])
    expect(await mailsTo(client, 7)).toHaveLength(7)
  })

  test('the mails of a ticket answer 404 under another team and to people outside the team', async () => {
    const [team, other] = [await newTeam(), await newTeam()]
    expectError(await api(ann, 'GET', `/teams/${team.id}/tickets/${other.tickets.bobs}/mails`), 404, 'not_found')
    expectError(await api(dan, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}/mails`), 404, 'not_found')
  })
})
