import { randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { expect, test } from 'vitest'
import { anonymous, service, session } from '../support/as.ts'
import { acme, ann, bob, initech, vera } from '../support/world.ts'

const { printer, bobs } = acme.articles
const [one, two] = [randomUUID(), randomUUID()]

const addImages = (sql: TransactionSql) => sql`
  insert into private.article_images ${sql(
    [one, two].map(id => ({
      id,
      team_id: acme.id,
      created_by: bob.id,
      name: 'a.png',
      size: 5,
      sha256: 'a'.repeat(64),
      content_type: 'image/png',
      state: 'clean'
    }))
  )}`
const naming = (...ids: string[]) => ids.map(id => `![a](images/${id}.png#10x20)`).join('\n')
const save = (sql: TransactionSql, version: number, content: string, article: string = printer) =>
  sql`select private.save_article_draft(${acme.id}, ${article}, 'en', ${version}, 'Title', ${content})`
const publish = (sql: TransactionSql, version: number, article: string = printer) =>
  sql`select private.publish_article(${acme.id}, ${article}, 'en', ${version}, null)`

test('drafts and revisions count as uses of the pictures that they name, and what nobody names any more is noted', () =>
  session(ann, async ({ sql, as }) => {
    await as(service, addImages)
    const unused = () =>
      as(service, async sql =>
        (await sql<{ id: string }[]>`select id from private.article_images where id in ${sql([one, two])} and unused_since is not null`)
          .map(({ id }) => id)
          .sort()
      )
    expect(await unused()).toEqual([one, two].sort())
    await save(sql, 1, naming(one, two))
    expect(await unused()).toEqual([])
    await save(sql, 2, naming(one))
    expect(await unused()).toEqual([two])
    await publish(sql, 3)
    await save(sql, 3, 'Nothing')
    expect(await unused()).toEqual([two]) // the revision names the first one
    await save(sql, 4, `As code: \`images/${two}.png\``)
    expect(await unused()).toEqual([])
    await sql`select private.delete_article(${acme.id}, ${printer}, null, true)`
    expect(await unused()).toEqual([one, two].sort())
  }))

test('a picture that another article names, too, follows both articles', () =>
  session(ann, async ({ sql, as, become }) => {
    await as(service, addImages)
    // Raises 404 for a picture that the caller may not see.
    const sees = async (team: string = acme.id) => {
      const look = (sql: TransactionSql) => sql`select id from private.article_image(${team}, ${one}, 'block')`
      const found = await sql.savepoint(look).catch((error: { code: string }) => error.code)
      return found === 'PT404' ? false : found
    }
    await save(sql, 1, naming(one), bobs)
    expect(await sees()).toEqual([{ id: one }])
    await become(vera)
    expect(await sees()).toBe(false)
    await become(ann)
    await publish(sql, 2, bobs)
    await become(vera)
    expect(await sees()).toEqual([{ id: one }])
    expect(await sees(initech.id)).toBe(false)
    await become(anonymous)
    expect(await sees()).toBe(false)
    await become(ann)
    await save(sql, 1, naming(one)) // the draft of a public article
    await become(anonymous)
    expect(await sees()).toBe(false)
    await become(ann)
    await publish(sql, 2)
    await become(anonymous)
    expect(await sees()).toEqual([{ id: one }])
    await become(ann)
    await sql`select private.unpublish_article(${acme.id}, ${printer}, 'en')`
    await become(anonymous)
    expect(await sees()).toBe(false)
  }))

test('a text cannot name pictures of another team, and the addresses of pictures are no words', () =>
  session(ann, async ({ sql, as }) => {
    await save(sql, 1, naming(initech.articleImages.printer))
    expect(
      await as(service, sql => sql`select article_id from private.article_image_uses where image_id = ${initech.articleImages.printer}`)
    ).toEqual([{ article_id: initech.articles.printer }])
    const [words] = await as(
      service,
      sql => sql<[{ search: string }]>`select private.article_search('Title', ${`A ![plug](images/${one}.png#10x20) here`})::text as search`
    )
    expect(words.search).toContain('plug')
    expect(words.search).not.toMatch(/10x20|png|images/)
  }))

test('an upload that is no picture, or not clean, does not become one', () =>
  session(bob, async ({ sql, as, refusal }) => {
    const keep = async (facts: { content_type: string; state: string; signature?: string }) => {
      const upload = { id: randomUUID(), team_id: acme.id, uploaded_by: bob.id, name: 'a', size: 5, sha256: 'a'.repeat(64), ...facts }
      await as(service, sql => sql`insert into public.uploads ${sql(upload)}`)
      return (sql: TransactionSql) => sql`select private.keep_article_image(${acme.id}, ${upload.id}, 'block')`
    }
    const detailOf = async (facts: Parameters<typeof keep>[0]) => (await refusal(await keep(facts))).detail
    expect(await detailOf({ content_type: 'image/svg+xml', state: 'clean' })).toBe('not_a_picture')
    expect(await detailOf({ content_type: 'image/png', state: 'unscanned' })).toBe('upload_unscanned')
    expect(await detailOf({ content_type: 'image/png', state: 'infected', signature: 'Eicar' })).toBe('upload_infected')
    await (
      await keep({ content_type: 'image/png', state: 'clean' })
    )(sql)
  }))
