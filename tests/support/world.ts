import { createHash } from 'node:crypto'
import type { Sql, TransactionSql } from 'postgres'
import type { Role } from '#shared/permissions'
import { insertCalendar } from './calendars.ts'

/** Ids of the rows that `fillTeam` inserts. */
export interface TeamWorld {
  id: string
  tickets: Record<'bobs' | 'unassigned' | 'closed' | 'anns', string>
  replies: Record<'bobs' | 'annsNote' | 'veras' | 'onClosed', string>
  tag: string
  /** A file of Bob on #001, with the content "Hello". */
  attachment: string
  /** An upload of Bob that he has not sent. */
  upload: string
  /** The category "Bug". */
  category: string
  /** The type "Network" of that category. */
  type: string
  /** The item "VPN" of that type. */
  item: string
  cannedResponse: string
  /** The article category "Getting started", which is empty. */
  articleCategory: string
  articles: {
    /** Begun by Ann, public and published in English. */
    printer: string
    /** Begun by Bob, and never published. */
    bobs: string
  }
  /** What is published of the first article. */
  articleRevision: string
  /** A picture that this revision names, and one that the draft of Bob names. Their content is "Hello". */
  articleImages: Record<'printer' | 'bobs', string>
  /** "Day and night": always open, but for Christmas of 2026 in UTC. */
  calendar: string
  /** An SLA policy around the clock, not in use. */
  policy: string
  /** A clock of that policy, of #001, which has ended. */
  clock: string
  /** A finished simulation of that policy, in which this clock has another result. */
  simulation: string
  /** Carla Client, who has an account and the address carla@client.test; Carl is a duplicate, merged into her; Mona is another contact. */
  contacts: Record<'carla' | 'carl' | 'mona', string>
  /** The company of Carla, with the domain client.test. */
  organization: string
  /** A project of that company. */
  project: string
  /** The merge of Carl into Carla. */
  merge: string
  views: Record<'bobs' | 'shared', string>
  /** A bulk operation of Bob: #001 from low to normal priority. */
  operation: string
  /** A webhook for ratings, to a host that does not exist. */
  webhook: string
  /** A failed delivery of that webhook. */
  delivery: string
  invitation: string
  /** An API key with scope `read` that acts as Bob, created by Ann. */
  apiKey: string
}

export interface Person {
  id: string
  email: string
  name: string
  role: Role
}

