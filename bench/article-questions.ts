// Asks the knowledge base of the demo the questions of supabase/demo/questions.json, and prints for how many of them an expected article is
// among the three suggestions, and what is suggested for questions that no article answers. Goal: 90 % of the questions.
// Run: npm exec -- node bench/article-questions.ts
import postgres from 'postgres'
import { loadModule } from '../scripts/server-modules.ts'
import { loadDemo } from '../supabase/demo/load.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { askQuestions } from '../tests/support/article-questions.ts'

const goal = 0.9
const say = (line: string) => process.stdout.write(`${line}\n`)

await withScratchDatabase(async ({ postgresUrl }) => {
  await loadDemo({ databaseUrl: postgresUrl, password: 'password of the bench' })
  const sql = postgres(postgresUrl, { max: 1, onnotice: () => {} })
  const [{ id: teamId }] = await sql<[{ id: string }]>`select id from public.teams where slug = 'acme'`
  await sql.end()
  const { closePool, configureDatabase } = await loadModule('server/db/pool')
  const { asAnonymous } = await loadModule('server/db/identity')
  const { suggestArticles } = await loadModule('server/domain/article/suggest')
  configureDatabase(postgresUrl, 1)
  const { answered, unanswered } = await askQuestions(q => asAnonymous(db => suggestArticles(db, { teamId, locale: 'en' }, q)))
  await closePool()
  for (const { question, expected, suggested } of answered.filter(({ isFound }) => !isFound))
    say(`✗ ${question}\n    expected ${expected.join(' or ')}, got ${suggested.join(', ') || 'nothing'}`)
  for (const { question, suggested } of unanswered.filter(({ suggested }) => suggested.length > 0))
    say(`! ${question}\n    nothing answers it, but it gets ${suggested.join(', ')}`)
  const found = answered.filter(({ isFound }) => isFound).length
  const first = answered.filter(({ expected, suggested }) => expected.includes(suggested[0]!)).length
  const share = found / answered.length
  say(`${found} of ${answered.length} questions find their article in the top 3 (${(share * 100).toFixed(1)} %), ${first} of them first`)
  process.exitCode = share >= goal ? 0 : 1
})
