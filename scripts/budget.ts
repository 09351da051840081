// npm run budget: measures the JavaScript that a browser with an empty cache loads until the tickets page is usable, on the
// production build of `npm run demo`. Counts the gzip bytes of inline scripts and of every script that is requested before the
// first rows and the live connection are there. Scripts that are prefetched later are listed separately.
import { gzipSync } from 'node:zlib'
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test'
import { withDemo } from '../tests/e2e/support/demo.ts'
import { requireBrowser } from './browser.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

/** kB of 1000 bytes. */
const limit = 340

interface Script {
  name: string
  /** Bytes after gzip, without headers. */
  size: number
  /** Milliseconds since the epoch. */
  requestedAt: number
  /** Requested by `<link rel="prefetch">`: the page does not wait for it. */
  isPrefetch: boolean
}

interface Load {
  page: Page
  scripts: Script[]
  usableAt: number
  seconds: number
}

const chromePath = await requireBrowser()

await withDemo(async () => {
  const browser = await chromium.launch({ executablePath: chromePath })
  try {
    const { signInPage, cookies } = await signIn(browser)
    const context = await browser.newContext({ baseURL: process.env.E2E_URL })
    await context.addCookies(cookies)
    const tickets = await coldLoad(
      context,
      '/tickets',
      () =>
        Boolean(document.querySelector('tbody tr')) &&
        [...document.querySelectorAll('[role="status"]')].some(status => status.textContent.trim() === 'Live')
    )
    print('Sign-in (no limit)', signInPage)
    const total = print('Tickets', tickets)
    process.stdout.write(
      `\n${total > limit ? '✗' : '✓'} JavaScript to a usable tickets page: ${total.toFixed(1)} kB gzip of ${limit} kB (1 kB = 1000 bytes)\n`
    )
    return total > limit ? 1 : 0
  } finally {
    await browser.close()
  }
})

async function signIn(browser: Browser) {
  const context = await browser.newContext({ baseURL: process.env.E2E_URL })
  const signInPage = await coldLoad(
    context,
    '/sign-in',
    () => (window as unknown as { useNuxtApp?(): { isHydrating?: boolean } }).useNuxtApp?.().isHydrating === false
  )
  const { page } = signInPage
  await page.getByLabel('E-mail', { exact: true }).fill('ann@acme.test')
  await page.getByLabel('Password', { exact: true }).fill(process.env.DEMO_PASSWORD ?? 'switchboard-demo')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.waitForURL('**/dashboard')
  const cookies = await context.cookies()
  await context.close()
  return { signInPage, cookies }
}

async function coldLoad(context: BrowserContext, path: string, isUsable: () => boolean): Promise<Load> {
  const page = await context.newPage()
  const client = await context.newCDPSession(page)
  const scripts = new Map<string, Script>()
  await client.send('Network.enable')
  await client.send('Network.setCacheDisabled', { cacheDisabled: true })
  client.on('Network.requestWillBeSent', ({ requestId, request, wallTime, type }) => {
    const { pathname } = new URL(request.url)
    if (!pathname.endsWith('.js')) return
    const isPrefetch = type === 'Prefetch' || /prefetch/.test(`${request.headers.Purpose}${request.headers['Sec-Purpose']}`)
    scripts.set(requestId, { name: pathname, size: NaN, requestedAt: wallTime * 1000, isPrefetch })
  })

  // Recorded inside the page, because its prefetches start a few milliseconds later.
  await page.addInitScript(`(() => {
    const record = () => { if (!window.usableAt && (${isUsable})()) window.usableAt = Date.now() }
    new MutationObserver(record).observe(document, { subtree: true, childList: true, characterData: true })
    setInterval(record, 50)
  })()`)
  const startedAt = Date.now()
  await page.goto(path)
  const usableAt = (await (await page.waitForFunction(() => (window as unknown as { usableAt?: number }).usableAt)).jsonValue()) as number
  await page.waitForLoadState('networkidle')
  // The browser may have asked for brotli. Asking again works with every browser: not every Chromium can leave an encoding out.
  for (const script of scripts.values()) {
    const answer = await context.request.head(script.name, { headers: { 'accept-encoding': 'gzip' } })
    script.size = Number(answer.headers()['content-length']) // the uncompressed length when the script is not compressed
  }
  const html = await (await context.request.get(path)).text()
  return { page, scripts: [...scripts.values(), inlineScripts(html, startedAt)], usableAt, seconds: (usableAt - startedAt) / 1000 }
}

function inlineScripts(html: string, requestedAt: number): Script {
  const code = [...html.matchAll(/<script(?![^>]*(?:\ssrc=|type="application\/json"))[^>]*>([\s\S]*?)<\/script>/g)]
    .map(match => match[1])
    .join('\n')
  return { name: '(inline in the page)', size: gzipSync(code).length, requestedAt, isPrefetch: false }
}

/** Prints the loaded scripts, largest first, and returns the kB that the page needed. Throws when a size is unknown. */
function print(title: string, { scripts, usableAt, seconds }: Load): number {
  const unknown = scripts.find(({ size }) => !Number.isFinite(size))
  if (unknown) throw new Error(`${unknown.name} has no content-length`)
  const needed = scripts.filter(({ requestedAt, isPrefetch }) => requestedAt <= usableAt && !isPrefetch).toSorted((a, b) => b.size - a.size)
  const prefetched = scripts.filter(script => !needed.includes(script))
  process.stdout.write(`\n${title}: usable after ${seconds.toFixed(1)} s\n`)
  for (const { name, size } of needed.filter(({ size }) => size >= 1000)) process.stdout.write(`${kilobytes(size)}  ${name}\n`)
  const small = needed.filter(({ size }) => size < 1000)
  process.stdout.write(`${kilobytes(sum(small))}  ${small.length} smaller than 1 kB\n`)
  process.stdout.write(
    `${kilobytes(sum(needed))}  in ${needed.length} scripts; fetched ahead: ${(sum(prefetched) / 1000).toFixed(1)} kB in ${prefetched.length}\n`
  )
  if (process.argv.includes('--ahead'))
    for (const { name, size, isPrefetch } of prefetched)
      process.stdout.write(`   ahead${kilobytes(size)}  ${name}${isPrefetch ? ' (prefetch)' : ''}\n`)
  return sum(needed) / 1000
}

function sum(scripts: Script[]): number {
  return scripts.reduce((total, { size }) => total + size, 0)
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1).padStart(8)} kB`
}