/** Acme and Initech are isolated teams; both have a ticket #001. */
export const acme = {
  id: 'aaaaaaaa-0000-4000-8000-000000000001',
  tickets: {
    /** #001, open, assigned to Bob. */
    bobs: 'aaaaaaaa-0000-4000-8000-000000000101',
    /** #002, open, unassigned. */
    unassigned: 'aaaaaaaa-0000-4000-8000-000000000102',
    /** #003, closed. */
    closed: 'aaaaaaaa-0000-4000-8000-000000000103',
    /** #004, waiting, assigned to Ann. */
    anns: 'aaaaaaaa-0000-4000-8000-000000000104'
  },
  replies: {
    bobs: 'aaaaaaaa-0000-4000-8000-000000000201',
    annsNote: 'aaaaaaaa-0000-4000-8000-000000000202',
    veras: 'aaaaaaaa-0000-4000-8000-000000000203',
    onClosed: 'aaaaaaaa-0000-4000-8000-000000000204'
  },
  tag: 'aaaaaaaa-0000-4000-8000-000000000301',
  attachment: 'aaaaaaaa-0000-4000-8000-000000000b01',
  upload: 'aaaaaaaa-0000-4000-8000-000000000b02',
  category: 'aaaaaaaa-0000-4000-8000-000000000700',
  type: 'aaaaaaaa-0000-4000-8000-000000000701',
  item: 'aaaaaaaa-0000-4000-8000-000000000702',
  cannedResponse: 'aaaaaaaa-0000-4000-8000-000000000401',
  articleCategory: 'aaaaaaaa-0000-4000-8000-000000000e01',
  articles: { printer: 'aaaaaaaa-0000-4000-8000-000000000e11', bobs: 'aaaaaaaa-0000-4000-8000-000000000e12' },
  articleRevision: 'aaaaaaaa-0000-4000-8000-000000000e21',
  articleImages: { printer: 'aaaaaaaa-0000-4000-8000-000000000e31', bobs: 'aaaaaaaa-0000-4000-8000-000000000e32' },
  calendar: 'aaaaaaaa-0000-4000-8000-000000000c01',
  policy: 'aaaaaaaa-0000-4000-8000-000000000d01',
  clock: 'aaaaaaaa-0000-4000-8000-000000000d11',
  simulation: 'aaaaaaaa-0000-4000-8000-000000000d21',
  contacts: {
    carla: 'aaaaaaaa-0000-4000-8000-000000000b01',
    carl: 'aaaaaaaa-0000-4000-8000-000000000b02',
    mona: 'aaaaaaaa-0000-4000-8000-000000000b03'
  },
  organization: 'aaaaaaaa-0000-4000-8000-000000000b11',
  project: 'aaaaaaaa-0000-4000-8000-000000000b31',
  merge: 'aaaaaaaa-0000-4000-8000-000000000b21',
  views: {
    /** A personal view of Bob. */
    bobs: 'aaaaaaaa-0000-4000-8000-000000000601',
    /** A view of Adam, shared with the team. */
    shared: 'aaaaaaaa-0000-4000-8000-000000000602'
  },
  operation: 'aaaaaaaa-0000-4000-8000-000000000801',
  webhook: 'aaaaaaaa-0000-4000-8000-000000000901',
  delivery: 'aaaaaaaa-0000-4000-8000-000000000902',
  invitation: 'aaaaaaaa-0000-4000-8000-000000000501',
  apiKey: 'aaaaaaaa-0000-4000-8000-000000000901'
} as const

export const initech = {
  id: 'bbbbbbbb-0000-4000-8000-000000000001',
  tickets: { dans: 'bbbbbbbb-0000-4000-8000-000000000101' },
  replies: { dans: 'bbbbbbbb-0000-4000-8000-000000000201' },
  tag: 'bbbbbbbb-0000-4000-8000-000000000301',
  /** A file of Dan. */
  attachment: 'bbbbbbbb-0000-4000-8000-000000000b01',
  upload: 'bbbbbbbb-0000-4000-8000-000000000b02',
  category: 'bbbbbbbb-0000-4000-8000-000000000700',
  type: 'bbbbbbbb-0000-4000-8000-000000000701',
  item: 'bbbbbbbb-0000-4000-8000-000000000702',
  cannedResponse: 'bbbbbbbb-0000-4000-8000-000000000401',
  articleCategory: 'bbbbbbbb-0000-4000-8000-000000000e01',
  articles: { printer: 'bbbbbbbb-0000-4000-8000-000000000e11', bobs: 'bbbbbbbb-0000-4000-8000-000000000e12' },
  articleRevision: 'bbbbbbbb-0000-4000-8000-000000000e21',
  articleImages: { printer: 'bbbbbbbb-0000-4000-8000-000000000e31', bobs: 'bbbbbbbb-0000-4000-8000-000000000e32' },
  calendar: 'bbbbbbbb-0000-4000-8000-000000000c01',
  policy: 'bbbbbbbb-0000-4000-8000-000000000d01',
  clock: 'bbbbbbbb-0000-4000-8000-000000000d11',
  simulation: 'bbbbbbbb-0000-4000-8000-000000000d21',
  contacts: {
    carla: 'bbbbbbbb-0000-4000-8000-000000000b01',
    carl: 'bbbbbbbb-0000-4000-8000-000000000b02',
    mona: 'bbbbbbbb-0000-4000-8000-000000000b03'
  },
  organization: 'bbbbbbbb-0000-4000-8000-000000000b11',
  project: 'bbbbbbbb-0000-4000-8000-000000000b31',
  merge: 'bbbbbbbb-0000-4000-8000-000000000b21',
  view: 'bbbbbbbb-0000-4000-8000-000000000601',
  /** A bulk operation of Dan. */
  operation: 'bbbbbbbb-0000-4000-8000-000000000801',
  webhook: 'bbbbbbbb-0000-4000-8000-000000000901',
  delivery: 'bbbbbbbb-0000-4000-8000-000000000902',
  invitation: 'bbbbbbbb-0000-4000-8000-000000000501',
  /** Acts as Dan. */
  apiKey: 'bbbbbbbb-0000-4000-8000-000000000901'
} as const

