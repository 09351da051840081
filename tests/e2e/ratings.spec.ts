import { database } from './support/database.ts'
import { linkFor, passMinute } from './support/inbox.ts'
import { api, newAddress, newPerson, newReply, newTeam, newTicket } from './support/people.ts'
import { readKept } from './support/session.ts'
import { expect, notification, open, openTickets, test } from './support/test.ts'

test('a client rates a resolved ticket by keyboard from the link in a mail, and the agent sees the rating at once', async ({
  guest,
  signedIn
}) => {
  const team = await newTeam('Bakery', { member: 'Milo Member' })
  const { owner, member } = team.people
  const client = newAddress('Cleo Client')
  const ticket = await newTicket(owner, team, { subject: 'The oven is cold', requester_email: client, requester_name: 'Cleo Client' })
  await newReply(member, ticket, 'SECRET: they never clean it', true)
  await api(member, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'resolved' })
  await passMinute(team.id, 'rating_request')
  const link = new URL(await linkFor(client, '/rate/'))

  const agent = await signedIn(owner)
  await openTickets(agent, `?ticket=${ticket.ticket_number}`)
  const slideover = agent.getByRole('dialog', { name: /^Ticket #/ })
  await expect(slideover.getByRole('button', { name: /^Status: Resolved|Resolved/ }).first()).toBeVisible()
  await expect(slideover.getByRole('img', { name: /The client rated it/ })).toHaveCount(0)

  const page = await guest()
  await open(page, `${link.pathname}?score=2`)
  await expect(page.getByText('The oven is cold')).toBeVisible()
  await expect(page.getByText('SECRET')).toHaveCount(0)
  await expect(page.getByRole('radio', { name: /^2 of 5/ })).toBeChecked()
  await page.getByRole('radio', { name: /^2 of 5/ }).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(page.getByRole('radio', { name: /^4 of 5/ })).toBeChecked()
  await page.keyboard.press('Tab')
  await page.keyboard.type('Warm again, thank you!')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible()

  await expect(slideover.getByRole('img', { name: 'The client rated it 4 of 5: Good' })).toBeVisible()
  await expect(slideover.getByText('Warm again, thank you!')).toBeVisible()

  await page.getByRole('button', { name: 'Change my rating' }).click()
  await page.getByRole('radio', { name: /^5 of 5/ }).focus()
  await page.keyboard.press('Space')
  await page.getByRole('button', { name: 'Change my rating' }).click()
  await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible()
  await expect(slideover.getByRole('img', { name: 'The client rated it 5 of 5: Excellent' })).toBeVisible()
})

for (const isSignedIn of [false, true]) {
  test(`a comment and a star are still there after a failed send and a reload, ${isSignedIn ? 'also if its writer is signed in' : 'as long as nobody signs in'}`, async ({
    guest,
    signedIn,
    provokes
  }) => {
    provokes(/ERR_FAILED/)
    const team = await newTeam('Kept comments')
    const { owner } = team.people
    const client = newAddress('Cleo Client')
    const ticket = await newTicket(owner, team, { subject: 'The oven is cold', requester_email: client })
    await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'resolved' })
    await passMinute(team.id, 'rating_request')
    const { pathname } = new URL(await linkFor(client, '/rate/'))
    const page = await (isSignedIn ? signedIn(await newPerson('Cleo Client')) : guest())
    await open(page, `${pathname}?score=2`)
    const comment = page.getByRole('textbox', { name: 'Anything to add?' })
    const star = (score: number) => page.getByRole('radio', { name: new RegExp(`^${score} of 5`) })
    await star(2).press('ArrowRight')
    await comment.fill('It took a week')
    await page.route('**/api/ratings/*', route => route.abort())
    await page.getByRole('button', { name: 'Send' }).click()
    await expect(page.getByRole('region', { name: /^Notifications/ }).getByText('Your rating was not saved')).toBeVisible()
    await page.unroute('**/api/ratings/*')
    for (let visit = 0; visit < 2; visit++) {
      await open(page, `${pathname}?score=2`)
      await expect(comment).toHaveValue('It took a week')
      await expect(star(3)).toBeChecked()
      await expect(page.locator('fieldset').getByText('All right', { exact: true })).toBeVisible()
      await expect.poll(() => readKept(page)).toContain('It took a week')
    }
    // A star that is clicked in the mail later is the newer choice.
    await open(page, `${pathname}?score=5`)
    await expect(star(5)).toBeChecked()
    await expect(comment).toHaveValue('It took a week')
    await star(5).press('ArrowLeft')
    await page.getByRole('button', { name: 'Send' }).click()
    await expect(page.getByRole('heading', { name: 'Thank you' })).toBeVisible()
    expect(await readKept(page)).not.toContain('It took a week')
    await page.getByRole('button', { name: 'Change my rating' }).click()
    await expect(star(4)).toBeChecked()
  })
}

test('a client whose language is German rates in German', async ({ guest, provokes }) => {
  provokes(/status of 409/)
  const team = await newTeam('Bäckerei')
  const { owner } = team.people
  const client = newAddress('Cleo Client')
  const ticket = await newTicket(owner, team, { subject: 'Der Ofen ist kalt', requester_email: client, requester_name: 'Cleo Client' })
  await database()`update public.contacts set locale = 'de' where id = (select contact_id from public.tickets where id = ${ticket.id})`
  await api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'resolved' })
  await passMinute(team.id, 'rating_request')
  const page = await guest()
  await open(page, new URL(await linkFor(client, '/rate/')).pathname)
  await expect(page.locator('html')).toHaveAttribute('lang', 'de')
  await expect(page).toHaveTitle(/^Wie zufrieden sind Sie\?/)
  await page.getByRole('radio', { name: '4 von 5: Gut' }).press('Space')
  await page.getByRole('textbox', { name: 'Möchten Sie etwas hinzufügen?' }).fill('Danke!')
  await page.getByRole('button', { name: 'Senden' }).click()
  await expect(page.getByRole('heading', { name: 'Vielen Dank' })).toBeVisible()
  await expect(page.getByText(/Bäckerei.? hat Ihre Bewertung erhalten/)).toBeVisible()
  await database()`update public.ticket_ratings set rated_at = now() - interval '8 days' where ticket_id = ${ticket.id}`
  await page.getByRole('button', { name: 'Meine Bewertung ändern' }).click()
  await page.getByRole('radio', { name: '1 von 5: Schlecht' }).press('Space')
  await page.getByRole('button', { name: 'Meine Bewertung ändern' }).click()
  await expect(notification(page, 'Diese Bewertung kann nicht mehr geändert werden.')).toBeVisible()
})

test('a rating link that was never sent says that it is not valid', async ({ guest, provokes }) => {
  provokes(/status of 404/)
  const page = await guest()
  await open(page, `/rate/${'x'.repeat(43)}`)
  await expect(page.getByRole('heading', { name: 'This link is no longer valid' })).toBeVisible()
  await expect(page.getByRole('radio')).toHaveCount(0)
})
