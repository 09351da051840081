import { expectAccessible } from './support/accessible.ts'
import { newReply, newTeam, newTicket, type TestTeam } from './support/people.ts'
import { expect, goTo, openTickets, test } from './support/test.ts'

async function teamWithTickets(): Promise<TestTeam> {
  const team = await newTeam('Search', { member: 'Mia Member', admin: 'Bo Björk' })
  const { owner, admin } = team.people
  await newTicket(owner, team, {
    subject: 'The VPN crashes daily',
    description: 'Since Monday, on every laptop. Résumé in the log.',
    severity: 2,
    tags: ['vpn', 'vip'],
    requester_name: 'Rita Rivers',
    requester_email: 'rita@rivers.example'
  })
  await newTicket(owner, team, { subject: '登录失败', description: '我无法登录我的账户。', severity: 1, priority: 'urgent' })
  await newTicket(owner, team, {
    subject: 'Invoice is missing',
    description: 'Of the last month <b>and</b> before',
    category: 'billing',
    status: 'waiting',
    assigned_to: admin.id
  })
  const quiet = await newTicket(admin, team, { subject: 'A quiet one', description: 'Nothing to see', status: 'resolved', severity: 5 })
  await newReply(admin, quiet, 'The <mark>zebra</mark> crossed the <script>road</script>')
  return team
}

test('an agent searches by words, by operators and across conversations, and leaves the search by Enter and Escape', async ({
  signedIn
}) => {
  const team = await teamWithTickets()
  const page = await signedIn(team.people.member)
  await openTickets(page)
  const rows = page.getByRole('table', { name: 'Tickets' }).locator('tbody tr')
  const search = page.getByRole('combobox', { name: 'Search tickets' })

  await test.step('Words, operators and numbers find tickets, and “Search everything” finds replies', async () => {
    const subjects = async (...expected: string[]) => {
      await expect(rows).toHaveCount(expected.length)
      for (const [index, subject] of expected.entries()) await expect(rows.nth(index)).toContainText(subject)
    }
    const options = page.getByRole('listbox', { name: 'Suggestions' }).getByRole('option')

    // The most severe first, and of equal ones the newest.
    await subjects('登录失败', 'The VPN crashes daily', 'Invoice is missing', 'A quiet one')

    for (const [q, ...found] of [
      ['crash', 'The VPN crashes daily'],
      ['resume', 'The VPN crashes daily'],
      ['账户', '登录失败'],
      ['#003', 'Invoice is missing'],
      ['rivers', 'The VPN crashes daily'],
      ['crash or invoice', 'The VPN crashes daily', 'Invoice is missing'],
      ['-is:open', 'A quiet one'],
      ['assignee:bo', 'Invoice is missing'],
      ['"crashes daily" tag:vip', 'The VPN crashes daily']
    ] as const) {
      await search.fill(q)
      await subjects(...found)
    }

    await search.fill('sta')
    await expect(options.first()).toContainText('status:')
    await search.press('ArrowDown')
    await search.press('Enter')
    await expect(search).toHaveValue('status:')
    await expect(options).toHaveCount(5)
    await search.pressSequentially('wa')
    await search.press('ArrowDown')
    await search.press('Enter')
    await expect(search).toHaveValue('status:waiting ')
    await subjects('Invoice is missing')
    await expect(page).toHaveURL(/q=status:waiting/)

    await search.fill('status:waitng')
    await expect(page.getByText('“waitng” is not a value of status:')).toBeVisible()
    await expectAccessible(page)
    await search.fill('zebra')
    await expect(page.getByText('No tickets found')).toBeVisible()
    await options.filter({ hasText: 'Search everything' }).click()
    const everything = page.getByRole('dialog', { name: 'Search everything' })
    const found = everything.getByRole('region', { name: 'Conversations' }).getByRole('button')
    await expect(found).toHaveCount(1)
    await expect(found.locator('mark')).toHaveText('zebra')
    await expect(found).toContainText('The <mark>zebra</mark> crossed the <script>road</script>')
    await everything.getByRole('searchbox').fill('vpn')
    await expect(everything.getByRole('region', { name: 'Tickets' }).locator('mark')).toHaveText(['VPN'])
    await expectAccessible(page)
    await everything.getByRole('searchbox').fill('zebra')
    await found.click()
    await expect(page.getByRole('dialog', { name: 'Ticket #004' })).toBeVisible()
  })

  await test.step('Enter leads to the ticket of a number or to the first row, and Escape back to the list', async () => {
    await openTickets(page)
    await expect(rows).toHaveCount(4)

    await page.keyboard.press('/')
    await expect(search).toBeFocused()
    await page.keyboard.type('#003')
    await page.keyboard.press('Enter')
    await expect(page.getByRole('dialog', { name: 'Ticket #003' })).toBeVisible()
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)

    await search.fill('vpn')
    await expect(rows).toHaveText(/The VPN crashes daily/)
    await search.press('Enter')
    await expect(rows.first()).toBeFocused()
    await page.keyboard.press('/')
    await search.fill('')
    await expect(rows).toHaveCount(4)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await expect(search).not.toBeFocused()
    await expect(rows.filter({ hasText: 'The VPN crashes daily' })).toBeFocused()
  })
})

