import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient, type SupabaseClient } from '@supabase/supabase-js'
import postgres, { type Sql } from 'postgres'
import { isWeakPassword } from '../../../shared/utils/weak-password.ts'
import { freePort, startStack, type Stack } from '../../../supabase/embedded/stack.ts'
import { copyTemplate } from '../../../supabase/embedded/template.ts'

export type Mail = { id: string; to: string[]; from: string; subject: string; text: string; html: string | null; date: string }

export type AuthBackend = {
  stack: Stack
  dataDir: string
  sql: Sql
  /** A new client without a session, like another browser. */
  client(key?: string): SupabaseClient
  /** Calls the auth API with the publishable key. Default method: POST. */
  call(path: string, body: unknown, init?: RequestInit): Promise<Response>
  /** Mails to an address, newest first. Waits up to 5 s until there are `count`, then returns those that arrived. */
  mails(to: string, count?: number): Promise<Mail[]>
  stop(): Promise<void>
}

export const siteUrl = 'http://localhost:3999'

/** Starts a separate stack. The default factor lifts the limit of one mail per mailbox and minute, so that tests need not wait. */
export async function startAuthBackend({ rateLimitFactor = 20, trustedProxies = '' } = {}): Promise<AuthBackend> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-auth-'))
  await copyTemplate('bootstrapped', dataDir)
  const stack = await startStack({
    dataDir,
    supabasePort: await freePort(),
    postgresPort: await freePort(),
    siteUrl,
    rateLimitFactor,
    trustedProxies,
    isWeakPassword,
    isDurable: false,
    passwordCost: 4
  })
  const sql = postgres(stack.env.DATABASE_URL, { max: 2, onnotice: () => {} })
  const fetchMails = async (to: string) =>
    (await (await fetch(`${stack.inboxUrl}/api/messages?to=${encodeURIComponent(to)}`)).json()) as Mail[]
  return {
    stack,
    dataDir,
    sql,
    client: (key = stack.env.SUPABASE_KEY) =>
      createClient(stack.env.SUPABASE_URL, key, {
        auth: { flowType: 'pkce', persistSession: false, autoRefreshToken: false, detectSessionInUrl: false }
      }),
    call: (path, body, init) =>
      fetch(`${stack.env.SUPABASE_URL}/auth/v1${path}`, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...init,
        headers: { 'apikey': stack.env.SUPABASE_KEY, 'content-type': 'application/json', ...init?.headers }
      }),
    async mails(to, count = 1) {
      const deadline = Date.now() + 5_000
      for (;;) {
        const found = await fetchMails(to)
        if (found.length >= count || Date.now() > deadline) return found
        await sleep(20)
      }
    },
    async stop() {
      await sql.end({ timeout: 2 })
      await stack.stop()
      await rm(dataDir, { recursive: true, force: true })
    }
  }
}

/** Parses the link of a mail to the site's confirmation page. */
export function parseLink(mail: Mail | undefined): {
  type: 'signup' | 'magiclink' | 'recovery' | 'email_change'
  token_hash: string
  next: string | null
} {
  const url = new URL(/https?:\/\/\S+/.exec(mail?.text ?? '')?.[0] ?? 'about:blank')
  if (url.origin !== siteUrl || url.pathname !== '/auth/confirm') throw new Error(`Not a confirmation link: ${url}`)
  return {
    type: url.searchParams.get('type') as 'signup',
    token_hash: url.searchParams.get('token_hash') ?? '',
    next: url.searchParams.get('next')
  }
}

let people = 0

export function newAddress(name = 'person'): string {
  return `${name}.${process.pid}.${++people}@acme.test`
}

/** Signs up and confirms the address. The returned client is signed in. */
export async function signUpConfirmed(backend: AuthBackend, email: string, password: string): Promise<SupabaseClient> {
  const client = backend.client()
  const { error } = await client.auth.signUp({ email, password })
  if (error) throw error
  const { type, token_hash } = parseLink((await backend.mails(email))[0])
  const verified = await client.auth.verifyOtp({ type, token_hash })
  if (verified.error) throw verified.error
  return client
}

/** Signs in from a loopback address (127.0.0.0/8), which counts as a separate network. @returns the HTTP status */
export function signInFrom({ stack }: AuthBackend, localAddress: string, email: string, password: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      `${stack.env.SUPABASE_URL}/auth/v1/token?grant_type=password`,
      { method: 'POST', localAddress, headers: { 'apikey': stack.env.SUPABASE_KEY, 'content-type': 'application/json' } },
      response => {
        response.resume().on('end', () => resolve(response.statusCode!))
      }
    )
    sent.on('error', reject)
    sent.end(JSON.stringify({ email, password }))
  })
}
