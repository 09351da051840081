import { writeFile } from 'node:fs/promises'
import { createHash, randomBytes } from 'node:crypto'
import type { Page } from '@playwright/test'
import type { Ticket } from '../../shared/types/api.ts'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { database } from './support/database.ts'
import { linkFor } from './support/inbox.ts'
import { api, newAddress, newReply, newTeam, newTicket, type TestTeam } from './support/people.ts'
import { expect, test } from './support/test.ts'

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const narrow = { width: 375, height: 740 }

/** A ticket of a client, and the path of a link to it as a mail holds it. */
async function newClientTicket(subject: string): Promise<{ team: TestTeam; ticket: Ticket; client: string; slug: string; link: string }> {
  const team = await newTeam('Bakery', { member: 'Milo Member' })
  const client = newAddress('Cleo Client')
  const ticket = await newTicket(team.people.owner, team, { subject, requester_email: client, requester_name: 'Cleo Client' })
  const token = randomBytes(32).toString('base64url')
  await database()`
    insert into private.ticket_links (token_hash, team_id, ticket_id, contact_id)
    select ${createHash('sha256').update(token).digest()}, team_id, id, contact_id from public.tickets where id = ${ticket.id}`
  const [{ slug }] = await database()<[{ slug: string }]>`select slug from public.teams where id = ${team.id}`
  return { team, ticket, client, slug, link: `/p/${slug}/${ticket.ticket_number}?k=${token}` }
}

async function signIn(page: Page, slug: string, client: string): Promise<void> {
  await page.goto(`/portal/${slug}/sign-in`)
  await page.getByRole('textbox', { name: 'E-mail address' }).fill(client)
  await page.getByRole('button', { name: 'Mail me a link' }).click()
  await page.goto(await linkFor(client, `/portal/${slug}/confirm`))
  await page.getByRole('button', { name: 'Sign in' }).click()
  await expect(page.getByRole('heading', { name: 'My requests' })).toBeVisible()
}

async function askForRating({ id }: Ticket): Promise<void> {
  await database()`
    insert into public.ticket_ratings (team_id, ticket_id, cycle, resolved_at, contact_id)
    select team_id, id, 1, resolved_at, contact_id from public.tickets where id = ${id}`
}

async function expectInOrder(page: Page, place: string, rules: 'all' | 'colours' = 'all'): Promise<void> {
  await expectAccessible(page, place, { rules })
  await expectToFit(page, place)
}

