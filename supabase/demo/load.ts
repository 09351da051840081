import { readdir, readFile } from 'node:fs/promises'
import postgres from 'postgres'
import type { StorageSettings } from '../../server/adapters/storage.ts'
import { loadArticles } from './articles.ts'
import { loadCalendar } from './calendar.ts'
import { attachDemoFiles, type DemoFile } from './files.ts'
import { loadSla } from './sla.ts'

interface DemoTicket {
  team: 'acme' | 'initech'
  subject: string
  description: string
  status: string
  priority: string
  severity: number
  category: string
  /** The names of a type of the category, and of an item of the type. */
  route?: [type: string, item?: string]
  tags: string[]
  requester_name: string | null
  requester_email: string | null
  created_by: string
  assigned_to: string | null
  age_hours: number
  resolved_after_hours?: number | null
  rating?: { score: number; comment: string | null }
  /** Of the ticket itself. The requester sent them. */
  files?: DemoFile[]
  /** `by` is a person of the team, or `requester`. */
  replies: { by: string; after_hours: number; is_internal: boolean; content: string; files?: DemoFile[] }[]
}

/** By team and category key: the types with their items. */
type DemoCategoryPaths = Record<string, Record<string, Record<string, string[]>>>

const teams = [
  {
    slug: 'acme',
    name: 'Acme',
    members: {
      ann: ['Ann Almgren', 'owner'],
      adam: ['Adam Okafor', 'admin'],
      bob: ['Bob Tanaka', 'member'],
      vera: ['Vera Novak', 'viewer']
    },
    projects: ['Desktop app', 'Mobile apps', 'Web workspace', 'API'],
    organizations: [
      { name: 'Tidewater Labs', tier: 'Gold', domain: 'tidewater-labs.example' },
      { name: 'Nordlys', tier: 'Silver', domain: 'nordlys.example' },
      { name: 'Kesselwerk', tier: null, domain: 'kesselwerk.example' }
    ]
  },
  {
    slug: 'initech',
    name: 'Initech',
    members: { ivan: ['Ivan Petrov', 'owner'], dan: ['Dan Murphy', 'member'] },
    projects: [],
    organizations: []
  }
] as const

/** An event, as `shared/schemas/event.ts` describes it. */
interface DemoEvent {
  team_id: string
  ticket_id: string | null
  ticket_number: number | null
  type: string
  /** Null for a job. */
  actor_id: string | null
  contact_id?: string
  channel?: 'portal'
  from: unknown
  to: unknown
  created_at: Date
}

interface DemoSettings {
  databaseUrl: string
  password: string
  storage?: StorageSettings
}

const hour = 3_600_000

/**
 * Loads the demo world: two teams, their people (`<name>@<team>.test`, all with `password`) and their tickets with
 * conversations, with times before now. One transaction; does nothing where a team exists already. Without `storage`, the
 * tickets have no files. Returns whether it loaded anything.
 */
