import type { TransactionSql } from 'postgres'
import { acme, ticketSession } from '../world.ts'
import { signedIn } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const { bobs: ticket, closed } = acme.tickets
const link = Buffer.alloc(32, 8)
const newSession = Buffer.alloc(32, 7)

/** Carla is the requester of #001 and #003, and a ticket session is open for one of them. */
const prepare = (id: string) => async (sql: TransactionSql) => {
  await sql`update tickets set contact_id = ${acme.contacts.carla} where id in (${ticket}, ${closed})`
  await sql`
    insert into private.ticket_sessions (token_hash, team_id, ticket_id, contact_id)
    values (${ticketSession}, ${acme.id}, ${id}, ${acme.contacts.carla})`
}
const addLink = async (sql: TransactionSql) => {
  await sql`update tickets set contact_id = ${acme.contacts.carla} where id = ${ticket}`
  await sql`
    insert into private.ticket_links (token_hash, team_id, ticket_id, contact_id)
    values (${link}, ${acme.id}, ${ticket}, ${acme.contacts.carla})`
}
const upload = 'aaaaaaaa-0000-4000-8000-000000000822'
const addUpload = (state: 'receiving' | 'clean') => (sql: TransactionSql) => {
  const facts = { name: 'a.txt', size: 5, sha256: '0'.repeat(64), content_type: 'text/plain', state }
  return sql`insert into public.uploads ${sql({ ...facts, id: upload, team_id: acme.id, uploaded_by: null, contact_id: acme.contacts.carla })}`
}
const invitation = 'aaaaaaaa-0000-4000-8000-000000000823'
const addInvitation = (sql: TransactionSql) =>
  sql`insert into private.participant_invitations ${sql({ id: invitation, team_id: acme.id, ticket_id: ticket, address: 'friend@mail.test', invited_by: acme.contacts.carla, token_hash: link })}`
const openToAll = ['somebody who is not signed in'] as const

interface PortalCall {
  does: string
  calls: string
  run: (sql: TransactionSql) => Promise<readonly Record<string, unknown>[]>
  ticketId?: string
  session?: 'own' | 'hidden'
  /** Functions in `private` are for the server, in the name of a client. */
  schema?: 'portal' | 'private'
  prepareMore?: (sql: TransactionSql) => Promise<unknown>
}

/** A function of the portal: for members of any team, it does not exist. */
const ofClients = ({
  does,
  calls,
  run,
  ticketId = ticket,
  session = 'own',
  schema = 'portal',
  prepareMore
}: PortalCall): AuthorizationRow => ({
  does,
  by: [],
  client: 'own',
  session,
  sql: {
    clients: session === 'own' ? ['client', 'session'] : ['client'],
    calls: schema === 'portal' ? `portal.${calls}` : calls,
    table: 'public.ticket_replies',
    prepare: async sql => {
      await prepare(ticketId)(sql)
      await prepareMore?.(sql)
    },
    run
  }
})

