import { expectAccessible } from './support/accessible.ts'
import { api, newReply, newTeam, newTicket, type Person } from './support/people.ts'
import { expect, goTo, notification, open, openTickets, test } from './support/test.ts'
import type { CannedResponse, Team } from '../../shared/types/api.ts'

function newCannedResponse(
  person: Person,
  team: Team,
  response: { title: string; content: string; category?: string }
): Promise<CannedResponse> {
  return api<CannedResponse>(person, 'POST', `/api/teams/${team.id}/canned-responses`, response)
}

test('an admin writes a canned response, an agent reads and uses it, and a viewer sees none', async ({ signedIn }) => {
  const team = await newTeam('Replies', { admin: 'Adam Admin', member: 'Mia Member', viewer: 'Vic Viewer' })
  const [admin, agent] = [await signedIn(team.people.admin), await signedIn(team.people.member)]

  await test.step('An admin writes a canned response, and an agent who has a ticket open uses it', async () => {
    await newTicket(team.people.owner, team, { subject: 'My parcel has *not* arrived', requester_name: null })
    await newCannedResponse(team.people.owner, team, {
      title: 'Opening hours',
      content: 'We are here from nine to five.',
      category: 'General'
    })

    // The agent has the list open while the admin writes.
    await openTickets(agent, '?ticket=1')
    const slideover = agent.getByRole('dialog', { name: 'Ticket #001' })
    const field = slideover.getByLabel('Reply', { exact: true })
    await field.fill('Before ')
    await field.press('End')
    await field.press('/')
    const options = slideover.getByRole('listbox', { name: 'Canned responses' }).getByRole('option')
    await expect(options).toHaveText([/Opening hours/])

    await open(admin, '/settings/canned-responses')
    await expect(admin.getByRole('list', { name: 'Canned responses' }).getByRole('listitem')).toHaveText([
      /Opening hours\s*General\s*We are here from nine to five\./
    ])
    await admin.getByRole('button', { name: 'New Response' }).click()
    const form = admin.getByRole('dialog', { name: 'New response' })
    await form.getByRole('button', { name: 'Create response' }).click()
    await expect(form.getByText('Title is required')).toBeVisible()
    await expect(form.getByText('Content is required')).toBeVisible()
    await form.getByRole('textbox', { name: 'Title' }).fill('Late parcel')
    await form.getByRole('combobox', { name: 'Category' }).fill('Orders')
    const content = form.getByRole('textbox', { name: 'Content' })
    await content.fill(
      'Hi ,\n\n**sorry** about {{ticket.number}}, “{{ticket.subject}}”. Your order {{order.number}} is late.\n\n{{agent.name}}, {{team.name}}'
    )
    await content.evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(3, 3))
    await form.getByRole('button', { name: 'Requester’s name' }).click()
    await expect(content).toHaveValue(/^Hi {{requester\.name\|there}},\n/)
    await expect(form.getByText('{{order.number}} is not a placeholder')).toBeVisible()
    await form.getByRole('tab', { name: 'Preview' }).click()
    await expect(form.getByText('Hi Kim Jensen,')).toBeVisible()
    await expect(form.locator('strong', { hasText: 'sorry' })).toBeVisible()
    await form.getByRole('button', { name: 'Create response' }).click()
    await expect(notification(admin, '“Late parcel” was saved')).toBeVisible()
    await expect(form).toBeHidden()

    await expect(options).toHaveText([/Late parcel\s*Orders/, /Opening hours/])
    await field.pressSequentially('parcel lat')
    await expect(options).toHaveText([/Late parcel/])
    await expect(slideover.getByText('Adam')).toHaveCount(0)
    await field.press('Enter')
    await expect(options).toHaveCount(0)
    const filled =
      'Before Hi there,\n\n**sorry** about #001, “My parcel has \\*not\\* arrived”. Your order {{order.number}} is late.\n\nMia Member, Replies'
    await expect(field).toHaveValue(filled)

    // An unfilled placeholder holds the reply back.
    await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
    await expect(slideover.getByText('Not sent: replace {{order.number}}')).toBeVisible()
    await expect(field).toHaveValue(filled)
    expect(await field.evaluate((element: HTMLTextAreaElement) => element.value.slice(element.selectionStart, element.selectionEnd))).toBe(
      '{{order.number}}'
    )
    await field.pressSequentially('4711')
    await expect(slideover.getByText('One placeholder is not filled in')).toBeHidden()
    await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
    const reply = slideover.getByRole('region', { name: 'Conversation' }).getByRole('listitem')
    await expect(reply).toContainText('sorry about #001, “My parcel has *not* arrived”. Your order 4711 is late.')
    await expect(field).toHaveValue('')
  })

  await test.step('A member reads canned responses, and a viewer sees none', async () => {
    await newCannedResponse(team.people.owner, team, { title: 'Thanks', content: 'Thank **you** for writing in.' })
    await goTo(agent, '/settings')
    await agent.getByRole('link', { name: 'Canned responses' }).first().click()
    await agent.getByRole('button', { name: 'Thanks' }).click()
    const shown = agent.getByRole('dialog', { name: 'Thanks' })
    await expect(shown.locator('strong', { hasText: 'you' })).toBeVisible()
    await expect(shown.getByRole('textbox')).toHaveCount(0)
    await expect(shown.getByRole('button', { name: 'Delete' })).toHaveCount(0)
    await expect(agent.getByRole('button', { name: 'New Response' })).toHaveCount(0)

    const viewer = await signedIn(team.people.viewer)
    await open(viewer, '/settings/canned-responses')
    await expect(viewer.getByText('Canned responses are for members who answer clients')).toBeVisible()
    await expect(viewer.getByRole('link', { name: 'Canned responses' })).toHaveCount(0)
  })
})