export async function loadDemo({ databaseUrl, password, storage }: DemoSettings): Promise<boolean> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    const [tickets, categoryPaths] = await Promise.all([readTickets(), readCategoryPaths()])
    return await sql.begin(async tx => {
      const [{ present } = { present: true }] = await tx<{ present: boolean }[]>`select exists (select from public.teams) as present`
      if (present) return false
      const events: DemoEvent[] = []
      let acme: { teamId: string; owner: string } | undefined
      // The log is written by loadEvents(), in the order of its times: triggers would write it in the order of loading.
      const recorders = [
        ['teams', '_600_record_events'],
        ['tickets', '_600_record_events'],
        ['ticket_replies', '_600_record_events'],
        ['ticket_tags', '_600_write_events_insert'],
        ['ticket_attachments', '_600_record_events'],
        ['projects', '_600_record_events'],
        ['article_categories', '_600_record_events'],
        ['ticket_ratings', 'ticket_ratings__record_events_insert']
      ] as const
      for (const [table, trigger] of recorders) await tx`alter table ${tx(`public.${table}`)} disable trigger ${tx(trigger)}`
      for (const team of teams) {
        const ofTeam = tickets.filter(ticket => ticket.team === team.slug)
        const founded = new Date(Date.now() - (ofTeam[0]!.age_hours + 7 * 24) * hour)
        const [{ id: teamId }] = await tx<
          [{ id: string }]
        >`insert into public.teams (name, slug) values (${team.name}, ${team.slug}) returning id`
        const people = new Map<string, string>()
        for (const [name, [fullName, role]] of Object.entries(team.members)) {
          const id = await createPerson(tx, `${name}@${team.slug}.test`, fullName, password)
          const joined = new Date(founded.getTime() + people.size * hour)
          await tx`insert into public.team_members (team_id, user_id, role, joined_at) values (${teamId}, ${id}, ${role}, ${joined})`
          const change =
            people.size === 0
              ? { type: 'team.created', to: { name: team.name } }
              : { type: 'member.added', to: { member: { id, full_name: fullName }, role } }
          events.push({ team_id: teamId, ticket_id: null, ticket_number: null, actor_id: id, from: null, created_at: joined, ...change })
          people.set(name, id)
        }
        await insertCategoryPaths(tx, teamId, categoryPaths[team.slug]!)
        const [owner] = people.values()
        await insertOrganizations(tx, teamId, owner!, team.organizations)
        for (const name of team.projects)
          await tx`insert into public.projects (team_id, name, created_by) values (${teamId}, ${name}, ${owner!})`
        events.push(...(await loadTickets(tx, { teamId, people, storage }, ofTeam)))
        await tx`
          update public.contacts as contact set created_at = (select min(ticket.created_at) from public.tickets as ticket where ticket.contact_id = contact.id)
          where contact.team_id = ${teamId}`
        await loadCannedResponses(tx, teamId, owner!)
        if (team.slug === 'acme') {
          await loadCalendar(tx, teamId, owner!)
          await loadArticles(tx, teamId, owner!, { publishedAt: founded, storage })
          acme = { teamId, owner: owner! }
        }
        await tx`update public.teams set created_at = ${founded} where id = ${teamId}`
      }
      await loadEvents(tx, events)
      if (acme) await loadSla(tx, acme.teamId, acme.owner) // which reads the events
      for (const [table, trigger] of recorders) await tx`alter table ${tx(`public.${table}`)} enable trigger ${tx(trigger)}`
      return true
    })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function readTickets(): Promise<DemoTicket[]> {
  const folder = new URL('./tickets/', import.meta.url)
  const files = (await readdir(folder)).filter(name => name.endsWith('.json')).sort()
  const lists = await Promise.all(files.map(async name => JSON.parse(await readFile(new URL(name, folder), 'utf8')) as DemoTicket[]))
  return lists.flat().sort((a, b) => b.age_hours - a.age_hours) // the oldest becomes #001
}

async function readCategoryPaths(): Promise<DemoCategoryPaths> {
  return JSON.parse(await readFile(new URL('./routing.json', import.meta.url), 'utf8')) as DemoCategoryPaths
}

async function insertCategoryPaths(tx: postgres.TransactionSql, teamId: string, categoryPaths: DemoCategoryPaths[string]): Promise<void> {
  for (const [category, types] of Object.entries(categoryPaths)) {
    for (const [place, [name, items]] of Object.entries(types).entries()) {
      const [{ id }] = await tx<
        [{ id: string }]
      >`insert into public.ticket_types (team_id, category, name, position) values (${teamId}, ${category}, ${name}, ${place + 1}) returning id`
      for (const [index, item] of items.entries())
        await tx`insert into public.ticket_items (team_id, type_id, name, position) values (${teamId}, ${id}, ${item}, ${index + 1})`
    }
  }
}

