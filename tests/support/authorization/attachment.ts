import type { TransactionSql } from 'postgres'
import { acme, adam, ann, bob, vera } from '../world.ts'
import { formOf } from '../form.ts'
import { agents, everybody, managers } from './principals.ts'
import { ofTicket, type AuthorizationRow } from './row.ts'

const sha256 = 'a'.repeat(64)
const facts = { size: 5, sha256, content_type: 'text/plain' }
const receiving = 'aaaaaaaa-0000-4000-8000-000000000b11'
const table = 'public.uploads'
const files = 'public.ticket_attachments'

/** A clean upload for every member of Acme, and for the key that acts as Bob. */
const insertUploads = async (sql: TransactionSql) => {
  for (const { id } of [ann, adam, bob, vera])
    await sql`insert into public.uploads ${sql({ ...facts, team_id: acme.id, uploaded_by: id, name: 'a.txt', state: 'clean' })}`
  await sql`insert into public.uploads ${sql({ ...facts, team_id: acme.id, uploaded_by: bob.id, api_key_id: acme.apiKey, name: 'a.txt', state: 'clean' })}`
}
const attach = (ticket: string, reply: string | null) => (sql: TransactionSql) =>
  sql`select private.attach_uploads(${acme.id}, ${ticket}, ${reply}, array(select id from public.uploads where state = 'clean' limit 1), 'block')`
const ofUpload = (team: { upload: string }) => ({ uploadId: team.upload })
const ofAttachment = (team: { attachment: string }) => ({ attachmentId: team.attachment })

export const uploads: AuthorizationRow[] = [
  {
    does: 'uploads a file',
    by: everybody,
    key: 'write',
    client: 'allowed',
    session: 'own',
    route: { request: 'POST /teams/[teamId]/uploads', status: 201, body: () => formOf() },
    sql: {
      table,
      calls: 'create_upload',
      run: sql => sql`select private.create_upload(${acme.id}, 'a.txt', 5, ${sha256}, 'text/plain', 'receiving')`
    }
  },
  {
    does: "reads Bob's upload",
    by: ['a member'],
    route: {
      request: 'GET /teams/[teamId]/uploads/[uploadId]',
      status: 200,
      parameters: ofUpload,
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 },
      isPersonal: true
    },
    sql: { table, run: sql => sql`select id from uploads where id = ${acme.upload}` }
  },
  {
    does: "deletes Bob's upload",
    by: ['a member'],
    route: {
      request: 'DELETE /teams/[teamId]/uploads/[uploadId]',
      status: 204,
      parameters: ofUpload,
      refusals: { 'an owner': 404, 'an admin': 404, 'a viewer': 404 },
      isPersonal: true
    },
    sql: { table, calls: 'delete_upload', run: sql => sql`select private.delete_upload(${acme.id}, ${acme.upload})` }
  },
  {
    does: "finishes Bob's upload",
    by: ['a member'],
    sql: {
      table,
      calls: 'finish_upload',
      prepare: sql =>
        sql`insert into public.uploads ${sql({ ...facts, id: receiving, team_id: acme.id, uploaded_by: bob.id, name: 'a.txt', state: 'receiving' })}`,
      run: sql => sql`select private.finish_upload(${acme.id}, ${receiving}, 'clean')`
    }
  },
  {
    does: 'inserts a row into uploads',
    by: [],
    sql: {
      table,
      run: (sql, { id }) => sql`
      insert into uploads (team_id, uploaded_by, name, size, sha256, content_type, state)
      values (${acme.id}, ${id}, 'a.txt', 5, ${sha256}, 'text/plain', 'clean') returning id`
    }
  },
  { does: 'declares an upload clean', by: [], sql: { table, run: sql => sql`update uploads set state = 'clean' returning id` } },
  { does: 'deletes a row of uploads', by: [], sql: { table, run: sql => sql`delete from uploads returning id` } }
]

