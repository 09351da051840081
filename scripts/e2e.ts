// npm run test:e2e [-- playwright's arguments]: the browser tests, on the product as `npm run demo` starts it, on free
// ports and in a directory of its own. With E2E_URL, E2E_SUPABASE_URL and E2E_SUPABASE_KEY set, on a demo that is running already.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { startDemo } from '../tests/e2e/support/demo.ts'
import { findBrowser } from './browser.ts'

const chromePath = await findBrowser()
if (!chromePath) throw new Error('No Chromium could be started; set CHROME_PATH')

const running = process.env.E2E_URL && process.env.E2E_SUPABASE_URL && process.env.E2E_SUPABASE_KEY
const demo = running ? null : await startDemo()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void demo?.stop().then(() => process.exit(1)))

try {
  const playwright = spawn(process.execPath, [join(projectRoot, 'node_modules', '@playwright', 'test', 'cli.js'), 'test', ...process.argv.slice(2)], {
    cwd: projectRoot,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, CHROME_PATH: chromePath, ...demo && { E2E_URL: demo.url, E2E_SUPABASE_URL: demo.supabaseUrl, E2E_SUPABASE_KEY: demo.publishableKey } }
  })
  const [code] = await once(playwright, 'exit') as [number | null]
  process.exitCode = code ?? 1
} finally {
  await demo?.stop()
}
