import { globSync } from 'node:fs'
import type { Page } from '@playwright/test'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { failRequests } from './support/failure.ts'
import { linkFor, passMinute } from './support/inbox.ts'
import { api, demoPerson, newAddress, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, isInteractive, open, openTickets, test } from './support/test.ts'

interface Visit {
  path: string
  title: string
  as: 'guest' | 'ann'
  filter?: string
}

// Every file in app/pages: how to visit it, or why it shows nothing of its own.
const visits: Record<
  string,
  Visit | 'invitation' | 'rating' | 'leads elsewhere' | 'frame of its pages' | 'articles.spec.ts' | 'portal.spec.ts' | 'help.spec.ts'
> = {
  'articles/index.vue': { path: '/articles', title: 'Articles', as: 'ann' },
  'articles/categories.vue': { path: '/articles/categories', title: 'Article categories', as: 'ann' },
  'articles/gaps.vue': { path: '/articles/gaps', title: 'Gaps', as: 'ann' },
  'articles/[id].vue': 'articles.spec.ts',
  'auth/welcome.vue': { path: '/auth/welcome', title: 'Choose a password', as: 'guest' },
  'auth/confirm.vue': { path: '/auth/confirm?type=signup&token_hash=unused', title: 'Confirm your address', as: 'guest' },
  'contacts/index.vue': { path: '/contacts', title: 'Contacts', as: 'ann' },
  'contacts/projects.vue': { path: '/contacts/projects', title: 'Projects', as: 'ann' },
  'contacts/organizations.vue': { path: '/contacts/organizations', title: 'Organizations', as: 'ann' },
  'dashboard/index.vue': { path: '/dashboard', title: 'Dashboard', as: 'ann' },
  // Axe takes half a second for each of its hundred entries, which the same components make.
  'docs/api.vue': { path: '/docs/api', title: 'API reference', as: 'guest', filter: 'webhook' },
  'forgot-password.vue': { path: '/forgot-password', title: 'Reset your password', as: 'guest' },
  'index.vue': 'leads elsewhere',
  'invitations/[token].vue': 'invitation',
  'notifications/index.vue': { path: '/notifications', title: 'Notifications', as: 'ann' },
  'help/[...rest].vue': 'help.spec.ts',
  'help/[team]/articles/[article].vue': 'help.spec.ts',
  'help/[team]/articles/index.vue': 'help.spec.ts',
  'help/[team]/categories/[category].vue': 'help.spec.ts',
  'help/[team]/index.vue': 'help.spec.ts',
  'help/[team]/search.vue': 'help.spec.ts',
  'p/[...rest].vue': 'portal.spec.ts',
  'p/[team]/[number].vue': 'portal.spec.ts',
  'p/[team]/follow.vue': 'portal.spec.ts',
  'portal/[...rest].vue': 'portal.spec.ts',
  'portal/[team]/[number].vue': 'portal.spec.ts',
  'portal/[team]/confirm.vue': 'portal.spec.ts',
  'portal/[team]/index.vue': 'portal.spec.ts',
  'portal/[team]/new.vue': 'portal.spec.ts',
  'portal/[team]/sign-in.vue': 'portal.spec.ts',
  'portal/index.vue': 'portal.spec.ts',
  'rate/[token].vue': 'rating',
  'reply-address/[token].vue': { path: `/reply-address/${'x'.repeat(43)}`, title: 'Reply address', as: 'guest' },
  'reports/index.vue': { path: '/reports', title: 'Reports', as: 'ann' },
  'reset-password.vue': { path: '/reset-password', title: 'Choose a new password', as: 'guest' },
  'settings.vue': 'frame of its pages',
  'settings/api-keys.vue': { path: '/settings/api-keys', title: 'API keys', as: 'ann' },
  'settings/audit.vue': { path: '/settings/audit', title: 'Audit log', as: 'ann' },
  'settings/calendars.vue': { path: '/settings/calendars', title: 'Calendars', as: 'ann' },
  'settings/canned-responses.vue': { path: '/settings/canned-responses', title: 'Canned responses', as: 'ann' },
  'settings/categories.vue': { path: '/settings/categories', title: 'Categories', as: 'ann' },
  'settings/index.vue': 'leads elsewhere',
  'settings/jobs.vue': { path: '/settings/jobs', title: 'Jobs', as: 'ann' },
  'settings/members.vue': { path: '/settings/members', title: 'Members', as: 'ann' },
  'settings/notifications.vue': { path: '/settings/notifications', title: 'Notification settings', as: 'ann' },
  'settings/profile.vue': { path: '/settings/profile', title: 'Profile', as: 'ann' },
  'settings/sla.vue': { path: '/settings/sla', title: 'SLA policies', as: 'ann' },
  'settings/webhooks.vue': { path: '/settings/webhooks', title: 'Webhooks', as: 'ann' },
  'settings/team.vue': { path: '/settings/team', title: 'Team settings', as: 'ann' },
  'sign-in.vue': { path: '/sign-in', title: 'Sign in', as: 'guest' },
  'sign-up.vue': { path: '/sign-up', title: 'Create an account', as: 'guest' },
  't/[team]/[number].vue': 'leads elsewhere',
  'teams/new.vue': { path: '/teams/new', title: 'Create a team', as: 'ann' },
  'unsubscribe/[token].vue': { path: `/unsubscribe/${'x'.repeat(43)}`, title: 'Unsubscribe', as: 'guest' },
  'tickets/index.vue': { path: '/tickets', title: 'Tickets', as: 'ann' }
}

