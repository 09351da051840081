import type { Locator, Page } from '@playwright/test'
import { api, demoPerson, newPerson, newTeam, newTicket } from './support/people.ts'
import { expire, readKept, revoke, signInWith } from './support/session.ts'
import { expect, goTo, open, openTickets, test } from './support/test.ts'
import type { CannedResponse, Category, Reply, SavedView, Ticket, Webhook } from '../../shared/types/api.ts'

const refused = /status of 40\d .*\/(api|auth\/v1)\//
const ended = 'Your session ended. Sign in again: what you typed is kept.'

test('a new ticket that is not sent survives the end of the session and a reload, and sign-out asks before it discards one', async ({
  signedIn,
  provokes
}) => {
  provokes(refused)
  const team = await newTeam('Revoked')
  const { owner } = team.people
  const page = await signedIn(owner)
  await openTickets(page)
  const modal = page.getByRole('dialog', { name: 'New ticket' })

  await test.step('A session that is revoked elsewhere ends with a reason and leads back to the form', async () => {
    await page.getByRole('button', { name: 'New Ticket' }).click()
    await modal.getByRole('textbox', { name: 'Subject' }).fill('Typed before the end')
    await modal.getByRole('textbox', { name: 'Description' }).fill('Half an hour of work')
    await revoke(owner)
    await pressAtEnd(modal.getByRole('button', { name: 'Create ticket' }))

    await expect(page).toHaveURL(/sign-in\?redirect=/)
    await expect(page.getByText(ended)).toBeVisible()
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await page.reload()
    await expect(page.getByText(ended)).toBeVisible()
    await signInWith(page, owner)
    await expect(page).toHaveURL(/tickets/)
    await expect(modal.getByRole('textbox', { name: 'Description' })).toHaveValue('Half an hour of work')
    await modal.getByRole('button', { name: 'Create ticket' }).click()
    await expect(page.getByRole('heading', { name: 'Typed before the end' })).toBeVisible()
    expect(await readKept(page)).not.toContain('Half an hour')
  })

  await test.step('Sign-out asks before it discards a text that is on this device only', async () => {
    await goTo(page, '/tickets')
    await page.getByRole('button', { name: 'New Ticket' }).click()
    await modal.getByRole('textbox', { name: 'Subject' }).fill('Not yet sent')
    await page.keyboard.press('Escape')
    await expect(modal).toBeHidden()
    const confirmation = page.getByRole('dialog', { name: 'Sign out and discard what you typed?' })
    for (const answer of ['Cancel', 'Sign out']) {
      await page.getByRole('button', { name: /profile, theme, help, sign out/ }).click()
      await page.getByRole('menuitem', { name: 'Sign out' }).click()
      await expect(confirmation).toContainText('New ticket')
      await confirmation.getByRole('button', { name: answer }).click()
      await expect(confirmation).toBeHidden()
      if (answer === 'Cancel') expect(await readKept(page)).toContain('Not yet sent')
    }
    await expect(page).toHaveURL(/sign-in/)
    await expect(page.getByText('Your session ended')).toHaveCount(0)
    expect(await readKept(page)).not.toContain('Not yet sent')
  })
})

