import { expect, isInteractive, test } from './support/test.ts'

test('anybody reads, filters and copies from the API reference without an account, and it calls no other host', async ({ guest }) => {
  const page = await guest()
  const asked: string[] = []
  page.on('request', request => asked.push(request.url()))
  await page.goto('/docs/api')
  const main = page.getByRole('main')
  await expect(main.getByRole('heading', { name: 'API reference', level: 1 })).toBeVisible()
  await isInteractive(page)
  const { origin } = new URL(page.url())
  expect(asked.filter(url => new URL(url).origin !== origin && !url.startsWith('data:'))).toEqual([])
  expect(asked.filter(url => url.endsWith('/api/openapi.json'))).toHaveLength(1)

  const operation = main.getByRole('region', { name: 'Create a ticket', exact: true })
  await page.getByRole('navigation', { name: 'Contents' }).getByRole('link', { name: 'Create a ticket', exact: true }).click()
  await expect(page).toHaveURL(/#createTicket$/)
  await expect(operation).toBeInViewport()
  await expect(operation.getByText('/api/v1/tickets', { exact: true })).toBeVisible()
  await expect(operation.getByRole('rowheader', { name: 'subject required' })).toBeVisible()

  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
  await operation.getByRole('button', { name: 'Copy: Example of Create a ticket' }).click()
  await expect(page.getByRole('status').filter({ hasText: 'Copied' })).toBeVisible()
  expect(await page.evaluate(() => navigator.clipboard.readText())).toContain(`curl -X POST "${origin}/api/v1/tickets"`)

  await page.getByRole('searchbox', { name: 'Filter the reference' }).fill('undo bulk')
  await expect(main.getByRole('region', { name: 'Undo a bulk change' })).toBeVisible()
  await expect(operation).toBeHidden()
  await page.getByRole('searchbox', { name: 'Filter the reference' }).fill('nothing of this name')
  await expect(page.getByText('0 entries', { exact: true })).toBeVisible()
  await page.getByRole('searchbox', { name: 'Filter the reference' }).fill('')
  await expect(operation).toBeVisible()
})

test('the contents of the API reference open on request on a phone and lead to an operation', async ({ guest }) => {
  const page = await guest({ viewport: { width: 375, height: 740 } })
  await page.goto('/docs/api')
  await isInteractive(page)
  const contents = page.getByRole('navigation', { name: 'Contents' })
  await expect(contents).toBeHidden()
  await page.getByRole('button', { name: 'Contents' }).click()
  await contents.getByRole('link', { name: 'Release your ticket' }).click()
  await expect(contents).toBeHidden()
  await expect(page.getByRole('heading', { name: 'Release your ticket' })).toBeInViewport()
})
