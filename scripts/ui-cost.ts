// node scripts/ui-cost.ts [repetitions, 9]: measures what the things that agents do all day cost the browser, on the production build of
// `npm run demo`. For each: the median CPU milliseconds of the page's main thread from the key press until the page has been idle for half
// a second (DevTools' TaskDuration in thread ticks), and the requests that it sent. And the elements of a row of the list.
// CPU time depends on the machine: compare only what was measured on the same one.
import { chromium, type CDPSession, type Page } from '@playwright/test'
import { withDemo } from '../tests/e2e/support/demo.ts'
import { percentile } from '../tests/support/percentile.ts'
import { requireBrowser } from './browser.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

const repetitions = Number(process.argv[2] ?? 9)
const idleMs = 500

interface Action {
  name: string
  /** The most CPU milliseconds of design/workspace.md, section 6. */
  limit: number
  /** The most requests; undefined: not limited. */
  requests?: number
  prepare?: (page: Page) => Promise<void>
  act: (page: Page) => Promise<void>
  restore?: (page: Page) => Promise<void>
}

const ticket = (page: Page) => page.getByRole('dialog', { name: /^Ticket #/ })
const openTicket = async (page: Page) => {
  await page.keyboard.press('Enter')
  await ticket(page).getByRole('region', { name: 'Conversation' }).waitFor()
}
const requireOpenTicket = async (page: Page) => {
  if (await ticket(page).isHidden()) await openTicket(page)
}
const closeTicket = async (page: Page) => {
  await page.keyboard.press('Escape')
  await ticket(page).waitFor({ state: 'hidden' })
}

const actions: Action[] = [
  {
    name: 'open a ticket',
    limit: 150,
    requests: 2,
    prepare: page => page.keyboard.press('j'),
    act: openTicket,
    restore: closeTicket
  },
  {
    name: 'next ticket',
    limit: 50,
    prepare: requireOpenTicket,
    act: async page => {
      const before = await ticket(page)
        .getByText(/^Ticket #/)
        .first()
        .textContent()
      await page.keyboard.press('j')
      await page.getByRole('dialog', { name: before!, exact: true }).waitFor({ state: 'hidden' })
    }
  },
  {
    name: 'back to the list',
    limit: 60,
    requests: 0,
    prepare: requireOpenTicket,
    act: closeTicket
  },
  {
    name: 'palette',
    limit: 100,
    act: async page => {
      await page.keyboard.press('Control+k')
      await page.getByRole('dialog').getByRole('combobox').waitFor()
    },
    restore: async page => {
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
    }
  },
  {
    name: 'status menu of a row',
    limit: 100,
    act: async page => {
      await page
        .getByRole('row')
        .nth(3)
        .getByRole('button', { name: /^Status/ })
        .click()
      await page.getByRole('menu').waitFor()
    },
    restore: async page => {
      await page.keyboard.press('Escape')
      await page.getByRole('menu').waitFor({ state: 'hidden' })
    }
  }
]

const chromePath = await requireBrowser()

await withDemo(async () => {
  const { demoPerson, sessionCookies } = await import('../tests/e2e/support/people.ts')
  const url = process.env.E2E_URL!
  const ann = await demoPerson('ann@acme.test')
  const browser = await chromium.launch({ executablePath: chromePath })
  try {
    const context = await browser.newContext({ baseURL: url, viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' })
    await context.addCookies(sessionCookies(ann.session).map(cookie => ({ ...cookie, url })))
    const page = await context.newPage()
    const client = await context.newCDPSession(page)
    await client.send('Performance.setTimeDomain', { timeDomain: 'threadTicks' })
    await client.send('Performance.enable')
    let requests = 0
    page.on('request', request => {
      if (new URL(request.url()).pathname.startsWith('/api/')) requests++
    })
    await page.goto('/tickets')
    await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' })
    await page.waitForLoadState('networkidle')
    await page.waitForTimeout(2_000)

    const elements = await page
      .getByRole('table', { name: 'Tickets' })
      .locator('tbody tr')
      .evaluateAll(rows => rows.map(row => row.querySelectorAll('*').length))
    let isPassing = report('elements of a row', percentile(elements, 0.5), 24, `${Math.min(...elements)}–${Math.max(...elements)}`)

    for (const { name, limit, requests: most, prepare, act, restore } of actions) {
      const spent: number[] = []
      const sent: number[] = []
      // The first one loads code and fills caches.
      for (let repetition = 0; repetition <= repetitions; repetition++) {
        await prepare?.(page)
        await page.waitForTimeout(idleMs)
        requests = 0
        const before = await busyMs(client)
        await act(page)
        await page.waitForLoadState('networkidle')
        await page.waitForTimeout(idleMs)
        if (repetition > 0) {
          spent.push((await busyMs(client)) - before)
          sent.push(requests)
        }
        await restore?.(page)
      }
      const count = percentile(sent, 0.5)
      const fits = most === undefined || count <= most
      const words = `${Math.min(...spent).toFixed(0)}–${Math.max(...spent).toFixed(0)} ms; ${count} ${count === 1 ? 'request' : 'requests'}${fits ? '' : ` of ${most}`}`
      isPassing = report(name, percentile(spent, 0.5), limit, words) && fits && isPassing
    }
    return isPassing ? 0 : 1
  } finally {
    await browser.close()
  }
})

/** CPU milliseconds that the main thread has spent in tasks. */
async function busyMs(client: CDPSession): Promise<number> {
  const { metrics } = await client.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1_000
}

function report(what: string, value: number, limit: number, words: string): boolean {
  process.stdout.write(`${value > limit ? '✗' : '✓'} ${what.padEnd(22)} ${value.toFixed(0).padStart(4)} of ${limit}   (${words})\n`)
  return value <= limit
}
