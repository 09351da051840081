import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort } from '../../supabase/embedded/stack.ts'
import { product } from '../support/own-product.ts'
import { ann, sessionIdOf } from '../support/world.ts'

/** A stand-in for a hosted Supabase project: it publishes its keys. */
let project: Server
let published: JWK[] = []
let isDown = false
let keys: Record<string, { kid: string; alg: string; privateKey: CryptoKey; jwk: JWK }>
const servers: ChildProcess[] = []

beforeAll(async () => {
  keys = Object.fromEntries(
    await Promise.all(
      ['ES256', 'RS256', 'EdDSA', 'later'].map(async name => {
        const alg = name === 'later' ? 'ES256' : name
        const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
        const kid = randomUUID()
        return [name, { kid, alg, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }]
      })
    )
  )
  published = ['ES256', 'RS256', 'EdDSA'].map(name => keys[name]!.jwk)
  project = createServer((_, response) => {
    if (isDown) response.writeHead(503).end('{"message":"starting"}')
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ keys: published }))
  }).listen(0, '127.0.0.1')
  await once(project, 'listening')
})

afterAll(async () => {
  for (const server of servers) {
    const ended = once(server, 'exit')
    server.kill('SIGTERM')
    await ended
  }
  project.close()
})

const url = () => `http://127.0.0.1:${(project.address() as AddressInfo).port}`

/** Starts the built server with this project as its Supabase. The result asks GET /profile with a token and returns the status. */
async function startServer(env: Record<string, string> = {}): Promise<(token: string) => Promise<number>> {
  const port = await freePort()
  const server = spawn(process.execPath, [join(process.env.TEST_OUTPUT ?? '.output', 'server', 'index.mjs')], {
    stdio: 'ignore',
    env: {
      ...process.env,
      NODE_ENV: 'production',
      NITRO_JOBS: 'off',
      HOST: '127.0.0.1',
      NITRO_HOST: '127.0.0.1',
      PORT: String(port),
      NITRO_PORT: String(port),
      NUXT_DATABASE_URL: product().databaseUrl,
      NUXT_JWT_SECRET: '',
      NUXT_PUBLIC_SUPABASE_URL: url(),
      NUXT_PUBLIC_SUPABASE_KEY: 'none',
      ...env
    }
  })
  servers.push(server)
  const base = `http://127.0.0.1:${port}`
  const deadline = Date.now() + 60_000
  while (
    (await fetch(`${base}/healthz`).then(
      response => response.status,
      () => 0
    )) !== 200
  ) {
    if (server.exitCode !== null || Date.now() > deadline) throw new Error('The server does not answer')
    await sleep(50)
  }
  return async token => (await fetch(`${base}/api/profile`, { headers: { authorization: `Bearer ${token}` } })).status
}

function signToken(
  name: string,
  { issuer = `${url()}/auth/v1`, ...claims }: Record<string, unknown> & { issuer?: string | null } = {}
): Promise<string> {
  const { kid, alg, privateKey } = keys[name]!
  const token = new SignJWT({ role: 'authenticated', session_id: sessionIdOf(ann), is_anonymous: false, ...claims })
    .setProtectedHeader({ alg, kid, typ: 'JWT' })
    .setSubject(ann.id)
    .setAudience('authenticated')
    .setIssuedAt()
    .setExpirationTime('1h')
  return (issuer === null ? token : token.setIssuer(issuer)).sign(privateKey)
}

const signTokenWithSecret = (secret: string) =>
  new SignJWT({ role: 'authenticated', session_id: sessionIdOf(ann) })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(ann.id)
    .setAudience('authenticated')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))

test('a server without a shared secret accepts tokens of every published key and no others', async () => {
  const profile = await startServer()
  isDown = true // the auth server is starting
  expect(await profile(await signToken('ES256'))).toBe(503)
  isDown = false
  await expect.poll(async () => profile(await signToken('ES256')), { timeout: 10_000 }).toBe(200)
  for (const name of ['RS256', 'EdDSA']) expect(await profile(await signToken(name)), name).toBe(200)
  expect(await profile(await signToken('later'))).toBe(401)
  published = [...published, keys.later!.jwk] // a newly published key
  await expect.poll(async () => profile(await signToken('later')), { timeout: 10_000 }).toBe(200)
  isDown = true
  expect(await profile(await signToken('ES256'))).toBe(200) // known keys stay cached during an outage
  isDown = false

  expect(await profile(await signToken('ES256', { issuer: 'http://elsewhere.test/auth/v1' }))).toBe(401)
  expect(await profile(await signToken('ES256', { issuer: null }))).toBe(401)
  expect(await profile(await signToken('ES256', { is_anonymous: true }))).toBe(401)
  expect(await profile(await signToken('ES256', { session_id: undefined }))).toBe(401)
  expect(await profile(await signTokenWithSecret('x'.repeat(40)))).toBe(401)
  for (const nonsense of ['x', 'x.y', 'x.y.z', '...', 'e30.e30.e30']) expect(await profile(nonsense), nonsense).toBe(401)
})

test('a server with a shared secret accepts tokens of the secret and of the published keys', async () => {
  const secret = 'an old secret of 32 bytes and more'
  const profile = await startServer({ NUXT_JWT_SECRET: secret })
  expect(await profile(await signTokenWithSecret(secret))).toBe(200)
  expect(await profile(await signToken('ES256'))).toBe(200)
  expect(await profile(await signTokenWithSecret('x'.repeat(40)))).toBe(401)
})

test('NUXT_JWT_ISSUER names the only accepted issuer, or "any" to accept every issuer', async () => {
  const named = await startServer({ NUXT_JWT_ISSUER: 'https://auth.acme.test' })
  expect(await named(await signToken('ES256', { issuer: 'https://auth.acme.test' }))).toBe(200)
  expect(await named(await signToken('ES256'))).toBe(401)
  const any = await startServer({ NUXT_JWT_ISSUER: 'any' })
  for (const issuer of [null, 'http://kong:8000/auth/v1']) expect(await any(await signToken('ES256', { issuer }))).toBe(200)
}, 120_000)
