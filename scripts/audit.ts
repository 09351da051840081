import { spawnSync } from 'node:child_process'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

// Fails on known vulnerabilities of production dependencies. Passes when the registry does not answer audits, as some mirrors do not.
const { status, stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high'], {
  cwd: projectRoot,
  encoding: 'utf8',
  timeout: 60_000
})
const isAnswered = !/audit endpoint returned an error|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/.test(stderr)
if (status === 0) console.info(stdout.trim())
else if (!isAnswered || status === null) console.info(`This registry does not answer audits.\n${stderr.trim()}`)
else {
  console.error(`${stdout}\n${stderr}`.trim())
  process.exitCode = 1
}
