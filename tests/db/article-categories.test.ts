import { expect, test } from 'vitest'
import { as, service, session } from '../support/as.ts'
import { acme, ann } from '../support/world.ts'

const add = (name: string) =>
  as(ann, sql => sql`insert into article_categories (team_id, name) values (${acme.id}, ${name}) returning slug`)

test('the address of a category is made of its first name, and a second one of the same letters gets a number', () =>
  session(ann, async ({ sql }) => {
    const slugs = []
    for (const name of ['Fragen & Antworten', 'Über uns', 'Straße', '日本語', 'fragen antworten', 'Getting started!'])
      slugs.push(...(await sql`insert into article_categories (team_id, name) values (${acme.id}, ${name}) returning slug`))
    expect(slugs.map(({ slug }) => slug)).toEqual([
      'fragen-antworten',
      'ueber-uns',
      'strasse',
      'category',
      'fragen-antworten-2',
      'getting-started-2'
    ])
    await sql`update article_categories set name = 'Other' where slug = 'strasse'`
    expect(await sql`select name from article_categories where slug = 'strasse'`).toEqual([{ name: 'Other' }])
  }))

test('names in other languages are lines of languages of the help centre', () =>
  session(ann, async ({ sql, refusal }) => {
    const [added] = await sql`
      insert into article_categories (team_id, name, names) values (${acme.id}, 'Setup', '{"de": "Einrichtung"}') returning names`
    expect(added).toEqual({ names: { de: 'Einrichtung' } })
    for (const bad of [[], 'x', { fr: 'x' }, { de: '' }, { de: 'a\nb' }, { de: 5 }, { de: 'x'.repeat(101) }, null])
      expect(
        (await refusal(sql => sql`update article_categories set names = ${sql.json(bad)} where id = ${acme.articleCategory}`)).code
      ).toMatch(/23514|23502/)
  }))

test('a team has at most 100 categories, and two never share a name', async () => {
  await expect(add('GETTING started')).rejects.toMatchObject({ code: '23505' })
  await session(service, async ({ sql, become, refusal }) => {
    await sql`insert into article_categories (team_id, name) select ${acme.id}, 'Category ' || n from generate_series(1, 99) as n`
    await become(ann)
    expect(await refusal(sql => sql`insert into article_categories (team_id, name) values (${acme.id}, 'One more')`)).toMatchObject({
      code: 'PT422',
      detail: 'article_category_limit'
    })
  })
})