// Before the tickets: the contact of a new address joins the organization of its domain.
async function insertOrganizations(
  tx: postgres.TransactionSql,
  teamId: string,
  owner: string,
  organizations: readonly { name: string; tier: string | null; domain: string }[]
): Promise<void> {
  for (const { name, tier, domain } of organizations) {
    const [{ id }] = await tx<
      [{ id: string }]
    >`insert into public.organizations (team_id, name, tier, created_by) values (${teamId}, ${name}, ${tier}, ${owner}) returning id`
    await tx`insert into public.organization_domains (team_id, domain, organization_id) values (${teamId}, ${domain}, ${id})`
  }
}

// A confirmed account, as GoTrue would have written it.
async function createPerson(tx: postgres.TransactionSql, email: string, fullName: string, password: string): Promise<string> {
  const [{ id }] = await tx<[{ id: string }]>`
    insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
    values (gen_random_uuid(), 'authenticated', 'authenticated', ${email}, extensions.crypt(${password}, extensions.gen_salt('bf', 10)), now(),
      '{"provider":"email","providers":["email"]}', ${tx.json({ full_name: fullName })}, now(), now())
    returning id`
  await tx`
    insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at)
    values (gen_random_uuid(), 'email', ${id}, ${id}, ${tx.json({ sub: id, email, email_verified: true })}, now(), now(), now())`
  return id
}

