import { api, newReply, newTeam, newTicket } from './support/people.ts'
import type { ReplyDraft } from '../../shared/types/api.ts'
import { expect, goTo, notification, openTickets, test } from './support/test.ts'

test('a reply is kept until it is sent, whatever fails meanwhile, and sign-out leaves it on the server only', async ({
  signedIn,
  provokes
}) => {
  provokes(/net::ERR_INTERNET_DISCONNECTED|net::ERR_FAILED/)
  const team = await newTeam('Drafts')
  const { owner } = team.people
  for (const subject of ['The one with the draft', 'Another one']) await newTicket(owner, team, { subject })
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=1')

  await test.step('A reply that fails to be sent is kept across a reload and visits to other tickets', async () => {
    const [first, second] = [page.getByRole('dialog', { name: 'Ticket #001' }), page.getByRole('dialog', { name: 'Ticket #002' })]
    const field = first.getByRole('textbox', { name: 'Reply' })
    await field.fill('Half a page of thoughts')

    let isDown = true // removing a route would hold its pending requests
    await page.route('**/replies', route => (isDown && route.request().method() === 'POST' ? route.abort() : route.fallback()))
    await first.getByRole('button', { name: 'Reply', exact: true }).click()
    await expect(first.getByText('What you wrote is kept.')).toBeVisible()
    await expect(field).toHaveValue('Half a page of thoughts')

    await page.reload()
    await expect(field).toHaveValue('Half a page of thoughts')
    await first.getByRole('button', { name: 'Previous ticket' }).click()
    await expect(second.getByRole('textbox', { name: 'Reply' })).toHaveValue('')
    await second.getByRole('button', { name: 'Next ticket' }).click()
    await expect(field).toHaveValue('Half a page of thoughts')

    isDown = false
    await first.getByRole('button', { name: 'Reply', exact: true }).click()
    await expect(first.getByRole('region', { name: 'Conversation' }).getByText('Half a page of thoughts')).toBeVisible()
    await expect(field).toHaveValue('')
  })

  await test.step('A draft that fails to be saved is kept on the device, which says so, and is saved later', async () => {
    const ticket = await newTicket(owner, team, { subject: 'In the tunnel' })
    const stored = async () =>
      (await api<ReplyDraft | undefined>(owner, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}/draft`))?.content
    await goTo(page, '/tickets?ticket=3')
    const slideover = page.getByRole('dialog', { name: 'Ticket #003' })
    const field = slideover.getByRole('textbox', { name: 'Reply' })

    await page.route('**/draft', route => (route.request().method() === 'PUT' ? route.abort() : route.fallback()))
    await field.fill('Written in the tunnel')
    await expect(slideover.getByRole('status').getByText('Kept on this device')).toBeVisible()
    await expect(field).toHaveValue('Written in the tunnel')
    expect(await stored()).toBeUndefined()

    await page.context().setOffline(true)
    await field.fill('Written in the tunnel, twice')
    await page.unroute('**/draft')
    await page.context().setOffline(false)
    await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()
    await expect.poll(stored).toBe('Written in the tunnel, twice')
  })

  await test.step('Text that is typed while a reply is being sent stays', async () => {
    const ticket = await newTicket(owner, team, { subject: 'Fast' })
    await goTo(page, '/tickets?ticket=4')
    const slideover = page.getByRole('dialog', { name: 'Ticket #004' })
    const field = slideover.getByRole('textbox', { name: 'Reply' })
    await field.fill('First answer.')
    let release = () => {}
    const held = new Promise<void>(resolve => {
      release = resolve
    })
    await page.route('**/replies', async route => {
      if (route.request().method() === 'POST') await held
      await route.fallback()
    })
    const asked = page.waitForRequest(request => request.method() === 'POST' && request.url().endsWith('/replies'))
    await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
    await asked
    await field.press('End')
    await field.pressSequentially(' And one more thing')
    release()
    await expect(slideover.getByRole('region', { name: 'Conversation' }).getByText('First answer.', { exact: true })).toBeVisible()
    await expect(field).toHaveValue('And one more thing')
    await page.unroute('**/replies')
    await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()
    expect(await api<ReplyDraft>(owner, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}/draft`)).toMatchObject({
      content: 'And one more thing'
    })
  })

  await test.step('Sign-out leaves no draft on the device, and the last words on the server', async () => {
    await newTicket(owner, team, { subject: 'Confidential' })
    await goTo(page, '/tickets?ticket=5')
    const slideover = page.getByRole('dialog', { name: 'Ticket #005' })
    const field = slideover.getByRole('textbox', { name: 'Reply' })
    await field.fill('Between you and me')
    await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()
    await field.fill('Between you and me, only')
    await slideover.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('button', { name: /profile, theme, help, sign out/ }).click()
    await page.getByRole('menuitem', { name: 'Sign out' }).click()
    await expect(page).toHaveURL(/sign-in/)
    expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain('Between you')

    await page.getByLabel('E-mail').fill(owner.email)
    await page.getByRole('textbox', { name: 'Password' }).fill(owner.password)
    await page.getByRole('button', { name: 'Sign in', exact: true }).click()
    await expect(page).toHaveURL(/dashboard/)
    await goTo(page, '/tickets')
    await expect(page.getByRole('row', { name: /Confidential/ }).getByText('You have a draft')).toBeAttached()
    await page.getByText('Confidential').click()
    await expect(field).toHaveValue('Between you and me, only')
  })
})

