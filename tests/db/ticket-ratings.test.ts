import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { anonymous, service, session, type Session } from '../support/as.ts'
import { acme, ann, bob } from '../support/world.ts'

const { closed: ticket } = acme.tickets
const client = 'cleo@mail.test'

const digest = (token: string) => createHash('sha256').update(token).digest()

/** Asks the requester of the ticket for a rating. Returns the hash of the token. */
async function issueToken(
  sql: Session['sql'],
  { days = 30, email = client, of = ticket }: { days?: number; email?: string; of?: string } = {}
): Promise<Buffer> {
  await sql`update tickets set requester_email = ${email} where id = ${of}`
  const hash = digest(randomBytes(32).toString('base64url'))
  expect(await ask(sql, hash, of)).toBeNull()
  await sql`update private.rating_tokens set expires_at = now() + make_interval(days => ${days}) where token_hash = ${hash}`
  return hash
}

/** Returns why the requester is not asked, or null. */
async function ask(sql: Session['sql'], hash = digest(randomBytes(32).toString('base64url')), of: string = ticket): Promise<string | null> {
  const [{ refusal }] = await sql<[{ refusal: string | null }]>`select private.request_rating(${acme.id}, ${of}, ${hash}) as refusal`
  return refusal
}

const rate = (as: Session['as'], token: Buffer, score: number, comment: string | null = null) =>
  as(anonymous, sql => sql`select private.save_rating(${token}, ${score}, ${comment})`)
const refuseRating = (as: Session['as'], refusal: Session['refusal'], token: Buffer, score = 5) =>
  as(anonymous, () => refusal(sql => sql`select private.save_rating(${token}, ${score}, null)`))

const readEvents = (sql: Session['sql']) =>
  sql`select actor_id, channel, "from", "to" from ticket_events where ticket_id = ${ticket} and type = 'ticket.rated' order by id`

