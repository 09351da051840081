import type { Page } from '@playwright/test'
import type { Ticket } from '../../shared/types/api.ts'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { api, newReply, newTeam, newTicket, type Person, type TestTeam } from './support/people.ts'
import { expect, goTo, notification, openTickets, pressAtOnce, test } from './support/test.ts'

const row = (page: Page, subject: string) => page.getByRole('row', { name: subject })
const view = (page: Page, name: string) => page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name })
const menu = (page: Page) => page.getByRole('dialog').filter({ hasText: 'Snooze ·' })
const palette = (page: Page) => page.getByRole('dialog', { name: 'Command palette' })

/** Reads the ticket from the server. */
const ticketOf = (person: Person, team: TestTeam, number: number) => api<Ticket>(person, 'GET', `/api/teams/${team.id}/tickets/${number}`)

test('agents snooze tickets in the list and in the ticket, a colleague sees it, and a viewer cannot', async ({ signedIn, provokes }) => {
  provokes(/status of 422/)
  const team = await newTeam('Snooze', { member: 'Mia Member', viewer: 'Vic Viewer' })
  const { owner, member, viewer } = team.people
  for (const subject of ['The lift hums', 'The bell is mute']) await newTicket(owner, team, { subject })
  const [page, other] = [await signedIn(owner), await signedIn(member)]
  const unassigned = '?status=open&status=in_progress&status=waiting&assigned_to=none&snoozed=false'
  await Promise.all([openTickets(page, unassigned), openTickets(other, unassigned)])

  await test.step('In the list, keys snooze a ticket, it leaves the view of the colleague too, and undo brings it back', async () => {
    await expect(view(page, 'Unassigned')).toContainText('2')
    await expect(row(other, 'The lift hums')).toBeVisible()

    await page.keyboard.press('j')
    await expect(row(page, 'The bell is mute')).toBeFocused()
    await page.keyboard.press('h')
    await expect(menu(page)).toContainText('Snooze · #002')
    await expect(menu(page).getByRole('option')).not.toHaveCount(0)
    await page.keyboard.type('tomorrow')
    await page.keyboard.press('Enter')
    await expect(notification(page, '1 ticket snoozed until')).toBeVisible()
    await expect(row(page, 'The bell is mute')).toContainText(/Until \w{3} 09:00/)
    await expect(row(page, 'The bell is mute')).toContainText('No longer in this list')
    await expect(row(other, 'The bell is mute')).toContainText('No longer in this list')
    await expect(view(page, 'Unassigned')).toContainText('1')
    await expect(view(other, 'Snoozed')).toContainText('1')

    await page.keyboard.press('z')
    await expect(notification(page, '1 ticket restored')).toBeVisible()
    await expect(row(page, 'The bell is mute')).not.toContainText('Until')
    await expect(row(other, 'The bell is mute')).not.toContainText('No longer in this list')
    await expect(view(other, 'Snoozed')).toContainText('0')

    // The keys come before the bar of the selection and its menu are drawn.
    await pressAtOnce(page, ['x', 'Shift+J', 'h', ...'in 2 hours', 'Enter'])
    await expect(notification(page, '2 tickets snoozed until')).toBeVisible()
    await expect(view(other, 'Snoozed')).toContainText('2')
    await view(other, 'Snoozed').click()
    await expect(row(other, 'The lift hums')).toContainText(/Until (\w{3} )?\d\d:\d\d/)
    await expect(other.getByRole('heading', { level: 1, name: 'Snoozed' })).toBeVisible()
  })

  await test.step("In the open ticket the time is chosen in a second step, a colleague's reply wakes it, and the history shows both", async () => {
    const ticket = await newTicket(owner, team, { subject: 'Waiting for a part' })
    await Promise.all([goTo(page, '/tickets?ticket=3'), goTo(other, '/tickets?snoozed=false')])
    const slideover = page.getByRole('dialog', { name: 'Ticket #003' })
    await expect(slideover.getByText('Nobody has replied yet')).toBeVisible()

    await page.keyboard.press('h')
    await expect(palette(page).getByRole('combobox', { name: 'Snooze…' })).toBeFocused()
    for (const [label, hint] of [
      [/Later today|In 3 hours/, /\d\d:\d\d/],
      ['Tomorrow', /\w{3} 09:00/],
      // On Mondays a week from now is called the next Monday.
      [new Date().getDay() === 1 ? 'Next Monday' : 'In a week', /\d{1,2} \w{3}(?: \d{4})?, 09:00/]
    ] as const) {
      await expect(palette(page).getByRole('option', { name: label })).toContainText(hint)
    }
    await expect(palette(page).getByRole('option', { name: 'Wake now' })).toHaveCount(0)
    await page.keyboard.type('tomo')
    await page.keyboard.press('Enter')
    await expect(notification(page, '#003 is snoozed until')).toBeVisible()
    const button = slideover.getByRole('button', { name: /^Snoozed until \w{3} 09:00/ })
    await expect(button).toBeVisible()
    await expect(row(other, 'Waiting for a part')).toContainText('No longer in this list')
    const conversation = slideover.getByRole('region', { name: 'Conversation' })
    await expect(conversation).toContainText(/Olga Owens snoozed it until \w+day 09:00/)

    // A note of the person who snoozed it does not wake it.
    await newReply(owner, ticket, 'Ordered it today', true)
    await expect(conversation.getByText('Ordered it today')).toBeVisible()
    await expect(button).toBeVisible()

    await newReply(member, ticket, 'The part is here')
    await expect(conversation).toContainText('Mia Member ended the snooze')
    await expect(slideover.getByRole('button', { name: 'Snooze', exact: true })).toBeVisible()
    await expect(row(other, 'Waiting for a part')).not.toContainText('No longer in this list')

    await page.keyboard.press('h')
    await page.keyboard.type('in 3 days')
    await expect(palette(page).getByRole('option')).toHaveText(/Until\s*\w{3} \d\d:\d\d/)
    await page.keyboard.press('Enter')
    await expect(slideover.getByRole('button', { name: /^Snoozed until/ })).toBeVisible()
    await page.keyboard.press('h')
    await expect(palette(page).getByRole('option').first()).toContainText('Wake now')
    await page.keyboard.press('Enter')
    await expect(notification(page, '#003 is awake')).toBeVisible()
    await expect(slideover.getByRole('button', { name: 'Snooze', exact: true })).toBeVisible()
    await page.keyboard.press('z')
    await expect(slideover.getByRole('button', { name: /^Snoozed until/ })).toBeVisible()

    await page.keyboard.press('h')
    await expect(palette(page).getByRole('option').first()).toContainText('Wake now')
    await page.keyboard.press('Enter')
    await expect(slideover.getByRole('button', { name: 'Snooze', exact: true })).toBeVisible()
    // Behind an open dialog, notifications are not in the accessibility tree.
    await page.locator('li').filter({ hasText: '#003 is awake' }).getByRole('button', { name: 'Undo', includeHidden: true }).first().click()
    await expect(slideover.getByRole('button', { name: /^Snoozed until/ })).toBeVisible()

    // The keys come before the palette is drawn.
    await pressAtOnce(page, ['h', ...'wake', 'Enter'])
    await expect(slideover.getByRole('button', { name: 'Snooze', exact: true })).toBeVisible()
  })

  await test.step('A viewer cannot snooze, and a resolved ticket cannot be snoozed', async () => {
    const ticket = await newTicket(owner, team, { subject: 'Looked at' })
    await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, {
      snoozed_until: new Date(Date.now() + 86_400_000).toISOString()
    })
    const vic = await signedIn(viewer)
    await Promise.all([goTo(page, '/tickets?ticket=4'), openTickets(vic, '?ticket=4')])
    const seen = vic.getByRole('dialog', { name: 'Ticket #004' })
    const mark = seen.locator('time').filter({ hasText: /Until \w{3} \d\d:\d\d/ })
    await expect(mark).toBeVisible()
    await vic.keyboard.press('h')
    await expect(palette(vic)).toHaveCount(0)

    const slideover = page.getByRole('dialog', { name: 'Ticket #004' })
    await slideover.getByRole('button', { name: /^Status: Open/ }).click()
    await page.getByRole('menuitem', { name: 'Resolved' }).click()
    await expect(slideover.getByRole('button', { name: /^Snooze/ })).toHaveCount(0)
    await expect(mark).toHaveCount(0)
    await page.keyboard.press('Escape')
    await row(page, 'Looked at').focus()
    await page.keyboard.press('h')
    await page.keyboard.type('tomorrow')
    await page.keyboard.press('Enter')
    await expect(notification(page, 'A resolved or closed ticket cannot be snoozed: #004')).toBeVisible()
  })
})

