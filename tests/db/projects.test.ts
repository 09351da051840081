import { describe, expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { newTicket } from '../support/contacts.ts'
import { acme, adam, bob, initech } from '../support/world.ts'

describe('projects', () => {
  test('a ticket shows the name of its project', () =>
    session(bob, async ({ sql }) => {
      const ticket = await newTicket(sql, bob, { project_id: acme.project })
      expect(await sql`select project_name from private.ticket_rows where id = ${ticket}`).toEqual([{ project_name: 'Website' }])
    }))

  test('a project that a ticket names cannot be deleted, one that no ticket names can', () =>
    session(adam, async ({ sql, as, refusal }) => {
      const ticket = await as(bob, sql => newTicket(sql, bob, { project_id: acme.project }))
      expect(await refusal(sql => sql`delete from projects where id = ${acme.project}`)).toMatchObject({ code: '23503' })
      await sql`update tickets set project_id = null where id = ${ticket}`
      expect(await sql`delete from projects where id = ${acme.project} returning id`).toHaveLength(1)
    }))

  test('a project of an organization is deleted with it', () =>
    session(adam, async ({ sql }) => {
      await sql`delete from organizations where id = ${acme.organization}`
      expect(await sql`select id from projects where id = ${acme.project}`).toEqual([])
    }))

  test('a team has at most 1,000 projects', () =>
    session(service, async ({ sql, refusal }) => {
      await sql`insert into projects (team_id, name) select ${acme.id}, 'Project ' || n from generate_series(2, 1000) as n`
      expect(await refusal(sql => sql`insert into projects (team_id, name) values (${acme.id}, 'One more')`)).toMatchObject({
        code: 'PT422',
        detail: 'project_limit'
      })
      await sql`insert into projects (team_id, name) values (${initech.id}, 'Of another team')`
    }))

  test.each([
    ["update projects set name = 'Shop' where id = $1", 'project.updated', { name: 'Website' }, { name: 'Shop' }],
    ['update projects set archived_at = now() where id = $1', 'project.updated', { is_archived: false }, { is_archived: true }],
    [
      'update projects set organization_id = null where id = $1',
      'project.updated',
      { organization: 'Client Corp' },
      { organization: null }
    ],
    ['delete from projects where id = $1', 'project.deleted', { name: 'Website' }, null]
  ])('%s writes %s', (change, type, from, to) =>
    session(adam, async ({ sql }) => {
      await sql.unsafe(change, [acme.project])
      const [event] = await sql`select type, actor_id, "from", "to" from ticket_events where team_id = ${acme.id} order by id desc limit 1`
      expect(event).toMatchObject({ type, actor_id: adam.id, from, to })
    })
  )
})