const pages = Object.values(visits).filter(visit => typeof visit === 'object')
const wide = { width: 1280, height: 800 }
const narrow = { width: 375, height: 740 }

test('the test visits every page of the app, and each page has its own title', () => {
  expect(
    globSync('app/pages/**/*.vue')
      .map(file => file.replace('app/pages/', ''))
      .sort()
  ).toEqual(Object.keys(visits).sort())
  expect(new Set(pages.map(({ title }) => title)).size).toBe(pages.length)
})

test('every page that a guest can open is in order in light, in dark and at 375 px', async ({ guest }) => {
  const page = await guest()
  for (const visit of pages.filter(({ as }) => as === 'guest')) {
    await test.step(visit.path, async () => {
      await open(page, visit.path)
      if (visit.filter) await showOnlyEntriesWith(page, visit.filter)
      await expectInOrder(page, visit.title)
    })
  }
})

test('the page of an invitation is in order in light, in dark and at 375 px', async ({ guest }) => {
  const page = await guest()
  const ann = await demoPerson('ann@acme.test')
  const [acme] = await api<{ id: string }[]>(ann, 'GET', '/api/teams')
  const email = newAddress('Ines Invited')
  await api(ann, 'POST', `/api/teams/${acme!.id}/invitations`, { email, role: 'member' })
  await open(page, new URL(await linkFor(email, '/invitations/')).pathname)
  await expect(page.getByRole('link', { name: 'Create an account' })).toBeVisible()
  await expectInOrder(page, 'Invitation')
})

test('the page where a client rates a request is in order before and after the rating, in light, in dark and at 375 px', async ({
  guest
}) => {
  const team = await newTeam('Rated')
  const client = newAddress('Cleo Client')
  const ticket = await newTicket(team.people.owner, team, { subject: 'Lost my password', requester_email: client })
  await api(team.people.owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'resolved' })
  await passMinute(team.id, 'rating_request')
  const page = await guest()
  await open(page, await linkFor(client, '/rate/'))
  await expectInOrder(page, 'How did we do?', 'Rated')
  await page.getByRole('button', { name: 'Send' }).click()
  await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible()
  await expectInOrder(page, 'How did we do?', 'Rated')
})

for (const [area, isInArea] of [
  ['the settings', (path: string) => path.startsWith('/settings')],
  ['the app', (path: string) => !path.startsWith('/settings')]
] as const) {
  test(`every page of ${area} is in order in light, in dark and at 375 px`, async ({ signedIn }) => {
    const page = await signedIn(await demoPerson('ann@acme.test'))
    const [first, ...others] = pages.filter(({ as, path }) => as === 'ann' && isInArea(path))
    for (const visit of [first!, ...others]) {
      await test.step(visit.path, async () => {
        await (visit === first ? open : goTo)(page, visit.path)
        await hasTitle(page, visit.title)
        if (visit.path !== '/teams/new') await isLoaded(page)
        await expectInOrder(page, visit.title)
      })
    }
  })
}

