import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closePool, configureDatabase } from '#server/db/pool'
import { removeArticleQuestionsJob } from '#server/jobs/remove-article-questions'
import { anonymous, database, databaseUrl, service, session } from '../support/as.ts'
import { acme, ann, bob, carla, vera } from '../support/world.ts'

const { printer } = acme.articles
const form = 'cccccccc-0000-4000-8000-000000000001'
const columns = ['outcome', 'question', 'article_id', 'times']

test('a form of a client counts once, for the articles that they may read', () =>
  session(ann, async ({ sql, as }) => {
    const [{ id: internal }] = await sql<
      [{ id: string }]
    >`select private.create_article(${acme.id}, 'en', 'Secret', 'x', null, 'internal') as id`
    await sql`select private.publish_article(${acme.id}, ${internal}, 'en', 1, null)`
    const count = (id: string, outcome: string, addresses = ['restart-the-printer', 'secret', 'nothing']) =>
      as(carla, async sql => {
        const [row] = await sql<{ counted: boolean }[]>`
          select private.count_suggestions(${acme.id}, ${id}, ${outcome}, 'It does  NOT print', ${addresses}) as counted`
        return row!.counted
      })
    expect(await count(form, 'ignored')).toBe(true)
    expect(await count(form, 'ignored')).toBe(false)
    expect(await count(form, 'answered')).toBe(false)
    expect(await count(randomUUID(), 'ignored')).toBe(true)
    expect(await count(randomUUID(), 'answered')).toBe(true)
    expect(await as(bob, sql => sql`select ${sql(columns)} from article_questions order by outcome`)).toEqual([
      { outcome: 'answered', question: 'it does not print', article_id: printer, times: 1 },
      { outcome: 'ignored', question: 'it does not print', article_id: printer, times: 2 }
    ])
    expect(await as(vera, sql => sql`select * from article_questions`)).toEqual([])
  }))

test('only clients count how suggestions ended, as answered or ignored', () =>
  session(carla, async ({ as, refusal }) => {
    const count = (outcome: string) => refusal(sql => sql`select private.count_suggestions(${acme.id}, ${form}, ${outcome}, 'x', '{}')`)
    expect(await count('not_found')).toMatchObject({ code: 'PT404' })
    expect(
      await as(ann, sql => sql`select 1`).then(() =>
        refusal(sql => sql`select private.count_suggestions(${randomUUID()}, ${form}, 'ignored', 'x', '{}')`)
      )
    ).toMatchObject({ code: 'PT404' })
  }))

test('addresses and long numbers are not stored, and neither is what is no line', () =>
  session(anonymous, async ({ sql, as }) => {
    const questions = ['Mail from Jo.Doe@mail.test about +49 170 1234567', 'Error 20503 again', '\u0000', ' ', 'x'.repeat(500)]
    for (const question of questions.filter(text => text !== '\u0000'))
      await sql`select private.count_missed_search(${acme.id}, ${question}, 'x')`
    expect(await as(service, sql => sql`select question from article_questions order by id`)).toEqual([
      { question: 'mail from about' },
      { question: 'error again' },
      { question: 'x'.repeat(200) }
    ])
  }))

test('a visitor counts 20 searches an hour, and further ones do not fail', () =>
  session(anonymous, async ({ sql, as }) => {
    for (let n = 0; n < 25; n++) await sql`select private.count_missed_search(${acme.id}, 'nothing', 'x')`
    expect(await as(service, sql => sql`select times from article_questions`)).toEqual([{ times: 20 }])
  }))

test('a team without an article for the public counts nothing', () =>
  session(ann, async ({ sql, as }) => {
    await sql`select private.update_article(${acme.id}, ${printer}, '{"audience": "internal"}')`
    await as(anonymous, sql => sql`select private.count_missed_search(${acme.id}, 'nothing', 'x')`)
    expect(await sql`select * from article_questions`).toEqual([])
  }))

beforeAll(() => configureDatabase(databaseUrl(), 2))
afterAll(closePool)

test('questions are deleted after 180 days, and forms after two', async () => {
  const sql = database()
  const day = (age: number) => new Date(Date.now() - age * 86_400_000).toISOString().slice(0, 10)
  const forms = [randomUUID(), randomUUID()]
  await sql`insert into article_questions ${sql([1, 179, 181, 400].map(age => ({ team_id: acme.id, outcome: 'not_found', question: 'old', day: day(age) })))}`
  await sql`insert into private.article_question_forms ${sql([
    { form: forms[0]!, day: day(1) },
    { form: forms[1]!, day: day(4) }
  ])}`
  try {
    await removeArticleQuestionsJob.run(new AbortController().signal)
    const days = await sql<{ day: string }[]>`select day::text from article_questions where question = 'old' order by day desc`
    expect(days.map(row => row.day)).toEqual([day(1), day(179)])
    expect(await sql`select form from private.article_question_forms where form in ${sql(forms)}`).toEqual([{ form: forms[0]! }])
  } finally {
    await sql`delete from article_questions where question = 'old'`
    await sql`delete from private.article_question_forms where form in ${sql(forms)}`
  }
})
