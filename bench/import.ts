// Measures an import on a throw-away database: node bench/import.ts [file.jsonl] [requests, 400].
// Without a file, requests with four replies each are generated; a shorter file is repeated under new ids.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import postgres from 'postgres'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

interface Request {
  id: string | number
  [field: string]: unknown
}

const [file, count = '400'] = process.argv.slice(2)
const rounds = 3

const source = file
  ? (await readFile(file, 'utf8'))
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Request)
  : generate(Number(count))
const requests = Array.from({ length: Number(count) }, (_, index) => ({ ...source[index % source.length]!, id: index }))
const replies = requests.reduce(
  (sum, request) => sum + ('replies' in request && Array.isArray(request.replies) ? request.replies.length : 0),
  0
)
const folder = await mkdtemp(join(tmpdir(), 'switchboard-import-'))

try {
  await writeFile(join(folder, 'requests.jsonl'), requests.map(request => JSON.stringify(request)).join('\n'))
  await withScratchDatabase(async ({ postgresUrl }) => {
    const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} })
    const owner = '11111111-0000-4000-8000-000000000001'
    await sql`insert into auth.users (id, email, raw_user_meta_data) values (${owner}, 'owner@bench.test', ${sql.json({ full_name: 'Owner' })})`
    for (let round = 0; round < rounds; round++) {
      const [{ id: team }] = await sql<
        [{ id: string }]
      >`insert into public.teams (name, slug) values ('Bench', ${`bench-${round}`}) returning id`
      await sql`insert into public.team_members (team_id, user_id, role) values (${team}, ${owner}, 'owner')`
      const started = performance.now()
      const child = spawn(
        process.execPath,
        [join(projectRoot, 'scripts', 'import.ts'), join(folder, 'requests.jsonl'), '--team', `bench-${round}`],
        { env: { ...process.env, DATABASE_URL: postgresUrl }, stdio: ['ignore', 'inherit', 'inherit'] }
      )
      const [code] = (await once(child, 'exit')) as [number]
      const seconds = (performance.now() - started) / 1000
      process.stdout.write(
        `${requests.length} requests with ${replies} replies: ${seconds.toFixed(2)} s including start-up, exit code ${code}\n`
      )
    }
    await sql.end()
  })
} finally {
  await rm(folder, { recursive: true, force: true })
}

function generate(length: number): Request[] {
  return Array.from({ length }, (_, index) => ({
    id: index,
    title: `Request ${index}`,
    body: 'What happened, and since when. '.repeat(20),
    requester_email: `client${index % 50}@bench.test`,
    tags: ['bench'],
    replies: Array.from({ length: 4 }, (_, reply) => `Answer ${reply}. `.repeat(10))
  }))
}
