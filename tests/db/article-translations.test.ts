import { expect, test } from 'vitest'
import { anonymous, session } from '../support/as.ts'
import { acme, ann } from '../support/world.ts'

const { printer } = acme.articles

test('each language has its own draft, address and publication, and names the others', () =>
  session(ann, async ({ sql, as }) => {
    await sql`select private.save_article_draft(${acme.id}, ${printer}, 'de', null, 'Drucker neu starten', 'Zehn Sekunden drücken.')`
    const languages = () =>
      as(anonymous, async sql => {
        const [row] = await sql`select languages from private.readable_article(${acme.id}, 'restart-the-printer')`
        return row?.languages as unknown
      })
    const english = { locale: 'en', slug: 'restart-the-printer', title: 'Restart the printer' }
    expect(await languages()).toEqual([english])
    await sql`select private.publish_article(${acme.id}, ${printer}, 'de', 1, null)`
    const german = { locale: 'de', slug: 'drucker-neu-starten', title: 'Drucker neu starten' }
    expect(await languages()).toEqual([german, english])
    await sql`select private.unpublish_article(${acme.id}, ${printer}, 'en')`
    // The English address leads to the only language that is left.
    expect(await as(anonymous, sql => sql`select slug from private.readable_article(${acme.id}, 'restart-the-printer')`)).toEqual([
      { slug: 'drucker-neu-starten' }
    ])
    expect(await sql`select is_published from articles where id = ${printer}`).toEqual([{ is_published: true }])
    await sql`select private.unpublish_article(${acme.id}, ${printer}, 'de')`
    expect(await sql`select is_published from articles where id = ${printer}`).toEqual([{ is_published: false }])
  }))

test('a search finds the published text by the beginnings of its words, titles first', () =>
  session(ann, async ({ sql, as }) => {
    await sql`select private.save_article_draft(${acme.id}, ${acme.articles.bobs}, 'en', 1, 'Power supply', '# Cables' || chr(10) || 'Plug it in.')`
    await sql`select private.update_article(${acme.id}, ${acme.articles.bobs}, '{"audience": "public"}')`
    await sql`select private.publish_article(${acme.id}, ${acme.articles.bobs}, 'en', 2, null)`
    const find = (...words: string[]) =>
      as(anonymous, async sql =>
        (await sql`select title from private.found_articles(${acme.id}, ${words}, 10)`).map(({ title }) => title as string)
      )
    expect(await find('powe')).toEqual(['Power supply', 'Restart the printer'])
    expect(await find('seconds')).toEqual(['Restart the printer'])
    expect(await find('cables', 'printer')).toEqual(['Restart the printer', 'Power supply'])
    expect(await find('power', 'button')).toEqual(['Restart the printer', 'Power supply'])
    for (const nothing of [[], [''], ['!'], ['xyzzy'], ["'; --"]]) expect(await find(...nothing)).toEqual([])
  }))
