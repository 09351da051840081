import { describe, expect, test } from 'vitest'
import { ticket } from '#shared/schemas/answers/ticket'
import { as, service, session } from '../support/as.ts'
import { acme, ann, bob, dan, initech, vera } from '../support/world.ts'

describe('the view ticket_rows', () => {
  test('the view ticket_rows cannot be written', () =>
    session(ann, async ({ refusal }) => {
      const { bobs } = acme.tickets
      const notUpdatable = '55000'
      expect((await refusal(sql => sql`update private.ticket_rows set subject = 'Other' where id = ${bobs}`)).code).toBe(notUpdatable)
      expect((await refusal(sql => sql`delete from private.ticket_rows where id = ${bobs}`)).code).toBe(notUpdatable)
    }))

  test("the view ticket_rows shows only the tickets of the caller's teams", () =>
    session(vera, async ({ sql, become }) => {
      expect(await sql`select distinct team_id from private.ticket_rows`).toEqual([{ team_id: acme.id }])
      expect(await sql`select id from private.ticket_rows where team_id = ${acme.id} and id = ${initech.tickets.dans}`).toEqual([])
      await become(dan)
      expect(await sql`select id from private.ticket_rows where id = ${acme.tickets.bobs}`).toEqual([])
    }))

  test("each view that people may select runs under the caller's policies, as security_invoker", async () => {
    const views = await as(
      service,
      sql => sql`
      select relname, reloptions from pg_class where relnamespace = 'private'::regnamespace and relkind = 'v'
        and (has_table_privilege('authenticated', oid, 'select') or has_table_privilege('anon', oid, 'select')) order by relname`
    )
    expect(views).toEqual(
      ['attachment_rows', 'contact_rows', 'organization_rows', 'ticket_rows'].map(relname => ({
        relname,
        reloptions: ['security_invoker=true']
      }))
    )
  })

  test('the view ticket_rows has the columns of the answer schema, except what each caller has read, and the search vector', async () => {
    const columns = await as(
      service,
      sql =>
        sql<{ name: string }[]>`select attname as name from pg_attribute where attrelid = 'private.ticket_rows'::regclass and attnum > 0`
    )
    const { read_at: _, ...shape } = ticket.shape
    expect(columns.map(({ name }) => name).sort()).toEqual([...Object.keys(shape), 'search'].sort())
  })

  test('a row of the view equals the broadcast record of its ticket, which lacks description and search vector', () =>
    session(bob, async session => {
      const { sql } = session
      await sql`
        update tickets set assigned_to = ${bob.id}, category = 'bug', description = ${'d'.repeat(300)} where id = ${acme.tickets.bobs}`
      await sql`
        insert into ticket_tags (team_id, ticket_id, tag)
        values (${acme.id}, ${acme.tickets.bobs}, 'äther'), (${acme.id}, ${acme.tickets.bobs}, 'zeta')`
      const [
        {
          row: { description, search: _, ...row }
        }
      ] = await sql<
        [{ row: Record<string, unknown> }]
      >`select to_jsonb(row) as row from private.ticket_rows as row where id = ${acme.tickets.bobs}`
      expect(description).toHaveLength(300)
      const [{ broadcast }] = await session.as(
        service,
        sql => sql<[{ broadcast: unknown }]>`
          select payload -> 'record' as broadcast from realtime.messages where payload ->> 'table' = 'tickets'
          order by inserted_at desc, (payload -> 'record' ->> 'version')::integer desc limit 1`
      )
      expect(broadcast).toEqual(row)
      expect(row).toMatchObject({
        excerpt: 'd'.repeat(280),
        assignee: { id: bob.id, full_name: bob.name, avatar_url: null },
        assignee_name: bob.name,
        created_by_name: ann.name
      })
      expect((row.tags as string[])[0]).toBe('äther')
    }))

  test('a list that reads no names from the view needs no joins for them', () =>
    session(ann, async ({ sql }) => {
      const plan = await sql.unsafe(`
        explain (costs off) select id from private.ticket_rows where team_id = '${acme.id}' order by severity, created_at desc, id desc
        limit 25`)
      expect(JSON.stringify(plan)).not.toMatch(/profiles|ticket_categories|ticket_types|ticket_items|ticket_tags/)
    }))

  test('ticket_row() returns null for a ticket that is not in the team', () =>
    session(service, async ({ sql }) => {
      expect(await sql`select private.ticket_row(${acme.id}, ${initech.tickets.dans}) as row`).toEqual([{ row: null }])
    }))
})
