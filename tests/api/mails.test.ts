import { randomUUID } from 'node:crypto'
import { describe, expect, inject, test } from 'vitest'
import type { Reply, Ticket } from '#shared/types/api'
import { api, database, newTeam } from '../support/api.ts'
import { headerOf, mailsTo, newAddress, type Mail } from '../support/mail.ts'
import { ann, bob, vera, type Person, type TeamWorld } from '../support/world.ts'

/** A ticket of a client, told of by mail. */
async function newTicket(fields: Record<string, unknown> = {}): Promise<{ team: TeamWorld, ticket: Ticket, client: string }> {
  const team = await newTeam()
  const client = newAddress('client')
  const { body: ticket, status } = await api<Ticket>(ann, 'POST', `/teams/${team.id}/tickets`, { subject: 'Printer on fire', description: 'It burns.', requester_email: client, requester_name: 'Cleo Client', ...fields })
  expect(status).toBe(201)
  return { team, ticket, client }
}

/** Lets the minute pass in which things are gathered, when all that happened has been: there must be a mail of this kind waiting. */
async function passMinute(team: TeamWorld, kind: string): Promise<void> {
  const deadline = Date.now() + 10_000
  for (;;) {
    const due = await database()`update public.mails set next_attempt_at = now() where team_id = ${team.id} and state = 'waiting' and kind = ${kind} and next_attempt_at > now()
      and not exists (select from private.event_outbox where team_id = ${team.id}) returning id`
    if (due.length > 0) return
    if (Date.now() > deadline) throw new Error(`No ${kind} is waiting`)
    await new Promise(resolve => setTimeout(resolve, 20))
  }
}

const reply = (by: Person, { id }: TeamWorld, ticket: Ticket, content: string, is_internal = false) => api<Reply>(by, 'POST', `/teams/${id}/tickets/${ticket.id}/replies`, { content, is_internal })
const change = (by: Person, { id }: TeamWorld, ticket: Ticket, fields: object) => api(by, 'PATCH', `/teams/${id}/tickets/${ticket.id}`, fields)

/** The newest mail to an address, when there are so many. */
async function newestTo(address: string, count: number): Promise<Mail> {
  return (await mailsTo(address, count))[0]!
}

