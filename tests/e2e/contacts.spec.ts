import { expectAccessible, expectToFit } from './support/accessible.ts'
import { api, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, notification, open, openTickets, test } from './support/test.ts'
import type { Contact, Organization, Ticket } from '../../shared/types/api.ts'

test('an agent adds, finds, changes, merges and blocks a contact', async ({ signedIn, provokes }) => {
  const team = await newTeam('Contacts')
  const { owner } = team.people
  const contacts = `/api/teams/${team.id}/contacts`
  await newTicket(owner, team, { subject: 'Where is my order?', requester_email: 'h.marsh@home.example', requester_name: 'H. Marsh' })
  await newTicket(owner, team, { subject: 'Still waiting', requester_email: 'h.marsh@home.example' })
  const page = await signedIn(owner)
  await openTickets(page)
  const list = page.getByRole('table', { name: 'Contacts' })
  const rows = list.locator('tbody').getByRole('row')
  const helen = page.getByRole('dialog', { name: 'Helen Marsh' })

  await test.step('The keys g and c open the contacts, and a new contact opens after it was added', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('c')
    await expect(page).toHaveURL(/\/contacts$/)
    await expect(rows).toHaveText([/H\. Marsh.*2/])

    await page.getByRole('button', { name: 'New contact' }).click()
    const form = page.getByRole('dialog', { name: 'New contact' })
    await form.getByRole('button', { name: 'Add contact' }).click()
    await expect(form.getByText('Not a valid e-mail address')).toBeVisible()
    await form.getByRole('textbox', { name: 'E-mail' }).fill('h.marsh@home.example')
    await form.getByRole('textbox', { name: 'Name' }).fill('Helen Marsh')
    provokes(/status of 409/)
    await form.getByRole('button', { name: 'Add contact' }).click()
    await expect(form.getByText('Another contact has this address')).toBeVisible()
    await expectAccessible(page, 'the form for a new contact')
    await form.getByRole('textbox', { name: 'E-mail' }).fill('helen@marsh.example')
    await form.getByLabel('Time zone').click()
    await page.getByPlaceholder('Find a time zone').fill('Tokyo')
    await page.getByRole('option', { name: 'Asia/Tokyo' }).click()
    await form.getByRole('button', { name: 'Add contact' }).click()
    await expect(notification(page, 'Helen Marsh was added')).toBeVisible()
    await expect(helen).toBeVisible()
    await expectAccessible(page, 'the contact')
  })

  await test.step('Details that could not be saved are kept, also after a reload', async () => {
    provokes(/net::ERR_FAILED/)
    await helen.getByRole('combobox', { name: 'Language' }).click()
    await page.getByRole('option', { name: 'German' }).click()
    await helen.getByRole('textbox', { name: 'Notes' }).fill('Prefers a call.')
    await page.route('**/contacts/*', route => (route.request().method() === 'PATCH' ? route.abort() : route.continue()))
    await helen.getByRole('button', { name: 'Save' }).click()
    await expect(notification(page, 'The contact was not saved')).toBeVisible()
    await page.unroute('**/contacts/*')
    await page.reload()
    await expect(helen.getByRole('textbox', { name: 'Notes' })).toHaveValue('Prefers a call.')
    await helen.getByRole('button', { name: 'Save' }).click()
    await expect(notification(page, 'The contact was saved')).toBeVisible()
    await expect(helen.getByRole('button', { name: 'Save' })).toBeDisabled()
  })

  await test.step('A second address becomes the primary one, and the first is removed', async () => {
    const addresses = helen.getByRole('list', { name: 'Addresses' }).getByRole('listitem')
    await helen.getByRole('textbox', { name: 'Another address' }).fill('marsh@work.example')
    await helen.getByRole('textbox', { name: 'Another address' }).press('Enter')
    await expect(addresses).toHaveCount(2)
    await helen.getByRole('button', { name: 'Make marsh@work.example the primary address' }).click()
    await expect(addresses.first()).toHaveText(/marsh@work\.example\s*Primary/)
    await helen.getByRole('button', { name: 'Remove helen@marsh.example' }).click()
    await page.getByRole('dialog', { name: 'Remove helen@marsh.example?' }).getByRole('button', { name: 'Remove' }).click()
    await expect(addresses).toHaveCount(1)
  })

  await test.step('A duplicate is merged and separated again, from the toast and from the list of merges', async () => {
    const facts = helen.getByRole('definition')
    await expect(facts.first()).toHaveText('None')
    const merge = async () => {
      // By keyboard: a toast may be over the button.
      await helen.getByRole('button', { name: 'More actions' }).press('Enter')
      await page.getByRole('menuitem', { name: 'Merge with a duplicate…' }).press('Enter')
      const dialog = page.getByRole('dialog', { name: 'Merge with a duplicate' })
      await dialog.getByRole('combobox', { name: 'Duplicate' }).fill('marsh')
      await expect(page.getByRole('option')).toHaveText([/H\. Marsh/]) // not the contact itself
      await page.getByRole('option', { name: /H\. Marsh/ }).click()
      await expect(dialog.getByText('2 tickets move, 2 of them open')).toBeVisible()
      await expect(dialog.getByText('1 address moves: h.marsh@home.example')).toBeVisible()
      return dialog
    }
    const dialog = await merge()
    await expectAccessible(page, 'the merge')
    await dialog.getByRole('button', { name: 'Merge' }).click()
    await expect(notification(page, 'H. Marsh was merged into Helen Marsh')).toBeVisible()
    await expect(facts.first()).toHaveText(/2 open\s*2 in total/)
    // The open contact hides toasts from screen readers, who find the undo in the list of merges.
    await notification(page, 'Undo').click()
    await page.mouse.move(0, 0) // toasts under the pointer stay
    await expect(notification(page, 'The merge was undone')).toBeVisible()
    await expect(facts.first()).toHaveText('None')
    await expect(helen).toBeVisible()

    await (await merge()).getByRole('button', { name: 'Merge' }).click()
    const merges = helen.getByRole('list', { name: 'Merged duplicates' }).getByRole('listitem')
    await expect(merges).toHaveText([/h\.marsh@home\.example\s*merged/, /undone/])
    await helen.getByRole('button', { name: 'Undo the merge of h.marsh@home.example' }).click()
    await expect(merges).toHaveText([/undone/, /undone/])
    expect((await api<Contact[]>(owner, 'GET', contacts)).map(({ name, open_tickets }) => [name, open_tickets])).toEqual([
      ['H. Marsh', 2],
      ['Helen Marsh', 0]
    ])
  })

  await test.step('A contact is signed out of the portal, after a question', async () => {
    await helen.getByRole('button', { name: 'More actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Sign out of the portal…' }).press('Enter')
    const question = page.getByRole('dialog', { name: 'Sign Helen Marsh out of the portal?' })
    await question.getByRole('button', { name: 'Sign out' }).press('Enter')
    await expect(notification(page, 'Helen Marsh was signed out')).toHaveText('Helen Marsh was signed out')
    await expect(helen).toBeVisible()
  })

  await test.step('A blocked contact has a badge and is found by the filter', async () => {
    await helen.getByRole('button', { name: 'More actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Block…' }).press('Enter')
    await page.getByRole('dialog', { name: 'Block Helen Marsh?' }).getByRole('button', { name: 'Block' }).click()
    await expect(helen.getByText('Blocked', { exact: true }).first()).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(helen).toBeHidden()
    await expect(list.getByRole('link', { name: 'Helen Marsh' })).toBeFocused()
    await page.getByRole('button', { name: 'Blocked', exact: true }).click()
    await expect(page).toHaveURL(/blocked=true/)
    await expect(rows).toHaveText([/Helen Marsh\s*Blocked/])
    await page.getByRole('searchbox', { name: 'Search contacts' }).fill('nobody')
    await expect(page).toHaveURL(/q=nobody/)
    await page.getByRole('button', { name: 'Clear search and filters' }).click()
    await expect(rows).toHaveCount(2)
    await expect(page.getByRole('searchbox', { name: 'Search contacts' })).toHaveValue('')
    await page.getByRole('searchbox', { name: 'Search contacts' }).fill('work.example')
    await expect(rows).toHaveCount(1)
    await expectAccessible(page, 'the list')
  })

  await test.step('An owner erases a contact', async () => {
    provokes(/status of 404/) // the broadcast of the erasure may arrive before the contact is closed
    await list.getByRole('link', { name: 'Helen Marsh' }).press('Enter')
    await helen.getByRole('button', { name: 'More actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Erase…' }).press('Enter')
    await page.getByRole('dialog', { name: 'Erase Helen Marsh?' }).getByRole('button', { name: 'Erase' }).click()
    await expect(helen).toBeHidden()
    await expect(page.getByText('No contacts found')).toBeVisible()
  })
})