async function loadTickets(
  tx: postgres.TransactionSql,
  { teamId, people, storage }: { teamId: string; people: Map<string, string>; storage?: StorageSettings },
  tickets: DemoTicket[]
): Promise<DemoEvent[]> {
  const events: DemoEvent[] = []
  for (const ticket of tickets) {
    const createdAt = Date.now() - ticket.age_hours * hour
    const at = (hours: number) => new Date(createdAt + hours * hour)
    const finished = ['resolved', 'closed'].includes(ticket.status)
      ? at(ticket.resolved_after_hours ?? ticket.replies.at(-1)?.after_hours ?? 1)
      : null
    const replies = ticket.replies.map(reply => ({
      ...reply,
      content: withMentions(reply.content, people),
      at: at(reply.after_hours),
      userId: people.get(reply.by)
    }))
    const [type = null, item = null] = ticket.route ?? []
    const lastActivity = new Date(Math.max(createdAt, finished?.getTime() ?? 0, ...replies.map(reply => reply.at.getTime())))
    const [{ id, ticket_number, contact_id }] = await tx<[{ id: string; ticket_number: number; contact_id: string | null }]>`
      insert into public.tickets (team_id, subject, description, format, status, priority, severity, category, type_id, item_id, assigned_to, requester_name, requester_email,
        created_by, created_at, updated_at, last_activity_at, resolved_at, closed_at)
      values (${teamId}, ${ticket.subject}, ${ticket.description}, 'markdown', ${ticket.status}, ${ticket.priority}, ${ticket.severity}, ${ticket.category},
        (select id from public.ticket_types where team_id = ${teamId} and category = ${ticket.category} and name = ${type}),
        (select item.id from public.ticket_items as item join public.ticket_types as type on type.id = item.type_id where type.team_id = ${teamId} and type.category = ${ticket.category} and type.name = ${type} and item.name = ${item}),
        ${ticket.assigned_to ? people.get(ticket.assigned_to)! : null}, ${ticket.requester_name}, ${ticket.requester_email}, ${people.get(ticket.created_by)!},
        ${at(0)}, ${at(0)}, ${at(0)}, ${finished}, ${ticket.status === 'closed' ? finished : null})
      returning id, ticket_number, contact_id`
    const record = (
      type: string,
      actor_id: string,
      from: unknown,
      to: unknown,
      at: Date,
      asContact: Pick<DemoEvent, 'contact_id' | 'channel'> = {}
    ) =>
      events.push({
        ...asContact,
        team_id: teamId,
        ticket_id: id,
        ticket_number,
        type,
        actor_id,
        from,
        to,
        created_at: new Date(Math.max(at.getTime(), createdAt))
      })
    // As the trigger of new tickets writes it: open and unassigned.
    const [{ path }] = await tx<
      [{ path: postgres.JSONValue }]
    >`select private.ticket_path(team_id, category, type_id, item_id) as path from public.tickets where id = ${id}`
    record(
      'ticket.created',
      people.get(ticket.created_by)!,
      null,
      {
        number: ticket_number,
        subject: ticket.subject,
        status: 'open',
        priority: ticket.priority,
        severity: ticket.severity,
        path,
        requester: { name: ticket.requester_name, email: ticket.requester_email },
        assigned_to: null,
        tags: [...ticket.tags].sort()
      },
      at(0)
    )
    const asClient = { contact_id: contact_id!, channel: 'portal' } as const
    const attach = async (files: DemoFile[] = [], message: { replyId: string | null; userId?: string; isInternal: boolean; at: Date }) => {
      if (!storage) return
      const { replyId, isInternal, at } = message
      const userId = message.userId ?? (await channelProfile(tx, teamId))
      const contactId = message.userId ? null : contact_id
      const attached = await attachDemoFiles(tx, storage, files, { teamId, ticketId: id, replyId, userId, contactId, at })
      for (const { added, infected } of attached) {
        record('attachment.added', userId, null, { ...added, is_internal: isInternal }, at, message.userId ? {} : asClient)
        if (!infected) continue
        const [{ uploaded_by }] = await tx<
          [{ uploaded_by: postgres.JSONValue }]
        >`select private.uploader_reference(${teamId}, ${userId}, ${contactId}) as uploaded_by`
        const found = { type: 'attachment.infected', from: null, to: { ...infected, uploaded_by, ticket_number } }
        events.push({ team_id: teamId, ticket_id: null, ticket_number: null, actor_id: null, created_at: at, ...found })
      }
    }
    await attach(ticket.files, { replyId: null, isInternal: false, at: at(0) })
    for (const { userId, content, is_internal, at, files } of replies) {
      const [reply] = await tx<[{ id: string; user_id: string }]>`
        insert into public.ticket_replies (team_id, ticket_id, user_id, author_kind, contact_id, content, format, is_internal, created_at)
        values (${teamId}, ${id}, ${userId ?? (await channelProfile(tx, teamId))}, ${userId ? 'agent' : 'requester'},
          ${userId ? null : contact_id}, ${content}, 'markdown', ${is_internal}, ${at})
        returning id, user_id`
      record('reply.created', reply.user_id, null, { id: reply.id, is_internal }, at, userId ? {} : asClient)
      await attach(files, { replyId: reply.id, userId, isInternal: is_internal, at })
    }
    for (const tag of ticket.tags) await tx`insert into public.ticket_tags (team_id, ticket_id, tag) values (${teamId}, ${id}, ${tag})`

    // The events that lead to the present assignee and status.
    const answered = replies.find(reply => !reply.is_internal && reply.userId)?.at
    const assignedAt = new Date(Math.min(createdAt + hour / 2, ((answered ?? finished)?.getTime() ?? Infinity) - 60_000))
    const agent = people.get(ticket.assigned_to ?? ticket.created_by)!
    if (ticket.assigned_to)
      record('ticket.assigned', agent, null, (await tx`select id, full_name from public.profiles where id = ${agent}`)[0], assignedAt)
    // Only the owner may close tickets.
    if (ticket.status !== 'open')
      record(
        'ticket.status_changed',
        ticket.status === 'closed' ? [...people.values()][0]! : agent,
        'open',
        ticket.status,
        finished ?? answered ?? assignedAt
      )

    if (ticket.rating && finished && contact_id) {
      const ratedAt = new Date(finished.getTime() + 3 * hour)
      await tx`
        insert into public.ticket_ratings (team_id, ticket_id, cycle, resolved_at, contact_id, assigned_to, asked_at, score, comment, rated_at, writes)
        values (${teamId}, ${id}, 1, ${finished}, ${contact_id}, ${agent}, ${new Date(finished.getTime() + hour)},
          ${ticket.rating.score}, ${ticket.rating.comment}, ${ratedAt}, 1)`
      record('ticket.rated', await channelProfile(tx, teamId), null, { ...ticket.rating }, ratedAt, asClient)
    }

    // The inserts of replies and tags have set these times to now.
    await tx`update public.tickets set updated_at = ${lastActivity}, last_activity_at = ${lastActivity} where id = ${id}`
  }
  return events
}

