import type { TransactionSql } from 'postgres'
import { expect, test } from 'vitest'
import { anonymous, session } from '../support/as.ts'
import { acme, adam, ann } from '../support/world.ts'

const { printer, bobs } = acme.articles
const save = async (sql: TransactionSql, version: number | null, content: string, title = 'Restart the printer') => {
  const [row] = await sql<[{ version: number | null }]>`
    select private.save_article_draft(${acme.id}, ${printer}, 'en', ${version}, ${title}, ${content}) as version`
  return row.version
}

test('saving a draft changes nothing that readers see', () =>
  session(ann, async ({ sql, as }) => {
    const seen = () => as(anonymous, sql => sql`select * from private.readable_article(${acme.id}, 'restart-the-printer')`)
    const before = await seen()
    expect(await save(sql, 1, 'New', 'New title')).toBe(2)
    expect(await seen()).toEqual(before)
  }))

test('of two editors, the second learns that the draft has changed, and overwrites nothing', () =>
  session(ann, async ({ sql, become }) => {
    expect(await save(sql, 1, 'By Ann')).toBe(2)
    await become(adam)
    expect(await save(sql, 1, 'By Adam')).toBeNull()
    expect(await save(sql, null, 'By Adam')).toBeNull()
    expect(await save(sql, 2, 'By both')).toBe(3)
    // The same text again, as from a page that got no answer.
    expect(await save(sql, 2, 'By both')).toBe(3)
    expect(await sql`select content, updated_by from article_drafts where article_id = ${printer}`).toEqual([
      { content: 'By both', updated_by: adam.id }
    ])
  }))

test('the text of another writer is kept as a revision of theirs, once', () =>
  session(ann, async ({ sql, become }) => {
    const kept = () =>
      sql`select content, created_by from article_revisions where article_id = ${printer} and kind = 'saved' order by number`
    await save(sql, 1, 'By Ann')
    await save(sql, 2, 'By Ann, better')
    expect(await kept()).toEqual([])
    await become(adam)
    await save(sql, 3, 'By Adam')
    await save(sql, 4, 'By Adam, better')
    expect(await kept()).toEqual([{ content: 'By Ann, better', created_by: ann.id }])
    await become(ann)
    await save(sql, 5, 'By Ann, better')
    await become(adam)
    await save(sql, 6, 'By Adam again')
    expect(await kept()).toEqual([
      { content: 'By Ann, better', created_by: ann.id },
      { content: 'By Adam, better', created_by: adam.id }
    ])
  }))

test('a draft keeps its text byte for byte', () =>
  session(ann, async ({ sql }) => {
    const content = '  # Title \r\n\r\n|a|b|\n|-|-|\n| `x` | <b>y</b> |\n\n```\n  code\t\n```\n* item\n+ item\n\u00a0é e\u0301 \n\n'
    await save(sql, 1, content)
    expect(await sql`select content from article_drafts where article_id = ${printer}`).toEqual([{ content }])
    await sql`select private.publish_article(${acme.id}, ${printer}, 'en', 2, null)`
    expect(await sql`select content from private.readable_article(${acme.id}, 'restart-the-printer')`).toEqual([{ content }])
  }))

test('only a draft with a title and a text can be published, at the version that was seen', () =>
  session(ann, async ({ sql, refusal }) => {
    const publish = (version: number) => sql`select private.publish_article(${acme.id}, ${bobs}, 'en', ${version}, null) as revision`
    const set = (version: number, title: string, content: string) =>
      sql`select private.save_article_draft(${acme.id}, ${bobs}, 'en', ${version}, ${title}, ${content})`
    await set(1, '', 'Text')
    expect(await refusal(() => publish(2))).toMatchObject({ code: 'PT422', detail: 'article_untitled' })
    await set(2, 'Title', ' \n\u200b')
    expect(await refusal(() => publish(3))).toMatchObject({ code: 'PT422', detail: 'article_empty' })
    await set(3, 'Title', 'Text')
    expect(await publish(3)).toEqual([{ revision: null }])
    expect(await sql`select from article_revisions where article_id = ${bobs} and kind = 'published'`).toEqual([])
  }))
