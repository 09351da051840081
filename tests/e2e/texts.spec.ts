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

test('text without markup reads exactly as it was written, and Markdown of an agent is rendered', async ({ signedIn }) => {
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

  // An edit keeps the format of a description.
  const formats = await newTicket(owner, team, { subject: 'Formats', description: '**plain**' })
  await newTicket(owner, team, { subject: 'Rendered', description: '**bold**', format: 'markdown' })
  await newReply(owner, formats, '**rendered** reply')
  await goTo(page, '/tickets?ticket=2')
  const second = page.getByRole('dialog', { name: 'Ticket #002' })
  await expect(second.getByText('**plain**')).toBeVisible()
  await expect(second.locator('strong', { hasText: 'rendered' })).toBeVisible()
  await second.getByRole('button', { name: 'Edit description' }).click()
  await second.getByRole('textbox', { name: 'Description' }).fill('__still__  plain')
  await second.getByRole('button', { name: 'Save' }).click()
  await expect(second.getByText('__still__  plain')).toBeVisible()
  await second.getByLabel('Reply', { exact: true }).fill('An **answer**')
  await second.getByLabel('Reply', { exact: true }).press('ControlOrMeta+Enter')
  await expect(second.locator('strong', { hasText: 'answer' })).toBeVisible()

  await goTo(page, '/tickets?ticket=3')
  await expect(page.getByRole('dialog', { name: 'Ticket #003' }).locator('strong', { hasText: 'bold' })).toBeVisible()
})
