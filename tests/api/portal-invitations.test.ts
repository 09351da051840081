import { describe, expect, test } from 'vitest'
import { database } from '../support/api.ts'
import { FormBrowser } from '../support/form-browser.ts'
import { mailsTo, newAddress } from '../support/mail.ts'
import { type Client, newClient, openedBrowser, signedInBrowser, signIn } from '../support/portal-client.ts'

const invitationLink = async (address: string) => {
  const mails = await mailsTo(address, 1)
  const [, path, token] = /(\/p\/[\w-]+\/follow)\?k=([\w-]{43})/.exec(mails[0]!.text)!
  return { path: path!, token: token! }
}
const invite = (browser: FormBrowser, { path }: Client, email: string) => browser.post(`${path}/1`, { intent: 'invite', email })
const participants = ({ team }: Client) =>
  database()<{ name: string | null; address: string }[]>`
    select contact.name, entry.address from public.ticket_participants as row
    join public.contacts as contact on contact.id = row.contact_id
    join public.contact_addresses as entry on entry.contact_id = contact.id
    where row.ticket_id = ${team.tickets.bobs} and contact.name is distinct from 'Mona Minor'`

describe('the requester of a ticket', () => {
  test('invites somebody, who confirms with a button and opens the ticket', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const friend = newAddress('friend')
    expect(await invite(browser, client, friend)).toMatchObject({ status: 303, location: `${client.path}/1?done=invite#copies` })
    const page = await browser.get(`${client.path}/1?done=invite`)
    expect(page.html).toContain('We ask by e-mail.')
    expect(page.html).toContain('f…@')
    expect(page.html).not.toContain(friend)

    const { path, token } = await invitationLink(friend)
    const guest = new FormBrowser()
    for (let count = 0; count < 2; count++) {
      const question = await guest.get(`${path}?k=${token}`)
      expect(question.status).toBe(200)
      expect(question.html).toContain('Cleo Client wants to add you in copy to this request to Acme.')
      expect(question.html).not.toContain('VPN drops')
      expect(question.headers.get('referrer-policy')).toBe('no-referrer')
      expect(question.headers.get('cache-control')).toBe('no-store')
    }
    expect(guest.cookies.size).toBe(0)
    expect(await participants(client)).toEqual([])

    expect(await guest.post(path, { k: token })).toMatchObject({ status: 303, location: `${client.path}/1?done=follow` })
    const ticket = await guest.get(`${client.path}/1?done=follow`)
    expect(ticket.html).toContain('You take part in this request from now on.')
    expect(ticket.html).toContain(`You see this request as ${friend}.`)
    expect(ticket.html).toContain('VPN drops every hour')
    expect(ticket.html).not.toContain('Looking at it.')
    expect(ticket.html).not.toContain('People in copy')
    expect(await participants(client)).toEqual([{ name: null, address: friend }])
    expect((await browser.get(`${client.path}/1`)).html).toContain('Takes part')

    // The mail still leads to the ticket, in this browser and in another one.
    expect(await guest.get(`${path}?k=${token}`)).toMatchObject({ status: 303, location: `/p/${client.slug}/1?k=${token}` })
    expect(await guest.get(`/p/${client.slug}/1?k=${token}`)).toMatchObject({ status: 303, location: `${client.path}/1` })
    expect((await new FormBrowser().get(`/p/${client.slug}/1?k=${token}`)).html).toContain('Open my request')
  })

  test('cannot invite with a ticket session, until they sign in', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    expect((await browser.get(`${client.path}/1`)).html).not.toContain('People in copy')
    expect((await invite(browser, client, newAddress('friend'))).status).toBe(404)
    expect(await database()`select from private.participant_invitations where team_id = ${client.team.id}`).toHaveLength(0)
    await signIn(browser, client)
    expect((await browser.get(`${client.path}/1`)).html).toContain('People in copy')
    expect((await invite(browser, client, newAddress('friend'))).status).toBe(303)
  })

  test('keeps what they typed, with the reason beside the field', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const refused: [email: string, status: number, sentence: string][] = [
      ['nobody', 422, 'This is not an e-mail address.'],
      ['bob@acme.test', 422, 'This address belongs to the team'],
      [client.email, 422, 'This is your own address.'],
      ['no-reply@mail.test', 422, 'Nobody reads mails to this address.']
    ]
    for (const [email, status, sentence] of refused) {
      const page = await invite(browser, client, email)
      expect(page.status, email).toBe(status)
      expect(page.html).toMatch(new RegExp(`id="email-error"[^>]*>${sentence}`))
      expect(page.html).toContain(`value="${email}"`)
    }
    expect(await database()`select from private.participant_invitations where team_id = ${client.team.id}`).toHaveLength(0)
    await database()`update public.tickets set status = 'closed' where id = ${client.team.tickets.bobs}`
    expect((await invite(browser, client, newAddress('friend'))).status).toBe(409)
    expect((await browser.get(`${client.path}/1`)).html).not.toContain('People in copy')
  })

  test('withdraws an invitation, after which its link says that it does not work', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const friend = newAddress('friend')
    await invite(browser, client, friend)
    const { path, token } = await invitationLink(friend)
    const invitation = /name="invitation" value="([^"]+)"/.exec((await browser.get(`${client.path}/1`)).html)![1]!
    const withdrawal = { intent: 'withdraw', invitation }
    // Twice: a second click finds nothing to withdraw.
    for (let count = 0; count < 2; count++)
      expect(await browser.post(`${client.path}/1`, withdrawal)).toMatchObject({
        status: 303,
        location: `${client.path}/1?done=withdraw#copies`
      })
    expect((await browser.get(`${client.path}/1?done=withdraw`)).html).toContain('The invitation was withdrawn.')
    for (const page of [await new FormBrowser().get(`${path}?k=${token}`), await new FormBrowser().post(path, { k: token })]) {
      expect(page.status).toBe(404)
      expect(page.html).toContain('Invitations work for 7 days, unless they are withdrawn.')
    }
    expect(await participants(client)).toEqual([])
  })

  test('learns by the poll of the page that somebody confirmed', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const friend = newAddress('friend')
    await invite(browser, client, friend)
    const etag = (await browser.get(`${client.path}/1`)).headers.get('etag')!
    expect((await browser.get(`${client.path}/1`, { 'if-none-match': etag })).status).toBe(304)
    const { path, token } = await invitationLink(friend)
    await new FormBrowser().post(path, { k: token })
    expect((await browser.get(`${client.path}/1`, { 'if-none-match': etag })).status).toBe(200)
  })
})

