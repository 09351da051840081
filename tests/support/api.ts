import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'
import postgres, { type Sql } from 'postgres'
import { expect } from 'vitest'
import type { Scope } from '#shared/permissions'
import type { ApiError } from '#shared/types/api'
import { expectToConform } from './conformance.ts'
import { product } from './own-product.ts'
import { adam, addTeam, ann, bob, fileContent, fillTeam, password, vera, type Person, type TeamWorld } from './world.ts'

export interface Answer<T = unknown> {
  status: number
  body: T
  headers: Headers
}

export interface CallOptions {
  headers?: Record<string, string>
  /** A body that is not encoded as JSON; set its content type in `headers`. */
  raw?: BodyInit
}

let pool: Sql | undefined
const tokens = new Map<string, Promise<string>>()

/** The database of the product, without row-level security, to prepare and inspect rows. */
export function database(): Sql {
  return (pool ??= postgres(product().databaseUrl, { max: 4, onnotice: () => {} }))
}

// Ids of the teams that `newTeam` created in this test file.
const teams: string[] = []

/** Deletes the teams of a test file and closes its connections. Tokens are dropped, because some requests need a recent sign-in. */
export async function endFile(): Promise<void> {
  await deleteTeams()
  tokens.clear()
  await pool?.end({ timeout: 2 })
  pool = undefined
}

// Requests get slower with each team of their caller, and Ann, Adam, Bob and Vera are members of all these teams.
async function deleteTeams(): Promise<void> {
  for (let attempt = 1; teams.length > 0; attempt++) {
    try {
      await database()`delete from public.teams where id = any (${teams})`
      teams.length = 0
    } catch (error) {
      // 40P01 (deadlock): workers of the server lock rows of these teams in another order.
      if ((error as { code?: string }).code !== '40P01' || attempt === 5) throw error
    }
  }
}

/** The access token of a person, from a real sign-in with the password, cached per test file. */
export function signIn(person: Pick<Person, 'email'>): Promise<string> {
  const known = tokens.get(person.email)
  if (known) return known
  const token = requestToken(person.email)
  tokens.set(person.email, token)
  return token
}

async function requestToken(email: string): Promise<string> {
  const { status, body } = await auth<{ access_token: string }>('/token?grant_type=password', { email, password })
  if (status !== 200) throw new Error(`${email} cannot sign in: ${status} ${JSON.stringify(body)}`)
  return body.access_token
}

