import { spawnSync } from 'node:child_process'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

// Known vulnerabilities of what the product runs on. A registry mirror may answer no audits: then there is nothing to judge by.
const { status, stdout, stderr } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high'], {
  cwd: projectRoot,
  encoding: 'utf8',
  timeout: 60_000
})
const isAnswered = !/audit endpoint returned an error|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN/.test(stderr)
if (status === 0) console.info(stdout.trim())
else if (!isAnswered || status === null) console.info(`The registry answers no audits here.\n${stderr.trim()}`)
else {
  console.error(`${stdout}\n${stderr}`.trim())
  process.exitCode = 1
}
