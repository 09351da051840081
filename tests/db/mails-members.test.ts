import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { preferenceKinds } from '#shared/notification'
import type { Message } from '#server/adapters/mail'
import { wakeSnoozedTickets } from '#server/jobs/wake-snoozed-tickets'
import { database } from '../support/as.ts'
import {
  addReply,
  asPerson,
  dispatch,
  deliveredMails,
  mailRows,
  mailsTo,
  newTeam,
  send,
  sendDue,
  setStatus,
  useMailOutbox,
  type Transaction
} from '../support/mail-outbox.ts'
import { adam, ann, bob, vera, type Person } from '../support/world.ts'

useMailOutbox()

describe('mails to members', () => {
  test('a member is mailed about assignments and mentions with a link, and never about their own changes', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    const [{ slug }] = await database()<[{ slug: string }]>`select slug from public.teams where id = ${team}`
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    expect(await send(team)).toMatchObject([
      { to: bob.email, subject: '[#001] VPN drops', fromName: 'Ann Arbor (Acme)', headers: { 'Auto-Submitted': 'auto-generated' } }
    ])
    expect(deliveredMails[0]!.text).toContain('Ann Arbor assigned #001 to you.')
    expect(deliveredMails[0]!.text).toContain(`Open #001:\nhttp://desk.test/t/${slug}/1`)
    await asPerson(ann, addReply(team, ticket, `Look at this <@${vera.id}> and <@${randomUUID()}>`, true))
    await send(team)
    expect(
      deliveredMails
        .slice(1)
        .map(mail => mail.to)
        .sort()
    ).toEqual([bob.email, vera.email])
    expect(mailsTo(vera.email)[0]!.text).toContain('Ann Arbor (internal note, mentions you):\n\nLook at this @Vera Vale and @former member')
    expect(mailsTo(vera.email)[0]!.html).toContain('Look at this @Vera Vale and @former member')
    expect(mailsTo(ann.email)).toHaveLength(0)
  })

  test('notices to a member within a minute go in one mail', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await dispatch()
    await asPerson(ann, addReply(team, ticket, 'First'))
    await asPerson(vera, addReply(team, ticket, 'Second', true))
    await send(team)
    expect(mailsTo(bob.email)).toHaveLength(1)
    expect(mailsTo(bob.email)[0]!.text).toMatch(/assigned #001[^]*First[^]*Vera Vale \(internal note\)[^]*Second/)
  })

  test('a breach and its escalations are mailed to whom they concern, in the name of the policy', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    const levels = { low: 60, normal: 60, high: 60, urgent: 60 }
    const step = { metric: null, when: 'breach' }
    const escalations = [
      { ...step, action: 'notify', members: [vera.id], roles: [], followers: false },
      { ...step, action: 'assign', member_id: adam.id }
    ]
    await database()`insert into public.sla_policies ${database()({ team_id: team, name: 'Standard', targets: database().json({ resolution: levels }), escalations: database().json(escalations) })}`
    await database()`select private.reapply_policy(${team}, ${ticket})`
    await send(team)
    deliveredMails.length = 0
    await database()`update public.sla_clocks set due_at = now() where team_id = ${team}`
    await database()`select private.mark_due_clocks(100)`
    await send(team)
    const texts = (person: Person) => mailsTo(person.email).map(({ text }) => text.split('\n')[0])
    expect(texts(vera)).toEqual(['Resolution is overdue (escalation of the SLA policy “Standard”): #001.'])
    expect(mailsTo(adam.email)[0]!.text).toContain('SLA policy “Standard” assigned #001 to you.')
    expect(mailsTo(adam.email)[0]!.text).toContain('Resolution is overdue: #001.')
    expect(texts(bob)).toEqual([])
  })

  test('the end of a snooze is mailed unless the ticket is snoozed again or resolved within a minute', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await send(team)
    deliveredMails.length = 0
    const snooze = (time: string) =>
      asPerson(bob, sql => sql`update tickets set snoozed_until = clock_timestamp() + ${time}::interval where id = ${ticket}`)
    /** Snoozes the ticket for 20 ms, wakes it and dispatches the event. */
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
    await asPerson(bob, setStatus(ticket, 'resolved'))
    expect(await received()).toEqual([])
    await asPerson(bob, setStatus(ticket, 'open'))
    await wake()
    await received()
    expect((await mailRows(team)).filter(row => row.recipient === bob.email).map(row => row.state)).toEqual([
      'sent',
      'cancelled',
      'cancelled',
      'sent'
    ])
    expect(mailsTo(bob.email)).toMatchObject([
      { subject: 'Re: [#001] VPN drops', fromName: 'Switchboard (Acme)', headers: { 'Auto-Submitted': 'auto-generated' } }
    ])
    const [{ text, html }] = mailsTo(bob.email) as [Message]
    expect(text).toMatch(
      /^The snooze of #001 has ended\.\n\nCleo:\n\nEvery hour\.\n\nPriority: Normal\nSeverity: SEV 3\n\nOpen #001:\nhttp/
    )
    for (const words of ['The snooze of #001 has ended.', 'Every hour.', 'Open #001']) expect(html).toContain(words)
  })

  test('a notice has a List-Id and a one-click link that ends the mails of the team', async () => {
    const { team, ticket, client } = await newTeam()
    const assign = (person: Person | null) =>
      asPerson(ann, sql => sql`update tickets set assigned_to = ${person?.id ?? null} where id = ${ticket}`)
    await assign(bob)
    await send(team)
    const { headers } = mailsTo(bob.email)[0]!
    expect(headers).toMatchObject({
      'List-Id': `Acme <notices.${team}.desk.test>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      'Auto-Submitted': 'auto-generated',
      'Precedence': 'bulk'
    })
    expect(mailsTo(client)[0]!.headers).not.toHaveProperty('List-Unsubscribe')
    const [, token] = /^<http:\/\/desk\.test\/unsubscribe\/([\w-]{43})>$/.exec(headers['List-Unsubscribe']!)!
    const anonymously = <T>(work: (sql: Transaction) => Promise<T>) =>
      database().begin(async sql => {
        await sql`select set_config('role', 'anon', true)`
        return work(sql)
      })
    const hash = createHash('sha256').update(token!).digest()
    const preview = () => anonymously(sql => sql`select * from private.unsubscribe_preview(${hash})`)
    expect(await preview()).toEqual([{ team_name: 'Acme' }])
    // The link is invalid while the member has another address, and after they left the team.
    await database()`update public.profiles set email = 'bob.moved@mail.test' where id = ${bob.id}`
    expect(await preview()).toEqual([])
    await database()`update public.profiles set email = ${bob.email} where id = ${bob.id}`
    await anonymously(sql => sql`select private.unsubscribe(${hash}, ${[...preferenceKinds]}::text[])`)
    await assign(null)
    await assign(bob)
    await send(team)
    expect(mailsTo(bob.email)).toHaveLength(1)
    await database()`delete from public.team_members where team_id = ${team} and user_id = ${bob.id}`
    expect(await preview()).toEqual([])
  })

  test('a member whose address is not confirmed gets no mail', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await database()`update auth.users set email_confirmed_at = null where id = ${bob.id}`
    try {
      expect(await send(team)).toEqual([])
    } finally {
      await database()`update auth.users set email_confirmed_at = now() where id = ${bob.id}`
    }
  })

  test('a notice that was read in the app is not mailed', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await dispatch()
    await database()`update public.notifications set read_at = now() where user_id = ${bob.id} and team_id = ${team}`
    expect(await send(team)).toEqual([])
    expect(await mailRows(team)).toMatchObject([{ state: 'cancelled', reason: 'The recipient has read it in the app' }])
  })

  test('a member who left before the mail was sent gets none', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await dispatch()
    await database()`delete from public.team_members where team_id = ${team} and user_id = ${bob.id}`
    expect(await send(team)).toEqual([])
    expect(await mailRows(team)).toMatchObject([{ state: 'cancelled', reason: 'The recipient is not a member any more' }])
  })

  test('a member removed within a minute is mailed about a key that acts as them, and about nothing else', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await asPerson(
      ann,
      sql =>
        sql`
          select private.create_api_key(${team}, ${bob.id}, 'n8n', '{read}', null, 'sk_abcdefgh',
          ${createHash('sha256').update(team).digest()})`
    )
    await asPerson(ann, addReply(team, ticket, 'Not for former members'))
    await asPerson(ann, sql => sql`select private.remove_member(${team}, ${bob.id})`)
    await send(team)
    expect(mailsTo(bob.email)).toHaveLength(1)
    const [mail] = mailsTo(bob.email)
    expect(mail!.text).toContain(`${ann.name} made the API key "n8n", which acts as you.`)
    expect(mail!.text).toContain('You are not a member of Acme any more, so the key no longer works.')
    expect(mail!.text).not.toMatch(/Not for former|settings/)
    expect(Object.keys(mail!.headers)).not.toContain('List-Unsubscribe')
    expect(await database()`select from public.notifications where team_id = ${team} and user_id = ${bob.id}`).toEqual([])
  })

  test('a queued mail about a key is sent to a member who left since', async () => {
    const { team } = await newTeam({ requester_email: null })
    await asPerson(
      ann,
      sql =>
        sql`
          select private.create_api_key(${team}, ${bob.id}, 'n8n', '{read}', null, 'sk_abcdefgh',
          ${createHash('sha256').update(team).digest()})`
    )
    await dispatch()
    await asPerson(ann, sql => sql`select private.remove_member(${team}, ${bob.id})`)
    await send(team)
    expect(mailsTo(bob.email)).toHaveLength(1)
  })

  test('a member who switched mails off gets none', async () => {
    const { team, ticket } = await newTeam({ requester_email: null })
    await database()`
      insert into public.notification_preferences (team_id, user_id, kind, in_app, mail)
      values (${team}, ${bob.id}, 'assigned', true, false)`
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    expect(await send(team)).toEqual([])
  })

  test('switching mails off cancels those that wait', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await asPerson(ann, addReply(team, ticket, `Look at this <@${bob.id}>`, true))
    await dispatch()
    await database()`
      insert into public.notification_preferences
      ${database()(
        ['assigned', 'mentioned', 'replied'].map(kind => ({
          team_id: team,
          user_id: bob.id,
          kind,
          in_app: true,
          mail: false
        }))
      )}`
    expect(await send(team)).toEqual([])
    expect(await mailRows(team)).toMatchObject([{ state: 'cancelled', reason: 'The recipient does not want it by mail any more' }])
  })

  test('a reply that mentions a member is mailed when mails of mentions are off and mails of replies are on', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    await send(team)
    await database()`
      insert into public.notification_preferences (team_id, user_id, kind, in_app, mail)
      values (${team}, ${bob.id}, 'mentioned', true, false)`
    await asPerson(ann, addReply(team, ticket, `Look at this <@${bob.id}>`, true))
    expect(await send(team)).toMatchObject([{ to: bob.email }])
  })

  test('a member who may no longer manage webhooks is not mailed about a disabled one', async () => {
    const { team } = await newTeam({ requester_email: null })
    await database()`
      select private.record_event(${team}, null, null, 'webhook.disabled', null,
      ${database().json({ id: randomUUID(), name: 'Chat', reason: 'It failed for 75 hours' })}::jsonb)`
    await dispatch()
    await database()`update public.team_members set role = 'member' where team_id = ${team} and user_id = ${adam.id}`
    expect((await send(team)).map(mail => mail.to)).toEqual([ann.email])
  })

  test('managers are mailed about a disabled webhook, with the reason and a link', async () => {
    const { team } = await newTeam({ requester_email: null })
    await database()`
      select private.record_event(${team}, null, null, 'webhook.disabled', null,
      ${database().json({ id: randomUUID(), name: 'Chat <b>', reason: 'It answered nothing for 75 hours' })}::jsonb)`
    await send(team)
    expect(deliveredMails.map(mail => mail.to).sort()).toEqual([adam.email, ann.email])
    expect(deliveredMails[0]).toMatchObject({ subject: 'The webhook Chat <b> was switched off', fromName: 'Switchboard (Acme)' })
    expect(deliveredMails[0]!.text).toContain('It answered nothing for 75 hours')
    expect(deliveredMails[0]!.text).toContain('http://desk.test/settings/webhooks')
    expect(deliveredMails[0]!.html).not.toContain('<b>')
  })

  test('a member gets 3 mails in an hour, and the notices above that in one digest', async () => {
    const { team, ticket } = await newTeam({ requester_email: null, assigned_to: bob.id })
    const others: string[] = []
    for (let n = 0; n < 2; n++) {
      const [created] = await asPerson(
        ann,
        sql =>
          sql<[{ id: string }]>`
            insert into tickets ${sql({
              team_id: team,
              subject: `Another ${n}`,
              description: 'x',
              created_by: ann.id,
              assigned_to: bob.id
            })} returning id`
      )
      others.push(created.id)
    }
    await send(team)
    expect(mailsTo(bob.email)).toHaveLength(3)
    for (const id of [ticket, ...others]) {
      await asPerson(ann, addReply(team, id, `About ${id}`))
      await send(team)
    }
    expect(mailsTo(bob.email)).toHaveLength(3)
    expect((await mailRows(team)).filter(row => row.state === 'waiting')).toHaveLength(3)
    const [{ wait }] = await database()<[{ wait: number }]>`
      select max(extract(epoch from next_attempt_at - now()))::float8 as wait from public.mails
      where team_id = ${team} and state = 'waiting'`
    expect(wait).toBeGreaterThan(3_500)
    expect(wait).toBeLessThanOrEqual(3_606) // held mails are due two seconds apart
    await database()`update public.mails set sent_at = sent_at - interval '1 hour' where team_id = ${team} and state = 'sent'`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
    await sendDue()
    expect(mailsTo(bob.email)).toHaveLength(4)
    const digest = mailsTo(bob.email)[3]!
    expect(digest.subject).toBe('3 updates in Acme')
    for (const id of [ticket, ...others]) expect(digest.text).toContain(`About ${id}`)
    expect((await mailRows(team)).filter(row => row.state === 'merged')).toHaveLength(2)
  })
})
