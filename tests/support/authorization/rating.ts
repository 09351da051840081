import type { TransactionSql } from 'postgres'
import { acme } from '../world.ts'
import { anybody, everybody } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const { closed: ticket } = acme.tickets
const token = Buffer.alloc(32, 4)
const addRating = async (sql: TransactionSql) => {
  await sql`update tickets set requester_email = 'cleo@mail.test' where id = ${ticket}`
  await sql`select private.request_rating(${acme.id}, ${ticket}, ${token})`
}

export const ratings: AuthorizationRow[] = [
  {
    does: 'previews an unknown rating request',
    by: [],
    route: {
      request: 'GET /ratings/[token]',
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  },
  {
    does: 'rates with an unknown token',
    by: [],
    route: {
      request: 'POST /ratings/[token]',
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      body: () => ({ score: 5 }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  },
  {
    does: 'reads a rating',
    by: everybody,
    key: 'read',
    sql: { table: 'public.ticket_ratings', prepare: addRating, run: sql => sql`select * from ticket_ratings where ticket_id = ${ticket}` }
  },
  {
    does: 'rates a ticket directly',
    by: [],
    sql: {
      table: 'public.ticket_ratings',
      prepare: addRating,
      run: sql =>
        sql`insert into ticket_ratings (team_id, ticket_id, cycle, resolved_at) values (${acme.id}, ${acme.tickets.bobs}, 1, now()) returning cycle`
    }
  },
  {
    does: 'raises a rating',
    by: [],
    sql: {
      table: 'public.ticket_ratings',
      prepare: addRating,
      run: sql => sql`update ticket_ratings set score = 5 where ticket_id = ${ticket} returning score`
    }
  },
  {
    does: 'deletes a rating',
    by: [],
    sql: {
      table: 'public.ticket_ratings',
      prepare: addRating,
      run: sql => sql`delete from ticket_ratings where ticket_id = ${ticket} returning score`
    }
  },
  {
    does: 'reads rating tokens',
    by: [],
    sql: { table: 'public.ticket_ratings', prepare: addRating, run: sql => sql`select * from private.rating_tokens` }
  },
  {
    does: 'previews a rating request by its token',
    by: ['somebody who is not signed in'],
    sql: {
      calls: 'rating_preview',
      table: 'private.rating_tokens',
      prepare: addRating,
      run: sql => sql`select * from private.rating_preview(${token})`
    }
  },
  {
    does: 'rates a ticket by a token',
    by: ['somebody who is not signed in'],
    sql: {
      calls: 'save_rating',
      table: 'private.rating_tokens',
      prepare: addRating,
      run: sql => sql`select private.save_rating(${token}, 5, null)`
    }
  }
]
