import { importFile } from './import/run.ts'
import { readImportSettings, UsageError } from './import/settings.ts'
import { surviveClosedOutput } from './output.ts'

// Exit codes: 0 everything is in, 1 something was refused, 2 nothing could be done or the run broke off, 130 stopped by hand.
const stopped = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => stopped.abort())
}
surviveClosedOutput((stream, reason) => {
  if (stream === 'output')
    process.stderr.write(
      `The output is lost from here on (${reason}). The import goes on; run the same command again to see what it refuses.\n`
    )
})
process.on('uncaughtException', error => {
  process.stderr.write(
    isLostConnection(error)
      ? `The connection to the database was lost (${error.message}). Run the same command again to go on.\n`
      : `${error.stack ?? error.message}\n`
  )
  process.exit(2)
})
try {
  const isComplete = await importFile(readImportSettings(process.argv.slice(2)), stopped.signal)
  process.exitCode = stopped.signal.aborted ? 130 : isComplete ? 0 : 1
} catch (error) {
  process.stderr.write(`${error instanceof UsageError ? error.message : error instanceof Error ? error.stack : String(error)}\n`)
  process.exitCode = 2
}

// The driver throws beside every promise when the server closes a connection in the middle of a write.
function isLostConnection(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : ''
  return /^(ECONNRESET|ECONNREFUSED|EPIPE|ETIMEDOUT|57P0[123])$/.test(code) || error.message.startsWith('Connection terminated')
}
