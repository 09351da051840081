// npm run export -- <file.jsonl> --team <slug> [--as <email>]: writes every ticket of a team with its conversation, in the
// format of `npm run import`. Exit codes: 0 success, 2 failure.
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
