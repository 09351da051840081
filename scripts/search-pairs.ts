// npm run search:pairs: searches for each word of every pair of equivalent spellings, and prints those that do not find each
// other. Exits with 1 when there are any.
import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } from 'kysely'
import postgres from 'postgres'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'
import { foldPairs } from './search/pairs.ts'
import { loadModule } from './server-modules.ts'

const compiler = new Kysely<unknown>({
  dialect: {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => new DummyDriver(),
    createIntrospector: db => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler()
  }
})
const { wordsOf } = await loadModule('server/domain/ticket/filter')
const { parseSearch } = await loadModule('shared/utils/search-query')

const missed = await withScratchDatabase(async ({ postgresUrl }) => {
  const sql = postgres(postgresUrl, { max: 1 })
  const missed: string[] = []
  for (const pair of foldPairs) {
    for (const [written, typed] of [pair, pair.toReversed()] as [string, string][]) {
      const { sql: query, parameters } = wordsOf(parseSearch(typed), '')!.query.compile(compiler)
      const [row] = await sql.unsafe<[{ found: boolean }]>(`select private.search_vector($${parameters.length + 1}) @@ ${query} as found`, [
        ...parameters,
        `x ${written} y`
      ] as never[])
      if (!row.found) missed.push(`${typed} does not find ${written}`)
    }
  }
  await sql.end()
  return missed
})
process.stdout.write(`${[...missed, `${foldPairs.length} pairs tried both ways, ${missed.length} missed`].join('\n')}\n`)
if (missed.length > 0) process.exitCode = 1
