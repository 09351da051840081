import { demoPerson, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, openTickets, test } from './support/test.ts'

test('an agent finds tickets by words, by number and by filters', async ({ signedIn }) => {
  const page = await signedIn(await demoPerson('adam@acme.test'))
  await openTickets(page)

  await test.step('Words, a number and a status find tickets', async () => {
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

  await test.step('Two filters that are clicked at the same moment both apply', async () => {
    const openOnly = page.getByRole('group', { name: 'Tickets by status' }).getByRole('button', { name: /Open$/ })
    const byPriority = page.getByRole('columnheader', { name: 'Priority' }).getByRole('button')
    const [first, second] = await Promise.all([openOnly.elementHandle(), byPriority.elementHandle()])
    await page.evaluate(buttons => buttons.forEach(button => (button as HTMLElement).click()), [first, second])
    await expect(page).toHaveURL(/sort=priority/)
    await expect(page).toHaveURL(/status=open/)
  })
})

test('an agent changes the status in the list, and opens and closes a ticket by keyboard and by the back button', async ({ signedIn }) => {
  const team = await newTeam('Triage')
  const { owner } = team.people
  for (const subject of ['The printer is on fire', 'The door is locked']) await newTicket(owner, team, { subject })
  const page = await signedIn(owner)
  await openTickets(page)

  await test.step('A change of the status in the list moves the counts', async () => {
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

  await test.step('A ticket that is closed stays closed when the list is filtered at the same moment', async () => {
    await goTo(page, '/tickets')
    const waiting = await page
      .getByRole('group', { name: 'Tickets by status' })
      .getByRole('button', { name: /Waiting$/ })
      .elementHandle()
    await page.getByText('The printer is on fire').click()
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    const close = await slideover.getByRole('button', { name: 'Close', exact: true }).elementHandle()
    await page.evaluate(buttons => buttons.forEach(button => (button as HTMLElement).click()), [close, waiting])
    await expect(page).toHaveURL(/status=waiting/)
    await expect(slideover).toHaveCount(0)
    await expect(page).not.toHaveURL(/ticket=/)
  })

  await test.step('Tab and Enter open a ticket, and the back button closes it', async () => {
    await goTo(page, '/tickets')
    const row = page.getByRole('row', { name: /The door is locked/ })
    await expect(row).toBeVisible()
    await page.getByRole('combobox', { name: 'Search tickets' }).focus()
    for (let presses = 0; presses < 30 && !(await row.evaluate(element => element === document.activeElement)); presses++)
      await page.keyboard.press('Tab')
    await expect(row).toBeFocused()
    await page.keyboard.press('Enter')

    const slideover = page.getByRole('dialog', { name: 'Ticket #002' })
    await expect(slideover).toBeVisible()
    await expect(page).toHaveURL(/ticket=2$/)
    await page.goBack()
    await expect(slideover).toBeHidden()
    await expect(page).not.toHaveURL(/ticket=/)
    await page.goForward()
    await expect(slideover).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(slideover).toBeHidden()
    await expect(row).toBeFocused()
  })
})

test('an agent follows a link to a ticket, replies, adds a note and inserts a canned response', async ({ signedIn }) => {
  const page = await signedIn(await demoPerson('ann@acme.test'))
  await openTickets(page, '?ticket=12')

  await test.step('A reply and a note are added to the conversation, and the note is yellow', async () => {
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

  await test.step('A canned response is inserted at the cursor and replaces nothing', async () => {
    await goTo(page, '/tickets?ticket=13')
    const slideover = page.getByRole('dialog', { name: 'Ticket #013' })
    const field = slideover.getByRole('textbox', { name: 'Reply' })
    await field.fill('Hello Kim, and goodbye')
    await field.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(10, 10))
    await slideover.getByLabel('Insert a canned response').click()
    await page.getByRole('option').first().click()
    await expect(field).toHaveValue(/^Hello Kim,[\s\S]{20,} and goodbye$/)
    await expect(field).toBeFocused()
  })
})

test('an agent writes a new ticket, assigns it, raises its priority and deletes it', async ({ signedIn }) => {
  const team = await newTeam('Creation', { member: 'Mia Member' })
  const { owner } = team.people
  const page = await signedIn(owner)
  await openTickets(page)

  await test.step('A new ticket has tags, after the form names the missing fields', async () => {
    await page.getByRole('button', { name: 'New Ticket' }).click()
    const modal = page.getByRole('dialog', { name: 'New ticket' })
    await modal.getByRole('button', { name: 'Create ticket' }).click()
    await expect(modal.getByText('Subject is required')).toBeVisible()
    await expect(modal.getByText('Description is required')).toBeVisible()

    await modal.getByRole('textbox', { name: 'Subject' }).fill('Invoice 4711 is wrong')
    await modal.getByRole('textbox', { name: 'Description' }).fill('It says *ten*, we ordered nine.')
    await modal.getByRole('combobox', { name: 'Requester' }).fill('nobody')
    await modal.getByRole('textbox', { name: 'Tags' }).fill('Invoice, vip')
    await modal.getByRole('button', { name: 'Create ticket' }).click()
    await expect(modal.getByText('Not a valid e-mail address')).toBeVisible()
    await modal.getByRole('combobox', { name: 'Requester' }).fill('kim@customer.test')
    await modal.getByRole('button', { name: 'Create ticket' }).click()

    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    await expect(slideover.getByRole('heading', { name: 'Invoice 4711 is wrong' })).toBeVisible()
    await expect(slideover.getByText('kim@customer.test')).toBeVisible()
    await expect(slideover.getByText('It says *ten*, we ordered nine.')).toBeVisible() // as it was typed
    await expect(slideover.getByText('invoice', { exact: true })).toBeVisible()
    await expect(slideover.getByText('vip', { exact: true })).toBeVisible()
  })

  await test.step('The assignee and the priority are changed and stay after a reload', async () => {
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
    await expect(page.getByRole('row', { name: /Invoice 4711 is wrong/ })).toContainText('Mia Member')
  })

  await test.step('The ticket is deleted after a confirmation', async () => {
    await page.getByRole('row', { name: /Invoice 4711 is wrong/ }).click()
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    await slideover.getByRole('textbox', { name: 'Reply' }).fill('This one goes.')
    await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
    await expect(slideover.getByRole('region', { name: 'Conversation' }).getByText('This one goes.')).toBeVisible()
    const confirmation = page.getByRole('dialog', { name: 'Delete #001?' })
    for (const answer of ['Cancel', 'Delete ticket']) {
      await slideover.getByRole('button', { name: 'More actions' }).click()
      await page.getByRole('menuitem', { name: 'Delete ticket' }).click()
      await confirmation.getByRole('button', { name: answer }).click()
      await expect(confirmation).toBeHidden()
      if (answer === 'Delete ticket') break
      await expect(slideover.getByRole('heading', { name: 'Invoice 4711 is wrong' })).toBeVisible()
      await expect(slideover.getByRole('button', { name: 'More actions' })).toBeFocused()
    }
    await expect(slideover).toBeHidden()
    await expect(page.getByText('No tickets yet')).toBeVisible()
  })
})