export const people = {
  ann: person(1, 'ann@acme.test', 'Ann Arbor', 'owner'),
  adam: person(2, 'adam@acme.test', 'Adam Ant', 'admin'),
  bob: person(3, 'bob@acme.test', 'Bob Byrd', 'member'),
  vera: person(4, 'vera@acme.test', 'Vera Vale', 'viewer'),
  ivan: person(5, 'ivan@initech.test', 'Ivan Ivory', 'owner'),
  dan: person(6, 'dan@initech.test', 'Dan Drake', 'member')
} as const satisfies Record<string, Person>

export const { ann, adam, bob, vera, ivan, dan } = people

/** A client of Acme with an account of the portal: a contact, and a member of no team. */
export const carla = { id: 'cccccccc-0000-4000-8000-000000000007', email: 'carla@client.test', name: 'Carla Client' } as const

/** The hash of the ticket session that rows of the matrix begin for #001 of Acme; see tests/support/authorization/portal.ts. */
export const ticketSession = Buffer.alloc(32, 9)

/** An id that no row has. */
export const unknownId = 'ffffffff-0000-4000-8000-0000000000ff'

/** The session id in the claims of a person of the world; undefined for others. */
export function sessionIdOf({ id }: { id: string }): string | undefined {
  return id.startsWith('cccccccc-') ? id.replace('cccccccc-', 'dddddddd-') : undefined
}

/** Moves every sign-in of a person into the past by an interval such as '16 minutes'. */
export async function ageSignIns(sql: Sql | TransactionSql, { id }: { id: string }, ago: string): Promise<void> {
  await sql`update auth.sessions set created_at = now() - ${ago}::interval, refreshed_at = now() where user_id = ${id}`
}

/** The password of all people of the world. */
export const password = 'correct horse battery'

/** Inserts both teams with their people and rows. `sql` must not be restricted by row-level security. */
export async function createWorld(sql: Sql): Promise<void> {
  await sql.begin(async sql => {
    for (const { id, email, name } of [...Object.values(people), carla]) {
      await sql`
        insert into auth.users (id, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data)
        values (${id}, ${email}, extensions.crypt(${password}, extensions.gen_salt('bf', 4)), now(), ${sql.json({ provider: 'email', providers: ['email'] })}, ${sql.json({ full_name: name })})`
      await sql`
        insert into auth.identities (id, provider, provider_id, user_id, identity_data)
        values (gen_random_uuid(), 'email', ${id}, ${id}, ${sql.json({ sub: id, email, email_verified: true })})`
      // In the future, so that the sign-in counts as recent however long the suite runs.
      await sql`insert into auth.sessions (id, user_id, aal, created_at) values (${sessionIdOf({ id })!}, ${id}, 'aal1', now() + interval '1 day')`
    }
    await sql`insert into public.teams ${sql([
      { id: acme.id, name: 'Acme', slug: 'acme', mail_level: 'established' },
      { id: initech.id, name: 'Initech', slug: 'initech', mail_level: 'established' }
    ])}`
    await sql`insert into public.team_members ${sql([ann, adam, bob, vera].map(({ id, role }) => ({ team_id: acme.id, user_id: id, role })))}`
    await sql`insert into public.team_members ${sql([ivan, dan].map(({ id, role }) => ({ team_id: initech.id, user_id: id, role })))}`
    await fillTeam(sql, acme)
    await sql`update public.contacts set user_id = ${carla.id} where id = ${acme.contacts.carla}`
    await sql`insert into public.tickets ${sql({ id: initech.tickets.dans, team_id: initech.id, subject: 'Stapler is missing', description: 'About: Stapler is missing', category: 'question', created_by: ivan.id, assigned_to: dan.id })}`
    await sql`insert into public.ticket_replies ${sql({ id: initech.replies.dans, team_id: initech.id, ticket_id: initech.tickets.dans, user_id: dan.id, content: 'It was red.' })}`
    await sql`insert into public.ticket_tags ${sql({ id: initech.tag, team_id: initech.id, ticket_id: initech.tickets.dans, tag: 'office' })}`
    await sql`insert into public.canned_responses ${sql({ id: initech.cannedResponse, team_id: initech.id, title: 'Hello', content: 'Hello!', created_by: ivan.id })}`
    await sql`insert into public.saved_views ${sql({ id: initech.view, team_id: initech.id, user_id: ivan.id, name: 'Urgent', filters: sql.json({ priority: 'urgent' }), is_shared: true })}`
    await addArticles(sql, initech, ivan, dan)
    await addCalendar(sql, initech, ivan)
    await addContacts(sql, initech, ivan)
    await addOperation(sql, { id: initech.id, operation: initech.operation, ticket: initech.tickets.dans }, dan)
    await addWebhook(sql, initech, ivan)
    await addCategoryPath(sql, initech)
    await addInvitation(sql, initech, ivan)
    await addKey(sql, initech, dan, ivan)
    await addFiles(sql, initech, initech.tickets.dans, dan)
  })
}