export const portal: AuthorizationRow[] = [
  ofClients({ does: 'reads who they are in the portal', calls: 'client', run: sql => sql`select * from portal.client(${acme.id})` }),
  ofClients({ does: 'reads the topics of the portal', calls: 'categories', run: sql => sql`select * from portal.categories(${acme.id})` }),
  ofClients({ does: 'reads the projects of the portal', calls: 'projects', run: sql => sql`select * from portal.projects(${acme.id})` }),
  ofClients({ does: 'lists their tickets in the portal', calls: 'tickets', run: sql => sql`select * from portal.tickets(${acme.id})` }),
  ofClients({ does: 'reads their ticket in the portal', calls: 'ticket', run: sql => sql`select * from portal.ticket(${acme.id}, 1)` }),
  ofClients({
    does: 'reads the conversation of their ticket',
    calls: 'conversation',
    run: sql => sql`select * from portal.conversation(${acme.id}, 1)`
  }),
  ofClients({ does: 'opens their ticket in the portal', calls: 'mark_read', run: sql => sql`select portal.mark_read(${acme.id}, 1)` }),
  {
    does: 'reads when clients opened their tickets',
    by: [],
    sql: {
      table: 'private.portal_reads',
      prepare: async sql => {
        await sql`insert into private.portal_reads (team_id, contact_id, ticket_id) values (${acme.id}, ${acme.contacts.carla}, ${ticket})`
      },
      run: sql => sql`select * from private.portal_reads`
    }
  },
  ofClients({
    does: 'downloads a file of their ticket',
    calls: 'file',
    run: sql => sql`select * from portal.file(${acme.id}, 1, ${acme.attachment}, 'warn')`
  }),
  ofClients({
    does: 'writes a ticket in the portal',
    calls: 'create_ticket',
    session: 'hidden',
    run: sql => sql`select * from portal.create_ticket(${acme.id}, 'Help', 'Please')`
  }),
  ofClients({ does: 'replies in the portal', calls: 'reply', run: sql => sql`select portal.reply(${acme.id}, 1, 'Hello')` }),
  ofClients({ does: 'closes their ticket', calls: 'close', run: sql => sql`select portal.close(${acme.id}, 1)` }),
  ofClients({ does: 'reopens their ticket', calls: 'reopen', run: sql => sql`select portal.reopen(${acme.id}, 1)` }),
  ofClients({
    does: 'continues a closed ticket',
    calls: 'follow_up',
    ticketId: closed,
    run: sql => sql`select portal.follow_up(${acme.id}, 3, 'Again')`
  }),
  ofClients({
    does: 'rates their ticket in the portal',
    calls: 'rate',
    ticketId: closed,
    prepareMore: sql => sql`
      insert into ticket_ratings (team_id, ticket_id, cycle, resolved_at, contact_id)
      select team_id, id, 1, resolved_at, contact_id from tickets where id = ${closed}`,
    run: sql => sql`select portal.rate(${acme.id}, 3, 5, 'Thanks')`
  }),
  ofClients({
    does: 'sees whom they invited to their ticket',
    calls: 'invitations',
    session: 'hidden',
    prepareMore: addInvitation,
    run: sql => sql`select * from portal.invitations(${acme.id}, 1)`
  }),
  ofClients({
    does: 'invites somebody to their ticket',
    calls: 'invite_participant',
    session: 'hidden',
    run: sql => sql`select portal.invite_participant(${acme.id}, 1, 'friend@mail.test')`
  }),
  ofClients({
    does: 'withdraws an invitation to their ticket',
    calls: 'withdraw_invitation',
    session: 'hidden',
    prepareMore: addInvitation,
    run: sql => sql`select portal.withdraw_invitation(${acme.id}, 1, ${invitation})`
  }),
  {
    does: 'reads invitations to tickets',
    by: [],
    sql: {
      table: 'private.participant_invitations',
      prepare: async sql => {
        await prepare(ticket)(sql)
        await addInvitation(sql)
      },
      run: sql => sql`select * from private.participant_invitations`
    }
  },
  {
    does: 'sees who invites them to a ticket',
    by: openToAll,
    sql: {
      calls: 'participant_invitation_preview',
      table: 'private.participant_invitations',
      prepare: async sql => {
        await prepare(ticket)(sql)
        await addInvitation(sql)
      },
      run: sql => sql`select * from private.participant_invitation_preview(${link})`
    }
  },
  {
    does: 'confirms that they take part in a ticket',
    by: openToAll,
    sql: {
      calls: 'confirm_participant',
      table: 'private.participant_invitations',
      prepare: async sql => {
        await prepare(ticket)(sql)
        await addInvitation(sql)
      },
      run: sql => sql`select private.confirm_participant(${link}, ${newSession})`
    }
  },
  ofClients({
    does: 'begins to send a file in the portal',
    calls: 'create_client_upload',
    schema: 'private',
    run: sql => sql`select private.create_client_upload(${acme.id}, 1, 'a.txt', 5, ${'0'.repeat(64)}, 'text/plain', 'receiving')`
  }),
  ofClients({
    does: 'finishes to send a file in the portal',
    calls: 'finish_client_upload',
    schema: 'private',
    prepareMore: addUpload('receiving'),
    run: sql => sql`select private.finish_client_upload(${acme.id}, ${upload}, 'clean')`
  }),
  ofClients({
    does: 'forgets a file that was not sent in the portal',
    calls: 'delete_client_upload',
    schema: 'private',
    prepareMore: addUpload('clean'),
    run: sql => sql`select private.delete_client_upload(${acme.id}, ${upload})`
  }),
  ofClients({
    does: 'adds a file to their ticket',
    calls: 'attach_client_uploads',
    schema: 'private',
    prepareMore: addUpload('clean'),
    run: sql => sql`select private.attach_client_uploads(${acme.id}, 1, null, ${[upload]}::uuid[], 'warn')`
  }),
  {
    does: 'sees whose a ticket link is',
    by: openToAll,
    sql: {
      calls: 'ticket_link_preview',
      table: 'private.ticket_links',
      prepare: addLink,
      run: sql => sql`select * from private.ticket_link_preview(${link})`
    }
  },
  {
    does: 'opens a ticket link',
    by: openToAll,
    sql: {
      calls: 'open_ticket_link',
      table: 'private.ticket_links',
      prepare: addLink,
      run: sql => sql`select private.open_ticket_link(${link}, ${newSession})`
    }
  },
  {
    does: 'reads which ticket a session opens',
    by: openToAll,
    sql: {
      calls: 'ticket_of_session',
      table: 'private.ticket_sessions',
      prepare: prepare(ticket),
      run: sql => sql`select * from private.ticket_of_session(${ticketSession})`
    }
  },
  {
    does: 'ends a ticket session by its secret',
    by: openToAll,
    sql: {
      calls: 'end_ticket_session',
      table: 'private.ticket_sessions',
      prepare: prepare(ticket),
      run: sql => sql`select private.end_ticket_session(${ticketSession})`
    }
  },
  {
    does: 'reads ticket links',
    by: [],
    sql: { table: 'private.ticket_links', prepare: addLink, run: sql => sql`select * from private.ticket_links` }
  },
  {
    does: 'reads ticket sessions',
    by: [],
    sql: { table: 'private.ticket_sessions', prepare: prepare(ticket), run: sql => sql`select * from private.ticket_sessions` }
  },
  {
    does: 'reads links to sign in',
    by: [],
    sql: {
      table: 'private.sign_in_links',
      prepare: async sql => {
        await sql`insert into private.sign_in_links (token_hash, team_id, contact_id) values (${link}, ${acme.id}, ${acme.contacts.carla})`
      },
      run: sql => sql`select * from private.sign_in_links`
    }
  },
  {
    does: 'reads the name of a team for its sign-in page',
    by: [...signedIn, ...openToAll],
    key: 'read',
    sql: { calls: 'portal_team', run: sql => sql`select * from private.portal_team('acme')` }
  },
  {
    does: 'links their account to the contacts with their address',
    by: signedIn,
    sql: { calls: 'link_contacts', run: sql => sql`select private.link_contacts()` }
  },
  {
    does: 'asks which portals they have',
    by: signedIn,
    sql: { calls: 'portal_teams', run: sql => sql`select count(*) from private.portal_teams()` }
  }
]
