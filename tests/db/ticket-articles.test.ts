import { describe, expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { acme, ann, bob, vera } from '../support/world.ts'

const { bobs: ticket, anns } = acme.tickets
const { printer, bobs: draft } = acme.articles
const citation = (fields: Record<string, unknown> = {}) => ({
  team_id: acme.id,
  ticket_id: anns,
  article_id: printer,
  cited_by: bob.id,
  kind: 'cited',
  ...fields
})

describe('articles that a ticket cites', () => {
  test('are deleted with the ticket, without events of their own', () =>
    session(ann, async ({ sql, as }) => {
      await sql`delete from tickets where id = ${ticket}`
      expect(await as(service, sql => sql`select from ticket_articles where ticket_id = ${ticket}`)).toEqual([])
      expect(
        await as(service, sql => sql`select from ticket_events where ticket_id = ${ticket} and type = 'ticket.article_removed'`)
      ).toEqual([])
    }))

  test('are deleted with the article, without events of their own', () =>
    session(ann, async ({ sql }) => {
      await sql`select private.delete_article(${acme.id}, ${printer}, null, true)`
      expect(await sql`select from ticket_articles where ticket_id = ${ticket}`).toEqual([])
      expect(await sql`select from ticket_events where ticket_id = ${ticket} and type = 'ticket.article_removed'`).toEqual([])
    }))

  test('become the replacement when an article is deleted, with who cited it and when', () =>
    session(ann, async ({ sql }) => {
      await sql`select private.publish_article(${acme.id}, ${draft}, 'en', 1, null)`
      const read = () => sql`select article_id, cited_by, created_at from ticket_articles where ticket_id = ${ticket}`
      const [before] = await read()
      await sql`select private.delete_article(${acme.id}, ${printer}, ${draft}, false)`
      expect(await read()).toEqual([{ ...before, article_id: draft }])
    }))

  test('are cited by somebody who sees the article, in their own name, and once', () =>
    session(vera, async ({ sql, refusal }) => {
      const insert = (fields: Record<string, unknown>) =>
        refusal(sql => sql`insert into ticket_articles ${sql(citation({ cited_by: vera.id, ...fields }))}`)
      expect(await insert({ article_id: draft })).toMatchObject({ code: '42501' })
      expect(await insert({ cited_by: bob.id })).toMatchObject({ code: '42501' })
      await sql`insert into ticket_articles ${sql(citation({ cited_by: vera.id }))}`
      expect(await insert({})).toMatchObject({ code: '23505' })
      expect(await insert({ kind: 'guess' })).toMatchObject({ code: '23514' })
    }))

  test('are named in the history without the title of a draft', () =>
    session(bob, async ({ sql }) => {
      await sql`insert into ticket_articles ${sql([citation(), citation({ article_id: draft, kind: 'draft' })])}`
      await sql`delete from ticket_articles where ticket_id = ${anns} and article_id = ${printer}`
      const published = { id: printer, title: 'Restart the printer', kind: 'cited' }
      expect(
        await sql`select type, actor_id, "from", "to" from ticket_events where ticket_id = ${anns} and type like 'ticket.article%' order by id`
      ).toEqual([
        { type: 'ticket.article_cited', actor_id: bob.id, from: null, to: published },
        { type: 'ticket.article_cited', actor_id: bob.id, from: null, to: { id: draft, title: null, kind: 'draft' } },
        { type: 'ticket.article_removed', actor_id: bob.id, from: published, to: null }
      ])
    }))
})
