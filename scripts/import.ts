import { importFile } from './import/run.ts'
import { readImportSettings, UsageError } from './import/settings.ts'

// Exit codes: 0 everything is in, 1 something was refused, 2 nothing could be done or the run broke off, 130 stopped by hand.
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopped.abort())
}
// The driver throws beside every promise when the server closes a connection in the middle of a write.
process.on('uncaughtException', (error) => {
  process.stderr.write(`The connection to the database was lost (${error.message}). Run the same command again to go on.\n`)
  process.exit(2)
})
try {
  const isComplete = await importFile(readImportSettings(process.argv.slice(2)), stopped.signal)
  process.exitCode = stopped.signal.aborted ? 130 : isComplete ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 2
}