describe('an invitation', () => {
  test('does not work in the portal of another team', async () => {
    const [client, other] = [await newClient(), await newClient()]
    const friend = newAddress('friend')
    await invite(await signedInBrowser(client), client, friend)
    const { token } = await invitationLink(friend)
    expect((await new FormBrowser().get(`/p/${other.slug}/follow?k=${token}`)).status).toBe(404)
    expect((await new FormBrowser().post(`/p/${other.slug}/follow`, { k: token })).status).toBe(404)
    expect(await participants(client)).toEqual([])
  })

  test('is not confirmed by a form of another site', async () => {
    const client = await newClient()
    const friend = newAddress('friend')
    await invite(await signedInBrowser(client), client, friend)
    const { path, token } = await invitationLink(friend)
    const forged = await new FormBrowser().post(path, { k: token }, { 'origin': 'https://evil.test', 'sec-fetch-site': 'cross-site' })
    expect(forged.status).toBe(403)
    expect(await participants(client)).toEqual([])
  })

  test('that is confirmed twice at once adds the person once, and both answers lead to the ticket', async () => {
    const client = await newClient()
    const friend = newAddress('friend')
    await invite(await signedInBrowser(client), client, friend)
    const { path, token } = await invitationLink(friend)
    const answers = await Promise.all([new FormBrowser().post(path, { k: token }), new FormBrowser().post(path, { k: token })])
    expect(answers.map(({ location }) => location).sort()).toEqual([`/p/${client.slug}/1?k=${token}`, `${client.path}/1?done=follow`])
    expect(await participants(client)).toHaveLength(1)
  })

  test('of a ticket with 20 participants is refused, and works when there is room', async () => {
    const client = await newClient()
    const friend = newAddress('friend')
    await invite(await signedInBrowser(client), client, friend)
    const { path, token } = await invitationLink(friend)
    const { team } = client
    await database().begin(async sql => {
      for (let count = 0; count < 19; count++) {
        const [{ id }] = await sql<[{ id: string }]>`
          insert into public.contacts (team_id, name, created_by) values (${team.id}, 'Another', null) returning id`
        await sql`insert into public.contact_addresses (team_id, address, contact_id) values (${team.id}, ${`a${count}@mail.test`}, ${id})`
        await sql`insert into public.ticket_participants (team_id, ticket_id, contact_id) values (${team.id}, ${team.tickets.bobs}, ${id})`
      }
    })
    expect((await new FormBrowser().post(path, { k: token })).status).toBe(409)
    await database()`
      delete from public.ticket_participants where ticket_id = ${team.tickets.bobs}
        and contact_id in (select contact_id from public.contact_addresses where address = 'a0@mail.test' and team_id = ${team.id})`
    expect((await new FormBrowser().post(path, { k: token })).status).toBe(303)
  })
})
