import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newAddress, signUpConfirmed, startAuthBackend, type AuthBackend } from './support/auth.ts'

const bytes = new TextEncoder().encode('hello, file')
let backend: AuthBackend

beforeAll(async () => {
  backend = await startAuthBackend()
  const { error } = await backend
    .client(backend.stack.env.SUPABASE_SECRET_KEY)
    .storage.createBucket('files', { public: false, fileSizeLimit: 1024 })
  if (error) throw error
})

afterAll(async () => {
  await backend.stop()
})

test('the storage API lets the secret key upload a file once and download it', async () => {
  const { storage } = backend.client(backend.stack.env.SUPABASE_SECRET_KEY)
  const upload = await storage.from('files').upload('team/a.txt', bytes, { contentType: 'text/plain' })
  expect(upload.error).toBeNull()
  const download = await storage.from('files').download('team/a.txt')
  expect(await download.data?.text()).toBe('hello, file')
  expect(download.data?.type).toBe('text/plain')
  expect((await storage.from('files').upload('team/a.txt', bytes)).error?.message).toMatch(/exists/i)
})

test('a signed URL opens its own file only, and answers 400 when it is forged or expired', async () => {
  const { storage } = backend.client(backend.stack.env.SUPABASE_SECRET_KEY)
  await storage.from('files').upload('team/signed.txt', bytes)
  await storage.from('files').upload('team/other.txt', bytes)
  const { data } = await storage.from('files').createSignedUrl('team/signed.txt', 60)
  expect(await (await fetch(data!.signedUrl)).text()).toBe('hello, file')
  expect((await fetch(data!.signedUrl.replace('signed.txt', 'other.txt'))).ok).toBe(false)
  expect((await fetch(data!.signedUrl.slice(0, -4))).status).toBe(400)
  const expired = await storage.from('files').createSignedUrl('team/signed.txt', -1)
  expect((await fetch(expired.data!.signedUrl)).status).toBe(400)
})

test('visitors and signed-in users reach stored files only where a policy on storage.objects allows it', async () => {
  const email = newAddress()
  const member = await signUpConfirmed(backend, email, 'correct horse battery')
  await backend.client(backend.stack.env.SUPABASE_SECRET_KEY).storage.from('files').upload('hidden/a.txt', bytes)
  for (const client of [backend.client(), member]) {
    expect((await client.storage.from('files').upload('own/a.txt', bytes)).error?.message).toMatch(/row-level security/)
    expect((await client.storage.from('files').download('hidden/a.txt')).error).not.toBeNull()
    expect((await client.storage.from('files').createSignedUrl('hidden/a.txt', 60)).error).not.toBeNull()
    expect((await client.storage.from('files').list('hidden')).data ?? []).toEqual([])
    expect((await client.storage.from('files').remove(['hidden/a.txt'])).data ?? []).toEqual([])
  }
  await backend.sql`create policy files_own on storage.objects to authenticated using (name like 'own/%') with check (name like 'own/%' and owner = auth.uid())`
  expect((await member.storage.from('files').upload('own/a.txt', bytes)).error).toBeNull()
  expect(await (await member.storage.from('files').download('own/a.txt')).data?.text()).toBe('hello, file')
  expect((await member.storage.from('files').upload('hidden/b.txt', bytes)).error?.message).toMatch(/row-level security/)
  expect((await backend.client().storage.from('files').download('own/a.txt')).error).not.toBeNull()
})

test('a file name from a client never becomes a path on disk', async () => {
  const { storage } = backend.client(backend.stack.env.SUPABASE_SECRET_KEY)
  for (const name of ['../../escape.txt', 'a/../../../b.txt', '%2e%2e/c.txt', 'name with spaces & ünï.txt'])
    await storage.from('files').upload(name, bytes)
  const stored = await readdir(join(backend.dataDir, 'storage'), { recursive: true, withFileTypes: true })
  for (const entry of stored.filter(entry => entry.isFile())) expect(entry.name).toMatch(/^[0-9a-f]{64}(\.json)?$/)
  await expect(stat(join(backend.dataDir, '..', 'escape.txt'))).rejects.toThrow('ENOENT')
})

test('serving a storage request grants the API roles nothing in the schemas public and auth', async () => {
  await backend.sql`create table public.probe (id int primary key)`
  await backend.sql`alter table public.probe enable row level security`
  await backend.client().storage.from('files').list('x')
  const grants =
    await backend.sql`select grantee, privilege_type from information_schema.role_table_grants where table_schema in ('public', 'auth') and grantee in ('anon', 'authenticated', 'service_role')`
  expect([...grants]).toEqual([])
})

test('API roles have no TRUNCATE, REFERENCES or TRIGGER in the schema storage, and grants on buckets and objects only', async () => {
  expect([
    ...(await backend.sql`
    select grantee, table_name, privilege_type from information_schema.role_table_grants
    where table_schema = 'storage' and grantee in ('anon', 'authenticated', 'PUBLIC') and privilege_type in ('TRUNCATE', 'REFERENCES', 'TRIGGER')`)
  ]).toEqual([])
  expect(
    (
      await backend.sql`select distinct table_name from information_schema.role_table_grants where table_schema = 'storage' and grantee in ('anon', 'authenticated') order by 1`
    ).map(({ table_name }) => table_name as string)
  ).toEqual(['buckets', 'objects'])
})
