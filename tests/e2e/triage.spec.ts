import { demoPerson, newReply, newTeam, newTicket } from './support/people.ts'
import { expect, open, openTickets, test } from './support/test.ts'

test('an agent finds tickets by words, by number and by status', async ({ signedIn }) => {
  const page = await signedIn(await demoPerson('adam@acme.test'))
  await openTickets(page)
  const rows = page.getByRole('table', { name: 'Tickets' }).locator('tbody tr')
  await expect(rows).toHaveCount(25)

  const search = page.getByRole('combobox', { name: 'Search tickets' })
  await search.fill('#012')
  await expect(page).toHaveURL(/q=%23012|q=#012/)
  await expect(rows).toHaveCount(1)
  await expect(rows.first()).toContainText('#012')
  const place = (await page.getByRole('columnheader').allInnerTexts()).findIndex(header => header.trim() === 'Subject')
  const subject = await rows.first().getByRole('cell').nth(place).innerText()

  const word = subject.split(/[^\p{L}]+/u).filter(part => part.length > 4)[0]!
  await search.fill(word)
  await expect(page).toHaveURL(url => url.searchParams.get('q') === word)
  await expect(rows.filter({ hasText: '#012' })).toHaveCount(1)

  await search.fill('')
  await page.getByRole('button', { name: 'Filter', exact: true }).click()
  await page.getByRole('dialog', { name: 'Filter' }).getByRole('button', { name: 'Status', exact: true }).click()
  await page.getByRole('option', { name: 'Waiting' }).click()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(page).toHaveURL(/status=waiting/)
  await expect(rows.first()).toContainText('Waiting')
  await page.reload()
  await expect(rows.first()).toContainText('Waiting')
  await expect(rows.filter({ hasNotText: 'Waiting' })).toHaveCount(0)

  await search.fill('no such words in any ticket')
  await page.getByRole('button', { name: 'Clear search and filters' }).click()
  await expect(rows).toHaveCount(25)
})

test('an agent changes a status in the list, and the counts follow', async ({ signedIn }) => {
  const team = await newTeam('Triage')
  for (const subject of ['The printer is on fire', 'The door is locked']) await newTicket(team.people.owner, team, { subject })
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  const counts = page.getByRole('group', { name: 'Tickets by status' })
  await expect(counts.getByRole('button', { name: '2 Open' })).toBeVisible()

  await page.getByRole('button', { name: 'Status: Open. Change status of #001' }).click()
  await page.getByRole('menuitem', { name: 'In Progress' }).click()
  await expect(page.getByRole('button', { name: 'Status: In Progress. Change status of #001' })).toBeVisible()
  await expect(counts.getByRole('button', { name: '1 Open' })).toBeVisible()
  await expect(counts.getByRole('button', { name: '1 In Progress' })).toBeVisible()

  await counts.getByRole('button', { name: '1 In Progress' }).click()
  await expect(page).toHaveURL(/status=in_progress/)
  await expect(page.getByText('The printer is on fire')).toBeVisible()
  await expect(page.getByText('The door is locked')).toBeHidden()
})

test('two filters that are chosen at the same moment both apply', async ({ signedIn }) => {
  const page = await signedIn(await demoPerson('adam@acme.test'))
  await openTickets(page)
  const open = page.getByRole('group', { name: 'Tickets by status' }).getByRole('button', { name: /Open$/ })
  const byPriority = page.getByRole('columnheader', { name: 'Priority' }).getByRole('button')
  const [first, second] = await Promise.all([open.elementHandle(), byPriority.elementHandle()])
  await page.evaluate(buttons => buttons.forEach(button => (button as HTMLElement).click()), [first, second])
  await expect(page).toHaveURL(/sort=priority/)
  await expect(page).toHaveURL(/status=open/)
})

test('a ticket panel that is closed stays closed when a filter is chosen at the same moment', async ({ signedIn }) => {
  const team = await newTeam('One moment')
  await newTicket(team.people.owner, team, { subject: 'Closed for good' })
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  const waiting = await page
    .getByRole('group', { name: 'Tickets by status' })
    .getByRole('button', { name: /Waiting$/ })
    .elementHandle()
  await page.getByText('Closed for good').click()
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  const close = await slideover.getByRole('button', { name: 'Close', exact: true }).elementHandle()
  await page.evaluate(buttons => buttons.forEach(button => (button as HTMLElement).click()), [close, waiting])
  await expect(page).toHaveURL(/status=waiting/)
  await expect(slideover).toHaveCount(0)
  await expect(page).not.toHaveURL(/ticket=/)
})

test('an agent opens a ticket by keyboard, and the back button closes it', async ({ signedIn }) => {
  const team = await newTeam('Keyboard')
  await newTicket(team.people.owner, team, { subject: 'The first of all' })
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  const row = page.getByRole('row', { name: /The first of all/ })
  await expect(row).toBeVisible()
  await page.getByRole('combobox', { name: 'Search tickets' }).focus()
  for (let presses = 0; presses < 30 && !(await row.evaluate(element => element === document.activeElement)); presses++)
    await page.keyboard.press('Tab')
  await expect(row).toBeFocused()
  await page.keyboard.press('Enter')

  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await expect(slideover).toBeVisible()
  await expect(page).toHaveURL(/ticket=1$/)
  await page.goBack()
  await expect(slideover).toBeHidden()
  await expect(page).not.toHaveURL(/ticket=/)
  await page.goForward()
  await expect(slideover).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(slideover).toBeHidden()
  await expect(row).toBeFocused()
})

test('an agent opens a link to a ticket, replies, and writes an internal note', async ({ signedIn }) => {
  const page = await signedIn(await demoPerson('ann@acme.test'))
  await openTickets(page, '?ticket=12')
  const slideover = page.getByRole('dialog', { name: 'Ticket #012' })
  const conversation = slideover.getByRole('region', { name: 'Conversation' })
  await expect(slideover.getByRole('heading', { level: 2 })).toBeVisible()

  const text = `We are on it, **since ${Date.now()}**.`
  await slideover.getByRole('textbox', { name: 'Reply' }).fill(text)
  await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
  const reply = conversation.getByRole('listitem').filter({ hasText: text.replaceAll('*', '') })
  await expect(reply).toBeVisible()
  await expect(reply.getByText('Internal')).toHaveCount(0)
  await expect(slideover.getByRole('textbox', { name: 'Reply' })).toHaveValue('')

  await slideover.getByRole('tab', { name: 'Internal note' }).click()
  const note = slideover.getByRole('textbox', { name: 'Internal note' })
  const noteText = `Ask the warehouse first, ${Date.now()}`
  await note.fill(noteText)
  await slideover.getByRole('button', { name: 'Add note' }).click()
  const item = conversation.getByRole('listitem').filter({ hasText: noteText })
  await expect(item.getByText('Internal', { exact: true })).toBeVisible()
  const { red, green, blue } = await item.evaluate(element => {
    const canvas = document.createElement('canvas').getContext('2d')!
    canvas.fillStyle = getComputedStyle(element).backgroundColor
    canvas.fillRect(0, 0, 1, 1)
    const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data
    return { red: red!, green: green!, blue: blue! }
  })
  expect(Math.min(red, green) - blue, 'a note is yellow').toBeGreaterThan(40)
})

test('a canned response is inserted at the cursor and keeps the other text', async ({ signedIn }) => {
  const page = await signedIn(await demoPerson('ann@acme.test'))
  await openTickets(page, '?ticket=13')
  const slideover = page.getByRole('dialog', { name: 'Ticket #013' })
  const field = slideover.getByRole('textbox', { name: 'Reply' })
  await field.fill('Hello Kim, and goodbye')
  await field.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(10, 10))
  await slideover.getByLabel('Insert a canned response').click()
  await page.getByRole('option').first().click()
  await expect(field).toHaveValue(/^Hello Kim,[\s\S]{20,} and goodbye$/)
  await expect(field).toBeFocused()
})

