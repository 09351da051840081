import { expect, test } from 'vitest'
import { anonymous, service, session } from '../support/as.ts'
import { acme, ann } from '../support/world.ts'

const { printer } = acme.articles

test('a visitor has one answer to an article a day, which a second one replaces', () =>
  session(service, async ({ sql, become }) => {
    await become(anonymous)
    const rate = (trait: string, isHelpful: boolean, missing: string | null = null) =>
      sql`select private.rate_article(${acme.id}, 'restart-the-printer', ${trait}, ${isHelpful}, ${missing})`
    await rate('one', true)
    await rate('one', false)
    await rate('one', false, 'A picture')
    await rate('two', true)
    await become(ann)
    const columns = sql`is_helpful, missing`
    expect(await sql`select ${columns} from article_feedback where article_id = ${printer} order by is_helpful`).toEqual([
      { is_helpful: false, missing: 'A picture' },
      { is_helpful: true, missing: null }
    ])
  }))

test('nobody can tell who the visitor was once the day is over', () =>
  session(service, async ({ sql }) => {
    const hash = async () =>
      (await sql<[{ visitor: Buffer }]>`select private.visitor_of_today('203.0.113.9 Firefox') as visitor`)[0].visitor
    const today = await hash()
    expect(await hash()).toEqual(today)
    await sql`update private.visitor_salts set day = day - 1`
    expect(await hash()).not.toEqual(today)
    expect(await sql`select count(*)::integer as salts from private.visitor_salts`).toEqual([{ salts: 1 }])
  }))

test('an article that a visitor may not read cannot be rated', () =>
  session(ann, async ({ sql, as, refusal }) => {
    await sql`select private.update_article(${acme.id}, ${printer}, '{"audience": "clients"}')`
    await as(anonymous, async () => {
      for (const address of ['restart-the-printer', 'nothing'])
        expect(await refusal(sql => sql`select private.rate_article(${acme.id}, ${address}, 'x', true, null)`)).toMatchObject({
          code: 'PT404'
        })
    })
  }))

test('a visitor cannot answer without end', () =>
  session(anonymous, async ({ sql, refusal }) => {
    const rate = () => sql`select private.rate_article(${acme.id}, 'restart-the-printer', 'x', true, null)`
    for (let times = 0; times < 30; times++) await rate()
    expect(await refusal(rate)).toMatchObject({ code: 'PT429' })
  }))
