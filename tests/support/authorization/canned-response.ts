import { acme, bob, initech, unknownId } from '../world.ts'
import { agents, managers } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

export const cannedResponses: AuthorizationRow[] = [
  {
    does: 'reads canned responses',
    by: agents,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/canned-responses', status: 200 },
    sql: { table: 'public.canned_responses', run: sql => sql`select * from canned_responses where id = ${acme.cannedResponse}` }
  },
  {
    does: 'adds a canned response',
    by: managers,
    route: { request: 'POST /teams/[teamId]/canned-responses', status: 201, body: () => ({ title: 'New', content: 'New' }) },
    sql: {
      table: 'public.canned_responses',
      run: (sql, { id }) =>
        sql`insert into canned_responses (team_id, title, content, created_by) values (${acme.id}, 'New', 'New', ${id}) returning id`
    }
  },
  {
    does: 'changes a canned response',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/canned-responses/[responseId]',
      status: 200,
      parameters: team => ({ responseId: team.cannedResponse }),
      body: () => ({ title: 'Other' })
    },
    sql: {
      table: 'public.canned_responses',
      run: sql =>
        sql`update canned_responses set title = 'Other', content = 'Other', category = 'Other' where id = ${acme.cannedResponse} returning id`
    }
  },
  {
    does: 'deletes a canned response',
    by: managers,
    route: {
      request: 'DELETE /teams/[teamId]/canned-responses/[responseId]',
      status: 204,
      parameters: team => ({ responseId: team.cannedResponse })
    },
    sql: { table: 'public.canned_responses', run: sql => sql`delete from canned_responses where id = ${acme.cannedResponse} returning id` }
  },
  {
    does: "adds a canned response in Bob's name",
    by: [],
    sql: {
      table: 'public.canned_responses',
      run: sql =>
        sql`insert into canned_responses (team_id, title, content, created_by) values (${acme.id}, 'New', 'New', ${bob.id}) returning id`
    }
  },
  ...Object.entries({ id: unknownId, team_id: initech.id, created_by: bob.id, created_at: '2020-01-01', updated_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of a canned response`,
      by: [],
      sql: {
        table: 'public.canned_responses',
        run: sql => sql`update canned_responses set ${sql({ [column]: value })} where id = ${acme.cannedResponse} returning id`
      }
    })
  )
]
