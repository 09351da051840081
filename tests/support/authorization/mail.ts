import { randomBytes } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { acme, ann, bob } from '../world.ts'
import { anybody, everybody, managers } from './principals.ts'
import { ofTicket, type AuthorizationRow } from './row.ts'

const insertMail = (sql: TransactionSql) => sql`
  insert into mails (team_id, ticket_id, event_id, kind, recipient)
  values (${acme.id}, ${acme.tickets.bobs}, 1, 'public_reply', 'client@mail.test')`
const hash = () => randomBytes(32)
const token = Buffer.alloc(32, 6)
const requestAddress = (sql: TransactionSql) =>
  sql`insert into private.reply_address_requests ${sql({ team_id: acme.id, email: 'help@mail.test', token_hash: token, requested_by: ann.id })}`
const addUnsubscribeToken = async (sql: TransactionSql) => {
  await sql`insert into notification_preferences (team_id, user_id, kind) values (${acme.id}, ${bob.id}, 'assigned')`
  await sql`insert into private.unsubscribe_tokens ${sql({ token_hash: token, team_id: acme.id, user_id: bob.id, recipient: bob.email })}`
}

export const mails: AuthorizationRow[] = [
  {
    does: 'sees the mail budgets',
    by: managers,
    route: { request: 'GET /teams/[teamId]/mail-budget', status: 200 },
    sql: { table: 'public.teams', calls: 'team_mail_budget', run: sql => sql`select * from private.team_mail_budget(${acme.id})` }
  },
  {
    does: 'lists the mails about a ticket',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/tickets/[ticketId]/mails', status: 200, parameters: ofTicket },
    sql: {
      table: 'public.teams',
      calls: 'ticket_mails',
      prepare: sql =>
        sql`
        insert into mails (team_id, ticket_id, event_id, kind, recipient)
        values (${acme.id}, ${acme.tickets.bobs}, 1, 'public_reply', 'client@mail.test')`,
      run: sql => sql`select * from private.ticket_mails(${acme.id}, ${acme.tickets.bobs})`
    }
  },
  {
    does: 'reads the mails of the team',
    by: managers,
    sql: { table: 'public.mails', prepare: insertMail, run: sql => sql`select * from mails where team_id = ${acme.id}` }
  },
  {
    does: 'queues a mail',
    by: [],
    sql: {
      table: 'public.mails',
      prepare: insertMail,
      run: sql =>
        sql`insert into mails (team_id, event_id, kind, recipient) values (${acme.id}, 1, 'public_reply', 'victim@mail.test') returning id`
    }
  },
  {
    does: 'changes the recipient of a mail',
    by: [],
    sql: { table: 'public.mails', prepare: insertMail, run: sql => sql`update mails set recipient = 'victim@mail.test' returning id` }
  },
  { does: 'deletes mails', by: [], sql: { table: 'public.mails', prepare: insertMail, run: sql => sql`delete from mails returning id` } },
  {
    does: 'reads the mailboxes that answered the team',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`select * from private.known_mailboxes` }
  },
  {
    does: 'reads the counts of mails to strangers',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`select * from private.stranger_mails` }
  },
  {
    does: 'spends the mail budget of a team',
    by: [],
    sql: {
      table: 'public.teams',
      calls: 'take_stranger_mail',
      run: sql => sql`select * from private.take_stranger_mail(${acme.id}, 'client', 'x@mail.test', null)`
    }
  },
  {
    does: 'sets the mail level of the team',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`update teams set mail_level = 'established' where id = ${acme.id} returning id` }
  }
]

export const replyAddress: AuthorizationRow[] = [
  {
    does: 'sees the reply address',
    by: managers,
    route: { request: 'GET /teams/[teamId]/reply-address', status: 200 },
    sql: { table: 'public.teams', calls: 'reply_address', run: sql => sql`select * from private.reply_address(${acme.id})` }
  },
  {
    does: 'requests another reply address',
    by: managers,
    route: { request: 'PUT /teams/[teamId]/reply-address', status: 200, body: team => ({ email: `help-${team.id.slice(0, 8)}@x.test` }) },
    sql: {
      table: 'public.teams',
      calls: 'request_reply_address',
      run: sql => sql`select private.request_reply_address(${acme.id}, 'help@mail.test', ${hash()}) is not null as requested`
    }
  },
  {
    does: 'removes the reply address',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/reply-address', status: 204 },
    sql: {
      table: 'public.teams',
      calls: 'clear_reply_address',
      run: sql => sql`select private.clear_reply_address(${acme.id}) is not null as cleared`
    }
  },
  {
    does: 'previews an unknown reply address confirmation',
    by: [],
    route: {
      request: 'GET /reply-address/[token]',
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  },
  {
    does: 'confirms an unknown reply address',
    by: [],
    route: {
      request: 'POST /reply-address/[token]',
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  },
  {
    does: 'records that the mail to a reply address was sent',
    by: managers,
    sql: {
      table: 'public.teams',
      calls: 'record_reply_address_mail',
      run: sql => sql`select private.record_reply_address_mail(${acme.id}, ${hash()}) is not null as recorded`
    }
  },
  {
    does: 'sets a reply address without confirmation',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`update teams set reply_to_email = 'victim@mail.test' where id = ${acme.id} returning id` }
  },
  {
    does: 'reads the tokens of reply addresses',
    by: [],
    sql: { table: 'public.teams', run: sql => sql`select * from private.reply_address_requests` }
  },
  {
    does: 'confirms a reply address with an unknown token',
    by: [],
    sql: { table: 'public.teams', calls: 'confirm_reply_address', run: sql => sql`select * from private.confirm_reply_address(${hash()})` }
  },
  {
    does: 'previews the confirmation of a reply address by its token',
    by: ['somebody who is not signed in'],
    sql: {
      calls: 'reply_address_preview',
      table: 'private.reply_address_requests',
      prepare: requestAddress,
      run: sql => sql`select * from private.reply_address_preview(${token})`
    }
  },
  {
    does: 'confirms a reply address by its token',
    by: ['somebody who is not signed in'],
    sql: {
      calls: 'confirm_reply_address',
      table: 'public.teams',
      prepare: requestAddress,
      run: sql => sql`select * from private.confirm_reply_address(${token})`
    }
  }
]

export const unsubscribe: AuthorizationRow[] = [
  {
    does: 'previews an unknown unsubscribe link',
    by: [],
    route: {
      request: 'GET /unsubscribe/[token]',
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  },
  {
    does: 'unsubscribes by an unknown link',
    by: [],
    route: {
      request: 'POST /unsubscribe/[token]',
      status: 404,
      parameters: () => ({ token: 'x'.repeat(43) }),
      refusals: Object.fromEntries(anybody.map(name => [name, 404]))
    }
  },
  {
    does: 'previews an unsubscribe link by its token',
    by: ['somebody who is not signed in'],
    sql: {
      calls: 'unsubscribe_preview',
      table: 'private.unsubscribe_tokens',
      prepare: addUnsubscribeToken,
      run: sql => sql`select * from private.unsubscribe_preview(${token})`
    }
  },
  {
    does: 'unsubscribes by a token',
    by: ['somebody who is not signed in'],
    sql: {
      calls: 'unsubscribe',
      table: 'public.notification_preferences',
      prepare: addUnsubscribeToken,
      run: sql => sql`select private.unsubscribe(${token}, ${['replied']})`
    }
  }
]