test('a request is sent once, although its token expired or its answer was lost', async ({ signedIn, provokes }) => {
  provokes(refused)
  provokes(/net::ERR_FAILED/)
  const team = await newTeam('Bad line')
  const { owner } = team.people
  const expired = await newTicket(owner, team, { subject: 'Long lunch' })
  const lost = await newTicket(owner, team, { subject: 'Once' })
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=1')

  await test.step('An expired token is renewed, and the reply is sent again', async () => {
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    await slideover.getByRole('textbox', { name: 'Reply' }).fill('Written over lunch')
    await expire(page)
    await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
    await expect(slideover.getByRole('region', { name: 'Conversation' }).getByText('Written over lunch')).toBeVisible()
    await expect(slideover.getByRole('textbox', { name: 'Reply' })).toHaveValue('')
    expect(await repliesOf(owner, expired)).toEqual(['Written over lunch'])
  })

  await test.step('A reply whose answer is lost is sent once, across tries and a reload', async () => {
    const slideover = page.getByRole('dialog', { name: 'Ticket #002' })
    await goTo(page, '/tickets?ticket=2')
    const field = slideover.getByRole('textbox', { name: 'Reply' })
    const send = slideover.getByRole('button', { name: 'Reply', exact: true })
    await loseAnswers(page, '**/replies')
    // The draft stays on this device, so nothing tells the page that the server has the reply.
    await page.route('**/draft', route => route.abort())
    await field.fill('Exactly one of these')
    await send.click()
    await expect(slideover.getByText('What you wrote is kept.')).toBeVisible()
    expect(await repliesOf(owner, lost)).toEqual(['Exactly one of these'])
    await send.click()
    await expect(slideover.getByText('What you wrote is kept.')).toBeVisible()

    await page.reload()
    await expect(field).toHaveValue('Exactly one of these')
    await page.unroute('**/replies')
    await send.click()
    await expect(field).toHaveValue('')
    expect(await repliesOf(owner, lost)).toEqual(['Exactly one of these'])

    // The page knows that the reply was sent, so the same words are another reply.
    await field.fill('Exactly one of these')
    await send.click()
    await expect(field).toHaveValue('')
    expect(await repliesOf(owner, lost)).toEqual(['Exactly one of these', 'Exactly one of these'])
    await page.unroute('**/draft')
  })

  await test.step('A ticket whose answer is lost is created once, across a reload', async () => {
    await goTo(page, '/tickets')
    await page.getByRole('button', { name: 'New Ticket' }).click()
    const modal = page.getByRole('dialog', { name: 'New ticket' })
    await modal.getByRole('textbox', { name: 'Subject' }).fill('Only once')
    await modal.getByRole('textbox', { name: 'Description' }).fill('Please')
    await loseAnswers(page, '**/tickets')
    const asked = page.waitForEvent('requestfailed')
    await modal.getByRole('button', { name: 'Create ticket' }).click()
    await asked
    await page.unroute('**/tickets')
    await page.reload()
    await page.getByRole('button', { name: 'New Ticket' }).click()
    await modal.getByRole('button', { name: 'Create ticket' }).click()
    await expect(page.getByRole('dialog', { name: 'Ticket #003' })).toBeVisible()
    expect((await api<{ total: number }>(owner, 'GET', `/api/teams/${team.id}/tickets?page=1`)).total).toBe(3)
  })
})

test('a session that ended while the browser was closed leads back to the reply, the note and the description', async ({
  signedIn,
  provokes
}) => {
  provokes(refused)
  const team = await newTeam('Closed lid')
  const { owner } = team.people
  for (const subject of ['One', 'Two']) await newTicket(owner, team, { subject })
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=2')
  const [first, second] = [page.getByRole('dialog', { name: 'Ticket #001' }), page.getByRole('dialog', { name: 'Ticket #002' })]
  await second.getByRole('tab', { name: 'Internal note' }).click()
  await second.getByRole('textbox', { name: 'Internal note' }).fill('Only for us')
  await second.getByRole('button', { name: 'Next ticket' }).click()
  await first.getByRole('textbox', { name: 'Reply' }).fill('To the client')
  await first.getByRole('button', { name: 'Edit description' }).click()
  await first.getByRole('textbox', { name: 'Description' }).fill('Described better')
  await revoke(owner)
  await page.reload()

  await expect(page.getByText(ended)).toBeVisible()
  await signInWith(page, owner)
  await expect(first.getByRole('textbox', { name: 'Reply' })).toHaveValue('To the client')
  await expect(first.getByRole('textbox', { name: 'Description' })).toHaveValue('Described better')
  await first.getByRole('button', { name: 'Save', exact: true }).click()
  await expect(first.getByRole('textbox', { name: 'Description' })).toHaveCount(0)
  await expect(first.getByText('Described better')).toBeVisible()
  await first.getByRole('button', { name: 'Previous ticket' }).click()
  await expect(second.getByRole('textbox', { name: 'Internal note' })).toHaveValue('Only for us')
})