test('an agent assigns a ticket and raises its priority', async ({ signedIn }) => {
  const team = await newTeam('Assignment', { member: 'Mia Member' })
  await newTicket(team.people.owner, team, { subject: 'Who takes this one?' })
  const page = await signedIn(team.people.owner)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await slideover.getByLabel('Assignee', { exact: true }).click()
  await page.getByRole('option', { name: 'Mia Member' }).click()
  await expect(slideover.getByLabel('Assignee', { exact: true })).toContainText('Mia Member')
  await slideover.getByRole('button', { name: 'Priority: Normal. Change priority of #001' }).click()
  await page.getByRole('menuitem', { name: 'Urgent' }).click()
  await expect(slideover.getByRole('button', { name: 'Priority: Urgent. Change priority of #001' })).toBeEnabled()

  await page.reload()
  await expect(slideover.getByLabel('Assignee', { exact: true })).toContainText('Mia Member')
  await expect(slideover.getByRole('button', { name: 'Priority: Urgent. Change priority of #001' })).toBeVisible()
  await slideover.getByRole('button', { name: 'Close' }).click()
  await expect(page.getByRole('row', { name: /Who takes this one/ })).toContainText('Mia Member')
})

test('the form for a new ticket names missing fields, and creates a ticket with tags', async ({ signedIn }) => {
  const team = await newTeam('Creation')
  const page = await signedIn(team.people.owner)
  await openTickets(page)
  await page.getByRole('button', { name: 'New Ticket' }).click()
  const modal = page.getByRole('dialog', { name: 'New ticket' })
  await modal.getByRole('button', { name: 'Create ticket' }).click()
  await expect(modal.getByText('Subject is required')).toBeVisible()
  await expect(modal.getByText('Description is required')).toBeVisible()

  await modal.getByRole('textbox', { name: 'Subject' }).fill('Invoice 4711 is wrong')
  await modal.getByRole('textbox', { name: 'Description' }).fill('It says *ten*, we ordered nine.')
  await modal.getByRole('textbox', { name: 'Requester e-mail' }).fill('nobody')
  await modal.getByRole('textbox', { name: 'Tags' }).fill('Invoice, vip')
  await modal.getByRole('button', { name: 'Create ticket' }).click()
  await expect(modal.getByText('Not a valid e-mail address')).toBeVisible()
  await modal.getByRole('textbox', { name: 'Requester e-mail' }).fill('kim@customer.test')
  await modal.getByRole('button', { name: 'Create ticket' }).click()

  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await expect(slideover.getByRole('heading', { name: 'Invoice 4711 is wrong' })).toBeVisible()
  await expect(slideover.getByText('kim@customer.test')).toBeVisible()
  await expect(slideover.getByText('It says *ten*, we ordered nine.')).toBeVisible() // as it was typed
  await expect(slideover.getByText('invoice', { exact: true })).toBeVisible()
  await expect(slideover.getByText('vip', { exact: true })).toBeVisible()
})

test('an owner deletes a ticket after a confirmation', async ({ signedIn }) => {
  const team = await newTeam('Deletion')
  const ticket = await newTicket(team.people.owner, team, { subject: 'Sent twice' })
  await newReply(team.people.owner, ticket, 'This one goes.')
  const page = await signedIn(team.people.owner)
  await open(page, '/tickets?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  const confirmation = page.getByRole('dialog', { name: 'Delete #001?' })
  for (const answer of ['Cancel', 'Delete ticket']) {
    await slideover.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Delete ticket' }).click()
    await confirmation.getByRole('button', { name: answer }).click()
    await expect(confirmation).toBeHidden()
    if (answer === 'Delete ticket') break
    await expect(slideover.getByRole('heading', { name: 'Sent twice' })).toBeVisible()
    await expect(slideover.getByRole('button', { name: 'More actions' })).toBeFocused()
  }
  await expect(slideover).toBeHidden()
  await expect(page.getByText('No tickets yet')).toBeVisible()
})
