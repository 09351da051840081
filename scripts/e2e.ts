// npm run test:e2e [-- playwright's arguments]: the browser tests, on the product as `npm run demo` starts it, on free
// ports and in its own directory. With E2E_URL, E2E_SUPABASE_URL, E2E_SUPABASE_KEY and E2E_DATABASE_URL set, on a demo that is running already.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { withDemo } from '../tests/e2e/support/demo.ts'
import { requireBrowser } from './browser.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

const chromePath = await requireBrowser()

await withDemo(async () => {
  const playwright = spawn(
    process.execPath,
    [join(projectRoot, 'node_modules', '@playwright', 'test', 'cli.js'), 'test', ...process.argv.slice(2)],
    {
      cwd: projectRoot,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CHROME_PATH: chromePath }
    }
  )
  // A terminal interrupts both processes. SIGTERM comes to this one alone, and Playwright closes its browsers on SIGINT only.
  process.once('SIGTERM', () => playwright.kill('SIGINT'))
  const [code] = (await once(playwright, 'exit')) as [number | null]
  return code ?? 1
})