async function channelProfile(tx: postgres.TransactionSql, teamId: string): Promise<string> {
  const [{ id }] = await tx<[{ id: string }]>`select private.channel_profile(${teamId}, 'portal') as id`
  return id
}

function withMentions(content: string, people: Map<string, string>): string {
  return content.replace(/(?<!\S)@(\w+)/g, (text, name: string) => (people.has(name) ? `<@${people.get(name)}>` : text))
}

// Inserted in the order of their times, so that their ids have this order too.
async function loadEvents(tx: postgres.TransactionSql, events: DemoEvent[]): Promise<void> {
  for (const { from, to, ...event } of events.sort((a, b) => a.created_at.getTime() - b.created_at.getTime())) {
    await tx`insert into public.ticket_events ${tx({ channel: 'import', contact_id: null, ...event, from: json(tx, from), to: json(tx, to) })}`
  }
}

function json(tx: postgres.TransactionSql, value: unknown) {
  return value === null ? null : tx.json(value as postgres.JSONValue)
}

async function loadCannedResponses(tx: postgres.TransactionSql, teamId: string, ownerId: string): Promise<void> {
  const responses = [
    [
      'Thanks, looking into it',
      'General',
      'Hi {{requester.name|there}},\n\nthanks for the report. We can see it on our side and are looking into it now. I will write again as soon as I know more, today in any case.\n\n{{agent.name}}, {{team.name}}'
    ],
    [
      'Ask for logs',
      'Troubleshooting',
      'Hi {{requester.name|there}},\n\nto see what happened, could you send us:\n\n1. the version (Help › About),\n2. the time at which it happened, with time zone,\n3. the log file (Help › Export logs).\n\nThank you!\n\n{{agent.name}}, {{team.name}}'
    ],
    [
      'Password reset',
      'Account',
      'Hi {{requester.name|there}},\n\nyou can set a new password from the sign-in page with **Forgot password?**. The link in the mail works for one hour. If no mail arrives, please look in the spam folder first.\n\n{{agent.name}}'
    ],
    [
      'Invoice copy',
      'Billing',
      'Hi {{requester.name|there}},\n\nall invoices are under **Settings › Billing › Invoices**, as PDF. A copy of the last one is on its way to the billing contact of your account.\n\n{{agent.name}}'
    ],
    [
      'Known issue, fix on its way',
      'Troubleshooting',
      'Hi {{requester.name|there}},\n\nyou have found a known issue. The fix is ready and is being tested; we expect to release it this week and will tell you here.\n\n{{agent.name}}'
    ],
    [
      'Feature request noted',
      'Product',
      'Hi {{requester.name|there}},\n\nthank you for the idea. I have added “{{ticket.subject}}” to the request that our product team keeps for it. We cannot promise a date, but we write to everybody on the list when it ships.\n\n{{agent.name}}'
    ],
    [
      'Closing after no answer',
      'General',
      'Hi {{requester.name|there}},\n\nwe have not heard from you for a while, so I am setting {{ticket.number}} to resolved. If it still bothers you, just answer and it opens again.\n\n{{agent.name}}, {{team.name}}'
    ]
  ] as const
  for (const [title, category, content] of responses) {
    await tx`insert into public.canned_responses (team_id, title, category, content, created_by) values (${teamId}, ${title}, ${category}, ${content}, ${ownerId})`
  }
}