test('a person who signs in after somebody else in the same browser finds nothing of them', async ({ signedIn, provokes }) => {
  provokes(refused)
  const team = await newTeam('Shared desk')
  const { owner } = team.people
  const other = await newPerson('Oscar Other')
  await newTicket(owner, team, { subject: 'Not for Oscar' })
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await page.route('**/draft', route => (route.request().method() === 'PUT' ? route.abort() : route.fallback()))
  provokes(/net::ERR_FAILED/)
  await slideover.getByRole('textbox', { name: 'Reply' }).fill('Secret reply')
  await slideover.getByRole('button', { name: 'Edit description' }).click()
  await slideover.getByRole('textbox', { name: 'Description' }).fill('Secret description')
  // The same must hold for a second tab.
  const tab = await page.context().newPage()
  await open(tab, '/settings/team')
  await tab.getByRole('textbox', { name: 'Name', exact: true }).fill('Secret team')
  await revoke(owner)
  await pressAtEnd(slideover.getByRole('button', { name: 'Save', exact: true }))
  await expect(page.getByText(ended)).toBeVisible()
  await expect(tab.getByText(ended)).toBeVisible()
  for (const text of ['Secret reply', 'Secret description', 'Secret team']) expect(await readKept(page)).toContain(text)
  await page.evaluate(() => Object.assign(window, { isBefore: true }))

  await signInWith(page, other)
  await expect(page.getByRole('heading', { name: 'Create your first team' })).toBeVisible()
  expect(await page.evaluate(() => 'isBefore' in window), 'the page was loaded again').toBe(false)
  expect(await readKept(page)).not.toMatch(/Secret|Oscar|Shared desk/)
  expect(await readKept(page)).not.toContain(owner.id)
  await expect(tab.getByRole('heading', { name: 'Create your first team' })).toBeVisible()
  expect(await readKept(tab)).not.toMatch(/Secret|Shared desk/)
})

test('the text in a form survives a reload and the end of the session', async ({ signedIn, provokes }) => {
  provokes(refused)
  const team = await newTeam('Many forms')
  const { owner } = team.people
  const page = await signedIn(owner)
  const dialog = page.getByRole('dialog')
  const forms: [path: string, show: () => Promise<void>, field: string, isWindow: boolean][] = [
    ['/settings/profile', async () => {}, 'Name', false],
    ['/settings/team', async () => {}, 'Address', false],
    ['/settings/team', async () => {}, 'New reply address', false],
    ['/settings/members', () => page.getByRole('button', { name: 'Invite' }).click(), 'E-mail', true],
    ['/settings/webhooks', () => page.getByRole('button', { name: 'New webhook' }).click(), 'URL', true],
    ['/settings/api-keys', () => page.getByRole('button', { name: 'New key' }).click(), 'Name', true],
    ['/settings/canned-responses', () => page.getByRole('button', { name: 'New Response' }).click(), 'Title', true],
    ['/settings/categories', () => page.getByRole('button', { name: 'New category' }).click(), 'Name for clients', false],
    [
      '/tickets',
      async () => {
        await page.getByRole('button', { name: 'View', exact: true }).click()
        await page.getByRole('menuitem', { name: 'Save as…' }).click()
      },
      'Name',
      true
    ],
    ['/teams/new', async () => {}, 'Team name', false]
  ]
  const textOf = (index: number) => `typed-${index}-kept`
  const fieldOf = (field: string, isWindow: boolean) =>
    (isWindow ? dialog : page).getByRole('textbox', { name: new RegExp(`^${field}\\*?$`) }) // the star of what is required

  await open(page, '/settings')
  for (const [index, [path, show, field, isWindow]] of forms.entries()) {
    await goTo(page, path)
    await show()
    await fieldOf(field, isWindow).fill(textOf(index))
    if (isWindow) await page.keyboard.press('Escape')
    await expect.poll(() => readKept(page)).toContain(textOf(index))
  }
  // The session ends in one of them.
  await goTo(page, '/settings/webhooks')
  await forms[4]![1]()
  await fieldOf('URL', true).fill('https://typed-4-kept.test')
  await fieldOf('Name', true).fill('CRM')
  await revoke(owner)
  await pressAtEnd(dialog.getByRole('button', { name: 'Add webhook' }))
  await expect(page.getByText(ended)).toBeVisible()
  await signInWith(page, owner)
  await expect(fieldOf('URL', true)).toHaveValue('https://typed-4-kept.test')

  // The reload leaves the texts in the storage only.
  await page.reload()
  for (const [index, [path, show, field, isWindow]] of forms.entries()) {
    await goTo(page, path)
    await show()
    await expect(fieldOf(field, isWindow), path).toHaveValue(new RegExp(textOf(index)))
    if (isWindow) await page.keyboard.press('Escape')
  }
})

