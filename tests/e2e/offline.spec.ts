import type { Page, Route } from '@playwright/test'
import { demoPerson, newTeam, newTicket } from './support/people.ts'
import { startProxy } from './support/proxy.ts'
import { expect, waitUntilInteractive, notification, open, openTickets, test } from './support/test.ts'

const withWorker = { serviceWorkers: 'allow' as const }
// Messages of the browser, of the auth client and of Nuxt's error page without a network.
const noNetwork = /ERR_INTERNET_DISCONNECTED|WebSocket connection to .* failed|Retrying fetch attempt|Error fetching request|NUXT_E1005/

test('the app can be installed: it has a manifest, icons and a service worker', async ({ signedIn, request }) => {
  const page = await signedIn(await demoPerson('ann@acme.test'), withWorker)
  await openTickets(page)
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
  await waitForWorker(page)
})

test('the app starts without a network, lists unsent texts, and reconnects by itself', async ({ signedIn, provokes }) => {
  provokes(noNetwork)
  const team = await newTeam('Tunnel')
  await newTicket(team.people.owner, team, { subject: 'Read on the train' })
  const page = await signedIn(team.people.owner, withWorker)
  await openTickets(page, '?ticket=1')
  await waitForWorker(page)
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
  // Chromium fires no "online" event in a page from a service worker: the app polls, and reloads at most 5 s later.
  await expect(field).toHaveValue('Written in the tunnel.')
  await expect(page.getByText('Live', { exact: true })).toBeAttached()
})

test('a list that failed to load without a network is loaded when the network is back', async ({ signedIn, provokes }) => {
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

test('code that could not be preloaded without a network is loaded when it is needed', async ({ signedIn, provokes }) => {
  provokes(/^console .*(ERR_INTERNET_DISCONNECTED|WebSocket connection to .* failed)/)
  const page = await signedIn(await demoPerson('ann@acme.test'))
  // After the first rows the app preloads code: hold these requests until the network is off.
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

test('the offline cache contains the app and no data of a person', async ({ signedIn }) => {
  const ann = await demoPerson('ann@acme.test')
  const page = await signedIn(ann, withWorker)
  await openTickets(page, '?ticket=12')
  await waitForWorker(page)
  await page.reload()
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
  for (const secret of [ann.email, ann.id, ann.session.access_token, ann.session.refresh_token]) expect(kept.pages[0]).not.toContain(secret)
  expect(await page.evaluate(() => Object.keys(localStorage).filter(key => /^(commands|recent-tickets)/.test(key)).length)).toBeGreaterThan(
    0
  )

  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('button', { name: /profile, theme, sign out/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await page.waitForURL('**/sign-in')
  expect(await page.evaluate(() => Object.keys(localStorage).filter(key => /^(commands|recent-tickets|draft)/.test(key)))).toEqual([])
})

test('a new version is announced, and loaded with the next navigation', async ({ signedIn }) => {
  const proxy = await startProxy()
  const page = await signedIn(await demoPerson('ann@acme.test'), { ...withWorker, proxy: { server: proxy.url } })
  await openTickets(page)
  await waitForWorker(page)
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
  await waitUntilInteractive(page)
  expect(await page.evaluate(() => 'isBefore' in window)).toBe(false)
  await page.close() // before the proxy that it uses stops
  await proxy.stop()
})

test('a chunk that no longer exists reloads the page once, and the typed text is kept', async ({ signedIn, provokes }) => {
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

  // Scripts of this version fail until the page is reloaded.
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

test('the offline page has a title and fits 375 px', async ({ signedIn, provokes }) => {
  provokes(noNetwork)
  const page = await signedIn(await demoPerson('bob@acme.test'), withWorker)
  await open(page, '/dashboard')
  await expect(page.getByText('Live', { exact: true })).toBeAttached()
  await waitForWorker(page)
  await page.context().setOffline(true)
  await page.reload()
  await expect(page).toHaveTitle('You are offline · Switchboard')
  await expect(page.getByText('You have no unsent texts on this device.')).toBeVisible()
  await page.setViewportSize({ width: 375, height: 740 })
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0)
})

/** Waits until the service worker has filled its cache and controls this page. */
async function waitForWorker(page: Page): Promise<void> {
  await page.waitForFunction(() => navigator.serviceWorker.controller?.state === 'activated')
}
