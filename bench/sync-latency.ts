// Measures the milliseconds from the answer to a change in one browser to the changed page in another browser, on the demo:
// node bench/sync-latency.ts [changes, 100]. Alternates changes of status, changes of priority and replies.
import { chromium, type Page } from '@playwright/test'
import { findBrowser } from '../scripts/browser.ts'
import { startDemo } from '../tests/e2e/support/demo.ts'
import { percentiles } from '../tests/support/percentile.ts'

const changes = Number(process.argv[2] ?? 100)
const demo = await startDemo()
Object.assign(process.env, {
  E2E_URL: demo.url,
  E2E_SUPABASE_URL: demo.supabaseUrl,
  E2E_SUPABASE_KEY: demo.publishableKey,
  E2E_DATABASE_URL: demo.databaseUrl
})
try {
  const { measureSync } = await import('../tests/e2e/support/sync.ts')
  const { sessionCookies } = await import('../tests/e2e/support/people.ts')
  const browser = await chromium.launch({ executablePath: await findBrowser() })
  const { fromAnswer, fromRequest } = await measureSync(async (person): Promise<Page> => {
    const context = await browser.newContext({ baseURL: demo.url, viewport: { width: 1280, height: 800 } })
    await context.addCookies(sessionCookies(person.session).map(cookie => ({ ...cookie, url: demo.url })))
    return await context.newPage()
  }, changes)
  await browser.close()
  process.stdout.write(
    `${fromAnswer.length} changes\nfrom the answer to the other page:  ${percentiles(fromAnswer)}\nfrom the request to the other page: ${percentiles(fromRequest)}\n`
  )
} finally {
  await demo.stop()
}