/** Inserts a team with its members. Its mail budgets are those of an established team. */
export async function addTeam(
  sql: TransactionSql,
  id: string,
  members: readonly Person[],
  settings: { name?: string; auto_close_days?: number; mail_level?: string | null; portal_color?: string } = {}
): Promise<void> {
  await sql`insert into public.teams ${sql({ id, name: 'Acme', slug: `t-${id.slice(0, 18)}`, mail_level: 'established', ...settings })}`
  await sql`insert into public.team_members ${sql(members.map(person => ({ team_id: id, user_id: person.id, role: person.role })))}`
}

/** Inserts rows of every kind into a team of Ann, Adam, Bob and Vera: tickets #001 to #004, replies, a category path and others. */
export async function fillTeam(sql: TransactionSql, team: TeamWorld): Promise<void> {
  const { id: team_id, tickets, replies } = team
  const ticketRows = [
    { id: tickets.bobs, subject: 'VPN drops every hour', status: 'open', category: 'bug', created_by: ann.id, assigned_to: bob.id },
    { id: tickets.unassigned, subject: 'Invoice is wrong', status: 'open', category: 'billing', created_by: bob.id, assigned_to: null },
    { id: tickets.closed, subject: 'Old printer', status: 'closed', category: 'other', created_by: bob.id, assigned_to: null },
    {
      id: tickets.anns,
      subject: 'Dark mode please',
      status: 'waiting',
      category: 'feature_request',
      created_by: bob.id,
      assigned_to: ann.id
    }
  ]
  for (const [index, row] of ticketRows.entries())
    await sql`insert into public.tickets ${sql({ ...row, team_id, description: `About: ${row.subject}`, created_at: new Date(Date.now() - (10 - index) * 60_000) })}`
  await sql`insert into public.ticket_replies ${sql([
    { id: replies.bobs, team_id, ticket_id: tickets.bobs, user_id: bob.id, content: 'Looking at it.', is_internal: false },
    { id: replies.annsNote, team_id, ticket_id: tickets.bobs, user_id: ann.id, content: 'Their firewall, I think.', is_internal: true },
    { id: replies.veras, team_id, ticket_id: tickets.bobs, user_id: vera.id, content: 'Same here.', is_internal: false },
    { id: replies.onClosed, team_id, ticket_id: tickets.closed, user_id: bob.id, content: 'Replaced.', is_internal: false }
  ])}`
  await sql`insert into public.ticket_tags ${sql({ id: team.tag, team_id, ticket_id: tickets.bobs, tag: 'vpn' })}`
  await sql`insert into public.canned_responses ${sql({ id: team.cannedResponse, team_id, title: 'Thanks', content: 'Thank you for writing in.', created_by: ann.id })}`
  await addArticles(sql, team, ann, bob)
  await addCalendar(sql, team, ann)
  await addPolicy(sql, team, ann)
  await addContacts(sql, team, ann)
  await sql`insert into public.saved_views ${sql([
    {
      id: team.views.bobs,
      team_id,
      user_id: bob.id,
      name: 'Bugs',
      filters: sql.json({ category: 'bug', status: ['open', 'waiting'] }),
      is_shared: false
    },
    { id: team.views.shared, team_id, user_id: adam.id, name: "Nobody's", filters: sql.json({ assigned_to: 'none' }), is_shared: true }
  ])}`
  await addOperation(sql, { id: team_id, operation: team.operation, ticket: tickets.bobs }, bob)
  await addWebhook(sql, team, ann)
  await addCategoryPath(sql, team)
  await addInvitation(sql, team, ann)
  await addKey(sql, team, bob, ann)
  await addFiles(sql, team, tickets.bobs, bob)
  await sql`insert into public.ticket_participants ${sql({ team_id, ticket_id: tickets.bobs, contact_id: team.contacts.mona, added_by: bob.id })}`
  await sql`insert into public.ticket_articles ${sql({ team_id, ticket_id: tickets.bobs, article_id: team.articles.printer, cited_by: bob.id })}`
}

