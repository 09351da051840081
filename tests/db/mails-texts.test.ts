import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mailCatalogue } from '#shared/texts/mail'
import { ratingCatalogue } from '#shared/texts/rating'
import { database } from '../support/as.ts'
import {
  addReply,
  asPerson,
  dispatch,
  invite,
  mailRows,
  mailsTo,
  newTeam,
  send,
  sendDue,
  setStatus,
  useMailOutbox
} from '../support/mail-outbox.ts'
import { foreignWords, pseudoLocale } from '../support/pseudo-locale.ts'
import { ann, bob } from '../support/world.ts'
import type { Message } from '#server/adapters/mail'

useMailOutbox()

const useLocale = (ticket: string, locale: string) =>
  database()`update public.contacts set locale = ${locale} where id = (select contact_id from public.tickets where id = ${ticket})`

/** What a reader sees, and hears from a screen reader: subject, text part, and the texts and attributes of the HTML part. */
function readablePartsOf({ subject, text, html }: Message): string {
  const attributes = [...html.matchAll(/(?:title|aria-label)="([^"]*)"/g)].map(match => match[1])
  const visible = html.replace(/<style>[^]*?<\/style>/, '').replace(/<[^>]*>|&[a-z#0-9]+;/g, ' ')
  // "Re:" is a token of RFC 5322, in every language.
  return [subject, text.replace(/https?:\/\/\S+/g, ' '), visible, ...attributes].join('\n').replaceAll('Re: ', '')
}

describe('mails to a client whose language is German', () => {
  test('are German, from the acknowledgement to the rating, and say so in their HTML', async () => {
    const { team, ticket, client } = await newTeam()
    await useLocale(ticket, 'de')
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'Which version?'))
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await asPerson(bob, setStatus(ticket, 'waiting'))
    await send(team)
    const texts = mailsTo(client).map(({ text }) => text)
    expect(texts[0]).toContain('Guten Tag,\n\nAcme hat Ihre Anfrage erhalten. Sie hat die Nummer #001.')
    expect(texts[1]).toMatch(
      /Bob Byrd:\n\nWhich version\?\n\nAnfrage: #001 VPN drops\nStatus: Wartet auf Sie[^]*Meine Anfrage öffnen:\nhttp/
    )
    expect(texts[2]).toContain('Guten Tag Cleo,\n\nBob Byrd kümmert sich um Ihre Anfrage #001.')
    for (const { html, text } of mailsTo(client)) {
      expect(html).toContain('<html lang="de">')
      expect(text).toContain('Sie erhalten diese E-Mail wegen Ihrer Anfrage #001 an Acme.')
    }
  })

  test('stay English for their agents', async () => {
    const { team, ticket } = await newTeam()
    await useLocale(ticket, 'de')
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await send(team)
    expect(mailsTo(bob.email)[0]!.text).toContain('assigned #001 to you.')
    expect(mailsTo(bob.email)[0]!.html).toContain('<html lang="en">')
  })
})

describe('the link in a mail', () => {
  const linkOf = ({ text, html }: Message) => {
    const link = /http:\/\/desk\.test(\/p\/\S+)/.exec(text)?.[1]
    if (link) expect(html).toContain(`href="http://desk.test${link}"`)
    return link
  }

  test('opens the ticket of the mail for its client, with another token in each mail', async () => {
    const { team, ticket, client } = await newTeam()
    await send(team)
    await asPerson(bob, addReply(team, ticket, 'Hello'))
    await send(team)
    const links = mailsTo(client).map(linkOf)
    const [{ slug }] = await database()<[{ slug: string }]>`select slug from public.teams where id = ${team}`
    for (const link of links) expect(link).toMatch(new RegExp(`^/p/${slug}/1\\?k=[\\w-]{43}$`))
    expect(new Set(links).size).toBe(2)
    const issued = await database()<{ token: string; contact_id: string }[]>`
      select encode(token_hash, 'hex') as token, contact_id from private.ticket_links where ticket_id = ${ticket}`
    expect(issued.map(({ token }) => token).sort()).toEqual(
      links.map(link => createHash('sha256').update(link!.split('k=')[1]!).digest('hex')).sort()
    )
  })

  test('is not issued for a mail that is not sent', async () => {
    const { team, ticket } = await newTeam()
    await send(team)
    const count = async () => (await database()`select from private.ticket_links where ticket_id = ${ticket}`).length
    const before = await count()
    const [{ id }] = await asPerson(bob, addReply(team, ticket, 'Wrong window'))
    await dispatch()
    await asPerson(bob, sql => sql`delete from ticket_replies where id = ${id}`)
    await send(team)
    expect((await mailRows(team)).find(({ kind }) => kind === 'public_reply')).toMatchObject({ state: 'cancelled' })
    expect(await count()).toBe(before)
  })
})