test('an agent narrows the list by filters and words, and is led to a reply that was found', async ({ signedIn }) => {
  const team = await teamWithTickets()
  const { member } = team.people
  const page = await signedIn(member)
  await openTickets(page)
  const rows = page.getByRole('table', { name: 'Tickets' }).locator('tbody tr')

  await test.step('Several values of several filters narrow the list, and each filter can be removed', async () => {
    await expect(rows).toHaveCount(4)

    await page.getByRole('button', { name: 'Filter', exact: true }).click()
    for (const [field, ...values] of [
      ['Severity', 'SEV 1 · Critical', 'SEV 2 · High', 'SEV 5 · Minimal'],
      ['Status', 'Open', 'Resolved'],
      ['Author', 'Olga Owens']
    ] as const) {
      await page.getByRole('dialog', { name: 'Filter' }).getByRole('button', { name: field, exact: true }).click()
      for (const value of values) await page.getByRole('option', { name: value }).click()
      await page.keyboard.press('Escape')
    }
    await page.getByLabel('Created from').fill('2020-01-01')
    await expect(rows).toHaveCount(2)
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('button', { name: 'Filter · 4' })).toBeVisible()
    const active = page.getByRole('group', { name: 'Active filters' })
    await expect(active.getByRole('button')).toHaveText([
      'Status: Open, Resolved',
      'Severity: SEV 1, SEV 2, SEV 5',
      'Author: Olga Owens',
      'Created since 1 Jan 2020',
      'Clear all'
    ])

    await page.reload()
    await expect(rows).toHaveCount(2)
    await active.getByRole('button', { name: 'Author: Olga Owens. Remove this filter' }).click()
    await expect(rows).toHaveCount(3)
    await active.getByRole('button', { name: 'Clear all' }).click()
    await expect(rows).toHaveCount(4)
    await expect(active).toHaveCount(0)
  })

  await test.step('During a search, a new ticket appears only if it matches', async () => {
    await goTo(page, '/tickets?q=vpn')
    await expect(rows).toHaveCount(1)
    await newTicket(team.people.owner, team, { subject: 'Of something else', severity: 1 })
    await newTicket(team.people.owner, team, { subject: 'Another one', description: 'The vpn again', severity: 1 })
    await page.getByRole('button', { name: '1 new — show' }).click()
    await expect(rows).toHaveCount(2)
    await expect(rows.first()).toContainText('Another one')
    await expect(page.getByText('Of something else')).toHaveCount(0)
  })

  await test.step('A reply that was found scrolls into view, from the search and from the palette', async () => {
    const long = await newTicket(member, team, { subject: 'A long one' })
    await newReply(member, long, 'Here is the okapi')
    for (let count = 0; count < 12; count++) await newReply(member, long, `Something else, at length\n\n- ${count}\n- one\n- two\n- three`)
    await goTo(page, '/tickets')
    const okapi = page.getByRole('dialog', { name: 'Ticket #007' }).getByText('Here is the okapi')

    await page.getByRole('combobox', { name: 'Search tickets' }).fill('okapi')
    await page.getByRole('option', { name: 'Search everything for okapi' }).click()
    await page.getByRole('region', { name: 'Conversations' }).getByRole('button').click()
    await expect(okapi).toBeInViewport()
    await expect(page).toHaveURL(/#reply-/)
    await page.keyboard.press('Escape')
    await expect(page.getByRole('dialog')).toHaveCount(0)
    await expect(page).not.toHaveURL(/#reply-/)

    await page.keyboard.press('Control+k')
    await page.keyboard.type('okapi')
    await page.getByRole('option', { name: /Here is the okapi/ }).click()
    await expect(okapi).toBeInViewport()
  })
})
