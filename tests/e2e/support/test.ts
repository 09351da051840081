import {
  expect,
  test as base,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page
} from '@playwright/test'
import type { Router } from 'vue-router'
import { sessionCookies, type Person } from './people.ts'

export { expect }

/** Options of a browser. Like one that is set to save data, it preloads no code unless `preloads` is set. */
export interface BrowserOptions extends BrowserContextOptions {
  preloads?: boolean
}

interface Fixtures {
  /** A page in a browser of its own, where nobody is signed in. */
  guest: (options?: BrowserOptions) => Promise<Page>
  /** A page in a browser of its own, where `person` is signed in. */
  signedIn: (person: Person, options?: BrowserOptions) => Promise<Page>
  /** Allows reported problems that match; every other reported problem fails the test. */
  provokes: (problem: RegExp) => void
}

/** Watches every page of every test: problems of the console, the network or the content security policy fail it. */
export const test = base.extend<Fixtures & { watch: Watch }, { spares: Spares }>({
  spares: [
    async ({ browser: _browser }, use) => {
      const spares: Spares = []
      await use(spares)
      for (const { context } of spares) await context.close()
    },
    { scope: 'worker' }
  ],
  watch: async ({ browser, spares }, use) => {
    const watch = createWatch(browser, spares)
    await use(watch)
    await watch.close()
    expect(watch.problems.filter(problem => !watch.provoked.some(pattern => pattern.test(problem)))).toEqual([])
  },
  provokes: async ({ watch }, use) => use(problem => void watch.provoked.push(problem)),
  guest: async ({ watch }, use) => use(options => watch.open(options)),
  signedIn: async ({ watch }, use) => use((person, options) => watch.open(options, person))
})

interface Watch {
  problems: string[]
  provoked: RegExp[]
  open(options?: BrowserOptions, person?: Person): Promise<Page>
  close(): Promise<void>
}

/** A browser context and where its problems go. */
interface WatchedContext {
  context: BrowserContext
  report: (problem: string) => void
}

/** Contexts of earlier tests, emptied of everything but their HTTP cache: the first load of the app takes a third less time in them. */
type Spares = WatchedContext[]

function createWatch(browser: Browser, spares: Spares): Watch {
  const problems: string[] = []
  const opened: (WatchedContext & { isReusable: boolean })[] = []
  return {
    problems,
    provoked: [],
    async open({ viewport, preloads = false, ...options } = {}, person) {
      const isReusable = !preloads && Object.keys(options).length === 0
      const watched = (isReusable && spares.pop()) || (await createContext(browser, options))
      watched.report = problem => void problems.push(problem)
      opened.push(Object.assign(watched, { isReusable }))
      const { context } = watched
      if (person)
        await context.addCookies(
          sessionCookies(person.session).map(cookie => ({ ...cookie, url: process.env.E2E_URL!, sameSite: 'Lax' as const }))
        )
      const page = await context.newPage()
      if (viewport) await page.setViewportSize(viewport)
      if (!preloads) await saveData(page)
      return page
    },
    async close() {
      for (const watched of opened) {
        if (watched.isReusable) {
          await empty(watched.context)
          spares.push(watched)
        } else {
          await watched.context.close()
        }
      }
    }
  }
}

async function createContext(browser: Browser, options?: BrowserContextOptions): Promise<WatchedContext> {
  // Playwright cannot hold back an answer of a service worker, so only tests of the worker allow it.
  // Without a GPU, animations cost more than the rest of a page. overlays.spec.ts and keyboard.spec.ts run with them.
  const context = await browser.newContext({
    baseURL: process.env.E2E_URL,
    locale: 'en-GB',
    serviceWorkers: 'block',
    reducedMotion: 'reduce',
    ...options
  })
  const watched: WatchedContext = { context, report: () => {} }
  await listen(context, problem => watched.report(problem))
  return watched
}

// The app then preloads nothing: no test pays for code that it does not use.
async function saveData(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page)
  await session.send('Emulation.setDataSaverOverride', { dataSaverEnabled: true })
}

