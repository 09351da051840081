// npm run export -- <file.jsonl> --team <slug> [--as <email>]: every ticket of a team with its conversation, as `npm run
// import` reads it. Exit codes: 0 the file is written, 2 it is not.
import { exportFile } from './import/export.ts'
import { readExportSettings, UsageError } from './import/settings.ts'
import { surviveClosedOutput } from './output.ts'
import { plural } from '../shared/utils/plural.ts'

surviveClosedOutput()
try {
  const settings = readExportSettings(process.argv.slice(2))
  const { requests, replies } = await exportFile(settings)
  console.info(`${settings.file}: ${plural(requests, '1 request', '# requests')} with ${plural(replies, '1 reply', '# replies')}`)
} catch (error) {
  console.error(
    error instanceof UsageError || !(error instanceof Error) ? (error instanceof Error ? error.message : String(error)) : error.stack
  )
  process.exitCode = 2
}
