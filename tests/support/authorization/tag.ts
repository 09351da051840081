import { acme, initech } from '../world.ts'
import { agents, everybody } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const { bobs: ticket } = acme.tickets

export const tags: AuthorizationRow[] = [
  {
    does: 'lists tags',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/tags', status: 200 },
    sql: { table: 'public.ticket_tags', run: sql => sql`select * from ticket_tags where id = ${acme.tag}` }
  },
  {
    does: 'adds a tag',
    by: agents,
    key: 'write',
    sql: {
      table: 'public.ticket_tags',
      run: sql => sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${ticket}, 'new') returning id`
    }
  },
  {
    does: 'changes a tag',
    by: [],
    sql: { table: 'public.ticket_tags', run: sql => sql`update ticket_tags set tag = 'other' where id = ${acme.tag} returning id` }
  },
  {
    does: 'moves a tag to another team',
    by: [],
    sql: {
      table: 'public.ticket_tags',
      run: sql => sql`update ticket_tags set team_id = ${initech.id} where id = ${acme.tag} returning id`
    }
  },
  {
    does: 'chooses the id of a new tag',
    by: [],
    sql: {
      table: 'public.ticket_tags',
      run: sql =>
        sql`insert into ticket_tags (id, team_id, ticket_id, tag) values (gen_random_uuid(), ${acme.id}, ${ticket}, 'new') returning id`
    }
  },
  {
    does: 'removes a tag',
    by: agents,
    key: 'write',
    sql: { table: 'public.ticket_tags', run: sql => sql`delete from ticket_tags where id = ${acme.tag} returning id` }
  }
]
