import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { projectRoot } from '../../../supabase/embedded/cli.ts'

/** Runs `code` as a module of scripts/, and closes its output after the first line. */
async function runWithReader(code: string): Promise<{ code: number | null; errors: string }> {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', code], { cwd: projectRoot, stdio: ['ignore', 'pipe', 'pipe'] })
  let errors = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  child.stdout.once('data', () => child.stdout.destroy())
  const [exitCode] = (await once(child, 'close')) as [number | null]
  return { code: exitCode, errors }
}

const prints =
  'for (let n = 0; n < 200; n++) { console.info("x".repeat(10_000)); await new Promise(resolve => setTimeout(resolve, 1)) }; console.error("done"); process.exitCode = 3'

test('surviveClosedOutput keeps a script running when the reader of its output closes the pipe', async () => {
  const { code, errors } = await runWithReader(
    `import { surviveClosedOutput } from './scripts/output.ts'; surviveClosedOutput((stream, reason) => console.error(stream, reason)); ${prints}`
  )
  expect(errors).toBe('output its reader closed the pipe\ndone\n')
  expect(code).toBe(3)
  expect((await runWithReader(prints)).code).not.toBe(3) // control: without it, the script is killed
})
