import type { Page } from '@playwright/test'
import type { Reply, TicketDetail } from '../../shared/types/api.ts'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { database } from './support/database.ts'
import { chooseFiles, give, png, screenshot } from './support/files.ts'
import { api, newTeam, newTicket } from './support/people.ts'
import { expect, notification, openTickets, test } from './support/test.ts'

const textFile = (name: string, content = 'Hello') => ({ name, mimeType: 'text/plain', buffer: Buffer.from(content) })

/** Controls the uploads of a page. The route stays: removing it would hold the requests that it has at that moment. */
async function controlUploads(page: Page): Promise<{ hold(): void; pass(): void; fail(): void }> {
  let mode: 'pass' | 'hold' | 'fail' = 'pass'
  let changed = Promise.withResolvers<boolean>()
  const change = (to: typeof mode) => {
    mode = to
    changed.resolve(true)
    changed = Promise.withResolvers()
  }
  await page.route('**/uploads', async route => {
    while (mode === 'hold') await changed.promise
    await (mode === 'fail' ? route.abort() : route.fallback())
  })
  return { hold: () => change('hold'), pass: () => change('pass'), fail: () => change('fail') }
}

test('files are attached by keyboard, paste and drop, survive a reload, and are seen and removed live', async ({ signedIn, provokes }) => {
  provokes(/status of 404.*\/uploads\//)
  provokes(/net::ERR_FAILED/)
  const team = await newTeam('Files', { member: 'Mia Moss' })
  const { owner, member } = team.people
  const ticket = await newTicket(owner, team, { subject: 'The export looks wrong' })
  const page = await signedIn(owner)
  const uploads = await controlUploads(page)
  await openTickets(page, '?ticket=1')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  const field = slideover.getByRole('textbox', { name: 'Reply' })
  const attach = slideover.getByRole('button', { name: 'Attach files' })
  const draft = slideover.getByRole('list', { name: 'Files to send' })
  const inDraft = (name: string | RegExp) => draft.getByRole('listitem').filter({ hasText: name })
  const conversation = slideover.getByRole('region', { name: 'Conversation' })

  await test.step('The button is reached with Tab, and a name that may hold passwords is pointed out', async () => {
    await field.fill('Here is what I see.')
    await field.press('Tab')
    await expect(attach).toBeFocused()
    await chooseFiles(page, () => attach.press('Enter'), [textFile('notes.txt'), textFile('server.pem')])
    await expect(slideover.getByText('2 of 2 files are uploaded')).toBeAttached()
    await expect(inDraft('server.pem')).toContainText('May hold passwords')
    await draft.getByRole('button', { name: 'Remove server.pem' }).click()
    await expect(inDraft('server.pem')).toHaveCount(0)
  })

  await test.step('What does not fit is refused before it is sent', async () => {
    await give(field, 'drop', [{ name: 'empty.txt', type: 'text/plain', base64: '' }])
    await expect(slideover.getByText('“empty.txt” is empty.')).toBeVisible()
    await chooseFiles(
      page,
      () => attach.click(),
      Array.from({ length: 11 }, (_, index) => textFile(`${index}.txt`))
    )
    await expect(slideover.getByText('A message has at most 10 files: 2 files were not added.')).toBeVisible()
    for (let index = 0; index < 9; index++)
      await draft.getByRole('button', { name: new RegExp(`^(Remove|Cancel the upload of) ${index}\\.txt$`) }).click()
    await expect(draft.getByRole('listitem')).toHaveCount(1)
  })

  await test.step('Pasted screenshots get a name and are shown; an upload can be cancelled', async () => {
    await give(field, 'paste', [screenshot])
    await expect(inDraft(/screenshot-\d{4}-\d\d-\d\d-\d{6}\.png/)).toHaveCount(1)
    await expect(inDraft('screenshot').locator('img')).toHaveAttribute('src', /^blob:/)
    uploads.hold()
    await give(field, 'drop', [{ name: 'wrong.txt', type: 'text/plain', base64: btoa('wrong') }])
    await expect(draft.getByRole('progressbar', { name: 'Upload of wrong.txt' })).toBeAttached()
    await draft.getByRole('button', { name: 'Cancel the upload of wrong.txt' }).click()
    await expect(inDraft('wrong.txt')).toHaveCount(0)
    uploads.pass()
    await expectAccessible(page, 'the composer with files')
  })

  await test.step('A failed upload says so, keeps the message from being sent, and can be repeated', async () => {
    uploads.fail()
    await give(field, 'drop', [{ name: 'second.png', type: 'image/png', base64: png }])
    await expect(inDraft('second.png')).toContainText('Not uploaded. The server cannot be reached.')
    await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
    await expect(slideover.getByText('Not sent: “second.png” is not uploaded.')).toBeVisible()
    uploads.pass()
    await draft.getByRole('button', { name: 'Retry second.png' }).click()
    await expect(slideover.getByText('3 of 3 files are uploaded')).toBeAttached()
  })

  await test.step('Text and files survive a reload, and a file that is gone from the server is named', async () => {
    await chooseFiles(page, () => attach.click(), [textFile('lost.txt')])
    await expect(slideover.getByText('4 of 4 files are uploaded')).toBeAttached()
    await database()`delete from uploads where name = 'lost.txt' and team_id = ${team.id}`
    uploads.hold()
    await give(field, 'drop', [{ name: 'cut.txt', type: 'text/plain', base64: btoa('cut') }])
    await expect(draft.getByRole('progressbar', { name: 'Upload of cut.txt' })).toBeAttached()
    await page.reload()
    uploads.pass()
    await expect(field).toHaveValue('Here is what I see.')
    await expect(draft.getByRole('listitem')).toHaveCount(5)
    await expect(inDraft('cut.txt')).toContainText('Not uploaded: the page was reloaded in between. Attach it again.')
    await expect(inDraft('lost.txt')).toContainText('No longer on the server. Attach it again.')
    await draft.getByRole('button', { name: 'Remove lost.txt' }).press('Enter')
    await expect(draft.getByRole('button', { name: 'Remove cut.txt' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(draft.getByRole('listitem')).toHaveCount(3)
  })

  await test.step('A reply that fails to be sent keeps text and files', async () => {
    let isDown = true
    await page.route('**/replies', route => (isDown && route.request().method() === 'POST' ? route.abort() : route.fallback()))
    await slideover.getByRole('button', { name: 'Reply', exact: true }).click()
    await expect(slideover.getByText('What you wrote is kept.')).toBeVisible()
    await expect(field).toHaveValue('Here is what I see.')
    await expect(draft.getByRole('listitem')).toHaveCount(3)
    isDown = false
  })

  const other = await signedIn(member)
  await openTickets(other, '?ticket=1')
  const otherConversation = other.getByRole('dialog', { name: 'Ticket #001' }).getByRole('region', { name: 'Conversation' })

  await test.step('Sending waits for the uploads, can be taken back, and then goes off by itself', async () => {
    uploads.hold()
    await give(field, 'drop', [{ name: 'late.txt', type: 'text/plain', base64: btoa('late') }])
    await slideover.getByRole('button', { name: 'Reply when uploaded' }).press('Enter')
    await expect(slideover.getByText('It is sent when the files are uploaded.')).toBeVisible()
    await expect(slideover.getByRole('button', { name: 'Take back' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(slideover.getByRole('button', { name: 'Reply when uploaded' })).toBeFocused()
    await field.press('Control+Enter')
    await expect(slideover.getByRole('button', { name: 'Take back' })).toBeVisible()
    uploads.pass()
    await expect(conversation.getByText('Here is what I see.')).toBeVisible()
    await expect(draft).toHaveCount(0)
    const [reply] = await api<Reply[]>(owner, 'GET', `/api/teams/${team.id}/tickets/${ticket.id}/replies`)
    expect(reply!.attachments.map(({ name }) => name.replace(/\d{4}.*\./, '.'))).toEqual([
      'notes.txt',
      'screenshot-.png',
      'second.png',
      'late.txt'
    ])
  })

  await test.step('A second browser shows the files without a reload, and pictures inline', async () => {
    const files = otherConversation.getByRole('group', { name: 'Files of this reply' })
    await expect(files.getByRole('listitem')).toHaveCount(4)
    const image = files.getByRole('button', { name: 'Open the image second.png' })
    await expect.poll(() => image.locator('img').evaluate((element: HTMLImageElement) => element.naturalWidth)).toBe(1)
    await expect(image.locator('img')).toHaveAttribute('loading', 'lazy')
    await expect(files.getByRole('button', { name: /^Remove/ })).toHaveCount(0)
    await expectAccessible(other, 'the conversation with files')
  })

  await test.step('The lightbox is used by keyboard and returns the focus', async () => {
    const image = conversation.getByRole('button', { name: /Open the image screenshot/ })
    await image.press('Enter')
    const lightbox = page.getByRole('dialog', { name: /screenshot/ })
    await expect(lightbox.getByText('1 of 2')).toBeVisible()
    await page.keyboard.press('ArrowRight')
    const second = page.getByRole('dialog', { name: 'second.png' })
    await expect(second.getByText('2 of 2')).toBeVisible()
    await expectAccessible(page, 'the lightbox')
    const download = page.waitForEvent('download')
    await second.getByRole('link', { name: 'Download' }).click()
    expect((await download).suggestedFilename()).toBe('second.png')
    await page.keyboard.press('Escape')
    await expect(second).toHaveCount(0)
    await expect(slideover).toBeVisible()
    await expect(image).toBeFocused()
  })

  await test.step('A file without a virus scan is downloaded after a warning, and all files together as a zip file', async () => {
    await conversation.getByRole('button', { name: 'Download late.txt' }).click()
    const single = page.waitForEvent('download')
    await page.getByRole('dialog', { name: 'Download late.txt?' }).getByRole('button', { name: 'Download' }).click()
    expect((await single).suggestedFilename()).toBe('late.txt')
    const all = page.waitForEvent('download')
    await slideover.getByRole('link', { name: 'Download all 4 files' }).click()
    expect((await all).suggestedFilename()).toBe('ticket-001-files.zip')
  })

  await test.step('A removed file becomes a note in both browsers', async () => {
    await conversation.getByRole('button', { name: 'Remove second.png' }).click()
    await page.getByRole('dialog', { name: 'Remove second.png?' }).getByRole('button', { name: 'Remove file' }).click()
    const note = new RegExp(`second\\.png removed by ${owner.name}, \\d\\d:\\d\\d`)
    await expect(conversation.getByRole('listitem').filter({ hasText: note }).last()).toBeVisible()
    await expect(otherConversation.getByRole('listitem').filter({ hasText: note }).last()).toBeVisible()
    await expect(otherConversation.getByRole('button', { name: 'Open the image second.png' })).toHaveCount(0)
  })

  await test.step('What a later scan finds, and what the team blocks, cannot be downloaded', async () => {
    const file = (name: string) =>
      conversation.getByRole('group', { name: 'Files of this reply' }).getByRole('listitem').filter({ hasText: name })
    await database()`
      update ticket_attachments set state = 'infected', signature = 'Test.Virus' where name = 'late.txt' and team_id = ${team.id}`
    await expect(file('late.txt')).toContainText('Infected (Test.Virus). It was deleted.')
    await expect(conversation.getByRole('button', { name: 'Download late.txt' })).toHaveCount(0)
    await api(owner, 'PATCH', `/api/teams/${team.id}`, { unscanned_files: 'block' })
    await expect(file('notes.txt')).toContainText('Waits for the virus scanner')
    await expect(conversation.getByRole('button', { name: /^(Download|Open the image)/ })).toHaveCount(0)
    await expectAccessible(page, 'files that cannot be downloaded')
    await page.setViewportSize({ width: 375, height: 720 })
    await expectToFit(page, 'the conversation with files')
  })
})

test('a new ticket takes files, and a requester without an address', async ({ signedIn }) => {
  const team = await newTeam('New files')
  const { owner } = team.people
  const page = await signedIn(owner)
  const uploads = await controlUploads(page)
  await openTickets(page)
  await page.keyboard.press('c')
  const form = page.getByRole('dialog', { name: 'New ticket' })
  await form.getByRole('textbox', { name: 'Subject' }).fill('Called about the invoice')
  await form.getByRole('textbox', { name: 'Description' }).fill('See the picture.')
  await give(form.getByRole('textbox', { name: 'Description' }), 'paste', [screenshot])
  await expect(form.getByText('1 of 1 file is uploaded')).toBeAttached()

  const requester = form.getByRole('combobox', { name: 'Requester' })
  await requester.pressSequentially('Helen Marsh')
  await page.getByRole('option', { name: 'Use “Helen Marsh” without an address' }).click()
  await expect(requester).toHaveValue('Helen Marsh')
  await expect(form.getByText('Without an address: nobody is mailed about this ticket.')).toBeVisible()
  await expectAccessible(page, 'the form with a file')

  uploads.hold()
  await give(form.getByRole('textbox', { name: 'Subject' }), 'drop', [{ name: 'late.txt', type: 'text/plain', base64: btoa('late') }])
  await form.getByRole('button', { name: 'Create when uploaded' }).click()
  await expect(form.getByText('The ticket is created when the files are uploaded.')).toBeVisible()
  uploads.pass()
  await expect(notification(page, '#001 was created')).toBeVisible()
  const created = await api<TicketDetail>(owner, 'GET', `/api/teams/${team.id}/tickets/1`)
  expect(created).toMatchObject({ requester_name: 'Helen Marsh', requester_email: null, contact_id: null })
  expect(created.attachments.map(({ name }) => name.replace(/\d{4}.*\./, '.'))).toEqual(['screenshot-.png', 'late.txt'])
  await expect(
    page.getByRole('dialog', { name: 'Ticket #001' }).getByRole('group', { name: 'Files of the ticket' }).getByRole('listitem')
  ).toHaveCount(2)
})
