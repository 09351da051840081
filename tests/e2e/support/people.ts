import { createHash, randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type Session } from '@supabase/supabase-js'
import type { Role } from '../../../shared/permissions.ts'
import type { Reply, Team, Ticket } from '../../../shared/types/api.ts'
import { database } from './database.ts'

const url = process.env.E2E_URL!
const supabaseUrl = process.env.E2E_SUPABASE_URL!
const publishableKey = process.env.E2E_SUPABASE_KEY!
const password = process.env.DEMO_PASSWORD ?? 'switchboard-demo'

/** A person with a session, who can call the routes of the product. */
export interface Person {
  id: string
  name: string
  email: string
  password: string
  session: Session
}

/** A team that only this test uses, and its people by role. */
export interface TestTeam extends Team {
  people: Record<Role, Person>
}

/** A mailbox that no other test uses. */
export function newAddress(name: string): string {
  return `${name
    .toLowerCase()
    .match(/[a-z]+/g)!
    .join('.')}.${randomBytes(4).toString('hex')}@people.test`
}

/** Signs in a person of the demo data: `ann@acme.test`. */
export function demoPerson(email: string): Promise<Person> {
  return signIn(email, email.split('@')[0]!)
}

/**
 * A confirmed account with a session. accounts.spec.ts signs people up by mail; everywhere else a row with a cheap
 * hash (bcrypt cost 4 instead of 10) saves three slow hashes and a mail.
 */
export async function newPerson(name: string): Promise<Person> {
  const email = newAddress(name)
  await database().begin(async sql => {
    const [{ id }] = await sql<[{ id: string }]>`
      insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
      values (gen_random_uuid(), 'authenticated', 'authenticated', ${email}, extensions.crypt(${password}, extensions.gen_salt('bf', 4)), now(),
        '{"provider":"email","providers":["email"]}', ${sql.json({ full_name: name })}, now(), now())
      returning id`
    await sql`
      insert into auth.identities (id, provider, provider_id, user_id, identity_data, last_sign_in_at, created_at, updated_at)
      values (gen_random_uuid(), 'email', ${id}, ${id}, ${sql.json({ sub: id, email, email_verified: true })}, now(), now(), now())`
  })
  return signIn(email, name)
}

/** Creates a team. Its owner invites one person for each further role, and they accept. */
export async function newTeam(name: string, further: Partial<Record<Exclude<Role, 'owner'>, string>> = {}): Promise<TestTeam> {
  const [owner, ...others] = await Promise.all([newPerson('Olga Owens'), ...Object.values(further).map(newPerson)])
  const team = await api<Team>(owner!, 'POST', '/api/teams', { name })
  const people = { owner, ...Object.fromEntries(Object.keys(further).map((role, index) => [role, others[index]])) } as Record<Role, Person>
  await Promise.all(Object.keys(further).map(role => join(team, people[role as Role], role as Role, owner!)))
  return { ...(others.length > 0 ? await api<Team>(owner!, 'GET', `/api/teams/${team.id}`) : team), people }
}

// Saves the invitation as the route does, with a token that is known here instead of mailed.
async function join(team: Team, person: Person, role: Role, owner: Person): Promise<void> {
  const token = randomBytes(32).toString('base64url')
  await database().begin(async sql => {
    await sql`select set_config('request.jwt.claims', ${JSON.stringify({ sub: owner.id, role: 'authenticated' })}, true)`
    await sql`
      insert into public.team_invitations (team_id, email, role, token_hash, invited_by)
      values (${team.id}, ${person.email}, ${role}, ${createHash('sha256').update(token).digest()}, ${owner.id})`
  })
  await api(person, 'POST', `/api/invitations/${token}/accept`)
}

/** A ticket of `team`, written by `person`. */
export function newTicket(
  person: Person,
  team: Team,
  ticket: { subject: string; description?: string; [field: string]: unknown }
): Promise<Ticket> {
  return api<Ticket>(person, 'POST', `/api/teams/${team.id}/tickets`, { description: 'Written for this test.', ...ticket })
}

/** A reply as the composer writes it. */
export function newReply(person: Person, ticket: Ticket, content: string, isInternal = false): Promise<Reply> {
  return api<Reply>(person, 'POST', `/api/teams/${ticket.team_id}/tickets/${ticket.id}/replies`, {
    content,
    format: 'markdown',
    is_internal: isInternal
  })
}

/** Calls a route as the browser of this person would. Retries after a 429, rejects on other errors. */
export async function api<T = unknown>(person: Person, method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      'cookie': sessionCookies(person.session)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; '),
      'origin': url,
      'content-type': 'application/json'
    },
    body: body === undefined ? undefined : JSON.stringify(body)
  })
  if (response.status === 429) {
    await sleep(Number(response.headers.get('retry-after')) * 1_000)
    return api(person, method, path, body)
  }
  const text = await response.text()
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
  return (text ? JSON.parse(text) : undefined) as T
}

/** The session as @supabase/ssr keeps it in cookies: base64url, in chunks of 3,180 characters. */
export function sessionCookies(session: Session): { name: string; value: string }[] {
  const name = 'sb-switchboard-auth'
  const value = `base64-${Buffer.from(JSON.stringify(session)).toString('base64url')}`
  if (value.length <= 3_180) return [{ name, value }]
  return value.match(/.{1,3180}/g)!.map((chunk, index) => ({ name: `${name}.${index}`, value: chunk }))
}

async function signIn(email: string, name: string): Promise<Person> {
  const { auth } = createClient(supabaseUrl, publishableKey, { auth: { persistSession: false, autoRefreshToken: false } })
  const { data, error } = await auth.signInWithPassword({ email, password })
  if (error) throw error
  return { id: data.user.id, name, email, password, session: data.session }
}
