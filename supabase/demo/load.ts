import { readdir, readFile } from 'node:fs/promises'
import postgres from 'postgres'

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
  replies: { by: string, after_hours: number, is_internal: boolean, content: string }[]
}

/** Of each team and category key, the types with their items. */
type DemoRouting = Record<string, Record<string, Record<string, string[]>>>

const teams = [
  { slug: 'acme', name: 'Acme', members: { ann: ['Ann Almgren', 'owner'], adam: ['Adam Okafor', 'admin'], bob: ['Bob Tanaka', 'member'], vera: ['Vera Novak', 'viewer'] } },
  { slug: 'initech', name: 'Initech', members: { ivan: ['Ivan Petrov', 'owner'], dan: ['Dan Murphy', 'member'] } }
] as const

/**
 * Loads the demo world: two teams, their people (`<name>@<team>.test`, all with `password`) and their tickets with
 * conversations, dated back from now. One transaction; does nothing where a team exists already. Returns whether it
 * loaded anything.
 */
export async function loadDemo({ databaseUrl, password }: { databaseUrl: string, password: string }): Promise<boolean> {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  try {
    const [tickets, routing] = await Promise.all([readTickets(), readRouting()])
    return await sql.begin(async (tx) => {
      const [{ present } = { present: true }] = await tx<{ present: boolean }[]>`select exists (select from public.teams) as present`
      if (present) return false
      await tx`select set_config('switchboard.channel', 'import', true)` // what happened to tickets carries the way it came
      // Tags that were there from the beginning are told by loadHistory(), at their time.
      await tx`alter table public.ticket_tags disable trigger ticket_tags__record_events_insert`
      for (const team of teams) {
        const [{ id: teamId }] = await tx<[{ id: string }]>`insert into public.teams (name, slug) values (${team.name}, ${team.slug}) returning id`
        const people = new Map<string, string>()
        for (const [name, [fullName, role]] of Object.entries(team.members)) {
          const userId = await createPerson(tx, `${name}@${team.slug}.test`, fullName, password)
          await tx`insert into public.team_members (team_id, user_id, role) values (${teamId}, ${userId}, ${role})`
          people.set(name, userId)
        }
        await loadRouting(tx, teamId, routing[team.slug]!)
        await loadTickets(tx, teamId, people, tickets.filter(ticket => ticket.team === team.slug))
        await loadCannedResponses(tx, teamId, people.values().next().value!)
      }
      await tx`alter table public.ticket_tags enable trigger ticket_tags__record_events_insert`
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

async function readRouting(): Promise<DemoRouting> {
  return JSON.parse(await readFile(new URL('./routing.json', import.meta.url), 'utf8')) as DemoRouting
}

async function loadRouting(tx: postgres.TransactionSql, teamId: string, routing: DemoRouting[string]): Promise<void> {
  for (const [category, types] of Object.entries(routing)) {
    for (const [place, [name, items]] of Object.entries(types).entries()) {
      const [{ id }] = await tx<[{ id: string }]>`insert into public.ticket_types (team_id, category, name, position) values (${teamId}, ${category}, ${name}, ${place + 1}) returning id`
      for (const [index, item] of items.entries()) await tx`insert into public.ticket_items (team_id, type_id, name, position) values (${teamId}, ${id}, ${item}, ${index + 1})`
    }
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

async function loadTickets(tx: postgres.TransactionSql, teamId: string, people: Map<string, string>, tickets: DemoTicket[]): Promise<void> {
  const hour = 3_600_000
  for (const ticket of tickets) {
    const createdAt = Date.now() - ticket.age_hours * hour
    const at = (hours: number) => new Date(createdAt + hours * hour)
    const finished = ['resolved', 'closed'].includes(ticket.status) ? at(ticket.resolved_after_hours ?? ticket.replies.at(-1)?.after_hours ?? 1) : null
    const replies = ticket.replies.map(reply => ({ ...reply, at: at(reply.after_hours) }))
    const [type = null, item = null] = ticket.route ?? []
    const lastActivity = new Date(Math.max(createdAt, finished?.getTime() ?? 0, ...replies.map(reply => reply.at.getTime())))
    const [{ id }] = await tx<[{ id: string }]>`
      insert into public.tickets (team_id, subject, description, status, priority, severity, category, type_id, item_id, assigned_to, requester_name, requester_email,
        created_by, created_at, updated_at, last_activity_at, resolved_at, closed_at)
      values (${teamId}, ${ticket.subject}, ${ticket.description}, ${ticket.status}, ${ticket.priority}, ${ticket.severity}, ${ticket.category},
        (select id from public.ticket_types where team_id = ${teamId} and category = ${ticket.category} and name = ${type}),
        (select item.id from public.ticket_items as item join public.ticket_types as type on type.id = item.type_id where type.team_id = ${teamId} and type.category = ${ticket.category} and type.name = ${type} and item.name = ${item}),
        ${ticket.assigned_to ? people.get(ticket.assigned_to)! : null}, ${ticket.requester_name}, ${ticket.requester_email}, ${people.get(ticket.created_by)!},
        ${at(0)}, ${at(0)}, ${at(0)}, ${finished}, ${ticket.status === 'closed' ? finished : null})
      returning id`
    for (const reply of replies) {
      await tx`
        insert into public.ticket_replies (team_id, ticket_id, user_id, content, is_internal, created_at)
        values (${teamId}, ${id}, ${people.get(reply.by)!}, ${reply.content}, ${reply.is_internal}, ${reply.at})`
    }
    for (const tag of ticket.tags) await tx`insert into public.ticket_tags (team_id, ticket_id, tag) values (${teamId}, ${id}, ${tag})`
    await loadHistory(tx, id, ticket, people, { born: at(0), answered: replies.find(reply => !reply.is_internal)?.at, finished })
    // Writing replies and tags counted as activity now: this history happened then.
    await tx`update public.tickets set updated_at = ${lastActivity}, last_activity_at = ${lastActivity} where id = ${id}`
  }
}

// What would have been recorded on the way to the ticket as it is: tagged at birth, taken, moved along.
async function loadHistory(tx: postgres.TransactionSql, id: string, ticket: DemoTicket, people: Map<string, string>, { born, answered, finished }: { born: Date, answered?: Date, finished: Date | null }): Promise<void> {
  const agent = people.get(ticket.assigned_to ?? ticket.created_by)!
  const taken = new Date(Math.min(born.getTime() + 1_800_000, ((answered ?? finished)?.getTime() ?? Infinity) - 60_000))
  const events: [type: string, actor: string, from: unknown, to: unknown, at: Date][] = []
  if (ticket.tags.length) events.push(['ticket.tags_changed', people.get(ticket.created_by)!, [], [...ticket.tags].sort(), born])
  if (ticket.assigned_to) {
    const [assignee] = await tx<{ id: string, full_name: string }[]>`select id, full_name from public.profiles where id = ${agent}`
    events.push(['ticket.assigned', agent, null, assignee, taken])
  }
  if (ticket.status !== 'open') {
    // Closing is the owner's.
    const actor = ticket.status === 'closed' ? [...people.values()][0]! : agent
    events.push(['ticket.status_changed', actor, 'open', ticket.status, finished ?? answered ?? taken])
  }
  for (const [type, actor, from, to, at] of events) {
    await tx`
      insert into public.ticket_events (team_id, ticket_id, ticket_number, type, actor_id, channel, "from", "to", created_at)
      select team_id, id, ticket_number, ${type}, ${actor}, 'import', ${from === null ? null : tx.json(from as postgres.JSONValue)}, ${tx.json(to as postgres.JSONValue)}, greatest(${at}::timestamptz, created_at)
      from public.tickets where id = ${id}`
  }
}

async function loadCannedResponses(tx: postgres.TransactionSql, teamId: string, ownerId: string): Promise<void> {
  const responses = [
    ['Thanks, looking into it', 'General', 'Hi,\n\nthanks for the report. We can see it on our side and are looking into it now. I will write again as soon as I know more, today in any case.'],
    ['Ask for logs', 'Troubleshooting', 'Hi,\n\nto see what happened, could you send us:\n\n1. the version (Help › About),\n2. the time at which it happened, with time zone,\n3. the log file (Help › Export logs).\n\nThank you!'],
    ['Password reset', 'Account', 'Hi,\n\nyou can set a new password from the sign-in page with **Forgot password?**. The link in the mail works for one hour. If no mail arrives, please look in the spam folder first.'],
    ['Invoice copy', 'Billing', 'Hi,\n\nall invoices are under **Settings › Billing › Invoices**, as PDF. A copy of the last one is on its way to the billing contact of your account.'],
    ['Known issue, fix on its way', 'Troubleshooting', 'Hi,\n\nyou have found a known issue. The fix is ready and is being tested; we expect to release it this week and will tell you here.'],
    ['Feature request noted', 'Product', 'Hi,\n\nthank you for the idea. I have added your case to the request that our product team keeps for it. We cannot promise a date, but we write to everybody on the list when it ships.'],
    ['Closing after no answer', 'General', 'Hi,\n\nwe have not heard from you for a while, so I am setting this to resolved. If it still bothers you, just answer and it opens again.']
  ] as const
  for (const [title, category, content] of responses) {
    await tx`insert into public.canned_responses (team_id, title, category, content, created_by) values (${teamId}, ${title}, ${category}, ${content}, ${ownerId})`
  }
}