/** Calls the auth server with the publishable key, as supabase-js does. */
export async function auth<T = Record<string, unknown>>(
  path: string,
  body?: unknown,
  headers: Record<string, string> = {}
): Promise<Answer<T>> {
  const { supabaseUrl, publishableKey } = product()
  const response = await fetch(`${supabaseUrl}/auth/v1${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'connection': 'close', 'apikey': publishableKey, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) })
  })
  return { status: response.status, body: (await parseAnswer(response)) as T, headers: response.headers }
}

/** Calls the API as `caller`, or unauthenticated for null. Fails when the answer does not conform to the OpenAPI document. */
export async function api<T = unknown>(
  caller: Pick<Person, 'email'> | null,
  method: string,
  path: string,
  body?: unknown,
  { headers = {}, raw }: CallOptions = {}
): Promise<Answer<T>> {
  const authorization: Record<string, string> = caller ? { authorization: `Bearer ${await signIn(caller)}` } : {}
  if (body instanceof FormData) return api(caller, method, path, undefined, { headers, raw: body })
  const json: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
  const response = await fetch(`${product().baseUrl}/api${path}`, {
    method,
    // Each call has its own connection: the server ends an idle one while this process compiles the OpenAPI document.
    headers: { connection: 'close', ...authorization, ...json, ...headers },
    ...(raw !== undefined ? { body: raw } : body === undefined ? {} : { body: JSON.stringify(body) })
  })
  const answer = { status: response.status, body: await parseAnswer(response), headers: response.headers }
  await expectToConform({ method, path, sent: raw === undefined ? body : undefined, ...answer })
  return answer as Answer<T>
}

/** Creates an API key that acts as `person`, and returns its secret. */
export async function createKey(
  team: { id: string },
  person: Pick<Person, 'id'>,
  scopes: readonly Scope[],
  fields: { name?: string } = {}
): Promise<string> {
  const key = `sk_${randomBytes(32).toString('base64url')}`
  await database()`insert into public.api_keys ${database()({ team_id: team.id, user_id: person.id, name: 'Key', prefix: key.slice(0, 11), key_hash: createHash('sha256').update(key).digest(), scopes: [...scopes], created_by: person.id, ...fields })}`
  return key
}

/** Calls the API with an API key. */
export function apiWithKey<T = unknown>(
  key: string,
  method: string,
  path: string,
  body?: unknown,
  { headers = {}, raw }: CallOptions = {}
): Promise<Answer<T>> {
  return api<T>(null, method, path, body, { headers: { 'x-api-key': key, ...headers }, raw })
}

/** Sends path and headers unchanged: fetch() would normalise them. */
export function rawRequest(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  localAddress?: string
): Promise<{ status: number; text: string; headers: Record<string, string | string[] | undefined> }> {
  const { hostname, port } = new URL(product().baseUrl)
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: hostname, port, method, path, headers, localAddress }, response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8'), headers: response.headers })
      )
      response.on('error', reject)
    })
    request.on('error', reject)
    request.end()
  })
}

async function parseAnswer(response: Response): Promise<unknown> {
  const text = await response.text()
  return text && response.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text || null
}

/** Expects an error in the documented shape, without internals such as SQL or stack traces. Returns it. */
export function expectError({ status, body, headers }: Answer, expected: number | RegExp, code?: string): ApiError {
  const error = body as ApiError
  expect(String(status), JSON.stringify(body)).toMatch(expected instanceof RegExp ? expected : new RegExp(`^${expected}$`))
  expect(headers.get('content-type')).toContain('application/json')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(Object.keys(error).sort()).toEqual(['data', 'message', 'statusCode', 'statusMessage'])
  expect(error).toMatchObject({
    statusCode: status,
    statusMessage: expect.any(String) as string,
    message: expect.any(String) as string,
    data: { code: code ?? (expect.any(String) as string) }
  })
  if (error.data.issues) for (const issue of error.data.issues) expect(Object.keys(issue).sort()).toEqual(['message', 'path'])
  expect(JSON.stringify(error)).not.toMatch(
    /\bat .*\.m?js|node_modules|select |insert into|violates|relation "|column "|ticket_replies|team_members|private\.|PostgresError|ZodError|\/work\/|stack"/
  )
  return error
}

/** Creates a team for one test, with Ann (owner), Adam (admin), Bob (member), Vera (viewer) and a row of every kind. */
export async function newTeam(name = 'Acme'): Promise<TeamWorld> {
  const id = randomUUID()
  const ids = () => randomUUID()
  const team: TeamWorld = {
    id,
    tickets: { bobs: ids(), unassigned: ids(), closed: ids(), anns: ids() },
    replies: { bobs: ids(), annsNote: ids(), veras: ids(), onClosed: ids() },
    tag: ids(),
    attachment: ids(),
    upload: ids(),
    category: ids(),
    type: ids(),
    item: ids(),
    cannedResponse: ids(),
    articleCategory: ids(),
    articles: { printer: ids(), bobs: ids() },
    articleRevision: ids(),
    articleImages: { printer: ids(), bobs: ids() },
    calendar: ids(),
    policy: ids(),
    clock: ids(),
    simulation: ids(),
    contacts: { carla: ids(), carl: ids(), mona: ids() },
    organization: ids(),
    project: ids(),
    merge: ids(),
    views: { bobs: ids(), shared: ids() },
    operation: ids(),
    webhook: ids(),
    delivery: ids(),
    invitation: ids(),
    apiKey: ids()
  }
  teams.push(id)
  await database().begin(async sql => {
    await sql`select set_config('switchboard.channel', 'import', true)` // imported rows send no notifications
    await addTeam(sql, id, [ann, adam, bob, vera], { name })
    await fillTeam(sql, team)
  })
  for (const id of [team.attachment, team.upload, ...Object.values(team.articleImages)]) await storeObject(`${team.id}/${id}`, fileContent)
  return team
}

/** Stores an object in the bucket of attachments, as the server does. */
export async function storeObject(key: string, content: BodyInit): Promise<void> {
  const { supabaseUrl, secretKey } = product()
  const response = await fetch(`${supabaseUrl}/storage/v1/object/attachments/${key}`, {
    method: 'POST',
    headers: { 'apikey': secretKey, 'authorization': `Bearer ${secretKey}`, 'content-type': 'application/octet-stream' },
    body: content
  })
  expect(response.status, await response.text()).toBe(200)
}

/** All rows of a team as text, to assert that none changed. Notifications are left out, because workers write them later. */
export async function readTeamRows(teamId: string): Promise<string> {
  const tables = [
    'team_members',
    'team_invitations',
    'ticket_categories',
    'ticket_types',
    'ticket_items',
    'tickets',
    'ticket_replies',
    'ticket_attachments',
    'uploads',
    'ticket_ratings',
    'ticket_mentions',
    'reply_drafts',
    'ticket_tags',
    'canned_responses',
    'organizations',
    'organization_domains',
    'projects',
    'contacts',
    'contact_addresses',
    'contact_merges',
    'saved_views',
    'bulk_operations',
    'ticket_followers',
    'ticket_participants',
    'ticket_articles',
    'notification_preferences',
    'api_keys',
    'webhooks',
    'webhook_payloads',
    'webhook_deliveries',
    'webhook_attempts'
  ]
  const parts = [
    `select to_jsonb(t)::text as row from public.teams t where id = $1`,
    ...tables.map(table => `select to_jsonb(t)::text from public.${table} t where team_id = $1`)
  ]
  const rows = await database().unsafe<{ row: string }[]>(`select row from (${parts.join(' union all ')}) as rows order by 1`, [teamId])
  return rows.map(({ row }) => row).join('\n')
}