describe('mails to a client', () => {
  test('tell of the request, who has it, the answer and the end, in one thread and without a note', async () => {
    const { team, ticket, client } = await newTicket()
    const [received] = await mailsTo(client)
    expect(received).toMatchObject({ to: [client], subject: `[#00${ticket.ticket_number}] Printer on fire`, from: expect.stringMatching(/^"?Acme"? </) as string })
    expect(received!.text).toContain('Acme has received your request.')
    expect(received!.html).toContain('Acme has received your request.')
    expect(headerOf(received!, 'Auto-Submitted')).toBe('auto-generated')
    expect(headerOf(received!, 'X-Auto-Response-Suppress')).toBe('All')
    expect(headerOf(received!, 'Precedence')).toBe('bulk')
    const root = headerOf(received!, 'References')!
    expect(root).toBe(`<ticket.${ticket.id}@localhost>`)

    await change(ann, team, ticket, { assigned_to: bob.id })
    await passMinute(team, 'assigned')
    const assigned = await newestTo(client, 2)
    expect(assigned.text).toContain('Bob Byrd is looking after your request')

    await reply(ann, team, ticket, 'CONFIDENTIAL: they forgot to pay', true)
    await reply(bob, team, ticket, 'Take the **extinguisher**, please.')
    await reply(vera, team, ticket, 'And leave the room.')
    await passMinute(team, 'public_reply')
    const answered = await newestTo(client, 3)
    expect(answered.text).toMatch(/Bob Byrd:[^]*extinguisher[^]*Vera Vale:[^]*leave the room/)
    expect(answered.html).toContain('<strong>extinguisher</strong>')
    expect(headerOf(answered, 'Auto-Submitted')).toBeUndefined()
    expect(answered.subject).toMatch(/^Re: \[#\d{3}\] Printer on fire$/)
    expect(headerOf(answered, 'In-Reply-To')).toBe(headerOf(assigned, 'Message-ID'))
    expect(headerOf(answered, 'References')).toBe(`${root} ${headerOf(assigned, 'Message-ID')}`)

    await change(bob, team, ticket, { status: 'resolved' })
    await passMinute(team, 'rating_request')
    const resolved = await newestTo(client, 4)
    expect(resolved.text).toContain('is resolved')
    expect(resolved.text).toMatch(new RegExp(`${inject('product').baseUrl}/rate/[\\w-]{43}\\?score=5`))

    const mails = await mailsTo(client, 4)
    expect(new Set(mails.map(mail => headerOf(mail, 'Message-ID'))).size).toBe(4)
    for (const mail of mails) {
      expect(JSON.stringify(mail)).not.toMatch(/CONFIDENTIAL|forgot to pay|@acme\.test/)
      expect(mail.html).not.toMatch(/<script|<img|src=|https?:\/\/(?!127\.0\.0\.1)/)
    }
  })

  test('name people as text, whatever their names are', async () => {
    const evil = '"><img src=x onerror=alert(1)>'
    const { team, ticket, client } = await newTicket({ subject: `${evil} =?utf-8?B?QmNjOiB4QGV2aWwudGVzdA==?= {{constructor}} \${7*7}`, requester_name: `Cleo ${evil} <b>` })
    await mailsTo(client)
    await reply(bob, team, ticket, `${evil}\n\n<script>alert(1)</script> [x](javascript:alert(1)) ![y](http://evil.test/pixel.png) {{7*7}}`)
    await passMinute(team, 'public_reply')
    const mail = await newestTo(client, 2)
    expect(mail.to).toEqual([client])
    expect(mail.subject).toContain('{{constructor}} ${7*7}')
    expect(mail.html).not.toMatch(/<img|<script|href="javascript|<b>/)
    expect(mail.html).toContain('&lt;script&gt;')
    expect(mail.headers.filter(line => /^(bcc|cc):/i.test(line))).toEqual([])
  })
})

describe('mails to members', () => {
  test('tell of what concerns them, with a link to it', async () => {
    const team = await newTeam()
    const email = newAddress('nora')
    const nora = randomUUID()
    await database()`insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_user_meta_data) select ${nora}, ${email}, encrypted_password, now(), '{"full_name": "Nora New"}' from auth.users where id = ${ann.id}`
    await database()`insert into public.team_members (team_id, user_id, role) values (${team.id}, ${nora}, 'member')`
    const { body: ticket } = await api<Ticket>(ann, 'POST', `/teams/${team.id}/tickets`, { subject: 'For Nora', description: 'x' })
    await change(ann, team, ticket, { assigned_to: nora })
    await reply(bob, team, ticket, `What do you think, <@${nora}>?`, true)
    await passMinute(team, 'member_notice')
    const [mail] = await mailsTo(email)
    const [{ slug }] = await database()<[{ slug: string }]>`select slug from public.teams where id = ${team.id}`
    expect(mail!.subject).toBe(`[#00${ticket.ticket_number}] For Nora`)
    expect(mail!.text).toContain(`${inject('product').baseUrl}/t/${slug}/${ticket.ticket_number}`)
    expect(headerOf(mail!, 'Auto-Submitted')).toBe('auto-generated')

    await reply(bob, team, ticket, 'Still there?')
    await database()`delete from public.team_members where team_id = ${team.id} and user_id = ${nora}`
    await reply(bob, team, ticket, 'Hello?')
    await expect.poll(async () => (await database()`select state from public.mails where team_id = ${team.id} and recipient = ${email} and state = 'waiting' and next_attempt_at > now()`).length + (await database()`select from private.event_outbox where team_id = ${team.id}`).length, { timeout: 10_000 }).toBeLessThanOrEqual(1)
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team.id} and recipient = ${email} and state = 'waiting'`
    await expect.poll(async () => database()`select id from public.mails where team_id = ${team.id} and recipient = ${email} and state = 'waiting'`, { timeout: 10_000 }).toEqual([])
    expect(await mailsTo(email)).toHaveLength(1)
  })
})
