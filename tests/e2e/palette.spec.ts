import type { Locator, Page } from '@playwright/test'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { api, newReply, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, open, openTickets, test } from './support/test.ts'

test('the palette finds pages, views, people, tickets and replies from any page', async ({ signedIn, provokes }) => {
  provokes(/status of 503|response 503/)
  const team = await newTeam('Palette', { member: 'Mia Member' })
  const { owner } = team.people
  const page = await signedIn(owner)
  await open(page, '/dashboard')

  await test.step('A person reaches a page, a view and the tickets of a colleague by keyboard', async () => {
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
    await expect(highlightedOption(page)).toContainText('Canned responses')
    await page.keyboard.press('Enter')
    await page.waitForURL('**/settings/canned-responses')
    await expect(page.getByRole('heading', { name: 'Canned responses', level: 1 })).toBeVisible()

    await page.keyboard.press('Control+k')
    await page.keyboard.type('new webhook')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: 'New webhook' })).toBeVisible()
    await expect(page).toHaveURL(/\/settings\/webhooks$/)
    await page.keyboard.press('Escape')
  })

  await test.step('The menu of the person leads to the shortcuts', async () => {
    await page.getByRole('button', { name: /^Olga Owens: / }).click()
    await page.getByRole('menuitem', { name: 'Keyboard shortcuts' }).click()
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible()
    await page.keyboard.press('Escape')
  })

  await test.step('Tickets are found by number and by words, in conversations too, and open', async () => {
    await newTicket(owner, team, { subject: 'The printer is on fire' })
    const second = await newTicket(owner, team, { subject: 'Something else' })
    await newReply(owner, second, 'It smells of <b>toner</b> here.')
    await goTo(page, '/dashboard')

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

  await test.step('An article is found by its text, and opens', async () => {
    await page.keyboard.press('Escape')
    const articles = `/api/teams/${team.id}/articles`
    const { id } = await api<{ id: string }>(owner, 'POST', articles, { title: 'Fires in printers', content: 'Keep the quokka away.' })
    await api(owner, 'PUT', `${articles}/${id}/publications/en`, { version: 1 })
    await page.keyboard.press('Control+k')
    await page.keyboard.type('quokka')
    const article = palette(page).getByRole('option', { name: /Fires in printers/ })
    await expect(article.locator('mark')).toHaveText('quokka')
    await expect(article).toContainText('Team only')
    await page.keyboard.press('Enter')
    await page.waitForURL(`**/articles/${id}`)
    await page.keyboard.press('Control+k')
    await expect(field(page)).toBeFocused()
  })

  await test.step('Tickets that are found are added below, and the highlighted option stays', async () => {
    await page.keyboard.press('Escape')
    await goTo(page, '/dashboard')
    await newTicket(owner, team, { subject: 'Settings are lost' })
    let answer = (): void => undefined
    const isRequested = new Promise<void>(resolve => {
      void page.route('**/search?*', async route => {
        resolve()
        await new Promise<void>(go => (answer = go))
        await route.continue()
      })
    })
    await page.keyboard.press('Control+k')
    await page.keyboard.type('se')
    await isRequested
    await page.keyboard.press('ArrowDown')
    const expectedText = await highlightedOption(page).textContent()
    answer()
    await expect(palette(page).getByRole('option', { name: /Settings are lost/ })).toBeVisible()
    await expect(highlightedOption(page)).toHaveText(expectedText!)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  })

  await test.step('A search that fails says so and tries again on request', async () => {
    await page.keyboard.press('Escape')
    await newTicket(owner, team, { subject: 'Still findable' })
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
})

test('keys lead from page to page and to a new ticket, and do nothing while a person types or where they are switched off', async ({
  signedIn
}) => {
  const team = await newTeam('Keys')
  const { owner } = team.people
  const page = await signedIn(owner)
  await open(page, '/settings/team')

  await test.step('Keys lead from page to page and to a new ticket', async () => {
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

  await test.step('Keys do nothing during input composition, and single keys nothing where they are switched off', async () => {
    await goTo(page, '/dashboard')
    await expect(page.getByRole('dialog')).toHaveCount(0)
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

    await goTo(page, '/settings/profile')
    await page.getByRole('switch', { name: 'Single-key shortcuts' }).click()
    await expect
      .poll(async () => await api<{ preferences: { shortcuts: boolean } }>(owner, 'GET', '/api/profile'))
      .toMatchObject({ preferences: { shortcuts: true } })
    await page.getByRole('heading', { name: 'Keyboard' }).click()
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await page.waitForURL('**/dashboard')
  })
})

test('the open ticket is changed by keys and by commands of the palette, which are in order', async ({ signedIn }) => {
  const team = await newTeam('Steps', { member: 'Mia Member' })
  const { owner } = team.people
  await newTicket(owner, team, { subject: 'The first' })
  await newTicket(owner, team, { subject: 'The second' })
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=1')
  await expect(page.getByRole('dialog').getByText('Nobody has replied yet')).toBeVisible()

  await test.step('The palette and the shortcut help are in order in light, in dark and at 375 px, and the sidebar opens the palette', async () => {
    await page.keyboard.press('?')
    await expectInOrder(page, 'Keyboard shortcuts')
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeHidden()
    await page.keyboard.press('Control+k')
    await expectInOrder(page, 'Command palette')
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
    await page.keyboard.type('the first')
    await palette(page).getByRole('option', { name: /#001/ }).click()
    await expect(page.getByRole('dialog', { name: 'Ticket #001' })).toBeVisible()
    await page.setViewportSize({ width: 1280, height: 800 })
  })

  await test.step('“Delete ticket” is the last of the actions of a ticket', async () => {
    await expect(page.getByRole('dialog').getByText('Nobody has replied yet')).toBeVisible()
    await page.keyboard.press('Control+k')
    await expect(palette(page).getByRole('option', { name: 'Delete ticket' })).toBeVisible()
    const names = (await palette(page).getByRole('group', { name: 'Actions' }).getByRole('option').allInnerTexts()).map(
      text => text.split('\n')[0]
    )
    expect(names).toContain('Reply')
    expect(names.at(-1)).toBe('Delete ticket')
    await page.keyboard.press('Escape')
    await expect(palette(page)).toBeHidden()
  })

  await test.step('A property is changed in two steps, by key and by name, and Backspace goes back one step', async () => {
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    await expect(slideover.getByText('Nobody has replied yet')).toBeVisible()

    await page.keyboard.press('a')
    await expect(palette(page).getByText('#001 The first')).toBeVisible()
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

  await test.step('Keys open the subject, a reply, a note and the next ticket', async () => {
    await goTo(page, '/tickets?ticket=2')
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

    // A command that moves the focus keeps it.
    await page.keyboard.press('Control+k')
    await page.keyboard.type('reply')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('textbox', { name: 'Reply' })).toBeFocused()
  })

  await test.step('The palette keeps the focus when a reply is sent meanwhile', async () => {
    await goTo(page, '/tickets?ticket=1')
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

async function expectInOrder(page: Page, name: string): Promise<void> {
  await expect(page.getByRole('dialog', { name })).toBeVisible()
  await expectAccessible(page, name)
  await page.setViewportSize({ width: 375, height: 740 })
  await expectToFit(page, name)
  await page.setViewportSize({ width: 1280, height: 800 })
}
