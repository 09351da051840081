import type { Page, Route } from '@playwright/test'
import { demoPerson, newTeam, newTicket } from './support/people.ts'
import { startProxy } from './support/proxy.ts'
import { expect, goTo, isInteractive, notification, openTickets, test, withPreloading, type BrowserOptions } from './support/test.ts'

const withWorker: BrowserOptions = { serviceWorkers: 'allow', preloads: true }
// Messages of the browser, the session library and the error page of Nuxt.
const noNetwork = /ERR_INTERNET_DISCONNECTED|WebSocket connection to .* failed|Retrying fetch attempt|Error fetching request|NUXT_E1005/

test('the app can be installed, and keeps what it needs to start without a network, but nothing of a person', async ({
  signedIn,
  request,
  provokes
}) => {
  provokes(noNetwork)
  const ann = await demoPerson('ann@acme.test')
  const page = await signedIn(ann, withWorker)
  await openTickets(page, '?ticket=12')

  await test.step('The manifest, the icons and the service worker are there', async () => {
    const link = await page.locator('link[rel="manifest"]').getAttribute('href')
    const manifest = (await (await request.get(link!)).json()) as {
      name: string
      start_url: string
      display: string
      icons: { src: string; sizes: string; purpose?: string }[]
    }
    expect(manifest).toMatchObject({ name: 'Switchboard', start_url: '/tickets', display: 'standalone' })
    for (const { src, sizes } of manifest.icons.filter(({ src }) => src.endsWith('.png'))) {
      const size = await page.evaluate(async src => {
        const image = new Image()
        image.src = src
        await image.decode()
        return `${image.naturalWidth}x${image.naturalHeight}`
      }, src)
      expect(size, src).toBe(sizes)
    }
    expect(manifest.icons.map(({ sizes, purpose = 'any' }) => `${sizes} ${purpose}`)).toEqual(
      expect.arrayContaining(['192x192 any', '512x512 any', '192x192 maskable', '512x512 maskable'])
    )
    expect((await request.get('/sw.js')).headers()['cache-control']).toBe('no-cache')
    await workerIsActive(page)
  })

  await test.step('The offline page says that there are no unsent texts, and fits 375 px', async () => {
    await goTo(page, '/dashboard')
    await page.context().setOffline(true)
    await page.reload()
    await expect(page).toHaveTitle('You are offline · Switchboard')
    await expect(page.getByText('You have no unsent texts on this device.')).toBeVisible()
    await page.setViewportSize({ width: 375, height: 740 })
    expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.context().setOffline(false)
    // The offline page reloads itself when the network is back: going elsewhere before that would break off one of the two.
    await expect(page).toHaveTitle(/^Dashboard/)
  })

  await test.step('The cache holds the app and nothing of a person, and sign-out empties the storage', async () => {
    await openTickets(page, '?ticket=12')
    await expect(page.getByRole('dialog', { name: 'Ticket #012' })).toBeVisible()
    const kept = await page.evaluate(async () => {
      const pages: string[] = []
      const paths: string[] = []
      for (const name of await caches.keys()) {
        const cache = await caches.open(name)
        for (const request of await cache.keys()) {
          const { pathname } = new URL(request.url)
          paths.push(pathname)
          if (!pathname.startsWith('/_nuxt/')) pages.push(await (await cache.match(request))!.text())
        }
      }
      return { pages, paths }
    })
    expect(kept.paths.filter(path => !path.startsWith('/_nuxt/'))).toEqual(['/tickets'])
    expect(kept.pages).toHaveLength(1)
    for (const secret of [ann.email, ann.id, ann.session.access_token, ann.session.refresh_token])
      expect(kept.pages[0]).not.toContain(secret)
    expect(
      await page.evaluate(() => Object.keys(localStorage).filter(key => /^(commands|recent-tickets)/.test(key)).length)
    ).toBeGreaterThan(0)

    await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click()
    await page.getByRole('button', { name: /profile, theme, help, sign out/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await page.waitForURL('**/sign-in')
    expect(await page.evaluate(() => Object.keys(localStorage).filter(key => /^(commands|recent-tickets|draft)/.test(key)))).toEqual([])
  })
})

test('the app starts without a network, shows unsent texts, and recovers by itself', async ({ signedIn, provokes }) => {
  provokes(noNetwork)
  const team = await newTeam('Tunnel')
  await newTicket(team.people.owner, team, { subject: 'Read on the train' })
  const page = await signedIn(team.people.owner, withWorker)
  await openTickets(page, '?ticket=1')
  await workerIsActive(page)
  const field = page.getByRole('dialog').getByRole('textbox', { name: 'Reply' })

  await page.context().setOffline(true)
  await expect(page.getByText('You are offline. What you write is kept on this device.')).toBeVisible()
  await field.fill('Written in the tunnel.')
  for (const path of ['/tickets?ticket=1', '/dashboard']) {
    await page.goto(path)
    await expect(page.getByRole('heading', { level: 1, name: 'You are offline' })).toBeVisible()
    await expect(page.getByRole('list', { name: 'Not sent yet' })).toContainText('Written in the tunnel.')
  }
  await page.goBack()
  await expect(page.getByRole('heading', { level: 1, name: 'You are offline' })).toBeVisible()

  await page.context().setOffline(false)
  // The offline page of the worker gets no "online" event here: its next try, at most 5 s later, starts the app.
  await expect(field).toHaveValue('Written in the tunnel.')
  await expect(page.getByText('Live', { exact: true })).toBeAttached()
})

test('a list that failed to load without a network loads when the network is back', async ({ signedIn, provokes }) => {
  provokes(noNetwork)
  const team = await newTeam('Short tunnel')
  await newTicket(team.people.owner, team, { subject: 'Open' })
  await newTicket(team.people.owner, team, { subject: 'Waiting', status: 'waiting' })
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  const rows = page.locator('tbody tr')
  await expect(rows).toHaveCount(2)
  await page.context().setOffline(true)
  await page
    .getByRole('button', { name: /Waiting$/ })
    .first()
    .click()
  await expect(page.getByText('This could not be loaded')).toBeVisible()
  await page.context().setOffline(false)
  await expect(rows).toHaveCount(1)
  await expect(page.getByText('This could not be loaded')).toHaveCount(0)
})

test('code that failed to preload without a network loads when it is needed', async ({ signedIn, provokes }) => {
  provokes(/^console .*(ERR_INTERNET_DISCONNECTED|WebSocket connection to .* failed)/)
  const page = await signedIn(await demoPerson('ann@acme.test'), withPreloading)
  // Holds the scripts that the page preloads after the first rows.
  const held: Route[] = []
  let isHolding = false
  page.once('request', function note(request) {
    isHolding = /\/tickets\?/.test(request.url()) && request.resourceType() === 'fetch'
    if (!isHolding) page.once('request', note)
  })
  await page.route('**/_nuxt/*.js', route => (isHolding ? void held.push(route) : route.fallback()))
  await openTickets(page)
  await expect.poll(() => held.length).toBeGreaterThan(2)
  await page.context().setOffline(true)
  isHolding = false
  const failures = held.map(route => page.waitForEvent('requestfailed', request => request === route.request()))
  for (const route of held) await route.abort('internetdisconnected')
  await Promise.all(failures)

  await page.context().setOffline(false)
  await expect(page.getByRole('button', { name: 'Next Page' })).toBeVisible()
  await page.getByRole('button', { name: 'New Ticket' }).click()
  await expect(page.getByRole('dialog', { name: 'New ticket' })).toBeVisible()
})

test('a new version is announced and loads with the next page', async ({ signedIn }) => {
  const proxy = await startProxy()
  const page = await signedIn(await demoPerson('ann@acme.test'), { ...withWorker, proxy: { server: proxy.url } })
  await openTickets(page)
  await workerIsActive(page)
  await page.evaluate(() => Object.assign(window, { isBefore: true }))

  proxy.rewrite('/sw.js', content => `${content}\n// the next version`)
  await page.evaluate(async () => await (await navigator.serviceWorker.ready).update())
  await expect(notification(page, 'A new version is ready')).toBeVisible()
  await page.getByRole('row', { name: /SEV/ }).first().getByRole('cell').nth(2).click()
  await expect(page.getByRole('dialog')).toBeVisible()
  expect(await page.evaluate(() => 'isBefore' in window)).toBe(true)
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(page.getByRole('button', { name: 'Reload for the new version' })).toBeVisible()

  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Dashboard' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible()
  await isInteractive(page)
  expect(await page.evaluate(() => 'isBefore' in window)).toBe(false)
  await page.close() // before the proxy stops
  await proxy.stop()
})

test('opening a ticket needs no further script, unless the browser is set to save data and nothing was preloaded', async ({ signedIn }) => {
  const team = await newTeam('Preloading')
  const { owner } = team.people
  await newTicket(owner, team, { subject: 'Opened twice' })
  const scriptsOf = (page: Page) =>
    page.evaluate(() => performance.getEntriesByType('resource').flatMap(({ name }) => (name.endsWith('.js') ? [name] : [])))
  const openFirstTicket = async (page: Page) => {
    await page.locator('tbody tr').first().press('Enter')
    await expect(page.getByRole('dialog').getByText('Nobody has replied yet')).toBeVisible()
  }

  const saving = await signedIn(owner)
  await openTickets(saving)
  const first = await scriptsOf(saving)
  await openFirstTicket(saving)
  const needed = (await scriptsOf(saving)).filter(script => !first.includes(script))
  expect(needed.length).toBeGreaterThan(0)

  const preloading = await signedIn(owner, withPreloading)
  await openTickets(preloading)
  await expect.poll(() => scriptsOf(preloading)).toEqual(expect.arrayContaining(needed))
  const requested: string[] = []
  preloading.on('request', request => requested.push(request.url()))
  await openFirstTicket(preloading)
  expect(requested.filter(url => needed.includes(url))).toEqual([])
})

test('the page reloads once when its code was replaced by a new version, and keeps unsent text', async ({ signedIn, provokes }) => {
  provokes(/ERR_FAILED|dynamically imported module/)
  const team = await newTeam('Deployed')
  await newTicket(team.people.owner, team, { subject: 'Open during a deployment' })
  const page = await signedIn(team.people.owner)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await slideover.getByRole('textbox', { name: 'Reply' }).fill('Half a sentence')
  await slideover.getByRole('heading', { name: 'Open during a deployment' }).click()
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => Object.assign(window, { isBefore: true }))

  // No script of this version loads any more, until the page is loaded again.
  let isNew = false
  page.on('request', request => (isNew ||= request.isNavigationRequest()))
  await page.route('**/_nuxt/*.js', route => (isNew ? route.fallback() : route.abort()))
  await page.keyboard.press('?')
  await page.waitForFunction(() => !('isBefore' in window))
  await expect(slideover.getByRole('textbox', { name: 'Reply' })).toHaveValue('Half a sentence')
  await slideover.getByRole('heading', { name: 'Open during a deployment' }).click()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
})

/** Waits until the service worker has filled its cache and controls this page. */
async function workerIsActive(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')
}
