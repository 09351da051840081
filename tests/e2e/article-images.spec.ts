import type { Locator } from '@playwright/test'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { chooseFiles, give, png, screenshot } from './support/files.ts'
import { holdRequests } from './support/hold.ts'
import { api, newTeam } from './support/people.ts'
import { expect, goTo, open, test } from './support/test.ts'
import type { Article } from '../../shared/types/api.ts'

const isShown = (image: Locator) => image.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth > 0)

test('an author pastes, drops and chooses pictures, and readers see them', async ({ signedIn, guest, provokes }) => {
  provokes(/net::ERR_FAILED/)
  const team = await newTeam('Pictures')
  const { owner } = team.people
  const path = `/api/teams/${team.id}/articles`
  const { id } = await api<Article>(owner, 'POST', path, { title: 'The menu', content: 'Look here:  and choose.', audience: 'public' })
  const page = await signedIn(owner)
  await open(page, `/articles/${id}`)
  const field = page.getByRole('textbox', { name: 'Text in English' }).or(page.getByRole('combobox', { name: 'Text in English' }))
  const preview = page.getByRole('region', { name: 'Preview' })
  const files = page.getByRole('list', { name: 'Pictures of this text' })
  const publish = page.getByRole('button', { name: 'Publish' })
  const picture = (name: string) => `!\\[${name}\\]\\(images/[\\da-f-]{36}\\.png#1x1\\)`

  await test.step('A pasted screenshot appears at the cursor while the author goes on writing', async () => {
    await expect(field).toHaveValue('Look here:  and choose.')
    await field.evaluate((field: HTMLTextAreaElement) => {
      field.focus()
      field.setSelectionRange(11, 11)
    })
    const release = await holdRequests(page, '**/article-images')
    await give(field, 'paste', [screenshot])
    await expect(field).toHaveValue(/^Look here: !\[Uploading screenshot-[\d-]+\.png…\]\(#upload-[^)]+\) and choose\.$/)
    await expect(publish).toBeDisabled()
    await page.keyboard.type('>')
    release()
    await expect(field).toHaveValue(new RegExp(`^Look here: ${picture('screenshot-[\\d-]+')}> and choose\\.$`))
    await page.keyboard.type('<')
    await expect(field).toHaveValue(/\)>< and choose\.$/)
    await expect.poll(() => isShown(preview.getByRole('img'))).toBe(true)
    await expect(publish).toBeEnabled()
  })

  await test.step('A failed upload keeps the text, says why, and is tried again with one press', async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.route('**/article-images', route => route.abort())
    await field.press('ControlOrMeta+End')
    await give(field, 'drop', [{ name: 'second [1].png', type: 'image/png', base64: png }])
    await expect(files.getByRole('alert')).toHaveText(/^Not uploaded\. The server cannot be reached/)
    await expect(field).toHaveValue(/ and choose\.!\[Uploading second 1\.png…\]/)
    await expectAccessible(page, 'an editor with a picture that failed')
    await page.unroute('**/article-images')
    await files.getByRole('button', { name: /^Retry second/ }).press('Enter')
    await expect(field).toHaveValue(new RegExp(`and choose\\.${picture('second 1')}$`))
    await expect(files).toBeHidden()
  })

  await test.step('Other files are refused, and the “/” menu chooses a picture', async () => {
    await give(field, 'drop', [{ name: 'drawing.svg', type: 'image/svg+xml', base64: 'PHN2Zy8+' }])
    await expect(page.getByText('“drawing.svg” is not a PNG, JPEG, GIF or WebP picture.')).toBeVisible()
    await field.press('ControlOrMeta+End')
    await page.keyboard.type('\n\n/pict')
    await expect(page.getByRole('option')).toHaveText(['Picture'])
    await chooseFiles(page, () => page.keyboard.press('Enter'), {
      name: 'third.png',
      mimeType: 'image/png',
      buffer: Buffer.from(png, 'base64')
    })
    await expect(field).not.toHaveValue(/pict$/)
    await expect(field).toHaveValue(new RegExp(`\\n\\n${picture('third')}$`))
  })

  await test.step('A picture that is uploaded after the editor was left is in the text when it is opened again', async () => {
    const release = await holdRequests(page, '**/article-images')
    await field.press('ControlOrMeta+End')
    await page.keyboard.type('\n')
    await give(field, 'paste', [{ name: 'fourth.png', type: 'image/png', base64: png }])
    await expect(field).toHaveValue(/Uploading fourth\.png/)
    await goTo(page, '/articles')
    const uploaded = page.waitForResponse(response => response.url().endsWith('/article-images') && response.status() === 201)
    release()
    await uploaded
    await goTo(page, `/articles/${id}`)
    await expect(field).toHaveValue(new RegExp(`${picture('fourth')}$`))
    await expect(page.getByText('Saved', { exact: true })).toBeVisible()
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  })

  await test.step('Readers see the pictures after the publication, and the page fits', async () => {
    const { translations } = await api<Article>(owner, 'GET', `${path}/${id}`)
    await api(owner, 'PUT', `${path}/${id}/publications/en`, { version: translations[0]!.draft!.version })
    const reader = await guest()
    await reader.goto(`/help/${team.slug}/articles/the-menu`)
    const images = reader.getByRole('article').getByRole('img')
    await expect(images).toHaveCount(4)
    await images.last().scrollIntoViewIfNeeded()
    await expect.poll(() => isShown(images.last())).toBe(true)
    await expect(reader.getByRole('img', { name: 'third' })).toBeVisible()
    await expectAccessible(reader, 'an article with pictures')
    await page.setViewportSize({ width: 375, height: 740 })
    await expectToFit(page, 'the editor with pictures')
  })
})