test('a snoozed ticket wakes by itself, is snoozed until any date and time, is found by filter and words, and is in order', async ({
  signedIn
}) => {
  const team = await newTeam('Alarm')
  const { owner } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Back in a moment' })
  const page = await signedIn(owner)
  await openTickets(page, '?snoozed=true&sort=snoozed_until')

  await test.step('At its time a ticket wakes by itself', async () => {
    await expect(page.getByText('Nothing is snoozed')).toBeVisible()
    const snooze = (milliseconds: number) =>
      api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, {
        snoozed_until: new Date(Date.now() + milliseconds).toISOString()
      })
    await snooze(3_600_000)
    await expect(row(page, 'Back in a moment')).toContainText('Until')
    await snooze(2_000)
    await expect(row(page, 'Back in a moment')).toContainText('No longer in this list')
    expect((await ticketOf(owner, team, 1)).snoozed_until).toBeNull()
    await goTo(page, '/tickets?ticket=1')
    await expect(page.getByRole('region', { name: 'Conversation' })).toContainText('It woke up')
  })

  await test.step('Any date and time can be picked with the mouse, from the list and in the ticket', async () => {
    await newTicket(owner, team, { subject: 'Not this year' })
    await goTo(page, '/tickets?ticket=2')
    const slideover = page.getByRole('dialog', { name: 'Ticket #002' })
    await slideover.getByRole('button', { name: 'Snooze', exact: true }).click()
    await palette(page).getByRole('option', { name: 'Pick date and time…' }).click()
    const picker = page.getByRole('dialog', { name: 'Snooze #002' })
    await picker.getByLabel('Until').fill('2020-01-01T09:00')
    await picker.getByRole('button', { name: 'Snooze' }).click()
    await expect(picker.getByText('Choose a time in the future')).toBeVisible()
    const at = new Date(Date.now() + 40 * 86_400_000)
    const [date] = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().split('T')
    await picker.getByLabel('Until').fill(`${date}T07:45`)
    await picker.getByRole('button', { name: 'Snooze' }).click()
    await expect(picker).toBeHidden()
    await expect(slideover.getByRole('button', { name: /^Snoozed until \d{1,2} \w{3,4}( \d{4})?, 07:45/ })).toBeVisible()
    await expect.poll(async () => (await ticketOf(owner, team, 2)).snoozed_until).toMatch(/^\d{4}-\d\d-\d\dT\d\d:45:00/) // the page shows it before the server answers
    await slideover.getByRole('button', { name: 'Close', exact: true }).click()
    await expect(slideover).toBeHidden()

    await expect(row(page, 'Not this year')).toContainText(/Until \d{1,2} \w{3,4}( \d{4})?, 07:45/)
    await row(page, 'Not this year').focus()
    await page.keyboard.press('h')
    await menu(page).getByRole('option', { name: 'Pick date and time…' }).click()
    await expect(picker).toBeVisible()
    await picker.getByRole('button', { name: 'Cancel' }).click()
    await expect(picker).toBeHidden()
    await page.keyboard.press('h')
    await menu(page).getByRole('option', { name: 'Wake now' }).click()
    await expect(notification(page, '1 ticket woken up')).toBeVisible()
    await expect(row(page, 'Not this year')).not.toContainText('Until')
  })

  await test.step('The filter and the search find snoozed tickets, and the shortcut help lists the key', async () => {
    const [away] = [await newTicket(owner, team, { subject: 'Asleep' }), await newTicket(owner, team, { subject: 'Wide awake' })]
    await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${away.id}`, {
      snoozed_until: new Date(Date.now() + 86_400_000).toISOString()
    })
    await goTo(page, '/tickets')
    await expect(row(page, 'Asleep')).toBeVisible()
    await expect(row(page, 'Wide awake')).toBeVisible()
    await page.getByRole('combobox', { name: 'Search tickets' }).fill('-is:snoozed')
    await expect(row(page, 'Asleep')).toHaveCount(0)
    await page.getByRole('combobox', { name: 'Search tickets' }).fill('')
    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    const filter = page.getByRole('dialog', { name: 'Filter' })
    await filter.getByRole('combobox', { name: 'Snoozed' }).click()
    await page.getByRole('option', { name: 'Snoozed', exact: true }).click()
    await expect(page).toHaveURL(/snoozed=true/)
    await expect(row(page, 'Wide awake')).toHaveCount(0)
    await expect(page.getByRole('listbox')).toHaveCount(0) // while the listbox closes, it takes Escape
    await page.keyboard.press('Escape')
    await expect(filter).toBeHidden()
    await row(page, 'Asleep').focus()
    await page.keyboard.press('?')
    await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Snooze', { exact: true })).toBeVisible()
  })

  await test.step('The menu, the picker and the marks are in order in light, in dark and at 375 px', async () => {
    const snoozed = await newTicket(owner, team, { subject: 'Looked at closely' })
    await newTicket(owner, team, { subject: 'Beside it' })
    await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${snoozed.id}`, {
      snoozed_until: new Date(Date.now() + 86_400_000).toISOString()
    })
    await page.keyboard.press('Escape')
    await goTo(page, '/dashboard')
    await goTo(page, '/tickets')
    await expect(row(page, 'Looked at closely')).toContainText('Until')
    await expectInOrder(page, 'the list')
    await row(page, 'Looked at closely').focus()
    await page.keyboard.press('h')
    await expect(menu(page).getByRole('option', { name: 'Wake now' })).toBeVisible()
    await expectInOrder(page, 'the menu of times')
    await menu(page).getByRole('option', { name: 'Pick date and time…' }).click()
    await expectInOrder(page, 'the picker of a time')
    await page.keyboard.press('Escape')

    await page.setViewportSize({ width: 375, height: 740 })
    const card = page.getByRole('list', { name: 'Tickets' }).getByRole('listitem').filter({ hasText: 'Looked at closely' })
    await expect(card.locator('time').filter({ hasText: 'Until' })).toBeVisible()
    await expectInOrder(page, 'a card')
    await card.getByRole('button', { name: /Looked at closely/ }).click()
    await expect(page.getByRole('dialog').getByRole('button', { name: /^Snoozed until/ })).toBeVisible()
    await expectInOrder(page, 'a ticket at 375 px')
  })
})

async function expectInOrder(page: Page, place: string): Promise<void> {
  await expectAccessible(page, place)
  await expectToFit(page, place)
}
