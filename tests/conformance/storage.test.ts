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

test('a list shows the names below a folder, with folders as entries without an id', async () => {
  const { storage } = backend.client(backend.stack.env.SUPABASE_SECRET_KEY)
  for (const name of ['list/b.txt', 'list/a.txt', 'list/deep/c.txt', 'list/deep/er/d.txt', 'listing.txt'])
    await storage.from('files').upload(name, bytes)
  const names = async (...parameters: Parameters<ReturnType<typeof storage.from>['list']>) =>
    (await storage.from('files').list(...parameters)).data?.map(({ name, id }) => (id === null ? `${name}/` : name))
  expect(await names('list')).toEqual(['a.txt', 'b.txt', 'deep/'])
  expect(await names('list/deep')).toEqual(['c.txt', 'er/'])
  expect(await names('list', { limit: 1, offset: 1 })).toEqual(['b.txt'])
  expect(await names('list', { sortBy: { column: 'name', order: 'desc' } })).toEqual(['deep/', 'b.txt', 'a.txt'])
  expect(await names('list', { search: 'b' })).toEqual(['b.txt'])
  expect(await names('nowhere')).toEqual([])
  expect(await names()).toEqual(expect.arrayContaining(['list/', 'listing.txt']))
})

test('a signed URL for a download makes browsers save the file under the given name', async () => {
  const { storage } = backend.client(backend.stack.env.SUPABASE_SECRET_KEY)
  await storage.from('files').upload('team/page.html', new TextEncoder().encode('<script>'), { contentType: 'text/html' })
  const disposition = async (download?: string | boolean) => {
    const { data } = await storage.from('files').createSignedUrl('team/page.html', 60, { download })
    return (await fetch(data!.signedUrl)).headers.get('content-disposition')
  }
  expect(await disposition('report.html')).toMatch(/^attachment; filename=report\.html; filename\*=UTF-8''report\.html;?$/)
  expect(await disposition(true)).toMatch(/^attachment;?$/)
  expect(await disposition()).toBeNull()
})

test('the size limit of a bucket may have a unit, and uploads beyond it are refused', async () => {
  const { storage } = backend.client(backend.stack.env.SUPABASE_SECRET_KEY)
  expect((await storage.createBucket('units', { public: false, fileSizeLimit: '1KB' })).error).toBeNull()
  expect((await storage.getBucket('units')).data?.file_size_limit).toBe(1000)
  expect((await storage.from('units').upload('a', new Uint8Array(1000))).error).toBeNull()
  expect((await storage.from('units').upload('b', new Uint8Array(1001))).error).not.toBeNull()
  expect((await storage.updateBucket('units', { public: false, fileSizeLimit: '1.5MB' })).error).toBeNull()
  expect((await storage.getBucket('units')).data?.file_size_limit).toBe(1_500_000)
  expect((await storage.createBucket('bad', { public: false, fileSizeLimit: 'much' as '1KB' })).error).not.toBeNull()
})

test('rows of stored objects and buckets are deleted by the Storage API only, because SQL would leave the files', async () => {
  const { storage } = backend.client(backend.stack.env.SUPABASE_SECRET_KEY)
  await storage.from('files').upload('team/kept.txt', bytes)
  for (const table of ['objects', 'buckets'])
    await expect(backend.sql.unsafe(`delete from storage.${table}`)).rejects.toMatchObject({
      code: '42501',
      message: 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
    })
  expect((await storage.from('files').remove(['team/kept.txt'])).data).toHaveLength(1)
  await storage.createBucket('short-lived', { public: false })
  expect((await storage.deleteBucket('short-lived')).error).toBeNull()
})