async function addArticles(
  sql: TransactionSql,
  {
    id: team_id,
    articleCategory,
    articles,
    articleRevision,
    articleImages
  }: Pick<TeamWorld, 'id' | 'articleCategory' | 'articles' | 'articleRevision' | 'articleImages'>,
  by: Person,
  member: Person
): Promise<void> {
  const text = { title: 'Restart the printer', content: 'Hold the *power* button for ten seconds.' }
  const draft = { locale: 'en', team_id, version: 1 }
  await sql`insert into public.article_categories ${sql({ id: articleCategory, team_id, name: 'Getting started', position: 1 })}`
  await sql`insert into public.articles ${sql([
    { id: articles.printer, team_id, audience: 'public', is_published: true, created_by: by.id },
    { id: articles.bobs, team_id, audience: 'internal', is_published: false, created_by: member.id }
  ])}`
  await sql`insert into public.article_translations ${sql([articles.printer, articles.bobs].map(article_id => ({ team_id, article_id, locale: 'en' })))}`
  await sql`insert into public.article_drafts ${sql([
    { ...draft, ...text, article_id: articles.printer, updated_by: by.id },
    { ...draft, article_id: articles.bobs, title: 'Reset a password', content: 'Ask Ann.', updated_by: member.id }
  ])}`
  await sql`insert into public.article_revisions ${sql({ ...text, id: articleRevision, team_id, article_id: articles.printer, locale: 'en', number: 1, kind: 'published', created_by: by.id })}`
  await sql`insert into private.article_slugs ${sql({ team_id, slug: 'restart-the-printer', article_id: articles.printer, locale: 'en' })}`
  await sql`
    update public.article_translations set slug = 'restart-the-printer', published_revision_id = ${articleRevision}, published_version = 1,
      published_at = now(), first_published_at = now(), title = ${text.title},
      search = private.article_search(${text.title}, ${text.content}), title_search = private.search_vector(${text.title})
    where article_id = ${articles.printer}`
  const image = {
    team_id,
    name: 'a.png',
    size: fileContent.length,
    sha256: sha256Of(fileContent),
    content_type: 'image/png',
    state: 'clean'
  }
  await sql`insert into private.article_images ${sql([
    { ...image, id: articleImages.printer, created_by: by.id, unused_since: null },
    { ...image, id: articleImages.bobs, created_by: member.id, unused_since: null }
  ])}`
  await sql`insert into private.article_image_uses ${sql([
    { team_id, image_id: articleImages.printer, article_id: articles.printer, locale: 'en', revision_id: articleRevision },
    { team_id, image_id: articleImages.bobs, article_id: articles.bobs, locale: 'en', revision_id: null }
  ])}`
}

