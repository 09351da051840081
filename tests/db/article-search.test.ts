import { randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closePool, configureDatabase } from '#server/db/pool'
import { suggestArticles } from '#server/domain/article/suggest'
import { wordsOfQuestion } from '#server/domain/article/words'
import { countArticleWordsJob } from '#server/jobs/count-article-words'
import { loadArticles } from '../../supabase/demo/articles.ts'
import { askQuestions } from '../support/article-questions.ts'
import { anonymous, database, databaseUrl, service, session } from '../support/as.ts'
import { asDb } from '../support/kysely-session.ts'
import { acme, addTeam, ann } from '../support/world.ts'

/** Publishes an article of Ann, who must be the caller. */
async function publish(sql: TransactionSql, title: string, content: string, audience = 'public'): Promise<string> {
  const [{ id }] = await sql<
    [{ id: string }]
  >`select private.create_article(${acme.id}, 'en', ${title}, ${content}, null, ${audience}) as id`
  await sql`select private.publish_article(${acme.id}, ${id}, 'en', 1, null)`
  return id
}

const find = async (sql: TransactionSql, ...words: string[]) =>
  (await sql<{ title: string }[]>`select title from private.found_articles(${acme.id}, ${words}, 10)`).map(({ title }) => title)

const documentsOf = async (sql: TransactionSql, word: string) =>
  (await sql<{ documents: number }[]>`select documents from private.article_words where team_id = ${acme.id} and word = ${word}`)[0]
    ?.documents

describe('searching articles', () => {
  test('a rare word counts more than several that every article has', () =>
    session(ann, async ({ sql, as }) => {
      for (let n = 1; n <= 12; n++) await publish(sql, `Page ${n}`, 'You can change this in the settings of the team.')
      await publish(sql, 'Umlauts', 'The team finds zwieback.')
      await as(anonymous, async sql => expect((await find(sql, 'change', 'settings', 'of', 'the', 'team', 'zwieback'))[0]).toBe('Umlauts'))
    }))

  test('a misspelled word finds titles that are nearly the same', () =>
    session(ann, async ({ sql, as }) => {
      await publish(sql, 'Authentication by certificate', 'Choose it.')
      await as(anonymous, async sql => expect(await find(sql, 'authentification')).toEqual(['Authentication by certificate']))
    }))

  test('a sentence without spaces finds an article that has parts of it', () =>
    session(ann, async ({ sql, as }) => {
      await publish(sql, '图纸', '手机端可以预览图纸。')
      await as(anonymous, async sql => expect(await find(sql, ...wordsOfQuestion('为什么手机端无法预览'))).toEqual(['图纸']))
    }))

  test('what a visitor finds does not change with articles that they may not read', () =>
    session(ann, async ({ sql, as }) => {
      await publish(sql, 'Printers', 'Change the toner of the printer.')
      const search = () =>
        as(anonymous, sql => sql`select slug, rank, coverage from private.found_articles(${acme.id}, '{change,toner,printer}', 10)`)
      const before = await search()
      expect(before).toHaveLength(2)
      for (const audience of ['clients', 'internal'])
        for (const n of [1, 2, 3]) await publish(sql, `Toner ${n} for ${audience}`, 'Change toner, toner, printer.', audience)
      await sql`select private.create_article(${acme.id}, 'en', 'Toner', 'Toner printer', null, 'public')`
      expect(await search()).toEqual(before)
    }))
})

describe('counting words', () => {
  test('publishing, withdrawing and hiding an article counts the words of a few articles at once', () =>
    session(ann, async ({ sql, as }) => {
      const count = () => as(service, sql => documentsOf(sql, 'zwieback'))
      const id = await publish(sql, 'Zwieback', 'Zwieback')
      expect(await count()).toBe(1)
      await publish(sql, 'More', 'Zwieback')
      expect(await count()).toBe(2)
      await sql`select private.update_article(${acme.id}, ${id}, '{"audience": "internal"}')`
      expect(await count()).toBe(1)
      await sql`select private.delete_article(${acme.id}, ${id}, null, true)`
      await sql`select private.update_article(${acme.id}, id, '{"is_archived": true}') from articles where is_published`
      expect(await count()).toBeUndefined()
    }))

  const team = randomUUID()
  beforeAll(() => configureDatabase(databaseUrl(), 2))
  afterAll(async () => {
    await database()`delete from teams where id = ${team}`
    await closePool()
  })

  test('the job counts the words of many articles, once', async () => {
    const sql = database()
    await sql.begin(async sql => {
      await addTeam(sql, team, [ann])
      await loadArticles(sql, team, ann.id, { publishedAt: new Date() })
      await sql`update private.article_word_counts set documents = 1000 where team_id = ${team}` // as if there were many
      await sql`delete from private.article_words where team_id = ${team}`
      await sql`update articles set audience = 'clients' where id in (select id from articles where team_id = ${team} and audience = 'public' limit 1)`
    })
    const state = () => sql`
      select counts.is_stale, counts.documents, exists (select from private.article_words as words where words.team_id = counts.team_id) as has_words
      from private.article_word_counts as counts where team_id = ${team}`
    expect(await state()).toEqual([{ is_stale: true, documents: 1000, has_words: false }])
    await countArticleWordsJob.run(new AbortController().signal)
    const [counted] = await state()
    expect(counted).toMatchObject({ is_stale: false, has_words: true })
    expect(counted!.documents).toBeGreaterThan(40)
    expect(counted!.documents).toBeLessThan(48)
  })
})

test('nine of ten questions of clients find their article among three suggestions, and most others none', () =>
  session(service, async ({ sql, become }) => {
    const teamId = randomUUID()
    await addTeam(sql, teamId, [ann])
    await loadArticles(sql, teamId, ann.id, { publishedAt: new Date() })
    await become(anonymous)
    const { answered, unanswered } = await askQuestions(q => suggestArticles(asDb(sql), { teamId, locale: 'en' }, q))
    expect(answered.length).toBeGreaterThanOrEqual(60)
    const missed = answered.filter(({ isFound }) => !isFound)
    expect(missed.length / answered.length, missed.map(({ question }) => question).join('\n')).toBeLessThanOrEqual(0.1)
    expect(unanswered.filter(({ suggested }) => suggested.length > 0).length / unanswered.length).toBeLessThan(0.5)
  }))