test('a form that is open when the session ends opens again with its text after the sign-in', async ({ signedIn, provokes }) => {
  test.setTimeout(600_000) // a sign-in for each form
  provokes(refused)
  const team = await newTeam('Open forms')
  const { owner } = team.people
  const of = `/api/teams/${team.id}`
  await api(owner, 'POST', `${of}/canned-responses`, { title: 'Refund', content: 'You get it back.', category: 'Billing' })
  await api(owner, 'POST', `${of}/saved-views`, { name: 'Waiting for them', is_shared: false, filters: { status: ['waiting'] } })
  await api(owner, 'POST', `${of}/webhooks`, {
    name: 'CRM',
    url: `http://127.0.0.1:${process.env.E2E_WEBHOOK_PORT ?? 9}/hook`,
    events: ['ticket.created']
  })
  await newTicket(owner, team, { subject: 'To be renamed' })
  const page = await signedIn(owner)
  const press = (name: string | RegExp) => page.getByRole('button', { name }).first().click()
  const choose = async (menu: string | RegExp, name: string) => {
    await press(menu)
    await page.getByRole('menuitem', { name }).click()
  }

  interface OpenForm {
    path: string
    show?: () => Promise<unknown>
    field: string | RegExp
    text: string
  }
  const forms: OpenForm[] = [
    { path: '/settings/profile', field: 'Name', text: 'Olga Typed' },
    { path: '/settings/team', field: 'Name', text: 'Team Typed' },
    { path: '/settings/team', field: 'New reply address', text: 'typed@people.test' },
    { path: '/teams/new', field: 'Team name', text: 'New Typed' },
    { path: '/settings/members', show: () => press('Invite'), field: 'E-mail', text: 'typed@people.test' },
    { path: '/settings/api-keys', show: () => press('New key'), field: 'Name', text: 'Key typed' },
    { path: '/settings/webhooks', show: () => choose('More for CRM', 'Edit'), field: /^Name/, text: 'Webhook typed' },
    { path: '/settings/canned-responses', show: () => press('Refund'), field: /^Content/, text: 'Response typed' },
    { path: '/settings/categories', show: () => choose(/^Change Bug/, 'Rename'), field: 'Name', text: 'Category typed' },
    { path: '/settings/categories', show: () => choose(/^Change Bug/, 'Add type'), field: 'Name of the type', text: 'Type typed' },
    { path: '/tickets?status=open', show: () => choose('View', 'Save as…'), field: /^Name/, text: 'View typed' },
    { path: '/tickets?status=waiting', show: () => choose('View', 'Rename…'), field: /^Name/, text: 'Renamed typed' },
    { path: '/tickets?ticket=1', show: () => press('Edit subject'), field: 'Subject', text: 'Subject typed' }
  ]
  for (const [index, { path, show, field, text }] of forms.entries()) {
    await test.step(`${path}: ${text}`, async () => {
      // A second form of a page begins with a load, which closes the first one.
      const isOnPage = index === 0 || forms[index - 1]!.path.split('?')[0] === path.split('?')[0]
      await (isOnPage ? open : goTo)(page, path)
      await show?.()
      const box = page.getByRole('textbox', { name: field, exact: true })
      await box.fill(text)
      await revoke(await demoPerson(owner.email))
      await page.evaluate(
        path => (globalThis as unknown as { $fetch(path: string): Promise<unknown> }).$fetch(path).catch(() => undefined),
        of
      )
      await expect(page.getByText(ended)).toBeVisible()
      await signInWith(page, owner)
      await expect(box).toHaveValue(text)
    })
  }
})

