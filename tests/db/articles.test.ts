import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { anonymous, as, service, session, type Caller } from '../support/as.ts'
import { acme, adam, ann, bob, carla, initech, ivan, vera } from '../support/world.ts'

const { printer, bobs } = acme.articles

const create = async (sql: TransactionSql, title: string, audience = 'public') => {
  const [{ id }] = await sql<
    [{ id: string }]
  >`select private.create_article(${acme.id}, 'en', ${title}, 'Some text', null, ${audience}) as id`
  return id
}
const publish = (sql: TransactionSql, id: string, version = 1) =>
  sql`select private.publish_article(${acme.id}, ${id}, 'en', ${version}, null) as revision`
const read = (sql: TransactionSql, slug: string) => sql`select slug, title, locale from private.readable_article(${acme.id}, ${slug})`

describe('the audience of an article', () => {
  const readers: [string, Caller, string[]][] = [
    ['a member', vera, ['clients', 'internal', 'public']],
    ['a client', carla, ['clients', 'public']],
    ['somebody who is not signed in', anonymous, ['public']],
    ['a member of another team', ivan, ['public']]
  ]
  test.each(readers)('%s reads no article of another audience in any way', (_, reader, audiences) =>
    session(ann, async ({ sql, as }) => {
      await sql`select private.unpublish_article(${acme.id}, ${printer}, 'en')`
      const [category] = await sql`select id from article_categories where id = ${acme.articleCategory}`
      for (const audience of ['public', 'clients', 'internal']) {
        const id = await create(sql, `Secret of ${audience}`, audience)
        await sql`select private.update_article(${acme.id}, ${id}, ${sql.json({ category_id: category!.id })})`
        await publish(sql, id)
        await sql`select private.save_article_draft(${acme.id}, ${id}, 'en', 1, 'Unpublished', 'Unpublished secret')`
      }
      await as(reader, async sql => {
        const listed = []
        for (const call of ["readable_articles($1, 'en', 100)", "readable_overview($1, 'en', 100)", 'readable_addresses($1)']) {
          const slugs = await sql.unsafe(`select slug from private.${call}`, [acme.id])
          expect(slugs.map(({ slug }) => slug).sort()).toEqual(audiences.map(audience => `secret-of-${audience}`))
          listed.push(slugs)
        }
        const found = await sql`select audience, title, content from private.found_articles(${acme.id}, '{secret,unpublished}', 50)`
        expect(found.map(({ audience }) => audience).sort()).toEqual(audiences)
        const opened = []
        for (const audience of ['public', 'clients', 'internal'])
          opened.push(...(await sql`select audience, title, content from private.readable_article(${acme.id}, ${`secret-of-${audience}`})`))
        expect(opened.map(({ audience }) => audience).sort()).toEqual(audiences)
        expect(JSON.stringify([listed, found, opened])).not.toContain('npublished')
      })
    })
  )

  test('a category is shown to those who may read an article in it', () =>
    session(ann, async ({ sql, as }) => {
      await sql`select private.update_article(${acme.id}, ${printer}, ${sql.json({ category_id: acme.articleCategory, audience: 'clients' })})`
      const categories = (caller: Caller) => as(caller, sql => sql`select slug from private.readable_categories(${acme.id})`)
      expect(await categories(carla)).toEqual([{ slug: 'getting-started' }])
      expect(await categories(anonymous)).toEqual([])
    }))

  test('a deleted team has no articles', () =>
    session(ann, async ({ sql, as }) => {
      await sql`select private.delete_team(${acme.id})`
      expect(await as(anonymous, sql => read(sql, 'restart-the-printer'))).toEqual([])
    }))
})

describe('addresses', () => {
  test('a former address leads to the present one', () =>
    session(ann, async ({ sql, as }) => {
      for (const slug of ['restart', 'power-cycle', 'restart'])
        await sql`select private.set_article_slug(${acme.id}, ${printer}, 'en', ${slug})`
      for (const slug of ['restart-the-printer', 'power-cycle', 'restart'])
        expect(await as(anonymous, sql => read(sql, slug))).toMatchObject([{ slug: 'restart' }])
    }))

  test('no article takes an address that another has or had', () =>
    session(ann, async ({ sql, refusal }) => {
      await sql`select private.set_article_slug(${acme.id}, ${printer}, 'en', 'restart')`
      for (const slug of ['restart', 'restart-the-printer'])
        expect(await refusal(sql => sql`select private.set_article_slug(${acme.id}, ${bobs}, 'en', ${slug})`)).toMatchObject({
          code: 'PT409',
          detail: 'slug_taken'
        })
    }))

  test('an address that was never public is free again', () =>
    session(ann, async ({ sql }) => {
      await sql`select private.set_article_slug(${acme.id}, ${bobs}, 'en', 'reset')`
      await sql`select private.set_article_slug(${acme.id}, ${bobs}, 'en', 'reset-a-password')`
      await sql`select private.set_article_slug(${acme.id}, ${printer}, 'en', 'reset')`
      expect(await read(sql, 'reset')).toMatchObject([{ title: 'Restart the printer' }])
    }))

  test('articles with the same title, or with a title without Latin letters, get different addresses', () =>
    session(ann, async ({ sql }) => {
      const ids = []
      for (const title of ['Same', 'Same', '日本語', 'Türöffner']) ids.push(await create(sql, title))
      for (const id of ids) await publish(sql, id)
      const slugs = await sql`select slug from article_translations where article_id = any (${ids}) order by slug`
      expect(slugs.map(({ slug }) => slug)).toEqual(['article', 'same', 'same-2', 'tueroeffner'])
    }))
})

