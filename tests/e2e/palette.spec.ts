import type { Locator, Page } from '@playwright/test'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { api, newReply, newTeam, newTicket } from './support/people.ts'
import { expect, open, openTickets, test } from './support/test.ts'

test('the palette opens a page, a view and a person’s tickets with the keyboard', async ({ signedIn }) => {
  const team = await newTeam('Palette', { member: 'Mia Member' })
  const page = await signedIn(team.people.owner)
  await open(page, '/dashboard')
  await page.keyboard.press('Control+k')
  await expect(field(page)).toBeFocused()
  await page.keyboard.type('unass')
  await expect(highlightedOption(page)).toContainText('Unassigned')
  await page.keyboard.press('Enter')
  await page.waitForURL(/\/tickets\?.*assigned_to=none/)
  await expect(palette(page)).toBeHidden()

  await page.keyboard.press('Control+k')
  await page.keyboard.type('@mia')
  await expect(highlightedOption(page)).toContainText('Mia Member')
  await page.keyboard.press('Enter')
  await page.waitForURL(new RegExp(`assigned_to=${team.people.member.id}`))

  await page.keyboard.press('Control+k')
  await page.keyboard.type('canned')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/settings/canned-responses')
})

test('the palette finds tickets by number and by words, also in conversations, and opens them', async ({ signedIn }) => {
  const team = await newTeam('Finder')
  const { owner } = team.people
  await newTicket(owner, team, { subject: 'The printer is on fire' })
  const second = await newTicket(owner, team, { subject: 'Something else' })
  await newReply(owner, second, 'It smells of <b>toner</b> here.')
  const page = await signedIn(owner)
  await open(page, '/dashboard')

  await page.keyboard.press('Control+k')
  await page.keyboard.type('#1')
  await expect(highlightedOption(page)).toContainText('#001')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Ticket #001' })).toBeVisible()
  await page.keyboard.press('Escape')

  await page.keyboard.press('Control+k')
  await page.keyboard.type('toner')
  const reply = palette(page).getByRole('option', { name: /#002/ })
  await expect(reply.locator('mark')).toHaveText('toner')
  await expect(reply).toContainText('<b>toner</b> here')
  await expect(highlightedOption(page)).toContainText('#002')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('dialog', { name: 'Ticket #002' })).toBeVisible()
  await page.keyboard.press('Escape')

  await page.keyboard.press('Control+k')
  await expect(palette(page).getByRole('option', { name: /#002 Something else/ })).toBeVisible()
})

test('irreversible actions are last among the actions of a ticket in the palette', async ({ signedIn }) => {
  const team = await newTeam('Order')
  await newTicket(team.people.owner, team, { subject: 'The printer is on fire' })
  const page = await signedIn(team.people.owner)
  await openTickets(page, '?ticket=1')
  await expect(page.getByRole('dialog').getByText('Nobody has replied yet')).toBeVisible()
  await page.keyboard.press('Control+k')
  await expect(palette(page).getByRole('option', { name: 'Delete ticket' })).toBeVisible()
  const names = (await palette(page).getByRole('group', { name: 'Actions' }).getByRole('option').allInnerTexts()).map(
    text => text.split('\n')[0]
  )
  expect(names).toContain('Reply')
  expect(names.at(-1)).toBe('Delete ticket')
})

test('search results are added below in the palette, and the highlighted row stays', async ({ signedIn }) => {
  const team = await newTeam('Stream')
  await newTicket(team.people.owner, team, { subject: 'Settings are lost' })
  const page = await signedIn(team.people.owner)
  await open(page, '/dashboard')
  let answer = (): void => undefined
  const searchRequested = new Promise<void>(resolve => {
    void page.route('**/search?*', async route => {
      resolve()
      await new Promise<void>(go => (answer = go))
      await route.continue()
    })
  })
  await page.keyboard.press('Control+k')
  await page.keyboard.type('se')
  await searchRequested
  await page.keyboard.press('ArrowDown')
  const expectedText = await highlightedOption(page).textContent()
  answer()
  await expect(palette(page).getByRole('option', { name: /Settings are lost/ })).toBeVisible()
  await expect(highlightedOption(page)).toHaveText(expectedText!)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
})

test('a failed search in the palette shows an error and a button to try again', async ({ signedIn, provokes }) => {
  provokes(/status of 503|response 503/)
  const team = await newTeam('Broken')
  await newTicket(team.people.owner, team, { subject: 'Still findable' })
  const page = await signedIn(team.people.owner)
  await open(page, '/dashboard')
  await page.route('**/search?*', route =>
    route.fulfill({ status: 503, contentType: 'application/json', body: '{"statusCode":503,"message":"No"}' })
  )
  await page.keyboard.press('Control+k')
  await page.keyboard.type('findable')
  await expect(palette(page).getByText(/Tickets could not be searched/)).toBeVisible()
  await page.unroute('**/search?*')
  await palette(page).getByRole('button', { name: 'Try again' }).click()
  await expect(palette(page).getByRole('option', { name: /Still findable/ })).toBeVisible()
  await field(page).fill('xylophone quartz')
  await expect(palette(page).getByText('Nothing matches “xylophone quartz”.')).toBeVisible()
})

test('the palette changes the open ticket in two steps, and Backspace goes back one step', async ({ signedIn }) => {
  const team = await newTeam('Steps', { member: 'Mia Member' })
  await newTicket(team.people.owner, team, { subject: 'Two steps' })
  const page = await signedIn(team.people.owner)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await expect(slideover.getByText('Nobody has replied yet')).toBeVisible()

  await page.keyboard.press('a')
  await expect(palette(page).getByText('#001 Two steps')).toBeVisible()
  await expect(field(page, 'Assign to…')).toBeFocused()
  await page.keyboard.press('Backspace')
  await expect(field(page)).toBeFocused()
  await page.keyboard.type('assign to')
  await page.keyboard.press('Enter')
  await expect(field(page, 'Assign to…')).toBeFocused()
  await page.keyboard.type('mia')
  await page.keyboard.press('Enter')
  await expect(palette(page)).toBeHidden()
  await expect(slideover.getByRole('button', { name: 'Assignee' })).toContainText('Mia Member')

  await page.keyboard.press('p')
  await page.keyboard.type('urg')
  await page.keyboard.press('Enter')
  await expect(slideover.getByRole('button', { name: /^Priority: Urgent/ })).toBeVisible()

  await page.keyboard.press('l')
  await page.keyboard.type('From Palette')
  await page.keyboard.press('Enter')
  await expect(slideover.locator('dl').getByText('from palette')).toBeVisible()
})

test('shortcuts in an open ticket edit the subject, write a reply or note, and open the next ticket', async ({ signedIn }) => {
  const team = await newTeam('Ticket keys')
  const { owner } = team.people
  await newTicket(owner, team, { subject: 'The first' })
  await newTicket(owner, team, { subject: 'The second' })
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=2')
  const ticket = (number: string) => page.getByRole('dialog', { name: `Ticket #${number}` })
  await expect(ticket('002').getByText('Nobody has replied yet')).toBeVisible()
  await page.keyboard.press('j')
  await expect(ticket('001').getByRole('heading', { name: 'The first' })).toBeVisible()
  await page.keyboard.press('k')
  await expect(ticket('002').getByRole('heading', { name: 'The second' })).toBeVisible()

  await page.keyboard.press('e')
  await expect(page.getByRole('textbox', { name: 'Subject' })).toBeFocused()
  await page.keyboard.press('Escape')
  await page.keyboard.press('n')
  await expect(page.getByRole('textbox', { name: 'Internal note' })).toBeFocused()
  await page.keyboard.type('jake said c')
  await expect(page.getByRole('textbox', { name: 'Internal note' })).toHaveValue('jake said c')

  await page.keyboard.press('Control+k')
  await expect(field(page)).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('textbox', { name: 'Internal note' })).toBeFocused()
  await page.keyboard.press('Control+Enter')
  await expect(ticket('002').getByRole('region', { name: 'Conversation' }).getByText('jake said c')).toBeVisible()

  // The focus stays where the command moved it.
  await page.keyboard.press('Control+k')
  await page.keyboard.type('reply')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('textbox', { name: 'Reply' })).toBeFocused()
})

test('the palette keeps the focus when a reply that was being sent is answered', async ({ signedIn }) => {
  const team = await newTeam('Going on')
  await newTicket(team.people.owner, team, { subject: 'Answered' })
  const page = await signedIn(team.people.owner)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001', includeHidden: true })
  let answer = () => {}
  const held = new Promise<void>(resolve => (answer = resolve))
  await page.route('**/replies', async route => {
    if (route.request().method() === 'POST') await held
    await route.fallback()
  })
  await slideover.getByRole('textbox', { name: 'Reply' }).fill('On its way')
  const posted = page.waitForResponse(response => response.request().method() === 'POST' && response.url().endsWith('/replies'))
  await page.keyboard.press('Control+Enter')
  await page.keyboard.press('Control+k')
  await expect(field(page)).toBeFocused()
  await page.keyboard.type('internal')
  await expect(highlightedOption(page)).toContainText('Internal note')
  answer()
  await posted
  await expect(slideover.getByRole('textbox', { name: 'Reply', includeHidden: true })).toHaveValue('')
  await expect(field(page)).toHaveValue('internal')
  await page.keyboard.press('Enter')
  await expect(slideover.getByRole('textbox', { name: 'Internal note' })).toBeFocused()
})

test('shortcuts open each page and the form for a new ticket', async ({ signedIn }) => {
  const team = await newTeam('Keys')
  const page = await signedIn(team.people.owner)
  await open(page, '/settings/team')
  await expect(page.getByRole('textbox', { name: /Name/ }).first()).toBeVisible()
  for (const [key, url] of [
    ['d', /\/dashboard$/],
    ['t', /\/tickets$/],
    ['m', /\/tickets\?.*assigned_to=me/],
    ['s', /\/settings\/profile$/]
  ] as const) {
    await page.keyboard.press('g')
    await page.keyboard.press(key)
    await page.waitForURL(url)
  }
  await page.keyboard.press('c')
  const form = page.getByRole('dialog', { name: 'New ticket' })
  await expect(form).toBeVisible()
  await form.getByRole('textbox', { name: 'Subject' }).fill('cgdt?')
  await expect(page).toHaveURL(/\/settings\/profile$/)
  await form.getByRole('textbox', { name: 'Description' }).fill('Made from the settings.')
  await form.getByRole('button', { name: 'Create ticket' }).click()
  await expect(page.getByRole('dialog', { name: 'Ticket #001' }).getByRole('heading', { name: 'cgdt?' })).toBeVisible()
})

test('shortcuts are ignored during IME composition, and single-key shortcuts when they are switched off', async ({ signedIn }) => {
  const team = await newTeam('Quiet')
  const { owner } = team.people
  const page = await signedIn(owner)
  await open(page, '/dashboard')
  await expect(page.getByText('Live', { exact: true })).toBeAttached()
  await page.evaluate(() => {
    for (const init of [
      { key: 'c', isComposing: true },
      { key: 'k', ctrlKey: true, isComposing: true }
    ])
      document.body.dispatchEvent(new KeyboardEvent('keydown', { ...init, bubbles: true }))
  })
  await page.keyboard.press('?')
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(sheet).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(1)
  await sheet.getByRole('switch', { name: 'Single-key shortcuts' }).click()
  await expect
    .poll(async () => await api<{ preferences: { shortcuts: boolean } }>(owner, 'GET', '/api/profile'))
    .toMatchObject({ preferences: { shortcuts: false } })
  await page.keyboard.press('Escape')
  await expect(sheet).toBeHidden()

  await page.keyboard.press('?')
  await page.keyboard.press('c')
  await page.keyboard.press('g')
  await page.keyboard.press('t')
  await page.keyboard.press('Control+k')
  await expect(palette(page)).toBeVisible()
  await expect(page.getByRole('dialog')).toHaveCount(1)
  await expect(page).toHaveURL(/\/dashboard$/)
  await page.keyboard.press('Control+k')
  await expect(palette(page)).toBeHidden()

  await open(page, '/settings/profile')
  await page.getByRole('switch', { name: 'Single-key shortcuts' }).click()
  await expect
    .poll(async () => await api<{ preferences: { shortcuts: boolean } }>(owner, 'GET', '/api/profile'))
    .toMatchObject({ preferences: { shortcuts: true } })
  await page.getByRole('heading', { name: 'Keyboard' }).click()
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  await page.waitForURL('**/dashboard')
})

test('the palette offers a viewer only actions that viewers may do', async ({ signedIn }) => {
  const team = await newTeam('Eyes only', { viewer: 'Vic Viewer' })
  await newTicket(team.people.owner, team, { subject: 'Look, do not touch' })
  const page = await signedIn(team.people.viewer)
  await openTickets(page, '?ticket=1')
  await expect(page.getByRole('dialog').getByRole('heading', { name: 'Look, do not touch' })).toBeVisible()
  await page.keyboard.press('Control+k')
  await expect(palette(page).getByRole('option', { name: 'Copy link' })).toBeVisible()
  for (const name of ['Assign to…', 'Change status…', 'Change priority…', 'Tags…', 'Delete ticket', 'New ticket', 'Edit subject'])
    await expect(palette(page).getByRole('option', { name })).toHaveCount(0)
})

test('the palette and the shortcut help are accessible, fit 375 px, and open from the sidebar', async ({ signedIn }) => {
  const team = await newTeam('Looks')
  await newTicket(team.people.owner, team, { subject: 'Looked at' })
  const page = await signedIn(team.people.owner)
  await openTickets(page, '?ticket=1')
  await expect(page.getByRole('dialog').getByText('Nobody has replied yet')).toBeVisible()
  await page.keyboard.press('?')
  await expectAccessibleDialog(page, 'Keyboard shortcuts')
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeHidden()
  await page.keyboard.press('Control+k')
  await expectAccessibleDialog(page, 'Command palette')
  await page.keyboard.press('Escape')
  await expect(palette(page)).toBeHidden()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  const button = page.getByRole('button', { name: 'Search and commands' })
  await button.click()
  await expect(field(page)).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(button).toBeFocused()

  await page.setViewportSize({ width: 375, height: 740 })
  await page.getByRole('button', { name: 'Open sidebar' }).click()
  await page.getByRole('button', { name: 'Search and commands' }).click()
  await expect(field(page)).toBeFocused()
  await expect.poll(async () => (await palette(page).boundingBox())!.width).toBeLessThanOrEqual(375)
  await page.keyboard.type('looked')
  await palette(page).getByRole('option', { name: /#001/ }).click()
  await expect(page.getByRole('dialog', { name: 'Ticket #001' })).toBeVisible()
})

function palette(page: Page): Locator {
  return page.getByRole('dialog', { name: 'Command palette' })
}

function field(page: Page, name = 'Command or search'): Locator {
  return palette(page).getByRole('combobox', { name })
}

function highlightedOption(page: Page): Locator {
  return palette(page).locator('[role="option"][data-highlighted]')
}

async function expectAccessibleDialog(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('dialog', { name })).toBeVisible()
  await expectAccessible(page, name)
  await page.setViewportSize({ width: 375, height: 740 })
  await expectToFit(page, name)
  await page.setViewportSize({ width: 1280, height: 800 })
}
