// Measures the milliseconds from the key press to the first frame of the command palette with its field in focus, for the first
// and the second opening on a page: node bench/palette.ts [runs, 10]. Each run uses a new browser context on the idle tickets
// page of the demo.
import { chromium } from '@playwright/test'
import { requireBrowser } from '../scripts/browser.ts'
import { withDemo } from '../tests/e2e/support/demo.ts'

const runs = Number(process.argv[2] ?? 10)
const limit = 100

interface Probe {
  paletteOpened?: number
}

await withDemo(async () => {
  const { demoPerson, sessionCookies } = await import('../tests/e2e/support/people.ts')
  const url = process.env.E2E_URL!
  const ann = await demoPerson('ann@acme.test')
  const browser = await chromium.launch({ executablePath: await requireBrowser() })
  const first: number[] = []
  const second: number[] = []
  try {
    for (let run = 0; run < runs; run++) {
      const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 800 } })
      await context.addCookies(sessionCookies(ann.session).map(cookie => ({ ...cookie, url })))
      const page = await context.newPage()
      await page.addInitScript(() => {
        const probe = window as unknown as Probe
        window.addEventListener(
          'keydown',
          ({ key, ctrlKey, timeStamp }) => {
            if (key !== 'k' || !ctrlKey) return
            const checkFrame = () =>
              requestAnimationFrame(() => {
                if (document.activeElement?.getAttribute('role') !== 'combobox' || !document.activeElement.closest('[role="dialog"]'))
                  return checkFrame()
                // Its frame has been drawn when the next one begins.
                requestAnimationFrame(now => (probe.paletteOpened = now - timeStamp))
              })
            checkFrame()
          },
          { capture: true }
        )
      })
      const open = async () => {
        await page.evaluate(() => delete (window as unknown as Probe).paletteOpened)
        await page.keyboard.press('Control+k')
        return (await (await page.waitForFunction(() => (window as unknown as Probe).paletteOpened)).jsonValue()) as number
      }
      await page.goto('/tickets')
      await page.getByText('Live', { exact: true }).waitFor({ state: 'attached' })
      await page.waitForLoadState('networkidle')
      await page.waitForTimeout(1_500)
      first.push(await open())
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      second.push(await open())
      await context.close()
    }
  } finally {
    await browser.close()
  }
  const median = print('first opening ', first)
  print('second opening', second)
  process.stdout.write(`${median > limit ? '✗' : '✓'} the first in ${median.toFixed(0)} ms of ${limit} ms\n`)
  return median > limit ? 1 : 0
})

/** Prints the values with median, minimum and maximum, and returns the median. */
function print(what: string, values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const median = sorted[Math.floor(sorted.length / 2)]!
  process.stdout.write(
    `${what}  median ${median.toFixed(0)}, least ${sorted[0]!.toFixed(0)}, most ${sorted.at(-1)!.toFixed(0)} ms  (${values.map(value => value.toFixed(0)).join(' ')})\n`
  )
  return median
}
