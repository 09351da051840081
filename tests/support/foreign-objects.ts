import { randomBytes, randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { acme, ann, bob, dan, initech, ivan, unknownId, type Person } from './world.ts'

/**
 * An attack with "own team id, foreign object id": an owner of Initech calls a function or writes a table with the id of an
 * object of Acme. Each case runs twice, with the foreign id and with an unknown id. Both must get the same answer, so that
 * nobody can probe ids, and nothing may change.
 */
export interface ForeignObjectCase {
  /** The kind of object; a function has a case for each kind of id that it takes. */
  object: string
  /** Runs the statement with the id, and returns its rows. It must be refused or return none. */
  run: (sql: TransactionSql, id: string) => Promise<readonly unknown[]>
  /** An id that another team (or another person) owns. */
  foreign: string
  /** Default: Ivan, an owner of Initech. Ann or Bob for objects of another person in their own team. */
  by?: Person
  /** Creates the foreign object, without row-level security, when the world has none. */
  prepare?: (sql: TransactionSql) => Promise<unknown>
  /** For a function that returns a row for every id: the row for an unknown one. */
  answer?: unknown
}

// Ivan is a client of Initech, too, and the requester of #001.
const ivanIsClient = async (sql: TransactionSql) => {
  await sql`update public.contacts set user_id = ${ivan.id} where id = ${initech.contacts.mona}`
  await sql`update public.tickets set contact_id = ${initech.contacts.mona} where id = ${initech.tickets.dans}`
}
const clientUpload = 'aaaaaaaa-0000-4000-8000-000000000821'
const addClientUpload = async (sql: TransactionSql) => {
  await ivanIsClient(sql)
  const facts = { name: 'a.txt', size: 5, sha256: '0'.repeat(64), content_type: 'text/plain' }
  await sql`insert into public.uploads ${sql({ ...facts, id: clientUpload, team_id: acme.id, uploaded_by: null, contact_id: acme.contacts.carla })}`
}

const secret = () => randomBytes(32)
const calendar = {
  state: { name: 'New', time_zone: 'UTC', hours: [{ weekday: 1, opens: '09:00', closes: '17:00' }], holidays: [] },
  coverage: { from: '2026-01-01', until: '2027-01-01', time_zone_data: 'test' }
}
const own = initech.id

/** Bulk operations of Bob in three states. */
const operations = {
  waiting: 'aaaaaaaa-0000-4000-8000-000000000811',
  running: 'aaaaaaaa-0000-4000-8000-000000000812',
  undoing: 'aaaaaaaa-0000-4000-8000-000000000813'
}
const insertOperation = (id: string, status: string, state: string) => async (sql: TransactionSql) => {
  await sql`insert into public.bulk_operations ${sql({ id, team_id: acme.id, user_id: bob.id, action: 'set_priority', value: sql.json('urgent'), status, total: 1, updated: status === 'undoing' ? 1 : 0 })}`
  await sql`insert into private.bulk_operation_tickets ${sql({ operation_id: id, ticket_id: acme.tickets.bobs, state, before: sql.json({ priority: 'low' }), after: sql.json({ priority: 'normal' }) })}`
}

// Neither a stranger nor an owner of the same team may process operations of Bob.
const operationCases = (run: ForeignObjectCase['run'], id: string, status: string, state: string, answer?: unknown): ForeignObjectCase[] =>
  [ivan, ann].map(by => ({ object: `operation, as ${by.name}`, foreign: id, by, prepare: insertOperation(id, status, state), run, answer }))

// Neither an owner of another team nor one of the same team may touch Bob's upload.
const ownUploadCases = (run: (sql: TransactionSql, team: string, id: string) => Promise<readonly unknown[]>): ForeignObjectCase[] => [
  { object: 'upload', foreign: acme.upload, run: (sql, id) => run(sql, own, id) },
  { object: 'upload, as Ann Arbor', foreign: acme.upload, by: ann, run: (sql, id) => run(sql, acme.id, id) }
]

const ofArticle = (run: ForeignObjectCase['run']): ForeignObjectCase[] =>
  Object.entries(acme.articles).map(([name, foreign]) => ({ object: `article ${name}`, foreign, run }))

const mail = 'aaaaaaaa-0000-4000-8000-000000000a01'
const foreignInvitation = 'aaaaaaaa-0000-4000-8000-000000000824'
const failedMail = (sql: TransactionSql) =>
  sql`insert into public.mails ${sql({ id: mail, team_id: acme.id, event_id: 0, kind: 'ticket_received', recipient: 'client@x.test', state: 'failed' })}`
const failedEvent = (sql: TransactionSql) =>
  sql`insert into private.event_outbox ${sql({ event_id: 999_999_999, team_id: acme.id, attempts: 10 })}`

/** Cases by the name of each security definer function that takes an id and is granted to people. */
export const functionCases: Record<string, ForeignObjectCase[]> = {
  // Here the foreign object is the team itself.
  'has_permission': [
    {
      object: 'team',
      foreign: acme.id,
      answer: { has_permission: false },
      run: (sql, id) => sql`select private.has_permission(${id}, 'tickets.view')`
    }
  ],
  'is_team_member': [
    { object: 'team', foreign: acme.id, answer: { is_team_member: false }, run: (sql, id) => sql`select private.is_team_member(${id})` }
  ],
  // Ivan is a contact of Initech; the foreign object is the team.
  ...Object.fromEntries(
    Object.entries({
      client: (sql: TransactionSql, id: string) => sql`select * from portal.client(${id})`,
      categories: (sql: TransactionSql, id: string) => sql`select * from portal.categories(${id})`,
      projects: (sql: TransactionSql, id: string) => sql`select * from portal.projects(${id})`,
      tickets: (sql: TransactionSql, id: string) => sql`select * from portal.tickets(${id})`,
      ticket: (sql: TransactionSql, id: string) => sql`select * from portal.ticket(${id}, 1)`,
      conversation: (sql: TransactionSql, id: string) => sql`select * from portal.conversation(${id}, 1)`,
      mark_read: (sql: TransactionSql, id: string) => sql`select portal.mark_read(${id}, 1)`,
      file: (sql: TransactionSql, id: string) => sql`select * from portal.file(${id}, 1, ${acme.attachment}, 'warn')`,
      create_ticket: (sql: TransactionSql, id: string) => sql`select * from portal.create_ticket(${id}, 'Help', 'Please')`,
      reply: (sql: TransactionSql, id: string) => sql`select portal.reply(${id}, 1, 'Hello')`,
      close: (sql: TransactionSql, id: string) => sql`select portal.close(${id}, 1)`,
      reopen: (sql: TransactionSql, id: string) => sql`select portal.reopen(${id}, 1)`,
      follow_up: (sql: TransactionSql, id: string) => sql`select portal.follow_up(${id}, 3, 'Again')`,
      rate: (sql: TransactionSql, id: string) => sql`select portal.rate(${id}, 3, 5)`,
      invitations: (sql: TransactionSql, id: string) => sql`select * from portal.invitations(${id}, 1)`,
      invite_participant: (sql: TransactionSql, id: string) => sql`select portal.invite_participant(${id}, 1, 'friend@mail.test')`,
      withdraw_invitation: (sql: TransactionSql, id: string) => sql`select portal.withdraw_invitation(${id}, 1, ${randomUUID()})`
    }).map(([name, run]): [string, ForeignObjectCase[]] => [
      `portal.${name}`,
      [
        {
          object: 'team',
          foreign: acme.id,
          prepare: sql => sql`update public.contacts set user_id = ${ivan.id} where id = ${initech.contacts.mona}`,
          run
        }
      ]
    ])
  ),
  ...Object.fromEntries(
    Object.entries({
      create_client_upload: (sql: TransactionSql, id: string) =>
        sql`select private.create_client_upload(${id}, null, 'a.txt', 5, ${'0'.repeat(64)}, 'text/plain', 'receiving')`,
      finish_client_upload: (sql: TransactionSql, id: string) => sql`select private.finish_client_upload(${id}, ${randomUUID()}, 'clean')`,
      delete_client_upload: (sql: TransactionSql, id: string) => sql`select private.delete_client_upload(${id}, ${randomUUID()})`,
      attach_client_uploads: (sql: TransactionSql, id: string) =>
        sql`select private.attach_client_uploads(${id}, 1, null, ${[randomUUID()]}::uuid[], 'warn')`
    }).map(([name, run]): [string, ForeignObjectCase[]] => [name, [{ object: 'team', foreign: acme.id, prepare: ivanIsClient, run }]])
  ),
  'finish_client_upload of a ticket': [
    {
      object: 'upload',
      foreign: clientUpload,
      prepare: addClientUpload,
      run: (sql, id) => sql`select private.finish_client_upload(${own}, ${id}, 'clean')`
    }
  ],
  'delete_client_upload of a ticket': [
    {
      object: 'upload',
      foreign: clientUpload,
      prepare: addClientUpload,
      run: (sql, id) => sql`select private.delete_client_upload(${own}, ${id})`
    }
  ],
  'attach_client_uploads of a ticket': [
    {
      object: 'upload',
      foreign: clientUpload,
      prepare: addClientUpload,
      run: (sql, id) => sql`select private.attach_client_uploads(${own}, 1, null, ${[id]}::uuid[], 'warn')`
    },
    {
      object: 'reply',
      foreign: acme.replies.bobs,
      prepare: addClientUpload,
      run: (sql, id) => sql`select private.attach_client_uploads(${own}, 1, ${id}, '{}', 'warn')`
    }
  ],
  'portal.file of a ticket': [
    {
      object: 'file',
      foreign: acme.attachment,
      prepare: async sql => {
        await sql`update public.contacts set user_id = ${ivan.id} where id = ${initech.contacts.mona}`
        await sql`update public.tickets set contact_id = ${initech.contacts.mona} where id = ${initech.tickets.dans}`
      },
      run: (sql, id) => sql`select * from portal.file(${own}, 1, ${id}, 'warn')`
    }
  ],
  'portal.withdraw_invitation of a ticket': [
    {
      object: 'invitation',
      foreign: foreignInvitation,
      prepare: async sql => {
        await sql`update public.contacts set user_id = ${ivan.id} where id = ${initech.contacts.mona}`
        await sql`update public.tickets set contact_id = ${initech.contacts.mona} where id = ${initech.tickets.dans}`
        await sql`update public.tickets set contact_id = ${acme.contacts.mona} where id = ${acme.tickets.bobs}`
        await sql`
          insert into private.participant_invitations ${sql({ id: foreignInvitation, team_id: acme.id, ticket_id: acme.tickets.bobs, address: 'friend@mail.test', invited_by: acme.contacts.mona })}`
      },
      run: (sql, id) => sql`select portal.withdraw_invitation(${own}, 1, ${id})`
    }
  ],
  'delete_team': [{ object: 'team', foreign: acme.id, run: (sql, id) => sql`select private.delete_team(${id})` }],
  'delete_calendar': [{ object: 'calendar', foreign: acme.calendar, run: (sql, id) => sql`select private.delete_calendar(${own}, ${id})` }],
  'delete_routing': (['category', 'type', 'item'] as const).map(kind => ({
    object: kind,
    foreign: acme[kind],
    run: (sql, id) => sql`select private.delete_routing(${own}, ${kind}, ${id})`
  })),
  'block_contact': [
    { object: 'contact', foreign: acme.contacts.mona, run: (sql, id) => sql`select private.block_contact(${own}, ${id}, true)` }
  ],
  'end_contact_sessions': [
    { object: 'contact', foreign: acme.contacts.mona, run: (sql, id) => sql`select * from private.end_contact_sessions(${own}, ${id})` }
  ],
  'set_primary_address': [
    {
      object: 'contact',
      foreign: acme.contacts.carla,
      run: (sql, id) => sql`select private.set_primary_address(${own}, ${id}, 'carl@client.test')`
    }
  ],
  'merge_contacts': [
    {
      object: 'contact',
      foreign: acme.contacts.carla,
      run: (sql, id) => sql`select private.merge_contacts(${own}, ${id}, ${initech.contacts.mona})`
    },
    {
      object: 'duplicate',
      foreign: acme.contacts.mona,
      run: (sql, id) => sql`select private.merge_contacts(${own}, ${initech.contacts.carla}, ${id})`
    }
  ],
  'undo_merge': [{ object: 'merge', foreign: acme.merge, run: (sql, id) => sql`select private.undo_merge(${own}, ${id})` }],
  'erase_contact': [{ object: 'contact', foreign: acme.contacts.mona, run: (sql, id) => sql`select private.erase_contact(${own}, ${id})` }],
  'found_contacts': [
    { object: 'team', foreign: acme.id, run: (sql, id) => sql`select id from private.found_contacts(${id}, '{mona}') as id` }
  ],
  'team_member_emails': [{ object: 'team', foreign: acme.id, run: (sql, id) => sql`select * from private.team_member_emails(${id})` }],
  'begin_sla_simulation': [
    {
      object: 'team',
      foreign: acme.id,
      run: (sql, id) => sql`select private.begin_sla_simulation(${id}, ${sql.json({ policy: null, calendar: null })})`
    },
    {
      object: 'policy',
      foreign: acme.policy,
      run: (sql, id) => sql`select private.begin_sla_simulation(${own}, ${sql.json({ policy: { id }, calendar: null })})`
    },
    {
      object: 'calendar of the policy',
      foreign: acme.calendar,
      run: (sql, id) => sql`select private.begin_sla_simulation(${own}, ${sql.json({ policy: { calendar_id: id }, calendar: null })})`
    },
    {
      object: 'calendar',
      foreign: acme.calendar,
      run: (sql, id) => sql`select private.begin_sla_simulation(${own}, ${sql.json({ policy: null, calendar: { id } })})`
    }
  ],
  'request_policies': [{ object: 'team', foreign: acme.id, run: (sql, id) => sql`select private.request_policies(${id})` }],
  'clock_intervals': [
    {
      object: 'team',
      foreign: acme.id,
      answer: { open: null },
      run: (sql, id) => sql`select private.clock_intervals(${id}, ${acme.clock}) as open`
    },
    {
      object: 'clock',
      foreign: acme.clock,
      answer: { open: null },
      run: (sql, id) => sql`select private.clock_intervals(${own}, ${id}) as open`
    }
  ],
  'create_article': [
    { object: 'team', foreign: acme.id, run: (sql, id) => sql`select private.create_article(${id}, 'en', 'x', 'x', null, 'public')` },
    {
      object: 'category',
      foreign: acme.articleCategory,
      run: (sql, id) => sql`select private.create_article(${own}, 'en', 'x', 'x', ${id}, 'public')`
    }
  ],
  'save_article_draft': ofArticle((sql, id) => sql`select private.save_article_draft(${own}, ${id}, 'en', 1, 'x', 'x')`),
  'restore_article_revision': [
    ...ofArticle((sql, id) => sql`select private.restore_article_revision(${own}, ${id}, ${acme.articleRevision}, 1)`),
    {
      object: 'revision',
      foreign: acme.articleRevision,
      run: (sql, id) => sql`select private.restore_article_revision(${own}, ${initech.articles.printer}, ${id}, 1)`
    }
  ],
  'set_article_slug': ofArticle((sql, id) => sql`select private.set_article_slug(${own}, ${id}, 'en', 'x')`),
  'publish_article': ofArticle((sql, id) => sql`select private.publish_article(${own}, ${id}, 'en', 1, null)`),
  'unpublish_article': ofArticle((sql, id) => sql`select private.unpublish_article(${own}, ${id}, 'en')`),
  'update_article': [
    ...ofArticle((sql, id) => sql`select private.update_article(${own}, ${id}, '{"audience": "clients"}')`),
    {
      object: 'category',
      foreign: acme.articleCategory,
      run: (sql, id) => sql`select private.update_article(${own}, ${initech.articles.printer}, ${sql.json({ category_id: id })})`
    }
  ],
  'delete_article': [
    ...ofArticle((sql, id) => sql`select private.delete_article(${own}, ${id}, null, true)`),
    {
      object: 'replacement',
      foreign: acme.articles.printer,
      run: (sql, id) => sql`select private.delete_article(${own}, ${initech.articles.printer}, ${id}, false)`
    }
  ],
  // Anybody may read what is public; an unpublished article of any team looks like an unknown team.
  ...Object.fromEntries(
    Object.entries({
      readable_categories: (sql: TransactionSql, id: string) => sql`select * from private.readable_categories(${id})`,
      readable_articles: (sql: TransactionSql, id: string) => sql`select * from private.readable_articles(${id}, 'en', 10)`,
      readable_overview: (sql: TransactionSql, id: string) => sql`select * from private.readable_overview(${id}, 'en', 10)`,
      readable_addresses: (sql: TransactionSql, id: string) => sql`select * from private.readable_addresses(${id})`,
      rate_article: (sql: TransactionSql, id: string) => sql`select private.rate_article(${id}, 'restart-the-printer', 'x', true, null)`,
      readable_article: (sql: TransactionSql, id: string) => sql`select * from private.readable_article(${id}, 'restart-the-printer')`,
      article_image: (sql: TransactionSql, id: string) =>
        sql`select * from private.article_image(${id}, ${acme.articleImages.printer}, 'warn')`,
      found_articles: (sql: TransactionSql, id: string) => sql`select * from private.found_articles(${id}, '{printer}', 10)`,
      count_missed_search: (sql: TransactionSql, id: string) =>
        sql`select from private.count_missed_search(${id}, 'x', 'x') where (select count(*) from article_questions) > 0`,
      count_suggestions: (sql: TransactionSql, id: string) =>
        sql`select private.count_suggestions(${id}, ${unknownId}, 'ignored', 'x', '{restart-the-printer}')`
    }).map(([name, run]): [string, ForeignObjectCase[]] => [
      name,
      [
        {
          object: 'team with internal articles',
          foreign: acme.id,
          prepare: sql =>
            sql`update public.articles set audience = 'internal', category_id = ${acme.articleCategory} where id = ${acme.articles.printer}`,
          run
        }
      ]
    ])
  ),
  'article_image of a team': [
    {
      object: 'picture',
      foreign: acme.articleImages.printer,
      run: (sql, id) => sql`select * from private.article_image(${own}, ${id}, 'warn')`
    },
    {
      object: 'picture of a draft',
      foreign: acme.articleImages.bobs,
      run: (sql, id) => sql`select * from private.article_image(${own}, ${id}, 'warn')`
    }
  ],
  'keep_article_image': [
    {
      object: 'team',
      foreign: acme.id,
      run: (sql, id) => sql`select private.keep_article_image(${id}, ${initech.upload}, 'warn')`
    },
    { object: 'upload', foreign: acme.upload, run: (sql, id) => sql`select private.keep_article_image(${own}, ${id}, 'warn')` }
  ],
  'save_calendar': [
    {
      object: 'team',
      foreign: acme.id,
      run: (sql, id) =>
        sql`select private.save_calendar(${id}, null, null, ${sql.json(calendar.state)}, ${sql.json(calendar.coverage)}, '{2026-01-05 09:00Z}', '{2026-01-05 17:00Z}')`
    },
    {
      object: 'calendar',
      foreign: acme.calendar,
      run: (sql, id) =>
        sql`select private.save_calendar(${own}, ${id}, 1, ${sql.json(calendar.state)}, ${sql.json(calendar.coverage)}, '{2026-01-05 09:00Z}', '{2026-01-05 17:00Z}')`
    }
  ],
  'save_invitation': [
    { object: 'team', foreign: acme.id, run: (sql, id) => sql`select private.save_invitation(${id}, 'x@x.test', 'member', ${secret()})` }
  ],
  'import_ticket': [
    {
      object: 'team',
      foreign: acme.id,
      run: (sql, id) =>
        sql`select private.import_ticket(${id}, 'x', ${sql.json({ subject: 'x', description: 'x', format: 'text', status: 'open', priority: 'normal', severity: 3, category: 'other', route: [], tags: [] })}, '[]')`
    }
  ],
  'import_replies': [
    {
      object: 'team',
      foreign: acme.id,
      prepare: sql =>
        sql`insert into private.ticket_imports (team_id, source_id, ticket_id) values (${acme.id}, 'x', ${acme.tickets.bobs})`,
      run: (sql, id) =>
        sql`select private.import_replies(${id}, 'x', '{}', ${sql.json([{ content: 'x', format: 'text', is_internal: false }])}, null)`
    }
  ],
  'record_export': [{ object: 'team', foreign: acme.id, run: (sql, id) => sql`select private.record_export(${id}, 'tickets', '{}')` }],
  'found_tickets': [
    { object: 'team', foreign: acme.id, run: (sql, id) => sql`select * from private.found_tickets(${id}, private.search_term('vpn'))` }
  ],
  'found_replies': [
    { object: 'team', foreign: acme.id, run: (sql, id) => sql`select * from private.found_replies(${id}, private.search_term('looking'))` }
  ],
  'create_webhook': [
    {
      object: 'team',
      foreign: acme.id,
      run: (sql, id) => sql`select private.create_webhook(${id}, 'x', 'https://x.test/', '{ticket.created}', repeat('x', 16))`
    }
  ],
  'team_mail_budget': [{ object: 'team', foreign: acme.id, run: (sql, id) => sql`select * from private.team_mail_budget(${id})` }],
  'request_reply_address': [
    { object: 'team', foreign: acme.id, run: (sql, id) => sql`select private.request_reply_address(${id}, 'x@x.test', ${secret()})` }
  ],
  'record_reply_address_mail': [
    { object: 'team', foreign: acme.id, run: (sql, id) => sql`select private.record_reply_address_mail(${id}, ${secret()})` },
    // The caller's own team with the token of a request of another team.
    {
      object: 'request',
      foreign: acme.id,
      answer: { recorded: false },
      prepare: sql =>
        sql`insert into private.reply_address_requests ${sql({ team_id: acme.id, email: 'help@x.test', token_hash: Buffer.alloc(32, 7), requested_by: ann.id })}`,
      run: sql => sql`select private.record_reply_address_mail(${own}, ${Buffer.alloc(32, 7)}) as recorded`
    }
  ],
  'clear_reply_address': [{ object: 'team', foreign: acme.id, run: (sql, id) => sql`select private.clear_reply_address(${id})` }],
  'reply_address': [{ object: 'team', foreign: acme.id, run: (sql, id) => sql`select * from private.reply_address(${id})` }],
  'ticket_mails': [
    { object: 'ticket', foreign: acme.tickets.bobs, run: (sql, id) => sql`select * from private.ticket_mails(${own}, ${id})` }
  ],
  'team_jobs': [{ object: 'team', foreign: acme.id, run: (sql, id) => sql`select * from private.team_jobs(${id})` }],

  'avatar': [
    {
      object: 'person',
      foreign: bob.id,
      run: (sql, id) => sql`select * from private.avatar(${id})`,
      prepare: sql => sql`insert into private.avatars (user_id, content, content_type) values (${bob.id}, 'x', 'image/png')`
    }
  ],
  'change_member_role': [
    { object: 'member', foreign: bob.id, run: (sql, id) => sql`select private.change_member_role(${own}, ${id}, 'viewer')` }
  ],
  'remove_member': [{ object: 'member', foreign: bob.id, run: (sql, id) => sql`select private.remove_member(${own}, ${id})` }],
  'create_api_key': [
    {
      object: 'holder',
      foreign: bob.id,
      run: (sql, id) => sql`select private.create_api_key(${own}, ${id}, 'x', '{read}', null, 'sk_abcdefgh', ${secret()})`
    }
  ],
  'rotate_api_key': [
    {
      object: 'key',
      foreign: acme.apiKey,
      run: (sql, id) => sql`select private.rotate_api_key(${own}, ${id}, 'sk_abcdefgh', ${secret()})`
    },
    // The holder is a member of both teams, so that a check of the holder alone would pass.
    {
      object: 'key of somebody in both teams',
      foreign: acme.apiKey,
      run: (sql, id) => sql`select private.rotate_api_key(${own}, ${id}, 'sk_abcdefgh', ${secret()})`,
      prepare: sql => sql`insert into public.team_members (team_id, user_id, role) values (${own}, ${bob.id}, 'member')`
    }
  ],
  'begin_bulk_operation': [
    {
      object: 'ticket',
      foreign: acme.tickets.bobs,
      run: (sql, id) => sql`select private.begin_bulk_operation(${own}, 'set_priority', '"urgent"', ${[initech.tickets.dans, id]}::uuid[])`
    },
    {
      object: 'assignee',
      foreign: bob.id,
      run: (sql, id) => sql`select private.begin_bulk_operation(${own}, 'reassign', ${sql.json(id)}, ${[initech.tickets.dans]}::uuid[])`
    },
    {
      object: 'type',
      foreign: acme.type,
      run: (sql, id) =>
        sql`select private.begin_bulk_operation(${own}, 'set_category', ${sql.json({ category: 'bug', type_id: id, item_id: null })}, ${[initech.tickets.dans]}::uuid[])`
    }
  ],
  'next_bulk_tickets': operationCases(
    (sql, id) => sql`select private.next_bulk_tickets(${id}, 10)`,
    operations.waiting,
    'waiting',
    'waiting',
    { next_bulk_tickets: null }
  ),
  'record_bulk_changes': operationCases(
    (sql, id) => sql`select private.record_bulk_changes(${id})`,
    operations.running,
    'running',
    'taken'
  ),
  'continue_bulk_undo': operationCases(
    (sql, id) => sql`select private.continue_bulk_undo(${id}, 10)`,
    operations.undoing,
    'undoing',
    'changed',
    { continue_bulk_undo: false }
  ),
  'begin_bulk_undo': [
    { object: 'operation', foreign: acme.operation, run: (sql, id) => sql`select private.begin_bulk_undo(${own}, ${id})` },
    {
      object: 'operation, as Ann Arbor',
      foreign: acme.operation,
      by: ann,
      run: (sql, id) => sql`select private.begin_bulk_undo(${acme.id}, ${id})`
    },
    // Bob is in both teams and sends the id of one team with an operation of the other.
    {
      object: 'own operation in another team',
      foreign: acme.operation,
      by: bob,
      run: (sql, id) => sql`select private.begin_bulk_undo(${own}, ${id})`,
      prepare: sql => sql`insert into public.team_members (team_id, user_id, role) values (${own}, ${bob.id}, 'owner')`
    }
  ],
  'create_upload': [
    {
      object: 'team',
      foreign: acme.id,
      run: (sql, id) => sql`select private.create_upload(${id}, 'x', 1, repeat('a', 64), 'text/plain', 'receiving')`
    }
  ],
  'finish_upload': ownUploadCases((sql, team, id) => sql`select private.finish_upload(${team}, ${id}, 'clean')`),
  'delete_upload': ownUploadCases((sql, team, id) => sql`select private.delete_upload(${team}, ${id})`),
  'blocks_unscanned': [
    {
      object: 'team',
      foreign: acme.id,
      answer: { blocks_unscanned: false },
      run: (sql, id) => sql`select private.blocks_unscanned(${id}, 'block')`
    }
  ],
  'require_attachable_message': [
    {
      object: 'ticket',
      foreign: acme.tickets.bobs,
      run: (sql, id) => sql`select private.require_attachable_message(${own}, ${id}, null)`
    },
    {
      object: 'reply',
      foreign: acme.replies.bobs,
      run: (sql, id) => sql`select private.require_attachable_message(${own}, ${initech.tickets.dans}, ${id})`
    }
  ],
  'attach_uploads': [
    {
      object: 'ticket',
      foreign: acme.tickets.bobs,
      run: (sql, id) => sql`select private.attach_uploads(${own}, ${id}, null, '{}', 'warn')`
    },
    {
      object: 'reply',
      foreign: acme.replies.bobs,
      run: (sql, id) => sql`select private.attach_uploads(${own}, ${initech.tickets.dans}, ${id}, '{}', 'warn')`
    },
    // An upload of another team, one of a colleague, and a file that was sent in another team.
    ...[acme.upload, initech.upload, acme.attachment].map(foreign => ({
      object: `upload ${foreign}`,
      foreign,
      run: (sql: TransactionSql, id: string) =>
        sql`select private.attach_uploads(${own}, ${initech.tickets.dans}, null, ${[id]}::uuid[], 'warn')`
    }))
  ],
  'remove_attachment': [
    { object: 'attachment', foreign: acme.attachment, run: (sql, id) => sql`select private.remove_attachment(${own}, ${id})` }
  ],
  'rotate_webhook_secret': [
    {
      object: 'webhook',
      foreign: acme.webhook,
      run: (sql, id) => sql`select private.rotate_webhook_secret(${own}, ${id}, repeat('x', 16))`
    }
  ],
  'ping_webhook': [{ object: 'webhook', foreign: acme.webhook, run: (sql, id) => sql`select private.ping_webhook(${own}, ${id})` }],
  'redeliver_webhook': [
    { object: 'webhook', foreign: acme.webhook, run: (sql, id) => sql`select private.redeliver_webhook(${own}, ${id}, ${acme.delivery})` },
    {
      object: 'delivery',
      foreign: acme.delivery,
      run: (sql, id) => sql`select private.redeliver_webhook(${own}, ${initech.webhook}, ${id})`
    }
  ],
  'retry_job': [
    { object: 'delivery', foreign: acme.delivery, run: (sql, id) => sql`select private.retry_job(${own}, 'delivery', ${id})` },
    { object: 'mail', foreign: mail, prepare: failedMail, run: (sql, id) => sql`select private.retry_job(${own}, 'mail', ${id})` },
    {
      object: 'event',
      foreign: '999999999',
      prepare: failedEvent,
      run: (sql, id) => sql`select private.retry_job(${own}, 'event', ${id === unknownId ? '888888888' : id})`
    }
  ]
}

const ofTicket = (run: ForeignObjectCase['run']): ForeignObjectCase[] => [{ object: 'ticket', foreign: acme.tickets.bobs, run }]

/** Cases by `table.column` of each column that people can write and that refers to an object of a team. */
export const columnCases: Record<string, ForeignObjectCase[]> = {
  'profiles.last_team_id': [
    { object: 'team', foreign: acme.id, run: (sql, id) => sql`update profiles set last_team_id = ${id} where id = ${ivan.id} returning id` }
  ],
  'ticket_types.category': [
    {
      object: 'category',
      foreign: 'acmes_own',
      run: (sql, id) =>
        sql`insert into ticket_types (team_id, category, name) values (${own}, ${id === unknownId ? 'nobodys' : id}, 'x') returning id`,
      prepare: sql => sql`insert into public.ticket_categories (team_id, key, name) values (${acme.id}, 'acmes_own', 'Own')`
    }
  ],
  'ticket_items.type_id': [
    {
      object: 'type',
      foreign: acme.type,
      run: (sql, id) => sql`insert into ticket_items (team_id, type_id, name) values (${own}, ${id}, 'x') returning id`
    }
  ],
  'tickets.category': [
    {
      object: 'category',
      foreign: 'acmes_own',
      run: (sql, id) => sql`update tickets set category = ${id === unknownId ? 'nobodys' : id} where team_id = ${own} returning id`,
      prepare: sql => sql`insert into public.ticket_categories (team_id, key, name) values (${acme.id}, 'acmes_own', 'Own')`
    }
  ],
  'tickets.type_id': [
    {
      object: 'type',
      foreign: acme.type,
      run: (sql, id) => sql`update tickets set category = 'bug', type_id = ${id} where team_id = ${own} returning id`
    },
    {
      object: 'type, at insert',
      foreign: acme.type,
      run: (sql, id) =>
        sql`insert into tickets (team_id, subject, description, category, type_id) values (${own}, 'x', 'x', 'bug', ${id}) returning id`
    }
  ],
  'tickets.item_id': [
    {
      object: 'item',
      foreign: acme.item,
      run: (sql, id) =>
        sql`update tickets set category = 'bug', type_id = ${initech.type}, item_id = ${id} where team_id = ${own} returning id`
    }
  ],
  'tickets.assigned_to': [
    {
      object: 'assignee',
      foreign: bob.id,
      run: (sql, id) => sql`update tickets set assigned_to = ${id} where team_id = ${own} returning id`
    },
    {
      object: 'assignee, at insert',
      foreign: bob.id,
      run: (sql, id) => sql`insert into tickets (team_id, subject, description, assigned_to) values (${own}, 'x', 'x', ${id}) returning id`
    },
    {
      object: 'assignee with a foreign team',
      foreign: bob.id,
      run: (sql, id) =>
        sql`insert into tickets (team_id, subject, description, assigned_to) values (${acme.id}, 'x', 'x', ${id}) returning id`
    }
  ],
  'tickets.created_by': [
    {
      object: 'person',
      foreign: bob.id,
      run: (sql, id) => sql`insert into tickets (team_id, subject, description, created_by) values (${own}, 'x', 'x', ${id}) returning id`
    }
  ],
  'ticket_replies.ticket_id': ofTicket(
    (sql, id) => sql`insert into ticket_replies (team_id, ticket_id, content) values (${own}, ${id}, 'x') returning id`
  ),
  'ticket_replies.user_id': [
    {
      object: 'person',
      foreign: bob.id,
      run: (sql, id) =>
        sql`insert into ticket_replies (team_id, ticket_id, user_id, content) values (${own}, ${initech.tickets.dans}, ${id}, 'x') returning id`
    }
  ],
  'reply_drafts.ticket_id': ofTicket(
    (sql, id) => sql`insert into reply_drafts (team_id, ticket_id, content) values (${own}, ${id}, 'x') returning ticket_id`
  ),
  'reply_drafts.user_id': [
    {
      object: 'person',
      foreign: dan.id,
      run: (sql, id) =>
        sql`insert into reply_drafts (team_id, ticket_id, user_id, content) values (${own}, ${initech.tickets.dans}, ${id}, 'x') returning ticket_id`
    }
  ],
  // The ticket of Acme has this tag already: a unique constraint must not reveal that.
  'ticket_tags.ticket_id': ofTicket(
    (sql, id) => sql`insert into ticket_tags (team_id, ticket_id, tag) values (${own}, ${id}, 'vpn') returning id`
  ),
  'contacts.organization_id': [
    {
      object: 'organization',
      foreign: acme.organization,
      run: (sql, id) => sql`insert into contacts (team_id, organization_id, created_by) values (${own}, ${id}, ${ivan.id}) returning id`
    },
    {
      object: 'organization, in an update',
      foreign: acme.organization,
      run: (sql, id) => sql`update contacts set organization_id = ${id} where id = ${initech.contacts.mona} returning id`
    }
  ],
  'contacts.created_by': [
    {
      object: 'person',
      foreign: bob.id,
      run: (sql, id) => sql`insert into contacts (team_id, name, created_by) values (${own}, 'x', ${id}) returning id`
    }
  ],
  'contact_addresses.contact_id': [
    {
      object: 'contact',
      foreign: acme.contacts.mona,
      run: (sql, id) =>
        sql`insert into contact_addresses (team_id, address, contact_id) values (${own}, 'x@x.test', ${id}) returning address`
    }
  ],
  'organizations.created_by': [
    {
      object: 'person',
      foreign: bob.id,
      run: (sql, id) => sql`insert into organizations (team_id, name, created_by) values (${own}, 'x', ${id}) returning id`
    }
  ],
  'sla_policies.calendar_id': [
    {
      object: 'calendar',
      foreign: acme.calendar,
      run: (sql, id) =>
        sql`insert into sla_policies (team_id, name, targets, calendar_id, created_by)
          values (${own}, 'x', ${sql.json({ resolution: { low: 60 } })}, ${id}, ${ivan.id}) returning id`
    },
    {
      object: 'calendar, in an update',
      foreign: acme.calendar,
      run: (sql, id) => sql`update sla_policies set calendar_id = ${id} where id = ${initech.policy} returning id`
    }
  ],
  'sla_policies.created_by': [
    {
      object: 'person',
      foreign: bob.id,
      run: (sql, id) =>
        sql`insert into sla_policies (team_id, name, targets, created_by)
          values (${own}, 'x', ${sql.json({ resolution: { low: 60 } })}, ${id}) returning id`
    }
  ],
  'projects.organization_id': [
    {
      object: 'organization',
      foreign: acme.organization,
      run: (sql, id) =>
        sql`insert into projects (team_id, name, organization_id, created_by) values (${own}, 'x', ${id}, ${ivan.id}) returning id`
    },
    {
      object: 'organization, in an update',
      foreign: acme.organization,
      run: (sql, id) => sql`update projects set organization_id = ${id} where id = ${initech.project} returning id`
    }
  ],
  'projects.created_by': [
    {
      object: 'person',
      foreign: ann.id,
      run: (sql, id) => sql`insert into projects (team_id, name, created_by) values (${own}, 'x', ${id}) returning id`
    }
  ],
  'tickets.project_id': [
    {
      object: 'project',
      foreign: acme.project,
      run: (sql, id) =>
        sql`
          insert into tickets (team_id, subject, description, project_id, created_by)
          values (${own}, 'x', 'x', ${id}, ${ivan.id}) returning id`
    },
    {
      object: 'project, in an update',
      foreign: acme.project,
      run: (sql, id) => sql`update tickets set project_id = ${id} where id = ${initech.tickets.dans} returning id`
    }
  ],
  'organization_domains.organization_id': [
    {
      object: 'organization',
      foreign: acme.organization,
      run: (sql, id) =>
        sql`insert into organization_domains (team_id, domain, organization_id) values (${own}, 'x.test', ${id}) returning domain`
    }
  ],
  'tickets.contact_id': [
    {
      object: 'contact',
      foreign: acme.contacts.mona,
      run: (sql, id) =>
        sql`
          insert into tickets (team_id, subject, description, contact_id, created_by)
          values (${own}, 'x', 'x', ${id}, ${ivan.id}) returning id`
    },
    {
      object: 'contact, in an update',
      foreign: acme.contacts.mona,
      run: (sql, id) => sql`update tickets set contact_id = ${id} where id = ${initech.tickets.dans} returning id`
    }
  ],
  'canned_responses.created_by': [
    {
      object: 'person',
      foreign: bob.id,
      run: (sql, id) =>
        sql`insert into canned_responses (team_id, title, content, created_by) values (${own}, 'x', 'x', ${id}) returning id`
    }
  ],
  'saved_views.user_id': [
    {
      object: 'person',
      foreign: dan.id,
      run: (sql, id) => sql`insert into saved_views (team_id, user_id, name) values (${own}, ${id}, 'x') returning id`
    }
  ],
  'ticket_participants.ticket_id': ofTicket(
    (sql, id) =>
      sql`
        insert into ticket_participants (team_id, ticket_id, contact_id, added_by)
        values (${own}, ${id}, ${initech.contacts.mona}, ${ivan.id}) returning ticket_id`
  ),
  'ticket_participants.contact_id': [
    {
      object: 'contact',
      foreign: acme.contacts.mona,
      run: (sql, id) =>
        sql`
          insert into ticket_participants (team_id, ticket_id, contact_id, added_by)
          values (${own}, ${initech.tickets.dans}, ${id}, ${ivan.id}) returning ticket_id`
    }
  ],
  'ticket_participants.added_by': [
    {
      object: 'person',
      foreign: bob.id,
      run: (sql, id) =>
        sql`
          insert into ticket_participants (team_id, ticket_id, contact_id, added_by)
          values (${own}, ${initech.tickets.dans}, ${initech.contacts.mona}, ${id}) returning ticket_id`
    }
  ],
  'ticket_articles.ticket_id': ofTicket(
    (sql, id) =>
      sql`
        insert into ticket_articles (team_id, ticket_id, article_id, cited_by)
        values (${own}, ${id}, ${initech.articles.printer}, ${ivan.id}) returning ticket_id`
  ),
  'ticket_articles.article_id': ofArticle(
    (sql, id) =>
      sql`
        insert into ticket_articles (team_id, ticket_id, article_id, cited_by)
        values (${own}, ${initech.tickets.dans}, ${id}, ${ivan.id}) returning ticket_id`
  ),
  'ticket_articles.cited_by': [
    {
      object: 'person',
      foreign: bob.id,
      run: (sql, id) =>
        sql`
          insert into ticket_articles (team_id, ticket_id, article_id, cited_by)
          values (${own}, ${initech.tickets.dans}, ${initech.articles.printer}, ${id}) returning ticket_id`
    }
  ],
  'ticket_followers.ticket_id': ofTicket(
    (sql, id) => sql`insert into ticket_followers (team_id, ticket_id) values (${own}, ${id}) returning ticket_id`
  ),
  'ticket_followers.user_id': [
    {
      object: 'person',
      foreign: dan.id,
      run: (sql, id) =>
        sql`insert into ticket_followers (team_id, ticket_id, user_id) values (${own}, ${initech.tickets.dans}, ${id}) returning ticket_id`
    }
  ],
  'ticket_reads.ticket_id': ofTicket(
    (sql, id) => sql`insert into ticket_reads (team_id, ticket_id) values (${own}, ${id}) returning ticket_id`
  ),
  'ticket_reads.user_id': [
    {
      object: 'person',
      foreign: dan.id,
      run: (sql, id) =>
        sql`insert into ticket_reads (team_id, ticket_id, user_id) values (${own}, ${initech.tickets.dans}, ${id}) returning ticket_id`
    }
  ],
  'notification_preferences.user_id': [
    {
      object: 'person',
      foreign: dan.id,
      run: (sql, id) => sql`insert into notification_preferences (team_id, user_id, kind) values (${own}, ${id}, 'replied') returning kind`
    }
  ]
}

/** Foreign values of route parameters that are not simply the id of the same row in another team. */
export const foreignParameters: Record<string, (foreign: { delivery: string }) => string> = {
  userId: () => dan.id,
  locale: () => 'fr', // no language
  jobId: foreign => `delivery-${foreign.delivery}`
}