test('a text that was written to something that is deleted meanwhile can be copied and discarded after a reload', async ({
  signedIn,
  provokes
}) => {
  provokes(/status of 404 /)
  const team = await newTeam('Deleted')
  const { owner } = team.people
  const of = `/api/teams/${team.id}`
  const page = await signedIn(owner)
  const dialog = page.getByRole('dialog')

  await test.step('A reply, a subject and a description of a deleted ticket', async () => {
    const ticket = await newTicket(owner, team, { subject: 'Short-lived' })
    await openTickets(page, '?ticket=1')
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    await slideover.getByRole('textbox', { name: 'Reply' }).fill('An answer that took an hour')
    await expect(slideover.getByText('Saved', { exact: true })).toBeVisible()
    await slideover.getByRole('button', { name: 'Edit subject' }).click()
    await slideover.getByRole('textbox', { name: 'Subject' }).fill('A subject that took an hour')
    await slideover.getByRole('button', { name: 'Edit description' }).click()
    await slideover.getByRole('textbox', { name: 'Description' }).fill('A description that took an hour')
    await api(owner, 'DELETE', `/api/teams/${team.id}/tickets/${ticket.id}`)
    const texts = slideover.getByRole('region', { name: 'What you wrote' })
    const hasAll = async () => {
      for (const what of ['An answer', 'A subject', 'A description']) await expect(texts).toContainText(`${what} that took an hour`)
    }
    await hasAll()
    await page.reload()
    await expect(slideover.getByText('This ticket does not exist')).toBeVisible()
    await hasAll()
    for (let left = 3; left > 0; left--) {
      await expect(texts.getByRole('listitem')).toHaveCount(left)
      await texts.getByRole('button', { name: 'Discard' }).first().click()
    }
    await expect(texts).toHaveCount(0)
    expect(await readKept(page)).not.toContain('took an hour')
  })

  await test.step('A canned response and a webhook that were deleted', async () => {
    const response = await api<CannedResponse>(owner, 'POST', `${of}/canned-responses`, { title: 'Refund', content: 'You get it back.' })
    const webhook = await api<Webhook>(owner, 'POST', `${of}/webhooks`, {
      name: 'CRM',
      url: `http://127.0.0.1:${process.env.E2E_WEBHOOK_PORT ?? 9}/hook`,
      events: ['ticket.created']
    })
    const texts = [
      {
        path: 'canned-responses',
        id: response.id,
        field: /^Content/,
        text: 'Half an hour of words',
        show: () => page.getByRole('button', { name: 'Refund' }).click()
      },
      {
        path: 'webhooks',
        id: webhook.id,
        field: /^URL/,
        text: 'https://long.address.test/typed',
        show: async () => {
          await page.getByRole('button', { name: 'More for CRM' }).click()
          await page.getByRole('menuitem', { name: 'Edit' }).click()
        }
      }
    ]
    for (const { path, id, field, text, show } of texts) {
      await goTo(page, `/settings/${path}`)
      await show()
      await dialog.getByRole('textbox', { name: field }).fill(text)
      await api(owner, 'DELETE', `${of}/${path}/${id}`)
      await page.reload()
      await page.getByRole('button', { name: 'Show it' }).click()
      await expect(dialog.getByRole('textbox', { name: field })).toHaveValue(text)
      await dialog.getByRole('button', { name: /^(Discard|Cancel)$/ }).click()
      const confirmation = page.getByRole('dialog', { name: 'Discard this response?' })
      if (path === 'canned-responses') await confirmation.getByRole('button', { name: 'Discard' }).click()
      await expect(dialog).toHaveCount(0)
      await expect(page.getByRole('button', { name: 'Show it' })).toHaveCount(0)
    }
  })

  await test.step('The names of categories, of a type and of a saved view that were deleted', async () => {
    const [renamed, filled] = [
      await api<Category>(owner, 'POST', `${of}/cti/categories`, { name: 'Hardware' }),
      await api<Category>(owner, 'POST', `${of}/cti/categories`, { name: 'Software' })
    ]
    const view = await api<SavedView>(owner, 'POST', `${of}/saved-views`, {
      name: 'Waiting for them',
      is_shared: false,
      filters: { status: ['waiting'] }
    })
    const texts = page.getByRole('region', { name: 'What you wrote' })
    const choose = async (menu: string, name: string) => {
      await page.getByRole('button', { name: menu, exact: true }).click()
      await page.getByRole('menuitem', { name }).click()
    }

    await goTo(page, '/settings/categories')
    await choose('Change Hardware', 'Rename')
    await page.getByRole('textbox', { name: 'Name for clients' }).fill('Devices typed')
    await choose('Change Software', 'Add type')
    await page.getByRole('textbox', { name: 'Name of the type' }).fill('Licences typed')
    await expect(texts).toHaveCount(0)
    for (const { id } of [renamed, filled]) await api(owner, 'DELETE', `${of}/cti/categories/${id}`)
    await expect(texts.getByRole('listitem')).toHaveCount(2)
    await page.reload()
    for (const text of ['Devices typed', 'Licences typed']) {
      const item = texts.getByRole('listitem').filter({ hasText: text })
      await item.getByRole('button', { name: 'Copy' }).click()
      await expect(page.getByText('Copied', { exact: true }).first()).toBeVisible()
      await item.getByRole('button', { name: 'Discard' }).click()
      await expect(item).toHaveCount(0)
    }
    await expect(texts).toHaveCount(0)

    await goTo(page, '/tickets?status=waiting')
    await choose('View', 'Rename…')
    await dialog.getByRole('textbox', { name: /^Name/ }).fill('View typed')
    await api(owner, 'DELETE', `${of}/saved-views/${view.id}`)
    await page.reload()
    await expect(texts).toContainText('View typed')
    await texts.getByRole('button', { name: 'Discard' }).click()
    await expect(texts).toHaveCount(0)
    expect(await readKept(page)).not.toContain('typed')
  })
})

