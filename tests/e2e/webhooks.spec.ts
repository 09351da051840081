import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { Webhook } from 'standardwebhooks'
import type { WebhookWithSecret } from '../../shared/types/api.ts'
import { expectAccessible } from './support/accessible.ts'
import { api, newTeam, newTicket } from './support/people.ts'
import { expect, notification, open, test } from './support/test.ts'

// The demo may call one port, with one receiver on it, so these tests run one after the other.
test.describe.configure({ mode: 'default' })

const port = Number(process.env.E2E_WEBHOOK_PORT)
let receiver: Server
let status = 200
const received: { headers: IncomingHttpHeaders; body: string }[] = []

test.beforeAll(async () => {
  receiver = createServer(async (request, response) => {
    received.push({ headers: request.headers, body: (await buffer(request)).toString() })
    response.writeHead(status).end('Received with thanks')
  }).listen(port, '127.0.0.1')
  await once(receiver, 'listening')
})
test.afterAll(async () => {
  receiver.closeAllConnections()
  receiver.close()
  await once(receiver, 'close')
})

test('an admin adds a webhook, reads its deliveries and sends one again', async ({ signedIn, provokes }) => {
  provokes(/status of 422 .*\/webhooks\)$/)
  const team = await newTeam('Hooks', { admin: 'Adam Admin', member: 'Mia Member' })
  const [page, agent] = [await signedIn(team.people.admin), await signedIn(team.people.member)]

  await open(agent, '/settings/webhooks')
  await expect(agent.getByText('Webhooks are for owners and admins')).toBeVisible()
  await expect(agent.getByRole('navigation', { name: 'Settings' }).getByRole('link', { name: 'Webhooks' })).toHaveCount(0)

  await open(page, '/settings/webhooks')
  await expect(page.getByText('No webhooks yet')).toBeVisible()
  await expect(page.getByRole('region', { name: 'Code that verifies a signature' })).toBeVisible()
  await page.getByRole('button', { name: 'New webhook' }).click()
  const form = page.getByRole('dialog', { name: 'New webhook' })
  await form.getByRole('textbox', { name: 'Name' }).fill('Warehouse')
  await form.getByRole('textbox', { name: 'URL' }).fill('http://127.0.0.1:22/')
  await form.getByRole('group', { name: 'Conversation' }).getByRole('checkbox', { name: 'Reply or note written' }).click()
  await form.getByRole('button', { name: 'Add webhook' }).click()
  await expect(form.getByText('This leads to a private address, which webhooks must not call')).toBeVisible()
  await form.getByRole('textbox', { name: 'URL' }).fill(`http://127.0.0.1:${port}/hook`)
  await form.getByRole('button', { name: 'Add webhook' }).click()

  const shown = page.getByRole('dialog', { name: 'The secret of this webhook' })
  const secret = await shown.getByRole('textbox', { name: 'Secret' }).inputValue()
  expect(secret).toMatch(/^whsec_/)
  await page.keyboard.press('Escape')
  await expect(shown).toBeVisible()
  await shown.getByRole('button', { name: 'I have stored it' }).click()
  await expect(shown).toBeHidden()
  const adder = page.getByRole('button', { name: 'New webhook' })
  await expect(adder).toBeFocused()
  const item = page.getByRole('list', { name: 'Webhooks' }).getByRole('listitem')
  await expect(item).toContainText(new RegExp(`Warehouse\\s*Active\\s*127\\.0\\.0\\.1:${port} · 2 events ·\\s+nothing sent yet`))

  // Deliveries appear without a reload.
  await newTicket(team.people.member, team, { subject: 'Pallet is missing' })
  await expect(item).toContainText('last delivered just now')
  expect(new Webhook(secret).verify(received.at(-1)!.body, received.at(-1)!.headers as Record<string, string>)).toMatchObject({
    type: 'ticket.created',
    data: { ticket: { subject: 'Pallet is missing' } }
  })

  await item.getByRole('button', { name: 'Warehouse', exact: true }).click()
  await expect(page).toHaveURL(/webhook=/)
  const log = page.getByRole('dialog', { name: 'Warehouse' })
  const deliveries = log.getByRole('list', { name: 'Deliveries' }).locator(':scope > li')
  await expect(deliveries).toHaveText([/Delivered\s*ticket\.created · #001\s*Answered 200/])
  await deliveries.getByRole('button').first().press('Enter')
  await expect(deliveries.getByRole('region', { name: 'Body of the request' })).toContainText('"subject": "Pallet is missing"')
  await expect(deliveries.getByRole('region', { name: 'Response to attempt 1' })).toHaveText('Received with thanks')
  await deliveries.getByRole('button', { name: 'Send again' }).click()
  await expect(deliveries.getByText('No. 2')).toBeVisible()
  expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([
    received[0]!.headers['webhook-id'],
    received[0]!.headers['webhook-id']
  ])

  // A receiver that answers 410 gets no further deliveries.
  status = 410
  await log.getByRole('button', { name: 'Send a test' }).click()
  await expect(log.getByText('The receiver answered “410 Gone”: it no longer wants deliveries.')).toBeVisible()
  await expect(log.getByRole('button', { name: 'Send a test' })).toBeDisabled()
  await page.reload()
  await expect(log.getByText('The receiver answered “410 Gone”: it no longer wants deliveries.')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page).not.toHaveURL(/webhook=/)
  await expect(item).toContainText(/Switched off/)
  status = 200
  await item.getByRole('button', { name: 'More for Warehouse' }).click()
  await page.getByRole('menuitem', { name: 'Switch on' }).click()
  await expect(notification(page, '“Warehouse” was switched on')).toBeVisible()
  await expect(item).toContainText('Active')

  // By keyboard: a dialog that was opened from the menu returns the focus to the menu button.
  const more = item.getByRole('button', { name: 'More for Warehouse' })
  for (const [entry, title] of [
    ['Edit', 'Edit webhook'],
    ['Rotate secret', 'Rotate the secret?'],
    ['Delete', 'Delete this webhook?']
  ] as const) {
    await more.press('Enter')
    await page.getByRole('menuitem', { name: entry }).press('Enter')
    await expect(page.getByRole('dialog', { name: title })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog', { name: title })).toBeHidden()
    await expect(more).toBeFocused()
  }

  await more.click()
  await page.getByRole('menuitem', { name: 'Rotate secret' }).click()
  await page.getByRole('dialog', { name: 'Rotate the secret?' }).getByRole('button', { name: 'Rotate secret' }).click()
  expect(await shown.getByRole('textbox', { name: 'Secret' }).inputValue()).not.toBe(secret)
  await shown.getByRole('button', { name: 'I have stored it' }).click()
  await expect(more).toBeFocused()

  await more.click()
  await page.getByRole('menuitem', { name: 'Delete' }).click()
  await page.getByRole('dialog', { name: 'Delete this webhook?' }).getByRole('button', { name: 'Delete' }).click()
  await expect(page.getByText('No webhooks yet')).toBeVisible()
  await expect(adder).toBeFocused()
})

test('webhooks, their form and their log are in order, light and dark', async ({ signedIn }) => {
  const team = await newTeam('Looks')
  const [alive, gone] = await Promise.all(
    ['Alive', 'Gone'].map(name =>
      api<WebhookWithSecret>(team.people.owner, 'POST', `/api/teams/${team.id}/webhooks`, {
        name,
        url: `http://127.0.0.1:${port}/hook`,
        events: ['ticket.created']
      })
    )
  )
  status = 410
  await api(team.people.owner, 'POST', `/api/teams/${team.id}/webhooks/${gone!.id}/test`)
  const page = await signedIn(team.people.owner)
  await open(page, '/settings/webhooks')
  await expect(page.getByRole('list', { name: 'Webhooks' })).toContainText('Switched off')
  await expectAccessible(page, 'Webhooks')
  await page.getByRole('button', { name: 'New webhook' }).click()
  await expect(page.getByRole('dialog', { name: 'New webhook' })).toBeVisible()
  await expectAccessible(page, 'The form of a webhook')
  await page.keyboard.press('Escape')

  status = 503
  await api(team.people.owner, 'POST', `/api/teams/${team.id}/webhooks/${alive!.id}/test`)
  await page.getByRole('button', { name: 'Alive', exact: true }).click()
  const log = page.getByRole('dialog', { name: 'Alive' })
  await expect(log.getByText(/Answered 503/)).toBeVisible()
  await log.getByRole('list', { name: 'Deliveries' }).getByRole('button').first().click()
  await expect(log.getByRole('region', { name: 'Body of the request' })).toContainText('"ping"')
  await expectAccessible(page, 'The log of a webhook')
  status = 200
})