async function addCalendar(sql: TransactionSql, team: { id: string; calendar: string }, by: Person): Promise<void> {
  // Two open intervals: tests that compare all rows of all tables read them.
  const hours = [1, 2, 3, 4, 5, 6, 7].map(weekday => ({ weekday, opens: '00:00', closes: '24:00' }))
  const rules = { time_zone: 'UTC', hours, holidays: [{ date: '2026-12-25' }] }
  await insertCalendar(sql, team.id, { id: team.calendar, name: 'Day and night', created_by: by.id, rules })
}

async function addPolicy(
  sql: TransactionSql,
  { id: team_id, policy, clock, simulation, tickets }: Pick<TeamWorld, 'id' | 'policy' | 'clock' | 'simulation' | 'tickets'>,
  by: Person
): Promise<void> {
  const targets = { first_response: { urgent: 3600 } }
  await sql`insert into public.sla_policies ${sql({ id: policy, team_id, name: 'Standard', is_active: false, targets: sql.json(targets), created_by: by.id })}`
  await sql`
    insert into public.sla_clocks (id, team_id, ticket_id, metric, policy_id, policy, calendar_id, target_seconds, remaining_seconds, state,
      started_at, due_at, ended_at)
    select ${clock}, ticket.team_id, ticket.id, 'first_response', policy.id, private.policy_snapshot(policy, ticket), policy.calendar_id,
      3600, 1800, 'achieved', '2026-01-05 10:00Z', '2026-01-05 11:00Z', '2026-01-05 10:30Z'
    from public.tickets as ticket, public.sla_policies as policy where ticket.id = ${tickets.bobs} and policy.id = ${policy}`
  await sql`insert into public.sla_segments ${sql({ team_id, clock_id: clock, kind: 'running', from_at: '2026-01-05 10:00Z', to_at: '2026-01-05 10:30Z', open_seconds: 1800 })}`
  const draft = { policy: { id: policy, name: 'Standard' }, calendar: null }
  await sql`insert into public.sla_simulations ${sql({ id: simulation, team_id, draft: sql.json(draft), status: 'done', from_at: '2025-10-10', total: 1, processed: 1, differing: 1, finished_at: new Date(), created_by: by.id })}`
  await sql`insert into public.sla_simulation_clocks ${sql({ team_id, simulation_id: simulation, id: 0, ticket_id: tickets.bobs, metric: 'first_response', started_at: '2026-01-05 10:00Z', old_due_at: '2026-01-05 11:00Z', new_due_at: '2026-01-05 10:15Z', old_result: 'met', new_result: 'missed' })}`
}

async function addWebhook(
  sql: TransactionSql,
  { id: team_id, webhook, delivery }: { id: string; webhook: string; delivery: string },
  by: Person
): Promise<void> {
  await sql`insert into public.webhooks ${sql({ id: webhook, team_id, name: 'Ratings', url: 'https://hooks.acme.test/ratings?key=in-the-address', events: ['ticket.rated'], created_by: by.id })}`
  await sql`insert into private.webhook_secrets (webhook_id, secret) values (${webhook}, 'whsec_c2VjcmV0IG9mIHRoZSB3b3JsZCwgMzIgYnl0ZXMuLi4=')`
  const [payload] = await sql<
    [{ id: string }]
  >`insert into public.webhook_payloads ${sql({ team_id, type: 'ping', data: sql.json({}) })} returning id`
  await sql`insert into public.webhook_deliveries ${sql({ id: delivery, team_id, webhook_id: webhook, type: 'ping', payload_id: payload.id, state: 'failed', attempts: 1, next_attempt_at: null, last_status: 500, last_error: 'status' })}`
  await sql`insert into public.webhook_attempts ${sql({ team_id, delivery_id: delivery, number: 1, started_at: new Date(), duration_ms: 12, status: 500, error: 'status', response: 'Oops' })}`
}