describe('deleting an article', () => {
  test('readers of a deleted article are led to its replacement, also from former addresses', () =>
    session(ann, async ({ sql, as, refusal }) => {
      await sql`select private.set_article_slug(${acme.id}, ${printer}, 'en', 'restart')`
      const other = await create(sql, 'Power')
      const remove = (replacement: string | null) => sql`select private.delete_article(${acme.id}, ${printer}, ${replacement}, false)`
      expect(await refusal(() => remove(null))).toMatchObject({ code: 'PT409', detail: 'replacement_needed' })
      for (const unfit of [other, printer, initech.articles.printer])
        expect(await refusal(() => remove(unfit))).toMatchObject({ code: 'PT400', detail: 'replacement_id' })
      await publish(sql, other)
      await remove(other)
      for (const slug of ['restart', 'restart-the-printer', 'power'])
        expect(await as(anonymous, sql => read(sql, slug))).toMatchObject([{ slug: 'power' }])
      expect(await sql`select from articles where id = ${printer}`).toEqual([])
    }))

  test('a draft is deleted without a replacement', () =>
    session(bob, async ({ sql }) => {
      await sql`select private.delete_article(${acme.id}, ${bobs}, null, false)`
      expect(await sql`select from articles where id = ${bobs}`).toEqual([])
    }))
})

describe('the archive', () => {
  test('an archived article has no readers, and is published again from its draft', () =>
    session(ann, async ({ sql, as, refusal }) => {
      await sql`select private.update_article(${acme.id}, ${printer}, '{"is_archived": true}')`
      expect(await as(anonymous, sql => read(sql, 'restart-the-printer'))).toEqual([])
      expect(await as(vera, sql => sql`select from articles where id = ${printer}`)).toEqual([])
      expect(await refusal(sql => publish(sql, printer))).toMatchObject({ code: 'PT409', detail: 'article_archived' })
      await sql`select private.update_article(${acme.id}, ${printer}, '{"is_archived": false}')`
      await publish(sql, printer)
      expect(await as(anonymous, sql => read(sql, 'restart-the-printer'))).toHaveLength(1)
    }))
})

test('every change of an article is an event, and saving a draft is none', () =>
  session(adam, async ({ sql, as }) => {
    const id = await create(sql, 'VPN', 'internal')
    await sql`select private.save_article_draft(${acme.id}, ${id}, 'en', 1, 'VPN', 'New text')`
    await sql`select private.update_article(${acme.id}, ${id}, ${sql.json({ category_id: acme.articleCategory, audience: 'public' })})`
    await sql`select private.update_article(${acme.id}, ${id}, '{"audience": "public"}')`
    await publish(sql, id, 2)
    await publish(sql, id, 2)
    await sql`select private.set_article_slug(${acme.id}, ${id}, 'en', 'set-up-vpn')`
    await sql`select private.save_article_draft(${acme.id}, ${id}, 'en', 2, 'VPN', 'Newer text')`
    await sql`select private.publish_article(${acme.id}, ${id}, 'en', 3, 'Clearer')`
    await sql`select private.unpublish_article(${acme.id}, ${id}, 'en')`
    await sql`select private.unpublish_article(${acme.id}, ${id}, 'en')`
    await sql`select private.delete_article(${acme.id}, ${id}, ${printer}, false)`
    const reference = { id, locale: 'en', title: 'VPN' }
    const [first, second] = [
      { ...reference, revision: 1, audience: 'public', note: null },
      { ...reference, revision: 2, audience: 'public', note: 'Clearer' }
    ]
    expect(
      await as(
        service,
        sql => sql`select type, actor_id, "from", "to" from ticket_events where type like 'article.%' and team_id = ${acme.id} order by id`
      )
    ).toEqual(
      [
        { type: 'article.created', from: null, to: reference },
        {
          type: 'article.updated',
          from: { ...reference, category: null, audience: 'internal' },
          to: { ...reference, category: 'Getting started', audience: 'public' }
        },
        { type: 'article.published', from: null, to: first },
        { type: 'article.updated', from: { ...reference, slug: 'vpn' }, to: { ...reference, slug: 'set-up-vpn' } },
        { type: 'article.published', from: first, to: second },
        { type: 'article.unpublished', from: reference, to: null },
        {
          type: 'article.deleted',
          from: { ...reference, category: 'Getting started', audience: 'public' },
          to: { id: printer, locale: 'en', title: 'Restart the printer' }
        }
      ].map(event => ({ ...event, actor_id: adam.id }))
    )
  }))

test('a team has at most 10,000 articles', () =>
  session(service, async ({ sql, become, refusal }) => {
    await sql`insert into articles (team_id) select ${acme.id} from generate_series(1, 9998)`
    await become(bob)
    expect(await refusal(sql => create(sql, 'One more'))).toMatchObject({ code: 'PT422', detail: 'article_limit' })
  }))

test('a member edits the articles that they began, and no others', () =>
  session(bob, async ({ sql, refusal }) => {
    expect(await refusal(sql => sql`select private.save_article_draft(${acme.id}, ${printer}, 'en', 1, 'x', 'x')`)).toMatchObject({
      code: 'PT403'
    })
    expect(await as(bob, sql => sql`select from articles where id = any (${[printer, bobs]})`)).toHaveLength(2)
    const [saved] = await sql`select private.save_article_draft(${acme.id}, ${bobs}, 'en', 1, 'x', 'x') as version`
    expect(saved).toEqual({ version: 2 })
  }))
