import { setTimeout as sleep } from 'node:timers/promises'
import { randomBytes } from 'node:crypto'
import { createClient, type Session } from '@supabase/supabase-js'
import type { Role } from '../../../shared/permissions.ts'
import type { Invitation, Reply, Team, Ticket } from '../../../shared/types/api.ts'
import { linkFor } from './inbox.ts'

const url = process.env.E2E_URL!
const supabaseUrl = process.env.E2E_SUPABASE_URL!
const publishableKey = process.env.E2E_SUPABASE_KEY!
const password = process.env.DEMO_PASSWORD ?? 'switchboard-demo'

/** Somebody with a session, who can use the product's routes as their browser does. */
export interface Person {
  id: string
  name: string
  email: string
  password: string
  session: Session
}

/** A team of this test alone, and its people by role. */
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

/** Signs a person of the demo world in: `ann@acme.test`. */
export async function demoPerson(email: string): Promise<Person> {
  const { data, error } = await auth().signInWithPassword({ email, password })
  if (error) throw error
  return { id: data.user.id, name: email.split('@')[0]!, email, password, session: data.session }
}

/** Signs somebody new up, confirms it with the link of the mail and chooses a password. */
export async function newPerson(name: string): Promise<Person> {
  const email = newAddress(name)
  const browser = auth()
  const signedUp = await browser.signInWithOtp({ email, options: { data: { full_name: name } } })
  if (signedUp.error) throw signedUp.error
  const link = new URL(await linkFor(email, '/auth/confirm'))
  const { data, error } = await browser.verifyOtp({ type: 'signup', token_hash: link.searchParams.get('token_hash')! })
  if (error) throw error
  const chosen = await browser.updateUser({ password })
  if (chosen.error) throw chosen.error
  return { id: data.user!.id, name, email, password, session: data.session! }
}

/** A new team; the owner invites one person for each further role, and they accept. */
export async function newTeam(name: string, further: Partial<Record<Exclude<Role, 'owner'>, string>> = {}): Promise<TestTeam> {
  const owner = await newPerson('Olga Owens')
  const team = await api<Team>(owner, 'POST', '/api/teams', { name })
  const others = await Promise.all(
    Object.entries(further).map(async ([role, fullName]) => {
      const person = await newPerson(fullName)
      await api<Invitation>(owner, 'POST', `/api/teams/${team.id}/invitations`, { email: person.email, role })
      const token = new URL(await linkFor(person.email, '/invitations/')).pathname.split('/').at(-1)!
      await api(person, 'POST', `/api/invitations/${token}/accept`)
      return [role, person] as const
    })
  )
  return {
    ...(await api<Team>(owner, 'GET', `/api/teams/${team.id}`)),
    people: { owner, ...Object.fromEntries(others) } as Record<Role, Person>
  }
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

/** Calls a route as this person's browser would, and waits where that was too often. Rejects when it refuses. */
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

function auth() {
  return createClient(supabaseUrl, publishableKey, { auth: { persistSession: false, autoRefreshToken: false } }).auth
}