// A page that is closing may still write to its storage, so pages are closed first.
async function empty(context: BrowserContext): Promise<void> {
  await Promise.all(context.pages().map(page => page.close()))
  await Promise.all([context.unrouteAll(), context.clearCookies(), context.clearPermissions(), context.setOffline(false)])
  const page = await context.newPage()
  const session = await context.newCDPSession(page)
  await session.send('Storage.clearDataForOrigin', { origin: process.env.E2E_URL!, storageTypes: 'all' })
  await page.close()
}

async function listen(context: BrowserContext, report: (problem: string) => void): Promise<void> {
  context.on(
    'console',
    message =>
      ['error', 'warning'].includes(message.type()) &&
      !message.text().startsWith('Service Worker registration blocked by Playwright') &&
      report(`console ${message.type()}: ${message.text()} (${message.location().url})`)
  )
  context.on('weberror', webError => report(`page error: ${describeError(webError.error())} (${webError.page()?.url()})`))
  context.on('request', request => {
    const { protocol, hostname, pathname } = new URL(request.url())
    if (protocol.startsWith('http') && !['localhost', '127.0.0.1'].includes(hostname)) report(`foreign request: ${request.url()}`)
    if (request.method() === 'POST' && pathname.startsWith('/api/') && !request.headers()['idempotency-key'])
      report(`POST without Idempotency-Key: ${request.url()}`)
  })
  context.on(
    'response',
    response => response.status() >= 500 && report(`response ${response.status()}: ${response.request().method()} ${response.url()}`)
  )
  await context.exposeBinding('__reportViolation', (_source, violation: string) => report(`policy violation: ${violation}`))
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      ;(window as unknown as { __reportViolation(text: string): void }).__reportViolation(`${violatedDirective} ${blockedURI}`)
    })
  })
}

// The stack is empty for a failed import(), a DOMException and values that are not an Error.
function describeError({ name, message, stack }: Error): string {
  return stack || `${name}: ${message}`
}

/** Options of a browser that preloads code, as browsers do that are not set to save data. */
export const withPreloading: BrowserOptions = { preloads: true }

/** Opens `path` and waits until the page answers to input. */
export async function open(page: Page, path: string): Promise<void> {
  await page.goto(path)
  await isInteractive(page)
}

export async function isInteractive(page: Page): Promise<void> {
  await page.waitForFunction(() => (window as unknown as { useNuxtApp?(): { isHydrating?: boolean } }).useNuxtApp?.().isHydrating === false)
}

/** Opens the tickets page and waits until the list is loaded and the connection is live. */
export async function openTickets(page: Page, query = ''): Promise<void> {
  await open(page, `/tickets${query}`)
  await expect(page.getByText('Live', { exact: true })).toBeAttached()
  // The number of tickets is beside the title once they are loaded.
  await expect(page.getByRole('heading', { level: 1, includeHidden: true }).locator('..')).toContainText(/\d/)
}

/** Goes to `path` as a link inside the app does: the page is not loaded again. */
export async function goTo(page: Page, path: string): Promise<void> {
  await isInteractive(page)
  await page.evaluate(
    path =>
      new Promise<void>(resolve => {
        const { $router } = (window as unknown as { useNuxtApp(): { $router: Router } }).useNuxtApp()
        const stop = $router.afterEach(() => {
          stop()
          resolve()
        })
        void $router.push(path)
      }),
    path
  )
}

/** The text of a toast. For a moment, the same text is also in an announcement for screen readers, outside of the toast. */
export function notification(page: Page, text: string): Locator {
  return page.getByRole('region', { name: /^Notifications/, includeHidden: true }).getByText(text)
}

/** Presses keys ("x", "Shift+J") before the page can draw what the first ones open. */
export async function pressAtOnce(page: Page, keys: string[]): Promise<void> {
  await page.evaluate(keys => {
    for (const name of keys) {
      const key = name.replace('Shift+', '')
      document.activeElement?.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey: key !== name, bubbles: true, cancelable: true }))
    }
  }, keys)
}
