import type { TransactionSql } from 'postgres'
import { acme, ann, bob, initech, vera } from '../world.ts'
import { everybody } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const { bobs: ticket, closed } = acme.tickets
const mentionAnn = (sql: TransactionSql) => sql`
  insert into ticket_replies (team_id, ticket_id, user_id, content, is_internal)
  values (${acme.id}, ${ticket}, ${bob.id}, ${`Look, <@${ann.id}>`}, true)`
const row = { team_id: acme.id, ticket_id: ticket, reply_id: acme.replies.bobs, user_id: vera.id }

export const mentions: AuthorizationRow[] = [
  {
    does: 'reads whom a note mentions',
    by: everybody,
    key: 'read',
    sql: { table: 'public.ticket_mentions', prepare: mentionAnn, run: sql => sql`select * from ticket_mentions where user_id = ${ann.id}` }
  },
  {
    does: 'inserts a mention directly',
    by: [],
    sql: {
      table: 'public.ticket_mentions',
      prepare: mentionAnn,
      run: sql => sql`insert into ticket_mentions ${sql(row)} returning user_id`
    }
  },
  {
    does: 'deletes a mention',
    by: [],
    sql: { table: 'public.ticket_mentions', prepare: mentionAnn, run: sql => sql`delete from ticket_mentions returning user_id` }
  },
  ...Object.entries({
    user_id: vera.id,
    reply_id: acme.replies.veras,
    ticket_id: closed,
    team_id: initech.id,
    created_at: '2020-01-01'
  }).map(([column, value]): AuthorizationRow => ({
    does: `writes ${column} of a mention`,
    by: [],
    sql: {
      table: 'public.ticket_mentions',
      prepare: mentionAnn,
      run: sql => sql`update ticket_mentions set ${sql({ [column]: value })} returning user_id`
    }
  }))
]