test('a client without JavaScript opens their ticket from a mail, answers, signs in, and writes a new request', async ({
  guest,
  provokes
}) => {
  provokes(/status of (401|409|422)/)
  const { team, client, ticket, slug, link } = await newClientTicket('The oven is cold')
  await newReply(team.people.member, ticket, 'SECRET: they never clean it', true)
  await newReply(team.people.member, ticket, 'Which oven is it?')
  const page = await guest({ javaScriptEnabled: false, viewport: narrow })

  await test.step('the link opens the ticket after a click', async () => {
    await page.goto(link)
    await expect(page.getByText('mailed this link to Cleo Client.')).toBeVisible()
    await expect(page.locator('body')).toHaveCSS('color-scheme', 'light')
    await page.emulateMedia({ colorScheme: 'dark' })
    await expect(page.locator('body')).toHaveCSS('color-scheme', 'dark')
    await expect(page.getByRole('heading')).toHaveCSS('color', 'rgb(255, 255, 255)')
    await page.getByRole('button', { name: 'Open my request' }).click()
    await expect(page.getByRole('heading', { name: 'The oven is cold' })).toBeVisible()
    await expect(page.getByText('Which oven is it?')).toBeVisible()
    await expect(page.getByText('SECRET')).toHaveCount(0)
    await expect(page.getByText('You see this request as Cleo Client.')).toBeVisible()
  })

  await test.step('a reply is sent with the keyboard', async () => {
    await page.getByRole('textbox', { name: 'Your reply' }).focus()
    await page.keyboard.type('The big one')
    await page.keyboard.press('Tab')
    await expect(page.getByRole('button', { name: 'Files' })).toBeFocused()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await expect(page.getByText('Your reply was sent.')).toBeVisible()
    await expect(page.getByRole('article').filter({ hasText: 'The big one' })).toContainText('You')
    await page.reload()
    await expect(page.getByText('The big one')).toHaveCount(1)
  })

  await test.step('a reply takes files along, and a picture is shown', async () => {
    await page.getByRole('textbox', { name: 'Your reply' }).fill('A photo')
    await page.getByRole('button', { name: 'Files' }).setInputFiles([
      { name: 'oven.png', mimeType: 'image/png', buffer: png },
      { name: 'model.txt', mimeType: 'text/plain', buffer: Buffer.from('X-200') }
    ])
    await page.getByRole('button', { name: 'Send reply' }).click()
    const message = page.getByRole('article').filter({ hasText: 'A photo' })
    await expect(message.getByRole('link', { name: 'model.txt' })).toBeVisible()
    await expect(message.getByRole('img', { name: 'Image oven.png' })).toHaveJSProperty('naturalWidth', 1)
  })

  await test.step('a link in the mailbox signs in', async () => {
    await page.getByRole('link', { name: 'Sign in to see all your requests' }).click()
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(client)
    await page.getByRole('button', { name: 'Mail me a link' }).click()
    await expect(page.getByRole('heading', { name: 'Look into your mailbox' })).toBeVisible()
    await page.goto(await linkFor(client, `/portal/${slug}/confirm`))
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('heading', { name: 'My requests' })).toBeVisible()
    await expect(page.getByRole('link', { name: 'The oven is cold' })).toBeVisible()
  })

  await test.step('the list marks what is new until it is opened', async () => {
    await newReply(team.people.member, ticket, 'Thank you for the photo')
    await page.reload()
    await expect(page.getByRole('listitem').filter({ hasText: 'The oven is cold' })).toContainText('New answer')
    await page.getByRole('link', { name: 'The oven is cold' }).click()
    await expect(page.getByText('Thank you for the photo')).toBeVisible()
    await page.goto(`/portal/${slug}`)
    await expect(page.getByText('New answer')).toHaveCount(0)
  })

  await test.step('somebody is invited with the keyboard, and takes part after they have confirmed', async () => {
    await page.getByRole('link', { name: 'The oven is cold' }).click()
    const friend = newAddress('Fred Friend')
    await page.getByRole('textbox', { name: 'E-mail address' }).focus()
    await page.keyboard.type(client)
    await page.keyboard.press('Enter')
    await expect(page.getByText('This is your own address.')).toBeInViewport()
    await expect(page.getByRole('textbox', { name: 'E-mail address' })).toHaveValue(client)
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(friend)
    await page.keyboard.press('Tab')
    await expect(page.getByRole('button', { name: 'Add in copy' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(page.getByText('We ask by e-mail.')).toBeInViewport()
    await expect(page.getByRole('button', { name: /^Withdraw the invitation to f…@/ })).toBeVisible()
    const other = await guest({ javaScriptEnabled: false })
    await other.goto(await linkFor(friend, `/p/${slug}/follow`))
    await expect(other.getByText('Cleo Client wants to add you in copy')).toBeVisible()
    await other.keyboard.press('Tab')
    await other.getByRole('button', { name: 'Take part' }).focus()
    await other.keyboard.press('Enter')
    await expect(other.getByText('You take part in this request from now on.')).toBeVisible()
    await expect(other.getByText('Which oven is it?')).toHaveCount(0)
    await page.reload()
    await expect(page.getByRole('listitem').filter({ hasText: 'f…@' })).toContainText('Takes part')
    await page.goto(`/portal/${slug}`)
  })

  await test.step('a new request is written once', async () => {
    await page.getByRole('link', { name: 'New request' }).click()
    await page.getByRole('textbox', { name: 'Subject' }).fill('No flour')
    await page.getByRole('combobox', { name: 'Topic' }).selectOption({ label: 'General inquiry' })
    await expect(page.getByRole('combobox', { name: 'Priority' })).toHaveCount(0)
    await api(team.people.owner, 'PATCH', `/api/teams/${team.id}`, { client_priority: true })
    await page.reload()
    await page.getByRole('textbox', { name: 'Subject' }).fill('No flour')
    await page.getByRole('combobox', { name: 'Priority' }).selectOption({ label: 'High' })
    await page.getByRole('textbox', { name: 'Description' }).fill('Where is it?')
    await page.getByRole('button', { name: 'Send request' }).click()
    await expect(page.getByText('We have your request.')).toBeVisible()
    await page.goto(`/portal/${slug}/new`)
    await page.getByRole('textbox', { name: 'Subject' }).fill('no flour')
    await page.getByRole('textbox', { name: 'Description' }).fill('Still none')
    await page.getByRole('button', { name: 'Send request' }).click()
    await expect(page.getByText('You wrote a request with this subject')).toBeVisible()
    await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Still none')
  })

  await test.step('the list is filtered and searched by its address', async () => {
    await page.goto(`/portal/${slug}`)
    await page.getByRole('searchbox').fill('oven')
    await page.getByRole('button', { name: 'Search' }).click()
    await expect(page).toHaveURL(/q=oven/)
    await expect(page.getByRole('link', { name: 'No flour' })).toHaveCount(0)
    await page.getByRole('searchbox').fill('SECRET')
    await page.getByRole('button', { name: 'Search' }).click()
    await expect(page.getByText('No request matches')).toBeVisible()
  })

  await test.step('a solved request is closed and reopened', async () => {
    await page.goto(`/portal/${slug}/${ticket.ticket_number}`)
    await page.getByRole('button', { name: 'My problem is solved' }).click()
    await expect(page.getByText('This request is resolved. Your reply opens it again.')).toBeVisible()
    await expect(page.getByRole('heading', { name: 'How did we do?' })).toHaveCount(0)
    await api(team.people.owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'open' })
    await api(team.people.owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'resolved' })
    await database()`
      update public.tickets set created_at = created_at - interval '2 hours', resolved_at = resolved_at - interval '1 hour' where id = ${ticket.id}`
    await page.reload()
    await page.getByRole('radio', { name: '1 star' }).focus()
    await page.keyboard.press('Space')
    for (let score = 1; score < 4; score++) await page.keyboard.press('ArrowRight')
    await expect(page.getByRole('radio', { name: '4 stars' })).toBeChecked()
    await page.getByRole('textbox', { name: 'Anything to add?' }).fill('Warm again')
    await page.getByRole('button', { name: 'Send rating' }).click()
    await expect(page.getByText('Thank you. We have your rating.')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Change my rating' })).toBeVisible()
    await page.getByRole('button', { name: 'Reopen the request' }).click()
    await expect(page.getByText('The request is open again.')).toBeVisible()
  })

  await test.step('signing out ends it', async () => {
    await page.goto(`/portal/${slug}`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  })

  await test.step('a reply that is sent after the session has ended is kept, and sent again', async () => {
    await page.goto(link) // the ticket session of the first step
    await expect(page.getByRole('heading', { name: 'The oven is cold' })).toBeVisible()
    await page.getByRole('textbox', { name: 'Your reply' }).fill('My last words')
    await page.context().clearCookies()
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible()
    await expect(page.getByRole('textbox', { name: 'Your text' })).toHaveValue('My last words')
    await expectToFit(page)
    const other = await page.context().newPage()
    await other.goto(link)
    await other.getByRole('button', { name: 'Open my request' }).click()
    await expect(other.getByRole('heading', { name: 'The oven is cold' })).toBeVisible()
    await page.getByRole('button', { name: 'Try again' }).click()
    await expect(page.getByText('Your reply was sent.')).toBeVisible()
    await expect(page.getByRole('article').filter({ hasText: 'My last words' })).toHaveCount(1)
  })
})

test('with JavaScript a reply appears at once, a failed one keeps its text, and answers of the team arrive', async ({
  guest,
  provokes
}) => {
  provokes(/ERR_FAILED|status of 401/)
  const { team, client, ticket, slug, link } = await newClientTicket('The oven is hot')
  const page = await guest()
  await page.goto(link)
  await page.getByRole('button', { name: 'Open my request' }).click()
  const field = page.getByRole('textbox', { name: 'Your reply' })
  const send = page.getByRole('button', { name: 'Send reply' })
  const last = page.getByRole('article').last()

  await test.step('a reply is shown before the server has it', async () => {
    let release = () => {}
    const held = new Promise<void>(resolve => (release = resolve))
    await page.route('**/portal/**', async route => {
      if (route.request().method() === 'POST') await held
      await route.continue()
    })
    await field.fill('Too hot\nto touch')
    await send.click()
    await expect(last).toContainText('Too hot')
    await expect(last).toContainText('Sending…')
    await expect(field).toHaveValue('')
    release()
    await expect(last).toContainText('Sent')
    await expect(page.getByRole('article').filter({ hasText: 'Too hot' })).toHaveCount(1)
    await page.unrouteAll()
  })

  await test.step('a reply that cannot be sent stays in the field', async () => {
    await page.route('**/portal/**', route => route.abort())
    await field.fill('Offline words')
    await send.click()
    await expect(last).toContainText('Not sent.')
    await expect(field).toHaveValue('Offline words')
    await page.unrouteAll()
    await send.click()
    await expect(last).toContainText('Sent')
    await expect(page.getByRole('article').filter({ hasText: 'Offline words' })).toHaveCount(1)
  })

  await test.step('too large a file is refused before it is sent, and files of a reply that fails stay chosen', async () => {
    const files = page.getByRole('button', { name: 'Files' })
    const chosen = () => files.evaluate((input: HTMLInputElement) => input.files!.length)
    // From the disk: handing a browser that much in a message takes half a minute on a loaded machine.
    const big = test.info().outputPath('big.bin')
    await writeFile(big, Buffer.alloc(26_214_401))
    await files.setInputFiles(big)
    await field.fill('With a file')
    await send.click()
    await expect(files).toHaveJSProperty('validationMessage', 'A file is larger than 25 MB. Nothing was sent.')
    await files.setInputFiles({ name: 'small.txt', mimeType: 'text/plain', buffer: Buffer.from('Hello') })
    await page.route('**/portal/**', route => route.abort())
    await send.click()
    await expect(last).toContainText('Not sent.')
    expect(await chosen()).toBe(1)
    await page.unrouteAll()
    await send.click()
    await expect(last.getByRole('link', { name: 'small.txt' })).toBeVisible()
    expect(await chosen()).toBe(0)
  })

  await test.step('an answer arrives while a reply is being typed', async () => {
    await field.fill('Half a sentence')
    await newReply(team.people.member, ticket, 'We are on our way')
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await expect(last).toContainText('We are on our way')
    await expect(field).toHaveValue('Half a sentence')
  })

  await test.step('a reply is sent while the page looks for news', async () => {
    let release = () => {}
    const held = new Promise<void>(resolve => (release = resolve))
    await page.route('**/portal/**', async route => {
      if (route.request().method() === 'GET') await held
      await route.continue()
    })
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await field.fill('At the same time')
    await send.click()
    await expect(last).toContainText('Sent')
    release()
    await page.unrouteAll({ behavior: 'wait' })
    await expect(page.getByRole('article').filter({ hasText: 'At the same time' })).toHaveCount(1)
  })

  await test.step('the page shows that somebody has confirmed, and keeps the next address that is being typed', async () => {
    const friend = newAddress('Fred Friend')
    await signIn(page, slug, client)
    await page.getByRole('link', { name: 'The oven is hot' }).click()
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(friend)
    await page.getByRole('button', { name: 'Add in copy' }).click()
    await expect(page.getByText('Waits for confirmation')).toBeVisible()
    await page.getByRole('textbox', { name: 'E-mail address' }).fill('half@')
    const other = await guest()
    await other.goto(await linkFor(friend, `/p/${slug}/follow`))
    await other.getByRole('button', { name: 'Take part' }).click()
    await expect(other.getByText('You take part in this request from now on.')).toBeVisible()
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await expect(page.getByText('Takes part')).toBeVisible()
    await expect(page.getByRole('textbox', { name: 'E-mail address' })).toHaveValue('half@')
    await field.fill('Half a sentence')
  })

  await test.step('a reply after the session has ended is shown again, with the reason', async () => {
    await page.context().clearCookies()
    const signIn = page.waitForResponse(/\/sign-in/)
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    await signIn
    await expect(field, 'what is typed stays when the page notices it').toHaveValue('Half a sentence')
    await send.click()
    await expect(page.getByRole('heading', { name: 'You are signed out' })).toBeVisible()
    await expect(page.getByRole('textbox', { name: 'Your text' })).toHaveValue('Half a sentence')
    await expectInOrder(page, 'a kept text')
  })
})

for (const color of [null, '#facc15'])
  test(`the pages of the portal are in order in light, in dark and at 375 px, in the colour ${color ?? 'of the product'}`, async ({
    guest,
    provokes
  }) => {
    provokes(/status of (404|409|422)/)
    // A colour of the team changes colours alone.
    const isInOrder = (place: string) => expectInOrder(page, place, color ? 'colours' : 'all')
    const { team, client, slug, ticket, link } = await newClientTicket(
      'A subject with a rather long text that has to wrap on a phone, and somethingverylongwithoutanyblank'
    )
    await api(team.people.owner, 'PATCH', `/api/teams/${team.id}`, { portal_color: color })
    await newReply(
      team.people.member,
      ticket,
      '**Bold** words and a [link](https://example.test/)\n\n```\na long line of code that does not wrap at all, whatever happens\n```'
    )
    const page = await guest({ viewport: narrow })
    await page.goto(link)
    await isInOrder('the page of a link')
    await page.getByRole('button').click()
    await expect(page.getByRole('heading', { level: 1 })).toContainText('A subject')
    await page.getByRole('textbox', { name: 'Your reply' }).fill('A photo')
    await page
      .getByRole('button', { name: 'Files' })
      .setInputFiles({ name: 'a-picture-with-a-long-name.png', mimeType: 'image/png', buffer: png })
    await page.getByRole('button', { name: 'Send reply' }).click()
    await expect(page.getByRole('img', { name: 'Image a-picture-with-a-long-name.png' })).toBeVisible()
    await isInOrder('a ticket of a session')
    await page.goto(`/portal/${slug}/sign-in`)
    await isInOrder('the sign-in')
    await page.getByRole('textbox').fill(client)
    await page.getByRole('button', { name: 'Mail me a link' }).click()
    await page.goto(await linkFor(client, `/portal/${slug}/confirm`))
    await isInOrder('the confirmation')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await expect(page.getByRole('heading', { name: 'My requests' })).toBeVisible()
    await api(team.people.owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'waiting' })
    await page.reload()
    await isInOrder('the list')
    await page.goto(`/portal/${slug}/${ticket.ticket_number}`)
    const friend = newAddress('A person with a rather long name')
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(client)
    await page.getByRole('button', { name: 'Add in copy' }).click()
    await isInOrder('an invitation that is refused')
    await page.getByRole('textbox', { name: 'E-mail address' }).fill(friend)
    await page.getByRole('button', { name: 'Add in copy' }).click()
    await isInOrder('a ticket with an invitation')
    await page.goto(await linkFor(friend, `/p/${slug}/follow`))
    await isInOrder('the page of an invitation')
    await page.goto(`/p/${slug}/follow?k=wrong`)
    await isInOrder('an invitation that does not work')
    await page.goto(`/portal/${slug}?q=nothing`)
    await isInOrder('an empty list')
    await page.goto(`/portal/${slug}/new`)
    await isInOrder('a new request')
    await api(team.people.owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'resolved' })
    await askForRating(ticket)
    await page.goto(`/portal/${slug}/${ticket.ticket_number}`)
    await expect(page.getByRole('heading', { name: 'How did we do?' })).toBeVisible()
    await isInOrder('a ticket to rate')
    await api(team.people.owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status: 'closed' })
    await page.goto(`/portal/${slug}/${ticket.ticket_number}`)
    await isInOrder('a closed ticket')
    await page.goto(`/portal/${slug}/999`)
    await isInOrder('a ticket that does not exist')
  })

