import type { Locator, Page, Route } from '@playwright/test'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { failRequests } from './support/failure.ts'
import { api, newReply, newTeam, newTicket, type Person, type TestTeam } from './support/people.ts'
import { expect, openTickets, pressAtOnce, test } from './support/test.ts'

const oldestFirst = '?sort=created_at&order=asc'

test('Space peeks at the ticket under the cursor, which is followed, and keys of the list act on', async ({ signedIn }) => {
  const team = await newTeam('Peeks', { member: 'Mia Member' })
  const { owner, member } = team.people
  const [one] = await newTickets(owner, team, ['One', 'Two', 'Three'])
  await newReply(member, one!, 'We look into it.')
  await newReply(owner, one!, 'Ask the vendor first.', true)
  const page = await signedIn(owner)
  await openTickets(page, oldestFirst)

  await page.keyboard.press('j')
  await expect(row(page, 'One')).toBeFocused()
  await page.keyboard.press('Space')
  const peek = panel(page)
  await expect(peek).toHaveAccessibleName('Peek at #001')
  await expect(peek.getByRole('heading', { name: 'One' })).toBeVisible()
  await expect(peek.getByText('Description of One', { exact: true })).toBeVisible()
  await expect(peek.getByRole('listitem')).toHaveText([/Internal.*Ask the vendor first\./, /We look into it\./])
  await expect(row(page, 'One')).toBeFocused()
  await expect(page, 'it is not in the address').not.toHaveURL(/ticket=/)

  await page.keyboard.press('j')
  await expect(row(page, 'Two')).toBeFocused()
  await expect(peek).toHaveAccessibleName('Peek at #002')
  await expect(peek.getByText('Nobody has replied yet.')).toBeVisible()
  await page.keyboard.press('p')
  await expect(page.getByPlaceholder('Change priority to…')).toBeFocused()
  await page.keyboard.type('urgent')
  await page.keyboard.press('Enter')
  await expect(peek).toContainText('Urgent')
  await expect(row(page, 'Two')).toBeFocused()
  await page.keyboard.press('x')
  const bar = page.getByRole('toolbar', { name: 'Selected tickets' })
  await expect(bar).toContainText('1 selected')

  // What was selected goes first, then the panel.
  await page.keyboard.press('Escape')
  await expect(bar).toBeHidden()
  await expect(peek).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(peek).toHaveCount(0)
  await expect(row(page, 'Two')).toBeFocused()

  await page.keyboard.press('Space')
  await expect(peek).toHaveAccessibleName('Peek at #002')
  await page.keyboard.press('Enter')
  const ticket = page.getByRole('dialog', { name: 'Ticket #002' })
  await expect(ticket).toBeVisible()
  await page.keyboard.press('j')
  await expect(page.getByRole('dialog', { name: 'Ticket #003' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await expect(row(page, 'Three')).toBeFocused()
  await expect(peek, 'it is still there, and has followed').toHaveAccessibleName('Peek at #003')
  await page.keyboard.press('Space')
  await expect(peek).toHaveCount(0)
})

test('what could not be loaded is asked for again; its buttons open and close it, Tab reaches them, and Space is theirs', async ({
  signedIn,
  provokes
}) => {
  provokes(/503/)
  const team = await newTeam('Peek by buttons')
  const [one] = await newTickets(team.people.owner, team, ['One', 'Two'])
  for (let number = 1; number <= 7; number++) await newReply(team.people.owner, one!, `Reply ${number}`)
  const page = await signedIn(team.people.owner)
  const ticket = await failRequests(page, /\/tickets\/1$/)
  await openTickets(page, oldestFirst)
  const peek = panel(page)

  // Without a cursor it begins with the first row.
  await page.keyboard.press('Space')
  await expect(peek).toHaveAccessibleName('Peek at #001')
  await expect(row(page, 'One')).toBeFocused()
  await expect(peek.getByRole('heading', { name: 'One' })).toBeVisible()
  await expect(peek.getByText('This could not be loaded')).toBeVisible()
  await ticket.retry(peek.getByRole('button', { name: 'Try again' }))
  await expect(peek.getByText('This could not be loaded')).toHaveCount(0)
  await expect(peek.getByText('Description of One', { exact: true })).toBeVisible()
  await row(page, 'One').focus()
  await expect(peek.getByRole('listitem')).toHaveCount(5)
  await expect(peek.getByRole('listitem').first()).toContainText('Reply 7')

  const close = peek.getByRole('button', { name: 'Close the peek' })
  for (let presses = 0; presses < 40 && !(await close.evaluate(element => element === document.activeElement)); presses++)
    await page.keyboard.press('Tab')
  await expect(close).toBeFocused()
  await expect(peek).toHaveAccessibleName('Peek at #002')
  await page.keyboard.press('Space')
  await expect(peek).toHaveCount(0)
  await expect(row(page, 'Two')).toBeFocused()

  // What is read in it scrolls by the keys that scroll.
  await page.keyboard.press('k')
  await expect(row(page, 'One')).toBeFocused()
  await page.keyboard.press('Space')
  await expect(peek.getByRole('listitem')).toHaveCount(5)
  await close.focus()
  await page.keyboard.press('Tab')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Space')
  await expect.poll(async () => await peek.locator('[tabindex="0"]').evaluate(element => element.scrollTop)).toBeGreaterThan(0)
  await expect(peek).toHaveAccessibleName('Peek at #001')
  await page.keyboard.press('Escape')
  await expect(peek).toHaveCount(0)
  await expect(row(page, 'One')).toBeFocused()

  await row(page, 'One').getByRole('checkbox').focus()
  await page.keyboard.press('Space')
  await expect(page.getByRole('toolbar', { name: 'Selected tickets' })).toContainText('1 selected')
  await expect(peek).toHaveCount(0)
  await page.keyboard.press('Escape')

  await row(page, 'One').focus()
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Command palette' })
  await expect(palette.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('peek')
  await expect(palette.getByRole('option', { name: /Peek at the ticket/ })).toContainText('Space')
  await page.keyboard.press('Enter')
  await expect(palette).toBeHidden()
  await expect(peek).toBeVisible()
  await page.keyboard.press('?')
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('Close the peek').first()).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)

  await peek.getByRole('button', { name: '2 earlier replies' }).click()
  await expect(page.getByRole('dialog', { name: 'Ticket #001' })).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('dialog')).toHaveCount(0)
  await peek.getByRole('button', { name: 'Open the ticket' }).click()
  await expect(page.getByRole('dialog', { name: 'Ticket #001' })).toBeVisible()
})

test('whoever runs through the list asks for the ticket where they stop, and sees no other under its name', async ({ signedIn }) => {
  const team = await newTeam('Runs')
  const tickets = await newTickets(team.people.owner, team, ['One', 'Two', 'Three', 'Four', 'Five', 'Six'])
  for (const ticket of tickets) await newReply(team.people.owner, ticket, `Reply to ${ticket.subject}`)
  const page = await signedIn(team.people.owner)
  const asked: string[] = []
  const held: (() => void)[] = []
  let isHeld = false
  await page.route(/\/tickets\/(\d+|[^/]+\/replies)$/, async (route: Route) => {
    const number = /\d+$/.exec(route.request().url())?.[0]
    if (number) asked.push(number)
    if (isHeld) await new Promise<void>(resolve => held.push(resolve))
    await route.continue()
  })
  await openTickets(page, oldestFirst)
  const peek = panel(page)
  await page.keyboard.press('j')
  await page.keyboard.press('Space')
  await expect(peek.getByText('Reply to One')).toBeVisible()
  expect(asked).toEqual(['1'])

  isHeld = true
  await page.keyboard.press('j')
  await expect(peek).toHaveAccessibleName('Peek at #002')
  await expect(peek.getByText('Description of Two', { exact: true })).toBeVisible()
  await expect(peek.getByRole('status', { name: 'Loading the replies' })).toBeVisible()
  await expect(peek.getByText(/ One$/)).toHaveCount(0)
  await expect.poll(() => asked).toEqual(['1', '2'])
  await expect.poll(() => held.length).toBe(2)
  isHeld = false
  const aborted = [/\/tickets\/2$/, new RegExp(`${tickets[1]!.id}/replies$`)].map(url =>
    page.waitForEvent('requestfailed', request => url.test(request.url()))
  )
  await pressAtOnce(page, ['j', 'j', 'j', 'j'])
  await expect(peek).toHaveAccessibleName('Peek at #006')
  await Promise.all(aborted)
  for (const release of held) release()
  await expect(peek.getByText('Reply to Six')).toBeVisible()
  await expect(peek.getByRole('listitem')).toHaveCount(1)
  await expect(peek.getByText('Description of Six', { exact: true })).toBeVisible()
  expect(asked).toEqual(['1', '2', '6'])
})

test('it is live, tells nobody that it is looked at, and names what was deleted', async ({ signedIn, provokes }) => {
  provokes(/status of 404/) // the open ticket may be asking for the last change when it is deleted
  const team = await newTeam('Live peek', { member: 'Mia Member', viewer: 'Vic Viewer' })
  const { owner, member, viewer } = team.people
  const [one] = await newTickets(owner, team, ['One', 'Two'])
  const [vic, mia] = [await signedIn(viewer), await signedIn(member)]
  await Promise.all([openTickets(vic, oldestFirst), openTickets(mia, `${oldestFirst}&ticket=1`)])
  await vic.keyboard.press('Space')
  const peek = panel(vic)
  await expect(peek.getByText('Nobody has replied yet.')).toBeVisible()

  const ticket = mia.getByRole('dialog', { name: 'Ticket #001' })
  await expect(ticket.getByText('Nobody has replied yet')).toBeVisible()
  await mia.keyboard.press('n')
  await expect(ticket.getByRole('textbox', { name: 'Internal note' })).toBeFocused()
  await mia.keyboard.type('Seen by Vic')
  await mia.keyboard.press('Control+Enter')
  await expect(peek.getByRole('listitem')).toHaveText([/Internal.*Seen by Vic/])
  await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${one!.id}`, {
    subject: 'One, renamed',
    status: 'waiting',
    description: 'Described anew'
  })
  await expect(peek.getByRole('heading', { name: 'One, renamed' })).toBeVisible()
  await expect(peek).toContainText('Waiting')
  await expect(peek.getByText('Described anew')).toBeVisible()
  await expect(ticket.getByText('Described anew')).toBeVisible()
  await expect(ticket.getByText(/viewing|Vic Viewer/), 'a peek is not a visit').toHaveCount(0)

  await api(owner, 'DELETE', `/api/teams/${team.id}/tickets/${one!.id}`)
  await expect(peek.getByText('This ticket was deleted')).toBeVisible()
  await expect(peek.getByRole('button', { name: 'Open the ticket' })).toHaveCount(0)
  await vic.keyboard.press('j')
  await expect(peek.getByRole('heading', { name: 'Two' })).toBeVisible()
})

test('the row under the cursor stays in sight, and it is not offered where there is no room or single keys are off', async ({
  signedIn
}) => {
  const team = await newTeam('In sight')
  const { owner } = team.people
  const tickets = await newTickets(
    owner,
    team,
    Array.from({ length: 16 }, (_, index) => `Ticket ${index + 1}`)
  )
  const page = await signedIn(owner, { viewport: { width: 1024, height: 640 } })
  await openTickets(page, oldestFirst)
  await expect(row(page, 'Ticket 16')).toBeAttached()
  for (const _ of tickets) await page.keyboard.press('j')
  await expect(row(page, 'Ticket 16')).toBeFocused()
  await page.keyboard.press('Space')
  await expect(panel(page).getByText('Description of Ticket 16')).toBeVisible()
  await expect(row(page, 'Ticket 16').getByText('Ticket 16', { exact: true })).toBeInViewport({ ratio: 1 })
  await page.keyboard.press('k')
  await expect(panel(page).getByText('Description of Ticket 15')).toBeVisible()
  await expect(row(page, 'Ticket 15').getByText('Ticket 15', { exact: true })).toBeInViewport({ ratio: 1 })

  // With a row half under the header, too.
  await page.keyboard.press('Control+a')
  await expect(page.getByRole('toolbar', { name: 'Selected tickets' })).toBeInViewport({ ratio: 1 })
  await page.getByRole('table', { name: 'Tickets' }).evaluate(table => {
    const centre = (element: Element | null) => element!.getBoundingClientRect().y + element!.getBoundingClientRect().height / 2
    const [header, first] = [centre(table.querySelector('thead input')), centre(table.querySelector('tbody input'))]
    table.parentElement!.scrollBy(0, first - header - 18)
  })
  await expectAccessible(page)

  await row(page, 'Ticket 15').focus()
  await page.keyboard.press('Escape')
  await expect(page.getByRole('toolbar', { name: 'Selected tickets' })).toBeHidden()
  await page.keyboard.press('Escape')
  await expect(panel(page)).toHaveCount(0)
  await page.setViewportSize({ width: 1000, height: 740 })
  await page.keyboard.press('j')
  await expect(page.getByRole('button', { name: /^#01\d/ }).and(page.locator(':focus'))).toBeVisible()
  await page.getByRole('heading', { level: 1 }).click()
  await page.keyboard.press('Space')
  await page.keyboard.press('Control+k')
  const palette = page.getByRole('dialog', { name: 'Command palette' })
  await expect(palette.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('peek')
  await expect(palette.getByRole('option', { name: /Peek/ })).toHaveCount(0)
  await expect(panel(page)).toHaveCount(0)
  await page.keyboard.press('Escape')

  await page.setViewportSize({ width: 1280, height: 740 })
  await api(owner, 'PATCH', '/api/profile', { preferences: { shortcuts: false } })
  await openTickets(page, oldestFirst)
  await page.keyboard.press('ArrowDown')
  await expect(row(page, 'Ticket 1')).toBeFocused()
  await page.keyboard.press('Space')
  await page.keyboard.press('Control+a')
  await expect(page.getByRole('toolbar', { name: 'Selected tickets' })).toBeVisible()
  await expect(panel(page)).toHaveCount(0)
})

test('it stands beside the list at every width, in order in both themes', async ({ signedIn }) => {
  const team = await newTeam('Beside')
  const { owner } = team.people
  await newTickets(
    owner,
    team,
    Array.from({ length: 8 }, (_, index) => `Ticket ${index + 1}, with a subject that is longer than the room for it`)
  )
  const last = await newTicket(owner, team, {
    subject: 'The last',
    description: Array.from({ length: 40 }, (_, line) => `Line ${line + 1} of a long description.`).join('\n\n'),
    tags: ['vip', 'refund'],
    severity: 1
  })
  await newReply(owner, last, 'A note for ourselves.', true)
  await newReply(owner, last, 'An answer.')
  const page = await signedIn(owner)
  const peek = panel(page)
  const bar = page.getByRole('toolbar', { name: 'Selected tickets' })
  await page.setViewportSize({ width: 1024, height: 800 })
  await openTickets(page, oldestFirst)
  await expect(row(page, 'The last')).toBeAttached()

  for (const width of [1024, 1280, 1680])
    await test.step(`at ${width} px`, async () => {
      await page.setViewportSize({ width, height: 800 })
      await row(page, 'The last').focus()
      await page.keyboard.press('k')
      await page.keyboard.press('j')
      await expect(row(page, 'The last')).toBeFocused()
      await page.keyboard.press('Space')
      await expect(peek.getByText('An answer.')).toBeInViewport()
      await expect(row(page, 'The last').getByText('The last')).toBeInViewport({ ratio: 1 })
      await expectToFit(page)
      await expectAccessible(page)
      await page.keyboard.press('k')
      await expect(peek.getByText('Description of Ticket 8')).toBeVisible()
      await expect(peek.getByRole('button', { name: 'Show all' })).toHaveCount(0)
      await page.keyboard.press('j')
      await peek.getByRole('button', { name: 'Show all' }).click()
      await expect(peek.getByRole('button', { name: 'Show less' })).toHaveAttribute('aria-expanded', 'true')
      await page.keyboard.press('Control+a')
      await expect(bar).toBeInViewport({ ratio: 1 })
      await expectToFit(page)
      await expectAccessible(page)
      await peek.getByRole('button', { name: 'Show less' }).click()
      // What was selected goes first, then the panel.
      await row(page, 'The last').focus()
      await page.keyboard.press('Escape')
      await expect(bar).toBeHidden()
      await page.keyboard.press('Escape')
      await expect(peek).toHaveCount(0)
    })
})

async function newTickets(person: Person, team: TestTeam, subjects: string[]) {
  const tickets = []
  for (const subject of subjects) tickets.push(await newTicket(person, team, { subject, description: `Description of ${subject}` }))
  return tickets
}

function row(page: Page, subject: string): Locator {
  return page.locator('tbody tr').filter({ has: page.getByText(subject, { exact: true }) })
}

function panel(page: Page): Locator {
  return page.getByRole('complementary', { name: /^Peek/ })
}
