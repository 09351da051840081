import { createHash, randomUUID } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { preferenceKinds } from '#shared/notification'
import type { Message } from '#server/adapters/mail'
import { wakeSnoozedTickets } from '#server/jobs/wake-snoozed-tickets'
import { database } from '../support/as.ts'
import { by, dispatch, mailed, newTeam, reply, rows, send, sendDue, status, to, useMailOutbox, type Work } from '../support/mail-outbox.ts'
import { adam, ann, bob, vera, type Person } from '../support/world.ts'

useMailOutbox()

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