async function addContacts(
  sql: TransactionSql,
  { id: team_id, contacts, organization, project, merge }: Pick<TeamWorld, 'id' | 'contacts' | 'organization' | 'project' | 'merge'>,
  by: Person
): Promise<void> {
  await sql`insert into public.organizations ${sql({ id: organization, team_id, name: 'Client Corp', created_by: by.id })}`
  await sql`insert into public.projects ${sql({ id: project, team_id, name: 'Website', organization_id: organization, created_by: by.id })}`
  await sql`insert into public.organization_domains ${sql({ team_id, domain: 'client.test', organization_id: organization })}`
  await sql`insert into public.contacts ${sql([
    { id: contacts.carla, team_id, name: carla.name, organization_id: organization, merged_into: null, created_by: by.id },
    { id: contacts.carl, team_id, name: 'Carl Client', organization_id: null, merged_into: contacts.carla, created_by: by.id },
    { id: contacts.mona, team_id, name: 'Mona Minor', organization_id: null, merged_into: null, created_by: by.id }
  ])}`
  await sql`insert into public.contact_addresses ${sql([
    { team_id, address: carla.email, contact_id: contacts.carla },
    { team_id, address: 'carl@client.test', contact_id: contacts.carla },
    { team_id, address: 'mona@minor.test', contact_id: contacts.mona }
  ])}`
  await sql`insert into public.contact_merges ${sql({ id: merge, team_id, contact_id: contacts.carla, duplicate_id: contacts.carl, addresses: ['carl@client.test'], before: sql.json({ name: carla.name }), after: sql.json({ name: carla.name }), merged_by: by.id })}`
}

async function addOperation(
  sql: TransactionSql,
  { id, operation, ticket }: { id: string; operation: string; ticket: string },
  by: Person
): Promise<void> {
  await sql`insert into public.bulk_operations ${sql({ id: operation, team_id: id, user_id: by.id, action: 'set_priority', value: sql.json('normal'), status: 'done', total: 1, processed: 1, updated: 1, finished_at: new Date() })}`
  await sql`insert into private.bulk_operation_tickets ${sql({ operation_id: operation, ticket_id: ticket, state: 'changed', before: sql.json({ priority: 'low' }), after: sql.json({ priority: 'normal' }) })}`
}

async function addCategoryPath(sql: TransactionSql, team: { id: string; category: string; type: string; item: string }): Promise<void> {
  await sql`update public.ticket_categories set id = ${team.category} where team_id = ${team.id} and key = 'bug'`
  await sql`insert into public.ticket_types (id, team_id, category, name, position) values (${team.type}, ${team.id}, 'bug', 'Network', 1)`
  await sql`insert into public.ticket_items (id, team_id, type_id, name, position) values (${team.item}, ${team.id}, ${team.type}, 'VPN', 1)`
}

async function addInvitation(sql: TransactionSql, team: { id: string; invitation: string }, by: Person): Promise<void> {
  await sql`insert into public.team_invitations (id, team_id, email, role, token_hash, invited_by) values (${team.invitation}, ${team.id}, 'newcomer@elsewhere.test', 'member', extensions.gen_random_bytes(32), ${by.id})`
}

async function addKey(sql: TransactionSql, team: { id: string; apiKey: string }, as: Person, by: Person): Promise<void> {
  await sql`insert into public.api_keys (id, team_id, user_id, name, prefix, key_hash, scopes, created_by) values (${team.apiKey}, ${team.id}, ${as.id}, 'Automation', 'sk_abcdefgh', extensions.gen_random_bytes(32), '{read}', ${by.id})`
}

/** The content of the attachment and the upload of a team. */
export const fileContent = 'Hello'

const sha256Of = (content: string) => createHash('sha256').update(content).digest('hex')

async function addFiles(
  sql: TransactionSql,
  { id: team_id, attachment, upload }: { id: string; attachment: string; upload: string },
  ticket_id: string,
  by: Person
): Promise<void> {
  const file = {
    team_id,
    uploaded_by: by.id,
    size: fileContent.length,
    sha256: sha256Of(fileContent),
    content_type: 'text/plain',
    state: 'clean'
  }
  await sql`insert into public.ticket_attachments ${sql({ ...file, id: attachment, ticket_id, name: 'hello.txt', position: 1 })}`
  await sql`insert into public.uploads ${sql({ ...file, id: upload, name: 'draft.txt' })}`
}

function person(number: number, email: string, name: string, role: Role): Person {
  return { id: `cccccccc-0000-4000-8000-00000000000${number}`, email, name, role }
}