test('the list of canned responses opens only where a response can start, and inserts one as often as it is chosen', async ({
  signedIn
}) => {
  const team = await newTeam('Slashes')
  const { owner } = team.people
  const page = await signedIn(owner)

  await test.step('The list opens after a slash at the start of a word, and Escape closes it', async () => {
    const ticket = await newTicket(owner, team, { subject: 'Paths and addresses' })
    await newReply(owner, ticket, 'A first reply.')
    await newCannedResponse(owner, team, { title: 'Hosts', content: 'Look into the hosts file.' })
    await openTickets(page, '?ticket=1')
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    const field = slideover.getByLabel('Reply', { exact: true })
    const list = slideover.getByRole('listbox', { name: 'Canned responses' })

    await field.pressSequentially('/')
    await expect(list).toBeVisible()
    await expect(field).toHaveAttribute('aria-expanded', 'true')
    expect(
      await page.evaluate(id => document.getElementById(id!)?.textContent, await field.getAttribute('aria-activedescendant'))
    ).toContain('Hosts')
    await field.press('Backspace')
    await expect(list).toBeHidden()
    await expect(slideover.getByRole('textbox', { name: 'Reply' })).not.toHaveAttribute('aria-expanded')

    await field.pressSequentially('/ho')
    await expect(list).toBeVisible()
    await field.press('Escape')
    await expect(list).toBeHidden()
    await field.pressSequentially('sts and/or https://hosts.test/hosts')
    await expect(field).toHaveValue('/hosts and/or https://hosts.test/hosts')
    await expect(list).toBeHidden()

    await field.press('Enter')
    await field.pressSequentially('/hosts')
    await expect(list).toBeVisible()
    await field.press('Tab')
    await expect(field).toHaveValue('/hosts and/or https://hosts.test/hosts\nLook into the hosts file.')
    await expect(slideover).toBeVisible()
  })

  await test.step('The same response is inserted again and again, and on the next ticket', async () => {
    for (const subject of ['One', 'Two']) await newTicket(owner, team, { subject })
    await newCannedResponse(owner, team, { title: 'Thanks', content: 'Thanks!' })
    await goTo(page, '/tickets?ticket=3')
    const [first, second] = [page.getByRole('dialog', { name: 'Ticket #002' }), page.getByRole('dialog', { name: 'Ticket #003' })]
    const options = page.getByRole('option')

    // A response that a colleague adds meanwhile moves none under the pointer; it is there when the list opens again.
    const select = second.getByRole('combobox', { name: 'Insert a canned response' })
    await expect(async () => {
      await select.click()
      await expect(options).toHaveText([/Hosts/, /Thanks/], { timeout: 1000 })
    }).toPass()
    const refetched = page.waitForResponse(response => response.url().endsWith('/canned-responses'))
    await newCannedResponse(owner, team, { title: 'Sorry', content: 'Sorry!' })
    await refetched
    await expect(options).toHaveText([/Hosts/, /Thanks/])
    await page.keyboard.press('Escape')
    await expect(async () => {
      await select.click()
      await expect(options).toHaveText([/Hosts/, /Sorry/, /Thanks/], { timeout: 1000 })
    }).toPass()
    await page.keyboard.press('Escape')
    const choose = async (slideover: typeof first, title: string) => {
      await slideover.getByRole('combobox', { name: 'Insert a canned response' }).click()
      await page.getByRole('option', { name: title }).click()
    }
    for (const [title, text] of [
      ['Thanks', 'Thanks!'],
      ['Thanks', 'Thanks!Thanks!'],
      ['Sorry', 'Thanks!Thanks!Sorry!'],
      ['Thanks', 'Thanks!Thanks!Sorry!Thanks!']
    ] as const) {
      await choose(second, title)
      await expect(second.getByRole('textbox', { name: 'Reply' })).toHaveValue(text)
    }
    await second.getByRole('button', { name: 'Next ticket' }).click()
    await choose(first, 'Thanks')
    await expect(first.getByRole('textbox', { name: 'Reply' })).toHaveValue('Thanks!')
  })
})

