// npm run budget: the JavaScript that a browser with an empty cache loads until the tickets page is usable, on the
// production build as `npm run demo` serves it. Counted are the gzip bytes of every script asked for before the first rows
// and the live connection are there, the page's own inline scripts among them. What the page fetches ahead afterwards is listed apart.
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
  /** When it was asked for, in milliseconds since the epoch. */
  askedAt: number
  /** By the hint `<link rel="prefetch">`: the page does not wait for it. */
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
  // Known to the browser, if not to Playwright's types.
  await (client as { send(method: string, params: object): Promise<unknown> }).send('Network.setAcceptedEncodings', { encodings: ['gzip'] })
  client.on('Network.requestWillBeSent', ({ requestId, request, wallTime, type }) => {
    const { pathname } = new URL(request.url)
    if (!pathname.endsWith('.js')) return
    const isPrefetch = type === 'Prefetch' || /prefetch/.test(`${request.headers.Purpose}${request.headers['Sec-Purpose']}`)
    scripts.set(requestId, { name: pathname, size: NaN, askedAt: wallTime * 1000, isPrefetch })
  })
  client.on('Network.responseReceived', ({ requestId, response }) => {
    const script = scripts.get(requestId)
    if (!script) return
    const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]))
    // A script that is not compressed counts as it is.
    script.size = Number(headers['content-length'])
  })

  // The page itself notes the moment: what it fetches ahead begins a few milliseconds later.
  await page.addInitScript(`(() => {
    const note = () => { if (!window.usableAt && (${isUsable})()) window.usableAt = Date.now() }
    new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true })
    setInterval(note, 50)
  })()`)
  const startedAt = Date.now()
  await page.goto(path)
  const usableAt = (await (await page.waitForFunction(() => (window as unknown as { usableAt?: number }).usableAt)).jsonValue()) as number
  await page.waitForLoadState('networkidle')
  const html = await (await context.request.get(path)).text()
  return { page, scripts: [...scripts.values(), inlineScripts(html, startedAt)], usableAt, seconds: (usableAt - startedAt) / 1000 }
}

function inlineScripts(html: string, askedAt: number): Script {
  const code = [...html.matchAll(/<script(?![^>]*(?:\ssrc=|type="application\/json"))[^>]*>([\s\S]*?)<\/script>/g)]
    .map(match => match[1])
    .join('\n')
  return { name: '(inline in the page)', size: gzipSync(code).length, askedAt, isPrefetch: false }
}

/** Prints what was loaded, the largest first, and returns the kB that were needed. Throws when a size is unknown. */
function print(title: string, { scripts, usableAt, seconds }: Load): number {
  const unknown = scripts.find(({ size }) => !Number.isFinite(size))
  if (unknown) throw new Error(`${unknown.name} came without a length`)
  const needed = scripts.filter(({ askedAt, isPrefetch }) => askedAt <= usableAt && !isPrefetch).toSorted((a, b) => b.size - a.size)
  const ahead = scripts.filter(script => !needed.includes(script))
  process.stdout.write(`\n${title}: usable after ${seconds.toFixed(1)} s\n`)
  for (const { name, size } of needed.filter(({ size }) => size >= 1000)) process.stdout.write(`${kilobytes(size)}  ${name}\n`)
  const small = needed.filter(({ size }) => size < 1000)
  process.stdout.write(`${kilobytes(sum(small))}  ${small.length} smaller than 1 kB\n`)
  process.stdout.write(
    `${kilobytes(sum(needed))}  in ${needed.length} scripts; fetched ahead: ${(sum(ahead) / 1000).toFixed(1)} kB in ${ahead.length}\n`
  )
  if (process.argv.includes('--ahead'))
    for (const { name, size, isPrefetch } of ahead)
      process.stdout.write(`   ahead${kilobytes(size)}  ${name}${isPrefetch ? ' (prefetch)' : ''}\n`)
  return sum(needed) / 1000
}

function sum(scripts: Script[]): number {
  return scripts.reduce((total, { size }) => total + size, 0)
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1).padStart(8)} kB`
}
