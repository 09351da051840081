import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { database } from '../support/as.ts'
import { invite, mailRows, mailsTo, newTeam, send, sendDue, useMailOutbox } from '../support/mail-outbox.ts'
import { bob } from '../support/world.ts'

useMailOutbox()

const friend = (ticket: string) => `friend.${ticket.slice(0, 8)}@mail.test`

const invitations = async (team: string) => (await mailRows(team)).filter(({ kind }) => kind === 'participant_invitation')
const stranger = async (team: string, address: string, change: Record<string, unknown> = {}) => {
  const [{ id }] = await database()<[{ id: string }]>`
    insert into public.contacts ${database()({ team_id: team, name: 'Known', created_by: bob.id, ...change })} returning id`
  await database()`insert into public.contact_addresses (team_id, address, contact_id) values (${team}, ${address}, ${id})`
}

describe('the mail that invites somebody to a ticket', () => {
  test('says who invites them to which team, with a link and nothing else of the ticket', async () => {
    const { team, ticket, client } = await newTeam()
    const address = await invite(team, ticket, friend(ticket))
    await send(team)
    const [mail] = mailsTo(address)
    const [row] = await database()<[{ slug: string; token_hash: Buffer; date: string }]>`
      select team.slug, invitation.token_hash, to_char(invitation.expires_at at time zone 'UTC', 'FMMonth FMDD, YYYY') as date
      from private.participant_invitations as invitation join public.teams as team on team.id = invitation.team_id
      where invitation.ticket_id = ${ticket}`
    const link = /http:\/\/desk\.test\/p\/(\S+)\/follow\?k=([\w-]{43})/.exec(mail!.text)!
    expect(link[1]).toBe(row.slug)
    expect(createHash('sha256').update(link[2]!).digest()).toEqual(row.token_hash)
    expect(mail!.subject).toBe('[#001] Do you want to be in copy of a request?')
    expect(mail!.text).toContain('Cleo wants to add you in copy to the request #001 to Acme.')
    expect(mail!.text).toContain(`The link works until ${row.date}.`)
    expect(mail!.headers).toMatchObject({ 'Auto-Submitted': 'auto-generated' })
    expect(`${mail!.text}${mail!.html}`).not.toMatch(/VPN|Every hour|client\./)
    expect(mailsTo(client)).toHaveLength(1) // the acknowledgement
  })

  test('is in the language of the person, or else in that of the requester', async () => {
    const { team, ticket } = await newTeam()
    await database()`update public.contacts set locale = 'de' where id = (select contact_id from public.tickets where id = ${ticket})`
    await stranger(team, 'english@mail.test', { locale: 'en' })
    const address = await invite(team, ticket, friend(ticket))
    await invite(team, ticket, 'english@mail.test')
    await send(team)
    expect(mailsTo(address)[0]!.subject).toBe('[#001] Möchten Sie bei einer Anfrage in Kopie sein?')
    expect(mailsTo(address)[0]!.html).toContain('<html lang="de">')
    expect(mailsTo('english@mail.test')[0]!.subject).toBe('[#001] Do you want to be in copy of a request?')
  })

  test('makes no links of the names of people, whatever the team', async () => {
    const { team, ticket } = await newTeam({ requester_name: 'You won: http://evil.test/pay' }, { mail_level: 'established' })
    const address = await invite(team, ticket, friend(ticket))
    await send(team)
    expect(mailsTo(address)[0]!.text).toContain('You won: evil[.]test/pay wants to add you')
    expect(mailsTo(address)[0]!.html).not.toContain('evil.test')
  })

  test.each([
    ['was withdrawn', (ticket: string) => database()`delete from private.participant_invitations where ticket_id = ${ticket}`],
    [
      'is of a requester whom an agent has blocked',
      (ticket: string) =>
        database()`update public.contacts set blocked_at = now() where id = (select contact_id from public.tickets where id = ${ticket})`
    ]
  ])('is not sent if the invitation %s', async (_, change) => {
    const { team, ticket } = await newTeam()
    const address = await invite(team, ticket, friend(ticket))
    await change(ticket)
    await send(team)
    expect(mailsTo(address)).toEqual([])
    expect(await invitations(team)).toMatchObject([{ state: 'cancelled', reason: 'The invitation is no longer valid' }])
  })

  test('does not go to a contact who is blocked, nor to a machine', async () => {
    const { team, ticket } = await newTeam()
    await stranger(team, 'blocked@mail.test', { blocked_at: new Date() })
    await invite(team, ticket, 'blocked@mail.test')
    await invite(team, ticket, 'no-reply@mail.test')
    await send(team)
    expect([...mailsTo('blocked@mail.test'), ...mailsTo('no-reply@mail.test')]).toEqual([])
    expect((await invitations(team)).map(({ state }) => state)).toEqual(['cancelled', 'cancelled'])
  })

  test('counts in the budget for strangers, also for somebody who has answered the team, and waits when it is spent', async () => {
    const { team, ticket } = await newTeam({}, { mail_level: 'new' })
    const address = friend(ticket)
    await database()`select private.remember_mailbox(${team}, ${address})`
    await database()`
      insert into private.stranger_mails (team_id, kind, mailbox_hash, is_new_team)
      select ${team}, 'client', private.mailbox_hash(${address}), true from generate_series(1, 6)`
    await invite(team, ticket, friend(ticket))
    await send(team)
    expect(mailsTo(address)).toEqual([])
    expect(await invitations(team)).toMatchObject([{ state: 'waiting', reason: expect.stringContaining('6 of its mails') as string }])
    await database()`update private.stranger_mails set taken_at = taken_at - interval '2 days' where team_id = ${team}`
    await database()`update public.mails set next_attempt_at = now() where team_id = ${team}`
    await sendDue()
    expect(mailsTo(address)).toHaveLength(1)
  })

  test('goes alone, not in a digest with other mails to the same person', async () => {
    const { team, ticket, client } = await newTeam()
    const [{ id }] = await database()<[{ id: string }]>`
      insert into public.tickets ${database()({
        team_id: team,
        subject: 'Another',
        description: 'x',
        requester_email: friend(ticket),
        created_by: bob.id
      })} returning id`
    await send(team)
    const address = await invite(team, ticket, friend(ticket))
    await database()`
      insert into public.mails (team_id, ticket_id, event_id, kind, recipient, data)
      select ${team}, ${id}, 1, kind, ${address}, '{"events": [{"id": "1"}]}' from unnest(array['assigned', 'status_changed']) as kind`
    await database()`update public.mails set held_until = now(), reason = 'Held' where team_id = ${team} and state = 'waiting'`
    await send(team)
    expect((await mailRows(team)).filter(({ kind }) => kind === 'digest')).toHaveLength(1)
    expect(await invitations(team)).toMatchObject([{ state: 'sent' }])
    expect(mailsTo(client)).toHaveLength(1)
  })
})
