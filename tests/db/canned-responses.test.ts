import { describe, expect, test } from 'vitest'
import { service, session, type Session } from '../support/as.ts'
import { agents, describeRights, managers } from '../support/matrix.ts'
import { acme, ann, bob, initech, unknownId } from '../support/world.ts'

describeRights('public.canned_responses', [
  { does: 'reads canned responses', by: agents, run: sql => sql`select * from canned_responses where id = ${acme.cannedResponse}` },
  {
    does: 'adds a canned response',
    by: managers,
    run: (sql, { id }) =>
      sql`insert into canned_responses (team_id, title, content, created_by) values (${acme.id}, 'New', 'New', ${id}) returning id`
  },
  {
    does: "adds a canned response in Bob's name",
    by: [],
    run: sql =>
      sql`insert into canned_responses (team_id, title, content, created_by) values (${acme.id}, 'New', 'New', ${bob.id}) returning id`
  },
  {
    does: 'changes a canned response',
    by: managers,
    run: sql =>
      sql`update canned_responses set title = 'Other', content = 'Other', category = 'Other' where id = ${acme.cannedResponse} returning id`
  },
  ...Object.entries({ id: unknownId, team_id: initech.id, created_by: bob.id, created_at: '2020-01-01', updated_at: '2020-01-01' }).map(
    ([column, value]) => ({
      does: `writes ${column} of a canned response`,
      by: [],
      run: (sql: Session['sql']) =>
        sql`update canned_responses set ${sql({ [column]: value })} where id = ${acme.cannedResponse} returning id`
    })
  ),
  {
    does: 'deletes a canned response',
    by: managers,
    run: sql => sql`delete from canned_responses where id = ${acme.cannedResponse} returning id`
  }
])

describe('canned responses', () => {
  test('an owner of two teams cannot move a canned response to the other team', () =>
    session(service, async ({ sql, become, refusal }) => {
      await sql`insert into team_members (team_id, user_id, role) values (${initech.id}, ${ann.id}, 'owner')`
      await become(ann)
      expect((await refusal(sql => sql`update canned_responses set team_id = ${initech.id} where id = ${acme.cannedResponse}`)).code).toBe(
        '42501'
      )
    }))

  test('updating a canned response sets updated_at', () =>
    session(service, async ({ sql, as }) => {
      await sql`alter table canned_responses disable trigger canned_responses__set_updated_at`
      await sql`update canned_responses set updated_at = '2026-01-01'`
      await sql`alter table canned_responses enable trigger canned_responses__set_updated_at`
      const [changed] = await as(
        ann,
        sql =>
          sql`update canned_responses set title = 'Other' where id = ${acme.cannedResponse} returning updated_at > '2026-02-01' as dated`
      )
      expect(changed).toEqual({ dated: true })
    }))
})
