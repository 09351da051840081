import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { anonymous, service, session, type Session } from '../support/as.ts'
import { acme, bob } from '../support/world.ts'

const { closed: ticket } = acme.tickets
const client = 'cleo@mail.test'
const addRating = (sql: Session['sql']) =>
  sql`insert into ticket_ratings (team_id, ticket_id, score, comment) values (${acme.id}, ${ticket}, 4, 'Quick')`

const digest = (token: string) => createHash('sha256').update(token).digest()

/** Issues a rating token for the requester of the ticket. Returns its hash. */
async function issueToken(sql: Session['sql'], days = 30): Promise<Buffer> {
  await sql`update tickets set requester_email = ${client} where id = ${ticket}`
  const hash = digest(randomBytes(32).toString('base64url'))
  await sql`
    insert into private.rating_tokens (token_hash, team_id, ticket_id, recipient, expires_at)
    values (${hash}, ${acme.id}, ${ticket}, ${client}, now() + make_interval(days => ${days}))`
  return hash
}

const readEvents = (sql: Session['sql']) =>
  sql`select actor_id, channel, "from", "to" from ticket_events where ticket_id = ${ticket} and type = 'ticket.rated' order by id`

describe('a rating', () => {
  test("a rating token works only while its recipient is the requester, and shows nobody else's rating", () =>
    session(service, async ({ sql, as, refusal }) => {
      const token = await issueToken(sql)
      await as(anonymous, sql => sql`select private.save_rating(${token}, 1, 'Between us')`)
      await sql`update tickets set requester_email = 'next@mail.test' where id = ${ticket}`
      expect(await as(anonymous, sql => sql`select * from private.rating_preview(${token})`)).toEqual([])
      expect((await as(anonymous, () => refusal(sql => sql`select private.save_rating(${token}, 5, null)`))).code).toBe('PT404')
      const other = digest('other')
      await sql`
        insert into private.rating_tokens (token_hash, team_id, ticket_id, recipient)
        values (${other}, ${acme.id}, ${ticket}, 'next@mail.test')`
      expect(await as(anonymous, sql => sql`select * from private.rating_preview(${other})`)).toMatchObject([
        { score: null, comment: null }
      ])
      await sql`update tickets set requester_email = null where id = ${ticket}`
      expect(await as(anonymous, sql => sql`select * from private.rating_preview(${other})`)).toEqual([])
    }))

  test('a client can change their rating 19 times, and then it is final', () =>
    session(service, async ({ sql, as, refusal }) => {
      const token = await issueToken(sql)
      for (let time = 0; time < 20; time++) await as(anonymous, sql => sql`select private.save_rating(${token}, ${(time % 2) + 1}, null)`)
      expect(await as(anonymous, () => refusal(sql => sql`select private.save_rating(${token}, 5, null)`))).toMatchObject({
        code: 'PT409',
        detail: 'rating_final'
      })
      await as(anonymous, sql => sql`select private.save_rating(${token}, 2, null)`)
      expect(await readEvents(sql)).toHaveLength(20)
      await sql`update tickets set requester_email = 'next@mail.test' where id = ${ticket}`
      const other = digest('other')
      await sql`
        insert into private.rating_tokens (token_hash, team_id, ticket_id, recipient)
        values (${other}, ${acme.id}, ${ticket}, 'next@mail.test')`
      await as(anonymous, sql => sql`select private.save_rating(${other}, 5, null)`)
      expect(await readEvents(sql)).toHaveLength(21)
    }))

  test('the holder of a token can rate a ticket and change the rating without signing in', () =>
    session(service, async ({ sql, as }) => {
      const token = await issueToken(sql)
      const before = (await sql<[{ version: number }]>`select version from tickets where id = ${ticket}`)[0].version
      const preview = () => as(anonymous, sql => sql`select * from private.rating_preview(${token})`)
      expect(await preview()).toEqual([{ team_name: 'Acme', ticket_number: 3, subject: 'Old printer', score: null, comment: null }])
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
      const [old, unknown] = [await issueToken(sql, 0), digest('never issued')]
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
      await addRating(sql)
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