test('a reply to a ticket that a colleague closed can be read, copied and discarded on any device', async ({ signedIn }) => {
  const team = await newTeam('Closed meanwhile', { member: 'Mia Member' })
  const { owner, member } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Closed too early' })
  const turn = (status: string) => api(owner, 'PATCH', `/api/teams/${team.id}/tickets/${ticket.id}`, { status })
  const page = await signedIn(member)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  const texts = slideover.getByRole('region', { name: 'What you wrote' })
  const field = slideover.getByRole('textbox', { name: 'Reply' })
  const colleague = await signedIn(owner)
  await openTickets(colleague, '?ticket=1')
  await field.fill('An answer that took an hour, @Olga Owens')
  await expect(colleague.getByText('Mia Member is replying')).toBeVisible()
  await turn('closed')
  await expect(slideover.getByText('This ticket is closed')).toBeVisible()
  await expect(colleague.getByText('Mia Member is viewing')).toBeVisible()
  await expect(texts).toContainText('An answer that took an hour, @Olga Owens')
  await texts.getByRole('button', { name: 'Copy' }).click()
  await expect(page.getByText('Copied', { exact: true })).toBeVisible()
  await page.reload()
  await expect(texts).toContainText('An answer that took an hour, @Olga Owens')

  const other = await signedIn(member)
  await openTickets(other, '?ticket=1')
  await expect(other.getByRole('region', { name: 'What you wrote' })).toContainText('An answer that took an hour')
  await turn('open')
  await expect(field).toHaveValue('An answer that took an hour, @Olga Owens')
  await turn('closed')
  await texts.getByRole('button', { name: 'Discard' }).click()
  await expect(texts).toHaveCount(0)
  await expect.poll(() => api(member, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}/draft`)).toBeUndefined()
  expect(await readKept(page)).not.toContain('took an hour')
})

/** Presses a button after the session was revoked. The button may be gone: a request of the page itself may be refused first. */
async function pressAtEnd(button: Locator): Promise<void> {
  await button.evaluateAll(found => found.forEach(one => (one as HTMLElement).click()))
}

/** Lets the server handle each POST to `pattern`, and drops its answer. */
async function loseAnswers(page: Page, pattern: string): Promise<void> {
  await page.route(pattern, async route => {
    if (route.request().method() !== 'POST') return route.fallback()
    await route.fetch()
    await route.abort()
  })
}

async function repliesOf(person: Parameters<typeof api>[0], ticket: Ticket): Promise<string[]> {
  return (await api<Reply[]>(person, 'GET', `/api/teams/${ticket.team_id}/tickets/${ticket.id}/replies`)).map(({ content }) => content)
}