test('a reply that was started at the desk is finished on the phone', async ({ signedIn }) => {
  const team = await newTeam('Two devices')
  const { owner } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Begun at the desk' })
  const desk = await signedIn(owner)
  await openTickets(desk, '?ticket=1')
  const deskSlideover = desk.getByRole('dialog', { name: 'Ticket #001' })
  await deskSlideover.getByRole('tab', { name: 'Internal note' }).click()
  await deskSlideover.getByRole('textbox', { name: 'Internal note' }).fill('Their firewall, I think')
  await expect(deskSlideover.getByText('Saved', { exact: true })).toBeVisible()
  await deskSlideover.getByRole('button', { name: 'Close' }).click()
  const deskRow = desk.getByRole('row', { name: /Begun at the desk/ })
  await expect(deskRow.getByText('You have a draft')).toBeAttached()

  const phone = await signedIn(owner, { viewport: { width: 375, height: 720 } })
  await openTickets(phone)
  const card = phone.getByRole('list', { name: 'Tickets' }).getByRole('listitem')
  await expect(card.getByText('You have a draft')).toBeAttached()
  await card.getByRole('button', { name: /Begun at the desk/ }).click()
  const phoneSlideover = phone.getByRole('dialog', { name: 'Ticket #001' })
  const field = phoneSlideover.getByRole('textbox', { name: 'Internal note' })
  await expect(field).toHaveValue('Their firewall, I think')
  await field.pressSequentially(' it is.')
  await phoneSlideover.getByRole('button', { name: 'Add note' }).click()
  await expect(phoneSlideover.getByRole('region', { name: 'Conversation' }).getByText('Their firewall, I think it is.')).toBeVisible()
  await expect(field).toHaveValue('')

  // The draft is gone on the phone, at the desk and on the server.
  await expect(deskRow.getByText('You have a draft')).not.toBeAttached()
  await deskRow.getByText('Begun at the desk').click()
  await expect(deskSlideover.getByText('Their firewall, I think it is.')).toBeVisible()
  await expect(deskSlideover.getByRole('textbox', { name: 'Internal note' })).toHaveValue('')
  await phoneSlideover.getByRole('button', { name: 'Close' }).click()
  await expect(card.getByText('You have a draft')).not.toBeAttached()
  expect(await api(owner, 'GET', `/api/teams/${team.id}/drafts`)).toEqual([])
  expect(await api(owner, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}/draft`)).toBeUndefined()
})

test('two texts for one reply are both kept, and no reply is sent over a reply that the agent did not read', async ({
  signedIn,
  provokes
}) => {
  provokes(/status of 412 .*\/draft/)
  provokes(/status of 409 .*\/replies/)
  provokes(/net::ERR_FAILED/)
  const team = await newTeam('Both kept', { member: 'Mia Member' })
  const { owner } = team.people
  const page = await signedIn(owner)

  await test.step('Two texts for one reply, from two devices, are both kept until the agent chooses', async () => {
    const ticket = await newTicket(owner, team, { subject: 'Two texts' })
    const address = `/api/teams/${team.id}/tickets/${ticket.id}/draft`
    await openTickets(page, '?ticket=1')
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    const field = slideover.getByRole('textbox', { name: 'Reply' })
    await field.fill('From the desk')
    await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()

    await api(owner, 'PUT', address, { content: 'From the phone' })
    await field.fill('From the desk, longer')
    await expect(slideover.getByText('There is a newer draft from another device')).toBeVisible()
    await expect(slideover.getByText('From the phone')).toBeVisible()
    await expect(field).toHaveValue('From the desk, longer')
    await slideover.getByRole('button', { name: 'Keep mine' }).click()
    await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()
    expect(await api<ReplyDraft>(owner, 'GET', address)).toMatchObject({ content: 'From the desk, longer' })

    await api(owner, 'PUT', address, { content: 'From the phone again' })
    await field.fill('From the desk, longest')
    await slideover.getByRole('button', { name: 'Use it' }).click()
    await expect(field).toHaveValue('From the phone again')
    await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()
  })

  await test.step("A reply that crosses with a colleague's is sent only after a confirmation", async () => {
    const ticket = await newTicket(owner, team, { subject: 'Two answers' })
    await goTo(page, '/tickets?ticket=2')
    const slideover = page.getByRole('dialog', { name: 'Ticket #002' })
    await slideover.getByRole('textbox', { name: 'Reply' }).fill('My answer')
    // The colleague replies while this reply is being sent: the request names the last reply that this page has seen.
    await page.route(
      '**/replies',
      async route => {
        if (route.request().method() === 'POST') await newReply(team.people.member, ticket, 'Their answer')
        await route.continue()
      },
      { times: 1 }
    )
    await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
    await expect(slideover.getByText('Somebody replied while you were writing')).toBeVisible()
    await expect(slideover.getByText('Their answer')).toBeVisible()
    await slideover.getByRole('button', { name: 'Send anyway' }).click()
    await expect(slideover.getByRole('region', { name: 'Conversation' }).getByRole('listitem')).toHaveText([/Their answer/, /My answer/])
  })

  await test.step('A draft is saved when the agent leaves the ticket at once, and two tabs share it', async () => {
    for (const subject of ['One', 'Two']) await newTicket(owner, team, { subject })
    await goTo(page, '/tickets?ticket=3')
    const [first, second] = [page.getByRole('dialog', { name: 'Ticket #003' }), page.getByRole('dialog', { name: 'Ticket #004' })]
    const tab = await page.context().newPage()
    await openTickets(tab, '?ticket=3')
    await first.getByRole('textbox', { name: 'Reply' }).fill('In a hurry')
    await expect(tab.getByRole('textbox', { name: 'Reply' })).toHaveValue('In a hurry')
    const saved = page.waitForResponse(response => response.request().method() === 'PUT' && response.url().endsWith('/draft'))
    await first.getByRole('button', { name: 'Previous ticket' }).click()
    await expect(second.getByRole('textbox', { name: 'Reply' })).toHaveValue('')
    expect((await saved).status()).toBe(200)
    await second.getByRole('button', { name: 'Close' }).click()
    await expect(page.getByRole('row', { name: /#003/ }).getByText('You have a draft')).toBeAttached()
    await expect(page.getByRole('row', { name: /#004/ }).getByText('You have a draft')).not.toBeAttached()
  })

  await test.step('A new ticket that fails to be saved is kept in the form', async () => {
    await page.getByRole('button', { name: 'New Ticket' }).click()
    const modal = page.getByRole('dialog', { name: 'New ticket' })
    await modal.getByRole('textbox', { name: 'Subject' }).fill('Do not lose me')
    await modal.getByRole('textbox', { name: 'Description' }).fill('Nor me')
    await page.route('**/tickets', route => (route.request().method() === 'POST' ? route.abort() : route.fallback()))
    await modal.getByRole('button', { name: 'Create ticket' }).click()
    await expect(notification(page, 'The server cannot be reached')).toBeVisible()
    await expect(modal.getByRole('textbox', { name: 'Description' })).toHaveValue('Nor me')
    await page.unroute('**/tickets')
    await modal.getByRole('button', { name: 'Create ticket' }).click()
    await expect(page.getByRole('heading', { name: 'Do not lose me' })).toBeVisible()
  })
})
