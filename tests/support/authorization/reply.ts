import { acme, initech, unknownId, vera } from '../world.ts'
import { agents, everybody, managers } from './principals.ts'
import { ofTicket, type AuthorizationRow } from './row.ts'

const { bobs: ticket, closed } = acme.tickets

export const replies: AuthorizationRow[] = [
  {
    does: 'reads the conversation',
    by: everybody,
    key: 'read',
    client: 'own',
    session: 'own',
    route: { request: 'GET /teams/[teamId]/tickets/[ticketId]/replies', status: 200, parameters: ofTicket },
    sql: { table: 'public.ticket_replies', run: sql => sql`select * from ticket_replies where id = ${acme.replies.bobs}` }
  },
  {
    does: 'reads the name of the contact who wrote a reply',
    by: everybody,
    key: 'read',
    sql: {
      calls: 'contact_name',
      run: sql => sql`select name from private.contact_name(${acme.id}, ${acme.contacts.carla}) as name where name is not null`
    }
  },
  {
    does: 'replies to a ticket',
    by: everybody,
    key: 'write',
    client: 'own',
    session: 'own',
    route: {
      request: 'POST /teams/[teamId]/tickets/[ticketId]/replies',
      status: 201,
      parameters: ofTicket,
      body: () => ({ content: 'Hello' })
    },
    sql: {
      table: 'public.ticket_replies',
      run: (sql, { id }) =>
        sql`insert into ticket_replies (team_id, ticket_id, user_id, content) values (${acme.id}, ${ticket}, ${id}, 'Hello') returning id`
    }
  },
  {
    does: 'writes a note',
    by: everybody,
    key: 'write',
    route: {
      request: 'POST /teams/[teamId]/tickets/[ticketId]/replies',
      status: 201,
      parameters: ofTicket,
      body: () => ({ content: 'Hello', is_internal: true })
    },
    sql: {
      table: 'public.ticket_replies',
      run: (sql, { id }) => sql`
      insert into ticket_replies (team_id, ticket_id, user_id, content, is_internal)
      values (${acme.id}, ${ticket}, ${id}, 'Hello', true) returning id`
    }
  },
  {
    does: 'replies in a closed ticket',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/tickets/[ticketId]/replies',
      status: 201,
      parameters: team => ({ ticketId: team.tickets.closed }),
      body: () => ({ content: 'Hello' })
    },
    sql: {
      table: 'public.ticket_replies',
      run: (sql, { id }) =>
        sql`insert into ticket_replies (team_id, ticket_id, user_id, content) values (${acme.id}, ${closed}, ${id}, 'Hello') returning id`
    }
  },
  {
    does: "deletes Bob's reply",
    by: agents,
    key: 'write',
    route: {
      request: 'DELETE /teams/[teamId]/tickets/[ticketId]/replies/[replyId]',
      status: 204,
      parameters: team => ({ ...ofTicket(team), replyId: team.replies.bobs })
    },
    sql: { table: 'public.ticket_replies', run: sql => sql`delete from ticket_replies where id = ${acme.replies.bobs} returning id` }
  },
  {
    does: "deletes Vera's reply",
    by: [...managers, 'a viewer'],
    route: {
      request: 'DELETE /teams/[teamId]/tickets/[ticketId]/replies/[replyId]',
      status: 204,
      parameters: team => ({ ...ofTicket(team), replyId: team.replies.veras })
    },
    sql: { table: 'public.ticket_replies', run: sql => sql`delete from ticket_replies where id = ${acme.replies.veras} returning id` }
  },
  {
    does: 'reads internal notes',
    by: everybody,
    key: 'read',
    client: 'hidden',
    sql: { table: 'public.ticket_replies', run: sql => sql`select * from ticket_replies where id = ${acme.replies.annsNote}` }
  },
  {
    does: "replies in Vera's name",
    by: ['a viewer'],
    sql: {
      table: 'public.ticket_replies',
      run: sql => sql`
      insert into ticket_replies (team_id, ticket_id, user_id, content) values (${acme.id}, ${ticket}, ${vera.id}, 'Hello') returning id`
    }
  },
  {
    does: 'sets the time of a new reply',
    by: [],
    sql: {
      table: 'public.ticket_replies',
      run: (sql, { id }) => sql`
      insert into ticket_replies (team_id, ticket_id, user_id, content, created_at)
      values (${acme.id}, ${ticket}, ${id}, 'Hello', '2020-01-01') returning id`
    }
  },
  {
    does: 'edits a reply',
    by: [],
    sql: {
      table: 'public.ticket_replies',
      run: sql => sql`update ticket_replies set content = 'Other' where id = ${acme.replies.bobs} returning id`
    }
  },
  {
    does: 'makes a note public',
    by: [],
    sql: {
      table: 'public.ticket_replies',
      run: sql => sql`update ticket_replies set is_internal = false where id = ${acme.replies.annsNote} returning id`
    }
  },
  ...Object.entries({ user_id: vera.id, ticket_id: closed, team_id: initech.id, created_at: '2020-01-01', id: unknownId }).map(
    ([column, value]): AuthorizationRow => ({
      does: `writes ${column} of a reply`,
      by: [],
      sql: {
        table: 'public.ticket_replies',
        run: sql => sql`update ticket_replies set ${sql({ [column]: value })} where id = ${acme.replies.bobs} returning id`
      }
    })
  ),
  {
    does: "deletes Ann's note",
    by: managers,
    sql: { table: 'public.ticket_replies', run: sql => sql`delete from ticket_replies where id = ${acme.replies.annsNote} returning id` }
  }
]