export const attachments: AuthorizationRow[] = [
  {
    does: 'downloads a file of a ticket',
    by: everybody,
    key: 'read',
    client: 'own',
    session: 'own',
    route: { request: 'GET /teams/[teamId]/attachments/[attachmentId]', status: 200, parameters: ofAttachment },
    sql: { table: files, run: sql => sql`select id from ticket_attachments where id = ${acme.attachment}` }
  },
  {
    does: 'downloads all files of a ticket',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/attachments.zip', status: 200, parameters: ofTicket, query: '?ticket=[ticketId]' }
  },
  {
    does: 'reads who added a file',
    by: everybody,
    key: 'read',
    sql: {
      table: 'private.attachment_rows',
      run: sql => sql`select uploaded_by from private.attachment_rows where id = ${acme.attachment}`
    }
  },
  {
    does: 'learns whether unscanned files are blocked',
    by: everybody,
    key: 'read',
    sql: { calls: 'blocks_unscanned', run: sql => sql`select 1 where private.blocks_unscanned(${acme.id}, 'block')` }
  },
  {
    does: 'adds a file to a ticket',
    by: everybody,
    key: 'write',
    client: 'own',
    session: 'own',
    route: {
      request: 'POST /teams/[teamId]/tickets/[ticketId]/attachments',
      status: 201,
      parameters: ofTicket,
      body: () => formOf()
    },
    sql: { table: files, calls: 'attach_uploads', prepare: insertUploads, run: attach(acme.tickets.bobs, null) }
  },
  {
    does: 'adds a file to a closed ticket',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/tickets/[ticketId]/attachments',
      status: 201,
      parameters: team => ({ ticketId: team.tickets.closed }),
      body: () => formOf()
    },
    sql: { table: files, calls: 'attach_uploads', prepare: insertUploads, run: attach(acme.tickets.closed, null) }
  },
  {
    does: "adds a file to Bob's reply",
    by: ['a member'],
    key: 'write',
    route: {
      request: 'POST /teams/[teamId]/replies/[replyId]/attachments',
      status: 201,
      parameters: team => ({ replyId: team.replies.bobs }),
      body: () => formOf()
    },
    sql: { table: files, calls: 'attach_uploads', prepare: insertUploads, run: attach(acme.tickets.bobs, acme.replies.bobs) }
  },
  {
    does: "may add files to Vera's reply",
    by: ['a viewer'],
    sql: {
      table: files,
      calls: 'require_attachable_message',
      run: sql => sql`select private.require_attachable_message(${acme.id}, ${acme.tickets.bobs}, ${acme.replies.veras})`
    }
  },
  {
    does: "removes Bob's file",
    by: agents,
    key: 'write',
    route: { request: 'DELETE /teams/[teamId]/attachments/[attachmentId]', status: 204, parameters: ofAttachment },
    sql: { table: files, calls: 'remove_attachment', run: sql => sql`select private.remove_attachment(${acme.id}, ${acme.attachment})` }
  },
  {
    does: "removes Vera's file",
    by: [...managers, 'a viewer'],
    sql: {
      table: files,
      calls: 'remove_attachment',
      prepare: sql =>
        sql`insert into public.ticket_attachments ${sql({ ...facts, id: receiving, team_id: acme.id, ticket_id: acme.tickets.bobs, uploaded_by: vera.id, name: 'a.txt', state: 'clean', position: 2 })}`,
      run: sql => sql`select private.remove_attachment(${acme.id}, ${receiving})`
    }
  },
  {
    does: 'inserts a row into ticket_attachments',
    by: [],
    sql: {
      table: files,
      run: (sql, { id }) => sql`
      insert into ticket_attachments (id, team_id, ticket_id, uploaded_by, name, size, sha256, content_type, state, position)
      values (${receiving}, ${acme.id}, ${acme.tickets.bobs}, ${id}, 'a.txt', 5, ${sha256}, 'text/plain', 'clean', 1) returning id`
    }
  },
  {
    does: 'renames a file',
    by: [],
    sql: { table: files, run: sql => sql`update ticket_attachments set name = 'other.txt' returning id` }
  },
  {
    does: 'moves a file to another ticket',
    by: [],
    sql: { table: files, run: sql => sql`update ticket_attachments set ticket_id = ${acme.tickets.anns} returning id` }
  },
  {
    does: 'deletes a row of ticket_attachments',
    by: [],
    sql: { table: files, run: sql => sql`delete from ticket_attachments returning id` }
  }
]