describe('the pseudo locale', () => {
  const originals = { mail: mailCatalogue.de, rating: ratingCatalogue.de }
  beforeAll(() => {
    mailCatalogue.de = pseudoLocale(mailCatalogue.en)
    ratingCatalogue.de = pseudoLocale(ratingCatalogue.en)
  })
  afterAll(() => {
    mailCatalogue.de = originals.mail
    ratingCatalogue.de = originals.rating
  })

  const data = ['VPN drops', 'Cleo', 'Acme', 'Bob Byrd', 'Some words', 'Printer']

  test.each(['new', 'established'])('covers every sentence of the mails of a team that is %s', async level => {
    const { team, ticket, client } = await newTeam({}, { mail_level: level })
    const other = await asPerson(
      ann,
      sql => sql<[{ id: string }]>`
        insert into tickets ${sql({
          team_id: team,
          subject: 'Printer',
          description: 'x',
          requester_email: client,
          created_by: ann.id
        })} returning id`
    )
    await useLocale(ticket, 'de')
    const sendAll = async () => {
      await send(team)
      await database()`update public.mails set next_attempt_at = now() where team_id = ${team} and state = 'waiting'`
      await sendDue()
      // No limit delays the next mail.
      await database()`update public.mails set sent_at = sent_at - interval '2 hours' where team_id = ${team} and sent_at is not null`
      await database()`update private.stranger_mails set taken_at = taken_at - interval '2 days' where team_id = ${team}`
    }
    await sendAll()
    await asPerson(bob, addReply(team, ticket, `Some words <@00000000-0000-4000-8000-000000000000> http://x.test`))
    await sendAll()
    await asPerson(ann, sql => sql`update tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await sendAll()
    for (const address of [null, 'help@acme.test']) {
      await database()`update public.teams set reply_to_email = ${address} where id = ${team}`
      await asPerson(bob, addReply(team, ticket, 'Some words'))
      for (const status of [
        'in_progress',
        'waiting',
        'open',
        'resolved',
        'open',
        'resolved',
        'in_progress',
        'resolved',
        'closed',
        'open'
      ]) {
        await asPerson(ann, setStatus(ticket, status))
        await sendAll()
      }
    }
    // Two tickets in one mail.
    for (const id of [ticket, other[0].id]) await asPerson(bob, addReply(team, id, 'Some words'))
    await dispatch()
    await database()`
      update public.mails set held_until = now(), reason = 'Held' where team_id = ${team} and state = 'waiting' and recipient = ${client}`
    await sendAll()
    const mails = mailsTo(client)
    await invite(team, ticket, 'friend@mail.test')
    await sendAll()
    const [invitation] = mailsTo('friend@mail.test')
    const month = new Intl.DateTimeFormat('de', { month: 'long' }).format(Date.now() + 7 * 86_400_000)
    expect(foreignWords(readablePartsOf(invitation!), [...data, month])).toEqual([])
    const kinds = new Set((await mailRows(team)).filter(row => row.recipient === client && row.state !== 'cancelled').map(row => row.kind))
    expect([...kinds].sort()).toEqual(['assigned', 'digest', 'public_reply', 'rating_request', 'status_changed', 'ticket_received'])
    for (const mail of mails) expect(foreignWords(readablePartsOf(mail), [...data, 'x.test', 'x[.]test', 'http://'])).toEqual([])
  })
})