test('an admin adds an organization, is asked before it shares tickets, and deletes it', async ({ signedIn, provokes }) => {
  const team = await newTeam('Organizations', { viewer: 'Vic Viewer' })
  const { owner, viewer } = team.people
  const page = await signedIn(owner)
  await open(page, '/contacts/organizations')
  const list = page.getByRole('table', { name: 'Organizations' })
  const people = page.getByRole('table', { name: 'Contacts' }).locator('tbody').getByRole('row')

  await test.step('An organization with a domain gets the new contacts of the domain', async () => {
    await page.getByRole('button', { name: 'Add the first one' }).click()
    const form = page.getByRole('dialog', { name: 'New organization' })
    await form.getByRole('textbox', { name: 'Name' }).fill('Marsh Ltd')
    await form.getByRole('textbox', { name: 'Domains' }).fill('gmail.com')
    await form.getByRole('textbox', { name: 'Domains' }).press('Enter')
    await form.getByRole('textbox', { name: 'Tier' }).fill('Gold')
    provokes(/status of 422/)
    await form.getByRole('button', { name: 'Add organization' }).click()
    await expect(form.getByText(/gmail\.com is a public mail provider/)).toBeVisible()
    await form.getByRole('textbox', { name: 'Domains' }).press('Backspace')
    await form.getByRole('textbox', { name: 'Domains' }).press('Backspace')
    await form.getByRole('textbox', { name: 'Domains' }).fill('Marsh.Example')
    await form.getByRole('textbox', { name: 'Domains' }).press('Enter')
    await expectAccessible(page, 'the form')
    await form.getByRole('button', { name: 'Add organization' }).click()
    await expect(notification(page, '“Marsh Ltd” was saved')).toBeVisible()
    for (const requester_email of ['helen@marsh.example', 'hugo@marsh.example'])
      await newTicket(owner, team, { subject: 'Hello', requester_email })
    await expect(list.getByRole('row', { name: /Marsh Ltd/ })).toHaveText(/Marsh Ltd.*marsh\.example.*Gold.*2/)
    await expectAccessible(page, 'the list')
  })

  await test.step('Sharing is switched on after a question with the numbers', async () => {
    await page.getByRole('button', { name: 'Marsh Ltd' }).click()
    const form = page.getByRole('dialog', { name: 'Edit organization' })
    const sharing = form.getByRole('switch', { name: 'Contacts see each other’s tickets' })
    const question = page.getByRole('dialog', { name: 'Share the tickets of this organization?' })
    await sharing.click()
    await expect(question.getByText('2 tickets become visible to 2 people of “Marsh Ltd”')).toBeVisible()
    await question.getByRole('button', { name: 'Cancel' }).click()
    await expect(sharing).not.toBeChecked()
    await sharing.click()
    await question.getByRole('button', { name: 'Share tickets' }).click()
    await expect(sharing).toBeChecked()
    await form.getByRole('button', { name: 'Save' }).click()
    await expect(form).toBeHidden()
    await expect(list.getByText('Shares tickets')).toBeVisible()
    const [saved] = await api<Organization[]>(owner, 'GET', `/api/teams/${team.id}/organizations`)
    expect(saved!.shares_tickets).toBe(true)
  })

  await test.step('The number of contacts leads to them, and a viewer changes nothing', async () => {
    await page.getByRole('link', { name: '2 contacts of Marsh Ltd' }).click()
    await expect(people).toHaveCount(2)
    await expect(page.getByLabel('Organization: Marsh Ltd')).toBeVisible()

    const reader = await signedIn(viewer)
    await open(reader, '/contacts')
    await reader.getByRole('link', { name: 'helen@marsh.example' }).click()
    const contact = reader.getByRole('dialog', { name: 'helen@marsh.example' })
    await expect(contact.getByText('Marsh Ltd')).toBeVisible()
    await expect(contact.getByRole('textbox')).toHaveCount(0)
    await expect(contact.getByRole('button', { name: 'More actions' })).toHaveCount(0)
  })

  await test.step('A deleted organization leaves its contacts', async () => {
    await goTo(page, '/contacts/organizations')
    await page.getByRole('button', { name: 'Marsh Ltd' }).click()
    await page.getByRole('dialog', { name: 'Edit organization' }).getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog', { name: 'Delete “Marsh Ltd”?' }).getByRole('button', { name: 'Delete' }).click()
    await expect(page.getByText('No organizations yet')).toBeVisible()
    await page.getByRole('link', { name: 'People' }).click()
    await expect(people).toHaveCount(2)
  })
})

