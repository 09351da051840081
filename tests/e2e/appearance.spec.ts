import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { demoPerson } from './support/people.ts'
import { expect, open, openTickets, test } from './support/test.ts'

const pages = ['/dashboard', '/tickets', '/tickets?ticket=12', '/settings/profile', '/settings/team', '/settings/members']

const schemes = ['light', 'dark'] as const

test('pages for guests are accessible, light and dark', async ({ guest }) => {
  const page = await guest()
  for (const path of ['/sign-in', '/sign-up', '/forgot-password']) {
    await open(page, path)
    await expectAccessible(page, path)
  }
})

for (const path of pages) {
  test(`${path} is accessible, light and dark`, async ({ signedIn }) => {
    const page = await signedIn(await demoPerson('ann@acme.test'))
    await open(page, path)
    await isLoaded(page, path)
    await expectAccessible(page, path)
  })
}

test('the form for a new ticket is accessible, with what is wrong in it, light and dark', async ({ signedIn }) => {
  const page = await signedIn(await demoPerson('ann@acme.test'))
  await openTickets(page)
  await page.getByRole('button', { name: 'New Ticket' }).click()
  await page.getByRole('dialog', { name: 'New ticket' }).getByRole('button', { name: 'Create ticket' }).click()
  await expect(page.getByText('Subject is required')).toBeVisible()
  await expectAccessible(page, 'new ticket')
})

test('at 375 px every page fits, tickets are cards, and the composer is within reach', async ({ signedIn, guest }) => {
  const viewport = { width: 375, height: 740 }
  const visitor = await guest({ viewport, hasTouch: true })
  for (const path of ['/sign-in', '/sign-up', '/forgot-password']) {
    await open(visitor, path)
    expect(await overflow(visitor), path).toBe(0)
  }

  const page = await signedIn(await demoPerson('ann@acme.test'), { viewport, hasTouch: true })
  for (const path of pages) {
    await open(page, path)
    await isLoaded(page, path)
    expect(await overflow(page), path).toBe(0)
  }

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
  expect(await overflow(page), 'an open ticket').toBe(0)
})

/** No violation of WCAG 2.2 A and AA that axe can find, in either scheme. */
async function expectAccessible(page: Page, place: string): Promise<void> {
  for (const colorScheme of schemes) {
    await page.emulateMedia({ colorScheme })
    await expect(page.locator('html')).toHaveClass(new RegExp(`\\b${colorScheme}\\b`))
    await page.evaluate(() => Promise.allSettled(document.getAnimations().map(animation => animation.finished)))
    const axe = new AxeBuilder({ page })
    // What lies beneath a dialog is checked on its own.
    if (await page.getByRole('dialog').count()) axe.include('[role="dialog"]')
    const { violations } = await axe.withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze()
    expect(violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`)), `${place}, ${colorScheme}`).toEqual([])
  }
}

/** Nothing on the page is a placeholder for what is still on its way. */
async function isLoaded(page: Page, path: string): Promise<void> {
  await expect(page.getByText('Live', { exact: true }).first()).toBeAttached()
  await expect(page.locator('.animate-pulse')).toHaveCount(0)
  if (path.includes('ticket=')) await expect(page.getByRole('dialog').getByRole('region', { name: 'Conversation' }).getByRole('listitem').first()).toBeVisible()
}

async function overflow(page: Page): Promise<number> {
  return await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
}
