// Measures parallel uploads of 25 MB on the product as `npm run demo` starts it: time, and growth of the server's memory (goal: at most
// 60 MB for 100). Run: node bench/uploads.ts [uploads, 100]
import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import postgres from 'postgres'
import { startDemo } from '../tests/e2e/support/demo.ts'
import { serverPid, watchMemory } from './server-memory.ts'

const uploads = Number(process.argv[2] ?? 100)
const fileBytes = 26_214_400
const say = (line: string) => process.stdout.write(`${line}\n`)
// Every upload sends the same random chunk again and again, so that the memory of this process stays small.
const chunk = randomBytes(65_536)

const demo = await startDemo()
try {
  const callers = await createKeys(uploads)
  const server = serverPid(demo.pid)
  await upload(callers[0]!) // loads what the first upload loads
  const endWatch = watchMemory(server)
  const started = performance.now()
  const statuses = await Promise.all(callers.map(upload))
  const seconds = (performance.now() - started) / 1000
  const memory = await endWatch()
  const stored = statuses.filter(status => status === 201).length
  say(`${stored} of ${uploads} uploads of 25 MB in ${seconds.toFixed(1)} s (${((stored * fileBytes) / 1e6 / seconds).toFixed(0)} MB/s)`)
  say(`memory of the server ${memory}`)
} finally {
  await demo.stop()
}

/** One API key for each upload, in three teams: a person uploads at most 10 files at once, a team 40. */
async function createKeys(count: number): Promise<{ team: string; key: string }[]> {
  const sql = postgres(demo.databaseUrl, { max: 1, onnotice: () => {} })
  const members = await sql<{ team_id: string; user_id: string }[]>`
    select distinct on (team.id) team.id as team_id, member.user_id from public.teams as team
    join public.team_members as member on member.team_id = team.id and member.role = 'owner' order by team.id`
  const [third] = await sql<[{ id: string }]>`insert into public.teams (name, slug) values ('Third', 'third') returning id`
  await sql`insert into public.team_members (team_id, user_id, role) values (${third.id}, ${members[0]!.user_id}, 'owner')`
  members.push({ team_id: third.id, user_id: members[0]!.user_id })
  const callers = Array.from({ length: count }, (_, index) => ({
    ...members[index % members.length]!,
    key: `sk_${randomBytes(32).toString('base64url')}`
  }))
  await sql`insert into public.api_keys ${sql(
    callers.map(({ team_id, user_id, key }) => ({
      team_id,
      user_id,
      name: 'Bench',
      prefix: key.slice(0, 11),
      key_hash: createHash('sha256').update(key).digest(),
      scopes: ['read', 'write']
    }))
  )}`
  await sql.end()
  return callers.map(({ team_id, key }) => ({ team: team_id, key }))
}

function upload({ team, key }: { team: string; key: string }): Promise<number> {
  const head = Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n')
  const end = Buffer.from('\r\n--b--\r\n')
  return new Promise((resolve, reject) => {
    const sending = request(
      `${demo.url}/api/teams/${team}/uploads`,
      {
        method: 'POST',
        headers: {
          'x-api-key': key,
          'content-type': 'multipart/form-data; boundary=b',
          'content-length': head.length + fileBytes + end.length
        }
      },
      response => {
        response.resume()
        response.once('end', () => resolve(response.statusCode!))
      }
    )
    sending.once('error', reject)
    sending.write(head)
    let sent = 0
    const more = () => {
      while (sent < fileBytes) {
        const piece = chunk.subarray(0, Math.min(chunk.length, fileBytes - sent))
        sent += piece.length
        if (!sending.write(piece)) return void sending.once('drain', more)
      }
      sending.end(end)
    }
    more()
  })
}
