import type { TransactionSql } from 'postgres'
import { acme, bob, initech, unknownId, vera } from '../world.ts'
import { everybody } from './principals.ts'
import { ofTicket, type AuthorizationRow } from './row.ts'

const { bobs: ticket, closed } = acme.tickets

const addBobsDraft = (sql: TransactionSql) => sql`
  insert into reply_drafts (team_id, ticket_id, user_id, content) values (${acme.id}, ${ticket}, ${bob.id}, 'What Bob would say')
  returning *`
const write = (sql: TransactionSql, by: string, content = 'Hello', into: string = ticket) =>
  sql`insert into reply_drafts (team_id, ticket_id, user_id, content) values (${acme.id}, ${into}, ${by}, ${content}) returning *`

export const drafts: AuthorizationRow[] = [
  { does: 'lists their drafts', by: everybody, route: { request: 'GET /teams/[teamId]/drafts', status: 200 } },
  {
    does: 'reads a draft that does not exist',
    by: everybody,
    route: { request: 'GET /teams/[teamId]/tickets/[ticketId]/draft', status: 204, parameters: ofTicket }
  },
  {
    does: 'saves a draft',
    by: everybody,
    route: {
      request: 'PUT /teams/[teamId]/tickets/[ticketId]/draft',
      status: 200,
      parameters: ofTicket,
      body: () => ({ content: 'Hello' })
    },
    sql: {
      table: 'public.reply_drafts',
      prepare: sql => write(sql, bob.id, 'Another', acme.tickets.anns),
      run: (sql, { id }) => write(sql, id)
    }
  },
  {
    does: 'empties a draft',
    by: everybody,
    route: { request: 'PUT /teams/[teamId]/tickets/[ticketId]/draft', status: 204, parameters: ofTicket, body: () => ({ content: '' }) }
  },
  {
    does: "reads Bob's draft",
    by: ['a member'],
    sql: { table: 'public.reply_drafts', prepare: addBobsDraft, run: sql => sql`select * from reply_drafts where user_id = ${bob.id}` }
  },
  {
    does: "counts Bob's draft",
    by: ['a member'],
    sql: { table: 'public.reply_drafts', prepare: addBobsDraft, run: sql => sql`select count(*) from reply_drafts having count(*) > 0` }
  },
  {
    does: "edits Bob's draft",
    by: ['a member'],
    sql: {
      table: 'public.reply_drafts',
      prepare: addBobsDraft,
      run: sql => sql`update reply_drafts set content = 'Other', is_internal = true where user_id = ${bob.id} returning ticket_id`
    }
  },
  {
    does: "deletes Bob's draft",
    by: ['a member'],
    sql: {
      table: 'public.reply_drafts',
      prepare: addBobsDraft,
      run: sql => sql`delete from reply_drafts where user_id = ${bob.id} returning ticket_id`
    }
  },
  {
    does: 'saves a draft in a closed ticket',
    by: everybody,
    sql: { table: 'public.reply_drafts', prepare: addBobsDraft, run: (sql, { id }) => write(sql, id, 'Hello', closed) }
  },
  {
    does: "saves a draft in Vera's name",
    by: ['a viewer'],
    sql: { table: 'public.reply_drafts', prepare: addBobsDraft, run: sql => write(sql, vera.id) }
  },
  ...Object.entries({ user_id: vera.id, ticket_id: closed, team_id: initech.id, version: unknownId, updated_at: '2020-01-01' }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of a draft`,
      by: [],
      sql: {
        table: 'public.reply_drafts',
        prepare: addBobsDraft,
        run: sql => sql`update reply_drafts set ${sql({ [column]: value })} where user_id = ${bob.id} returning ticket_id`
      }
    })
  ),
  {
    does: 'sets the version of a new draft',
    by: [],
    sql: {
      table: 'public.reply_drafts',
      prepare: addBobsDraft,
      run: (sql, { id }) => sql`
      insert into reply_drafts (team_id, ticket_id, user_id, content, version) values (${acme.id}, ${closed}, ${id}, 'x', ${unknownId})
      returning ticket_id`
    }
  }
]