test('while a client writes a request, articles are suggested; one of them answers it', async ({ guest }) => {
  const { team, client, slug } = await newClientTicket('The oven is cold')
  const { owner } = team.people
  const add = async (title: string, content: string, audience = 'public') => {
    const path = `/api/teams/${team.id}/articles`
    const { id } = await api<{ id: string }>(owner, 'POST', path, { title, content, audience })
    await api(owner, 'PUT', `${path}/${id}/publications/en`, { version: 1 })
  }
  await add(
    'Descale the coffee machine',
    'The machine asks for it every month. Fill the tank with citric acid and hold the star key.',
    'clients'
  )
  await add('Order flour', 'Flour comes on Tuesday.')
  await add('Coffee machine contracts', 'SECRET: what we pay for each coffee machine.', 'internal')
  const page = await guest({ viewport: narrow })
  await signIn(page, slug, client)
  const questions = () => database()`
    select outcome, question, times, (select title from article_translations as known where known.article_id = asked.article_id) as title
    from article_questions as asked where team_id = ${team.id} order by id`

  await test.step('nothing is suggested before three words, or for what no article answers', async () => {
    await page.goto(`/portal/${slug}/new`)
    await page.getByRole('textbox', { name: 'Subject' }).fill('coffee machine')
    await page.waitForTimeout(600)
    await expect(page.getByRole('heading', { name: 'These articles may answer' })).toBeHidden()
    const answer = page.waitForResponse(/\/suggestions\?/)
    await page.getByRole('textbox', { name: 'Subject' }).fill('who repairs bicycles here')
    expect(await (await answer).json()).toEqual([])
    await expect(page.getByRole('heading', { name: 'These articles may answer' })).toBeHidden()
  })

  await test.step('an article is suggested with the sentence that fits, by keyboard', async () => {
    await page.getByRole('textbox', { name: 'Subject' }).fill('the coffee machine wants citric acid')
    await page.getByRole('textbox', { name: 'Description' }).fill('Which key do I hold?')
    const suggestion = page.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'This answered it' }) })
    await expect(suggestion).toHaveCount(1)
    await expect(suggestion.getByText('Fill the tank with citric acid')).toBeVisible()
    await expect(page.getByRole('status').filter({ hasText: '1 article may answer your question' })).toBeAttached()
    await expect(page.getByText('SECRET')).toHaveCount(0)
    await expectInOrder(page, 'suggestions')
    await page.emulateMedia({ colorScheme: 'dark' })
    await expectInOrder(page, 'suggestions in the dark')
    const link = suggestion.getByRole('link')
    await link.focus()
    const [article] = await Promise.all([page.waitForEvent('popup'), page.keyboard.press('Enter')])
    await expect(article.getByRole('heading', { name: 'Descale the coffee machine' })).toBeVisible()
    await article.close()
    await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Which key do I hold?')
  })

  await test.step('the Enter key sends the request, and what was suggested counts as ignored', async () => {
    await page.getByRole('textbox', { name: 'Subject' }).press('Enter')
    await expect(page.getByText('We have your request.')).toBeVisible()
    const subject = 'the coffee machine wants citric acid'
    expect(await questions()).toEqual([{ outcome: 'ignored', question: subject, times: 1, title: 'Descale the coffee machine' }])
  })

  await test.step('"This answered it" thanks and sends no request', async () => {
    await page.goto(`/portal/${slug}/new`)
    await page.getByRole('textbox', { name: 'Subject' }).fill('descale my coffee machine')
    await page.getByRole('button', { name: 'This answered it' }).click()
    await expect(page.getByText('Good to hear that an article answered your question.')).toBeVisible()
    expect((await questions()).at(-1)).toEqual({
      outcome: 'answered',
      question: 'descale my coffee machine',
      times: 1,
      title: 'Descale the coffee machine'
    })
    const [{ count }] = await database()<[{ count: number }]>`select count(*)::integer as count from tickets where team_id = ${team.id}`
    expect(count).toBe(2)
  })
})
