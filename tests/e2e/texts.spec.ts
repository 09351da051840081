import { readFile } from 'node:fs/promises'
import { api, newReply, newTeam, newTicket } from './support/people.ts'
import { expect, goTo, openTickets, test } from './support/test.ts'
import { plainTexts } from '../support/texts.ts'

/** Further texts: the bodies in a file of requests, one JSON value per line: TEXTS=requests.jsonl node scripts/e2e.ts tests/e2e/texts.spec.ts */
async function textsOfFile(): Promise<string[]> {
  if (!process.env.TEXTS) return []
  return (await readFile(process.env.TEXTS, 'utf8'))
    .split('\n')
    .filter(Boolean)
    .map(line => (JSON.parse(line) as { body: string }).body)
}

test('text without markup reads exactly as it was written', async ({ signedIn }) => {
  test.setTimeout(600_000)
  const texts = [...plainTexts, ...(await textsOfFile())].filter(text => /[\p{L}\p{N}\p{P}\p{S}]/u.test(text) && text.length <= 50_000)
  const team = await newTeam('Texts')
  const { owner } = team.people
  const description = '\\\\fs01\\dept\\_scans\\2026\n\n  2*3*4 = 24\t__init__   see https://desk.test/a_b_c, please\r\nold\rline '
  const ticket = await newTicket(owner, team, { subject: 'As written', description })
  for (const content of texts) await api(owner, 'POST', `/api/teams/${team.id}/tickets/${ticket.id}/replies`, { content })
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  const shown = slideover.getByRole('region', { name: 'Conversation' }).locator('[data-text]')
  await expect(shown).toHaveCount(texts.length)
  const read = await shown.evaluateAll(elements => elements.map(element => element.textContent))
  const moved = texts.filter((text, index) => read[index] !== text)
  console.info(`${texts.length} texts, ${moved.length} of them changed`)
  expect(moved).toEqual([])

  const described = slideover.locator('[data-text]').first()
  expect(await described.evaluate(element => element.textContent)).toBe(description)
  await expect(described).toHaveCSS('white-space-collapse', 'preserve')
  await expect(described).toHaveAttribute('dir', 'auto')
  await expect(described.getByRole('link')).toHaveAttribute('href', 'https://desk.test/a_b_c')
  // A carriage return alone breaks the line too.
  await expect(described.locator('br')).toHaveCount(1)
})

test('Markdown of an agent is rendered, and an edit keeps the format of a description', async ({ signedIn }) => {
  const team = await newTeam('Formats')
  const { owner } = team.people
  const ticket = await newTicket(owner, team, { subject: 'Formats', description: '**plain**' })
  await newTicket(owner, team, { subject: 'Rendered', description: '**bold**', format: 'markdown' })
  await newReply(owner, ticket, '**rendered** reply')
  const page = await signedIn(owner)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await expect(slideover.getByText('**plain**')).toBeVisible()
  await expect(slideover.locator('strong', { hasText: 'rendered' })).toBeVisible()
  await slideover.getByRole('button', { name: 'Edit description' }).click()
  await slideover.getByRole('textbox', { name: 'Description' }).fill('__still__  plain')
  await slideover.getByRole('button', { name: 'Save' }).click()
  await expect(slideover.getByText('__still__  plain')).toBeVisible()
  await slideover.getByLabel('Reply', { exact: true }).fill('An **answer**')
  await slideover.getByLabel('Reply', { exact: true }).press('ControlOrMeta+Enter')
  await expect(slideover.locator('strong', { hasText: 'answer' })).toBeVisible()

  await goTo(page, '/tickets?ticket=2')
  await expect(page.getByRole('dialog', { name: 'Ticket #002' }).locator('strong', { hasText: 'bold' })).toBeVisible()
})
