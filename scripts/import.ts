import { importArticles } from './import/article-import.ts'
import { importFile } from './import/run.ts'
import { readFolderSettings, readImportSettings, UsageError, type FolderSettings } from './import/settings.ts'
import { surviveClosedOutput } from './output.ts'

// Exit codes: 0 everything was imported, 1 some records were refused, 2 the import failed or was interrupted, 130 stopped by a signal.
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopped.abort())
}
surviveClosedOutput((stream, reason) => {
  if (stream === 'output')
    process.stderr.write(`Further output is lost (${reason}). The import continues; run the same command again to see what it refuses.\n`)
})
process.on('uncaughtException', error => {
  process.stderr.write(
    isLostConnection(error)
      ? `The connection to the database was lost (${error.message}). Run the same command again to continue.\n`
      : `${error.stack ?? error.message}\n`
  )
  process.exit(2)
})
try {
  const args = process.argv.slice(2)
  const articles = readFolderSettings(args, 'import')
  const isComplete = articles ? await importFolder(articles) : await importFile(readImportSettings(args), stopped.signal)
  process.exitCode = stopped.signal.aborted ? 130 : isComplete ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 2
}

async function importFolder(settings: FolderSettings): Promise<boolean> {
  const { problems, summary } = await importArticles(settings, stopped.signal)
  for (const { file, line, reason } of problems) process.stdout.write(`${file} · line ${line} · ${reason}\n`)
  process.stdout.write(`${summary}\n`)
  return problems.length === 0
}

// The driver throws outside of any promise when the server closes a connection during a write.
function isLostConnection(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : ''
  return /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|57P0[123])$/.test(code) || error.message.startsWith('Connection terminated')
}