test('an open ticket and the form for a new one are in order in light, in dark and at 375 px', async ({ signedIn }) => {
  const page = await signedIn(await demoPerson('ann@acme.test'))
  await openTickets(page, '?ticket=12')
  await isLoaded(page)
  await expect(page.getByRole('dialog').getByRole('region', { name: 'Conversation' }).getByRole('listitem').first()).toBeVisible()
  await expect(page).toHaveTitle(/#012 · Tickets · Switchboard$/)
  await expectAccessible(page, 'an open ticket')
  await expectToFitPhone(page, 'an open ticket')

  await page.getByRole('dialog').getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('button', { name: 'New Ticket' }).click()
  await page.getByRole('dialog', { name: 'New ticket' }).getByRole('button', { name: 'Create ticket' }).click()
  await expect(page.getByText('Subject is required')).toBeVisible()
  await expectAccessible(page, 'a new ticket with its errors')
  await expectToFitPhone(page, 'a new ticket')
})

test('an empty list and a list that fails to load are in order and offer the next step', async ({ signedIn, provokes }) => {
  provokes(/response 503|status of 503/)
  const team = await newTeam('Empty')
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  await expect(page.getByRole('button', { name: 'Create the first ticket' })).toBeVisible()
  await expectInOrder(page, 'Tickets')

  const list = await failRequests(page, '**/tickets?*')
  await page.reload()
  await expect(page.getByText('This could not be loaded')).toBeVisible()
  await expectInOrder(page, 'Tickets')
  await list.retry(page.getByRole('button', { name: 'Try again' }))
  await expect(page.getByRole('button', { name: 'Create the first ticket' })).toBeVisible()
})

test('a page that does not exist says so and leads back', async ({ guest, signedIn, provokes }) => {
  provokes(/status of 404|NUXT_E1005/) // Nuxt names what an error page shows
  const visitor = await guest()
  const response = await visitor.goto('/no/such/page')
  expect(response?.status()).toBe(404)
  await isInteractive(visitor)
  await expectInOrder(visitor, 'There is nothing here')
  await visitor.getByRole('button', { name: 'Go to sign in' }).click()
  await expect(visitor).toHaveURL(/\/sign-in$/)

  const page = await signedIn(await demoPerson('ann@acme.test'))
  await page.goto('/t/nobody/1')
  await expect(page.getByRole('heading', { name: 'There is nothing here' })).toBeVisible()
  await expectInOrder(page, 'There is nothing here')
  await page.getByRole('button', { name: 'Go to the dashboard' }).click()
  await expect(page.getByRole('heading', { level: 1, name: 'Dashboard' })).toBeVisible()
})

test('the app shows its frame before its script is loaded; if it fails to start, it says so and tries again on request', async ({
  signedIn,
  provokes
}) => {
  provokes(/ERR_FAILED|response 503|status of 503|NUXT_E1005/)
  const page = await signedIn(await demoPerson('ann@acme.test'))
  await page.route('**/_nuxt/*.js', route => route.abort())
  for (const [colorScheme, background] of [
    ['light', 'rgb(255, 255, 255)'],
    ['dark', 'rgb(17, 17, 19)']
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await page.goto('/tickets')
    await expect(page.locator('#__nuxt-loader .shell')).toHaveCSS('background-color', background)
  }
  await page.unroute('**/_nuxt/*.js')

  await page.route('**/api/teams', route =>
    route.fulfill({ status: 503, contentType: 'application/json', body: '{"statusCode":503,"message":"We are being repaired"}' })
  )
  await page.goto('/tickets')
  await expect(page.getByRole('heading', { name: 'Something went wrong' })).toBeVisible()
  await expectInOrder(page, 'Something went wrong')
  await page.unroute('**/api/teams')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByRole('row').nth(1)).toBeVisible()
  await expect(page.locator('#__nuxt-loader')).toHaveCount(0)
})

test('tickets are cards at 375 px, and the reply field is within reach', async ({ signedIn }) => {
  const page = await signedIn(await demoPerson('ann@acme.test'), { viewport: narrow, hasTouch: true })
  await open(page, '/tickets')
  const card = page.getByRole('list', { name: 'Tickets' }).getByRole('listitem').first()
  await expect(card).toBeVisible()
  await expect(page.getByRole('table')).toHaveCount(0)
  await card.getByRole('button').first().click()
  const slideover = page.getByRole('dialog', { name: /^Ticket #/ })
  await expect(slideover.getByRole('region', { name: 'Conversation' })).toBeVisible()
  await expect.poll(async () => await slideover.boundingBox()).toMatchObject({ x: 0, width: 375 })
  await expect(slideover.getByRole('textbox', { name: 'Reply' })).toBeInViewport({ ratio: 1 })
  await expect(slideover.getByRole('button', { name: 'Reply', exact: true })).toBeInViewport({ ratio: 1 })
  await expectToFit(page)
})

/** The page has its title, which ends with the team on a page for clients, one main heading in one main landmark, no violation that axe finds, and fits a phone. */
async function expectInOrder(page: Page, title: string, site = 'Switchboard'): Promise<void> {
  await hasTitle(page, title, site)
  await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1)
  await expect(page.getByRole('main')).toHaveCount(1)
  await expectAccessible(page, title)
  await expectToFitPhone(page, title)
}

/** Waits for the title, which may begin with the number of unread notifications. */
async function hasTitle(page: Page, title: string, site = 'Switchboard'): Promise<void> {
  await expect(page).toHaveTitle(new RegExp(`^(\\(\\d+\\+?\\) )?${title.replace(/[?]/g, '\\$&')} · ${site}$`))
}

/** On a phone nothing is wider than the window. */
async function expectToFitPhone(page: Page, place: string): Promise<void> {
  await page.setViewportSize(narrow)
  await expectToFit(page, place)
  await page.setViewportSize(wide)
}

/** Filters the API reference and removes what the filter hides: axe walks through every element, hidden or not. Checks the ids of all entries before. */
async function showOnlyEntriesWith(page: Page, words: string): Promise<void> {
  expect(
    await page.evaluate(() => {
      const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
      return ids.filter((id, index) => ids.indexOf(id) !== index)
    })
  ).toEqual([])
  const entries = page.getByRole('main').locator('section[data-words]')
  const total = await entries.count()
  await page.getByRole('searchbox').fill(words)
  await expect.poll(() => entries.filter({ visible: true }).count()).toBeLessThan(total)
  await page.evaluate(() => document.querySelectorAll('[data-words][hidden], [data-group][hidden]').forEach(element => element.remove()))
}

/** Waits until the page is live and shows no placeholder for data that is loading. */
async function isLoaded(page: Page): Promise<void> {
  await expect(page.getByText('Live', { exact: true }).first()).toBeAttached()
  await expect(page.locator('.animate-pulse')).toHaveCount(0)
}