describe('a rating', () => {
  test('a rating token works only while its contact is the requester, also at another address', () =>
    session(service, async ({ sql, as, refusal }) => {
      const token = await issueToken(sql)
      const preview = () => as(anonymous, sql => sql`select * from private.rating_preview(${token})`)
      await rate(as, token, 1, 'Between us')
      const [{ contact_id }] = await sql<[{ contact_id: string }]>`select contact_id from tickets where id = ${ticket}`
      await sql`insert into contact_addresses (team_id, address, contact_id) values (${acme.id}, 'cleo@home.test', ${contact_id})`
      await sql`update contact_addresses set is_primary = address = 'cleo@home.test' where contact_id = ${contact_id}`
      expect(await preview()).toMatchObject([{ score: 1 }])
      await sql`update tickets set requester_email = 'next@mail.test' where id = ${ticket}`
      expect(await preview()).toEqual([])
      expect((await refuseRating(as, refusal, token)).code).toBe('PT404')
      await sql`update tickets set contact_id = ${contact_id} where id = ${ticket}`
      expect(await preview()).toMatchObject([{ score: 1 }])
      await sql`update contacts set blocked_at = now() where id = ${contact_id}`
      expect(await preview()).toEqual([])
      await sql`update contacts set blocked_at = null where id = ${contact_id}`
      await sql`update tickets set requester_email = null where id = ${ticket}`
      expect(await preview()).toEqual([])
    }))

  test('a contact who took over a duplicate can use its link', () =>
    session(service, async ({ sql, as }) => {
      const token = await issueToken(sql)
      const [{ contact_id }] = await sql<[{ contact_id: string }]>`select contact_id from tickets where id = ${ticket}`
      await as(ann, sql => sql`select private.merge_contacts(${acme.id}, ${contact_id}, ${acme.contacts.carla})`)
      await rate(as, token, 4)
      expect(await sql`select score from ticket_ratings where ticket_id = ${ticket}`).toEqual([{ score: 4 }])
    }))

  test('a client can change their rating 19 times, and then it is final', () =>
    session(service, async ({ sql, as, refusal }) => {
      const token = await issueToken(sql)
      for (let time = 0; time < 20; time++) await rate(as, token, (time % 2) + 1)
      expect(await refuseRating(as, refusal, token)).toMatchObject({ code: 'PT409', detail: 'rating_final' })
      await rate(as, token, 2)
      expect(await readEvents(sql)).toHaveLength(20)
    }))

  test('a client can change their rating for 7 days, and repeat it later', () =>
    session(service, async ({ sql, as, refusal }) => {
      const token = await issueToken(sql)
      await rate(as, token, 2)
      await sql`update ticket_ratings set rated_at = now() - interval '6 days 23 hours' where ticket_id = ${ticket}`
      await rate(as, token, 3)
      await sql`update ticket_ratings set rated_at = now() - interval '7 days' where ticket_id = ${ticket}`
      expect(await refuseRating(as, refusal, token)).toMatchObject({ code: 'PT409', detail: 'rating_final' })
      await rate(as, token, 3)
      expect(await readEvents(sql)).toHaveLength(2)
    }))

  test('a client is asked once for a resolution; a mail that is sent again has another token', () =>
    session(service, async ({ sql, as }) => {
      const first = await issueToken(sql)
      const again = await issueToken(sql)
      await rate(as, again, 5)
      expect(await as(anonymous, sql => sql`select score from private.rating_preview(${first})`)).toEqual([{ score: 5 }])
      expect(await ask(sql)).toBe('A client was asked about this resolution')
      expect(await sql`select cycle from ticket_ratings where ticket_id = ${ticket}`).toEqual([{ cycle: 1 }])
      await sql`update tickets set requester_email = 'next@mail.test' where id = ${ticket}`
      expect(await ask(sql)).toBe('A client was asked about this resolution')
    }))

  test('a ticket that is resolved again has another rating, and keeps the first', () =>
    session(service, async ({ sql, as }) => {
      const first = await issueToken(sql)
      await rate(as, first, 1)
      await sql`update ticket_ratings set asked_at = now() - interval '31 days' where ticket_id = ${ticket}`
      await sql`update tickets set status = 'open' where id = ${ticket}`
      expect(await ask(sql)).toBe('There is nothing to rate')
      await sql`update tickets set status = 'resolved' where id = ${ticket}`
      await sql`update tickets set resolved_at = now() + interval '1 minute' where id = ${ticket}`
      const second = await issueToken(sql)
      await rate(as, second, 5)
      expect(await sql`select cycle, score from ticket_ratings where ticket_id = ${ticket} order by cycle`).toEqual([
        { cycle: 1, score: 1 },
        { cycle: 2, score: 5 }
      ])
      expect(await readEvents(sql)).toMatchObject([
        { from: null, to: { score: 1 } },
        { from: null, to: { score: 5 } }
      ])
    }))

  test('a client is asked once in 30 days, whichever of their tickets is resolved', () =>
    session(service, async ({ sql }) => {
      await issueToken(sql)
      const other = acme.tickets.bobs
      await sql`update tickets set requester_email = ${client}, status = 'resolved' where id = ${other}`
      expect(await ask(sql, undefined, other)).toBe('The client was asked for a rating within the last 30 days')
      await sql`update ticket_ratings set asked_at = now() - interval '30 days 1 second' where ticket_id = ${ticket}`
      expect(await ask(sql, undefined, other)).toBeNull()
      expect(await sql`select assigned_to from ticket_ratings where ticket_id = ${other}`).toEqual([{ assigned_to: bob.id }])
    }))

  test('the holder of a token can rate a ticket and change the rating without signing in', () =>
    session(service, async ({ sql, as }) => {
      const token = await issueToken(sql)
      const before = (await sql<[{ version: number }]>`select version from tickets where id = ${ticket}`)[0].version
      const preview = () => as(anonymous, sql => sql`select * from private.rating_preview(${token})`)
      expect(await preview()).toEqual([
        { team_name: 'Acme', team_color: null, ticket_number: 3, subject: 'Old printer', score: null, comment: null, locale: null }
      ])
      await as(anonymous, sql => sql`select private.save_rating(${token}, 2, null)`)
      await as(anonymous, sql => sql`select private.save_rating(${token}, 5, 'In the end')`)
      await as(anonymous, sql => sql`select private.save_rating(${token}, 5, 'In the end')`)
      expect(await preview()).toMatchObject([{ score: 5, comment: 'In the end' }])
      expect(await readEvents(sql)).toEqual([
        { actor_id: null, channel: 'portal', from: null, to: { score: 2, comment: null } },
        { actor_id: null, channel: 'portal', from: { score: 2, comment: null }, to: { score: 5, comment: 'In the end' } }
      ])
      expect((await sql<[{ version: number }]>`select version from tickets where id = ${ticket}`)[0].version).toBe(before + 2)
    }))

  test('an expired or unknown token can neither preview nor rate', () =>
    session(service, async ({ sql, become, refusal }) => {
      const [old, unknown] = [await issueToken(sql, { days: 0 }), digest('never issued')]
      await become(anonymous)
      for (const token of [old, unknown]) {
        expect(await sql`select * from private.rating_preview(${token})`).toEqual([])
        expect((await refusal(sql => sql`select private.save_rating(${token}, 5, null)`)).code).toBe('PT404')
      }
    }))

  test.each([0, 6, -1, 100])('a rating of %i stars is refused', score =>
    session(service, async ({ sql, become, refusal }) => {
      const token = await issueToken(sql)
      await become(anonymous)
      expect((await refusal(sql => sql`select private.save_rating(${token}, ${score}, null)`)).code).toBe('23514')
      expect((await refusal(sql => sql`select private.save_rating(${token}, 5, ${'x'.repeat(1_001)})`)).code).toBe('23514')
    })
  )

  test('ratings and their tokens are deleted with their ticket', () =>
    session(service, async ({ sql }) => {
      await issueToken(sql)
      await sql`delete from tickets where id = ${ticket}`
      expect(await sql`select score from ticket_ratings where ticket_id = ${ticket}`).toEqual([])
      expect(await sql`select token_hash from private.rating_tokens where ticket_id = ${ticket}`).toEqual([])
    }))

  test('a signed-in member cannot save a rating', () =>
    session(bob, async ({ refusal }) => {
      expect((await refusal(sql => sql`select private.save_rating(${digest('x')}, 5, null)`)).code).toBe('42501')
    }))
})