test('a ticket shows its requester, and a new ticket is for a known contact or a new one', async ({ signedIn }) => {
  const team = await newTeam('Requesters')
  const { owner } = team.people
  const path = `/api/teams/${team.id}`
  const marsh = await api<Organization>(owner, 'POST', `${path}/organizations`, { name: 'Marsh Ltd', domains: ['marsh.example'] })
  const helen = await api<Contact>(owner, 'POST', `${path}/contacts`, {
    email: 'helen@marsh.example',
    name: 'Helen Marsh',
    locale: 'de',
    time_zone: 'Asia/Tokyo'
  })
  await newTicket(owner, team, { subject: 'First', contact_id: helen.id })
  const page = await signedIn(owner)
  await openTickets(page)

  await test.step('A name finds the contact, whose id the new ticket gets', async () => {
    await page.keyboard.press('c')
    const modal = page.getByRole('dialog', { name: 'New ticket' })
    await modal.getByRole('textbox', { name: 'Subject' }).fill('Second')
    await modal.getByRole('textbox', { name: 'Description' }).fill('For Helen.')
    await modal.getByRole('combobox', { name: 'Requester' }).pressSequentially('helen')
    await expect(page.getByRole('option', { name: /Helen Marsh/ })).toBeVisible()
    await expect(modal.getByText('Not a valid e-mail address')).toHaveCount(0)
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(modal.getByRole('combobox', { name: 'Requester' })).toHaveValue('helen@marsh.example')
    await expect(modal.getByText('Helen Marsh · Marsh Ltd')).toBeVisible()
    await expect(modal.getByRole('textbox', { name: 'Name' })).toHaveCount(0)
    await expectAccessible(page, 'the form for a new ticket')
    await modal.getByRole('button', { name: 'Create ticket' }).click()
    const slideover = page.getByRole('dialog', { name: 'Ticket #002' })
    await expect(slideover.getByRole('link', { name: 'Helen Marsh' })).toBeVisible()
    await expect(slideover.getByRole('link', { name: 'Marsh Ltd' })).toHaveAttribute('href', `/contacts?organization_id=${marsh.id}`)
    await expect(slideover.getByText('German')).toBeVisible()
    await expect(slideover.getByText(/\d\d:\d\d there/)).toBeVisible()
    await expect(slideover.getByRole('link', { name: '1 other open ticket' })).toBeVisible()
    const [ticket] = await api<Ticket[]>(owner, 'GET', `${path}/tickets?q=Second`)
    expect(ticket!.contact_id).toBe(helen.id)
    await expectAccessible(page, 'the ticket')
    await page.setViewportSize({ width: 375, height: 740 })
    await expectToFit(page, 'the ticket at 375 px')
    await page.setViewportSize({ width: 1280, height: 720 })
  })

  await test.step('The card follows the contact, and its link opens them', async () => {
    const slideover = page.getByRole('dialog', { name: 'Ticket #002' })
    await api(owner, 'PATCH', `${path}/contacts/${helen.id}`, { is_blocked: true })
    await expect(slideover.getByText('Blocked', { exact: true })).toBeVisible()
    await slideover.getByRole('link', { name: 'Helen Marsh' }).click()
    await expect(page.getByRole('dialog', { name: 'Helen Marsh' })).toBeVisible()
    await page.goBack()
    await expect(slideover).toBeVisible()
    await slideover.getByRole('link', { name: '1 other open ticket' }).click()
    await expect(page.getByRole('row', { name: /First/ })).toBeVisible()
  })

  await test.step('An unknown address becomes a contact with the given name', async () => {
    await page.getByRole('button', { name: 'New Ticket' }).click()
    const modal = page.getByRole('dialog', { name: 'New ticket' })
    await modal.getByRole('textbox', { name: 'Subject' }).fill('Third')
    await modal.getByRole('textbox', { name: 'Description' }).fill('For somebody new.')
    await modal.getByRole('combobox', { name: 'Requester' }).fill('nora@new.example')
    await modal.getByRole('textbox', { name: 'Name' }).fill('Nora New')
    await modal.getByRole('button', { name: 'Create ticket' }).click()
    await expect(page.getByRole('dialog', { name: 'Ticket #003' }).getByRole('link', { name: 'Nora New' })).toBeVisible()
  })
})
