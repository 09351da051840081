import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Rating } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { bob, dan } from '../support/world.ts'

describeRouteRights('ratings')

/** Inserts a rating token for a ticket of a new team, as the mail contains it. */
async function insertRatingToken(days = 30) {
  const team = await newTeam()
  await database()`update public.tickets set requester_email = 'cleo@mail.test', status = 'resolved' where id = ${team.tickets.bobs}`
  const token = randomBytes(32).toString('base64url')
  const hash = createHash('sha256').update(token).digest()
  await database()`select private.request_rating(${team.id}, ${team.tickets.bobs}, ${hash})`
  await database()`update private.rating_tokens set expires_at = now() + make_interval(days => ${days}) where token_hash = ${hash}`
  return { team, token }
}

const getRating = (token: string) => api<Rating>(null, 'GET', `/ratings/${token}`)
const rate = (token: string, score: number, comment?: string | null, by: typeof dan | null = null) =>
  api<Rating>(by, 'POST', `/ratings/${token}`, { score, comment })

describe('a rating', () => {
  test('the holder of the link can give and change a rating, and the history of the ticket shows both', async () => {
    const { team, token } = await insertRatingToken()
    const seen = await getRating(token)
    expect(seen.body).toEqual({
      team_name: 'Acme',
      team_color: null,
      ticket_number: 1,
      subject: 'VPN drops every hour',
      score: null,
      comment: null,
      locale: null
    })
    expect(seen.headers.get('cache-control')).toBe('no-store')
    expect(seen.headers.get('referrer-policy')).toBe('no-referrer')
    expect((await rate(token, 3)).body).toMatchObject({ score: 3, comment: null })
    // Even if the caller is signed in, the rating is the client's.
    expect((await rate(token, 5, 'Thank you!\n<script>alert(1)</script>', dan)).body).toMatchObject({
      score: 5,
      comment: 'Thank you!\n<script>alert(1)</script>'
    })
    const { body: history } = await api<TicketEvent[]>(bob, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}/audit`)
    expect(history.filter(({ type }) => type === 'ticket.rated').map(({ actor, channel, to }) => ({ actor, channel, to }))).toEqual([
      { actor: null, channel: 'portal', to: { score: 5, comment: 'Thank you!\n<script>alert(1)</script>' } },
      { actor: null, channel: 'portal', to: { score: 3, comment: null } }
    ])
  })

  test('a program that only follows the link gives no rating', async () => {
    const { token } = await insertRatingToken()
    for (let times = 0; times < 5; times++) expect((await getRating(token)).body.score).toBeNull()
    expect((await rate(token, 4)).status).toBe(200)
  })

  test('an expired, guessed or malformed rating link answers 404', async () => {
    const { token } = await insertRatingToken(0)
    expectError(await getRating(token), 404, 'not_found')
    expectError(await rate(token, 5), 404, 'not_found')
    for (const guess of ['x', 'null', '%00', 'a'.repeat(42), 'a'.repeat(44), '..%2f'.repeat(8)]) {
      expectError(await getRating(guess), 404, 'not_found')
      expectError(await rate(guess, 5), 404, 'not_found')
    }
  })

  test.each([
    ['en-GB,de;q=0.5', 'en', 'This link is no longer valid'],
    ['de-CH,de;q=0.9,en;q=0.8', 'de', 'Dieser Link ist nicht mehr gültig']
  ])('the page of an invalid link is in the language of the browser: %s', async (language, lang, title) => {
    const page = await fetch(`${product().baseUrl}/rate/${'x'.repeat(43)}`, { headers: { 'accept-language': language } })
    const html = await page.text()
    expect(html).toMatch(new RegExp(`<html[^>]* lang="${lang}"`))
    expect(html).toContain(title)
  })

  test('the page of a German client is German, whatever their browser asks for', async () => {
    const { team, token } = await insertRatingToken()
    await database()`
      update public.contacts set locale = 'de' where id = (select contact_id from public.tickets where id = ${team.tickets.bobs})`
    expect((await getRating(token)).body.locale).toBe('de')
    const page = await fetch(`${product().baseUrl}/rate/${token}?score=4`, { headers: { 'accept-language': 'en' } })
    const html = await page.text()
    expect(html).toContain('Wie zufrieden sind Sie?')
    expect(html).toMatch(/<html[^>]* lang="de"/)
  })

  test('a rating that is repeated with its Idempotency-Key does not overwrite a later rating', async () => {
    const { team, token } = await insertRatingToken()
    const key = { headers: { 'idempotency-key': 'first' } }
    const first = await api<Rating>(null, 'POST', `/ratings/${token}`, { score: 2, comment: null }, key)
    await rate(token, 5)
    const again = await api<Rating>(null, 'POST', `/ratings/${token}`, { score: 2, comment: null }, key)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(first.body)
    expect((await getRating(token)).body.score).toBe(5)
    expectError(await api(null, 'POST', `/ratings/${token}`, { score: 3, comment: null }, key), 422, 'idempotency_mismatch')
    // The same key on the link of another ticket is another key.
    const other = await insertRatingToken()
    expect(
      (await api<Rating>(null, 'POST', `/ratings/${other.token}`, { score: 2, comment: null }, key)).headers.get('idempotency-replayed')
    ).toBeNull()
    expect(
      await database()`select score from public.ticket_ratings where team_id in ${database()([team.id, other.team.id])} order by score`
    ).toMatchObject([{ score: 2 }, { score: 5 }])
  })

  test('twenty concurrent ratings of one link store one rating', async () => {
    const { team, token } = await insertRatingToken()
    const answers = await Promise.all(Array.from({ length: 20 }, (_, index) => rate(token, (index % 5) + 1)))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    expect(await database()`select score from public.ticket_ratings where team_id = ${team.id}`).toHaveLength(1)
  })
})