test('an unsaved canned response is kept, and deletion asks for a confirmation', async ({ signedIn, provokes }) => {
  provokes(/net::ERR_FAILED/)
  const team = await newTeam('Keeping', { admin: 'Adam Admin' })
  await newCannedResponse(team.people.owner, team, { title: 'Thanks', content: 'Thank you.' })
  const [page, colleague] = [await signedIn(team.people.owner), await signedIn(team.people.admin)]
  await Promise.all([open(page, '/settings/canned-responses'), open(colleague, '/settings/canned-responses')])
  const theirs = colleague.getByRole('list', { name: 'Canned responses' }).getByRole('listitem')
  await expect(theirs).toHaveText([/Thanks\s*Thank you\./])
  await page.getByRole('button', { name: 'Thanks' }).click()
  const form = page.getByRole('dialog', { name: 'Edit response' })
  await form.getByRole('textbox', { name: 'Content' }).fill('Thank you very much.')

  await page.route('**/canned-responses/*', route => route.abort())
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(notification(page, 'The response was not saved')).toBeVisible()
  await expect(form.getByRole('textbox', { name: 'Content' })).toHaveValue('Thank you very much.')
  await page.unroute('**/canned-responses/*')
  await page.keyboard.press('Escape')
  await expect(form).toBeHidden()
  await expect(page.getByText('Unsaved changes')).toBeVisible()
  await page.reload()
  await page.getByRole('button', { name: 'Thanks' }).click()
  await expect(form.getByRole('textbox', { name: 'Content' })).toHaveValue('Thank you very much.')
  await form.getByRole('button', { name: 'Save' }).click()
  await expect(form).toBeHidden()
  await expect(page.getByText('Unsaved changes')).toBeHidden()
  await expect(theirs).toHaveText([/Thanks\s*Thank you very much\./])

  const confirmation = page.getByRole('dialog', { name: 'Delete this response?' })
  await page.getByRole('button', { name: 'Thanks' }).click()
  for (const answer of ['Cancel', 'Delete']) {
    await form.getByRole('button', { name: 'Delete' }).click()
    await confirmation.getByRole('button', { name: answer }).click()
    await expect(confirmation).toBeHidden()
    if (answer === 'Cancel') await expect(form).toBeVisible()
  }
  await expect(form).toBeHidden()
  await expect(page.getByText('No canned responses yet')).toBeVisible()
  await expect(colleague.getByText('No canned responses yet')).toBeVisible()
})

test('the form, the list in the composer and its warnings are accessible in light and in dark', async ({ signedIn }) => {
  const team = await newTeam('Accessible')
  await newTicket(team.people.owner, team, { subject: 'Seen by everybody' })
  for (const title of ['First', 'Second', 'Third', 'Fourth', 'Fifth', 'Sixth', 'Seventh'])
    await newCannedResponse(team.people.owner, team, { title, content: `**${title}** of {{all}}.`, category: 'Numbers' })
  const page = await signedIn(team.people.owner)
  await open(page, '/settings/canned-responses')
  await expect(page.getByRole('searchbox', { name: 'Search canned responses' })).toBeVisible()
  await expectAccessible(page)
  await page.getByRole('button', { name: 'First' }).click()
  await expect(page.getByText('{{all}} is not a placeholder')).toBeVisible()
  await expectAccessible(page)

  await goTo(page, '/tickets?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  const field = slideover.getByLabel('Reply', { exact: true })
  await field.pressSequentially('/')
  await expect(slideover.getByRole('option')).toHaveCount(7)
  await expectAccessible(page)
  await field.press('Enter')
  await expect(slideover.getByText('One placeholder is not filled in')).toBeVisible()
  await expectAccessible(page)
})
