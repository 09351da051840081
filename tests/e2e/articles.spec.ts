import type { Page } from '@playwright/test'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import {
  codeHtml,
  googleDocsHtml,
  googleDocsMarkdown,
  pasteInto,
  webPageHtml,
  webPageMarkdown,
  wordHtml,
  wordMarkdown
} from './support/clipboard.ts'
import { database } from './support/database.ts'
import { holdRequests } from './support/hold.ts'
import { api, newTeam, type Person, type TestTeam } from './support/people.ts'
import { expect, goTo, notification, open, openTickets, test } from './support/test.ts'
import type { Article, ArticleCategory, ArticleDraft, ArticleRevision } from '../../shared/types/api.ts'

function newArticle(person: Person, team: TestTeam, fields: Record<string, unknown>): Promise<Article> {
  return api<Article>(person, 'POST', `/api/teams/${team.id}/articles`, fields)
}

async function publish(person: Person, team: TestTeam, { id }: Article): Promise<void> {
  await api(person, 'PUT', `/api/teams/${team.id}/articles/${id}/publications/en`, { version: 1 })
}

async function readArticle(person: Person, team: TestTeam, id: string): Promise<Article['translations'][number]> {
  const { translations } = await api<Article>(person, 'GET', `/api/teams/${team.id}/articles/${id}`)
  return translations[0]!
}

const textField = (page: Page) =>
  page.getByRole('textbox', { name: 'Text in English' }).or(page.getByRole('combobox', { name: 'Text in English' }))
const saved = (page: Page) => page.getByText('Saved', { exact: true })

test('an admin writes, publishes, changes and restores an article by keyboard', async ({ signedIn, guest, provokes }) => {
  const team = await newTeam('Writers', { admin: 'Adam Admin' })
  const { admin } = team.people
  const page = await signedIn(admin)
  await openTickets(page)
  const id = () => new URL(page.url()).pathname.split('/')[2]!
  const preview = page.getByRole('region', { name: 'Preview' })

  await test.step('The keys g and a open the articles, and the palette begins one', async () => {
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await expect(page).toHaveURL(/\/articles$/)
    await expect(page.getByText('No articles yet')).toBeVisible()
    await page.keyboard.press('ControlOrMeta+k')
    const palette = page.getByRole('dialog', { name: 'Command palette' })
    await palette.getByRole('combobox').fill('new article')
    await expect(palette.getByRole('option', { name: 'New article' })).toBeVisible()
    await page.keyboard.press('Enter')
    const form = page.getByRole('dialog', { name: 'New article' })
    await expect(form).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(form.getByText('Title is required')).toBeVisible()
    await expectAccessible(page, 'the form for a new article')
    await form.getByRole('textbox', { name: 'Title' }).fill('Set up VPN')
    await form.getByRole('combobox', { name: 'Audience' }).press('Enter')
    await page.getByRole('option', { name: /Everybody/ }).click()
    await form.getByRole('textbox', { name: 'Title' }).press('Enter')
    await expect(page).toHaveURL(/\/articles\/[0-9a-f-]{36}$/)
    await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('Set up VPN')
  })

  await test.step('The text is written with the “/” menu, marks and lists, and the preview follows', async () => {
    await page.keyboard.press('e')
    await expect(textField(page)).toBeFocused()
    await page.keyboard.type('/head')
    await expect(page.getByRole('option')).toHaveText(['Heading'])
    await expectAccessible(page, 'the menu of an article')
    await page.keyboard.press('Enter')
    await page.keyboard.type('Install it')
    await page.keyboard.press('Enter')
    await page.keyboard.type('You need a ')
    await page.keyboard.press('ControlOrMeta+b')
    await page.keyboard.type('certificate')
    await page.keyboard.press('End')
    await page.keyboard.type('.\n\n/bull\nWindows\nmacOS\n\n/')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Backspace')
    await expect(textField(page)).toHaveValue('## Install it\nYou need a **certificate**.\n\n- Windows\n- macOS\n\n')
    await expect(preview.getByRole('heading', { name: 'Install it' })).toBeVisible()
    await expect(preview.locator('strong')).toHaveText('certificate')
    await expect(preview.getByRole('listitem')).toHaveText(['Windows', 'macOS'])
    // The browser takes back what the menu and the marks inserted.
    for (let step = 0; step < 40 && (await textField(page).inputValue()) !== ''; step++) await page.keyboard.press('ControlOrMeta+z')
    await expect(textField(page)).toHaveValue('')
    for (let step = 0; step < 40 && !(await textField(page).inputValue()).includes('macOS'); step++)
      await page.keyboard.press('ControlOrMeta+Shift+z')
    await expect(textField(page)).toHaveValue(/- macOS/)
    await expect(saved(page)).toBeVisible()
    await expectAccessible(page, 'the editor')
  })

  await test.step('What could not be saved is kept, also after a reload', async () => {
    provokes(/net::ERR_FAILED/)
    await page.route('**/drafts/en', route => route.abort())
    await textField(page).fill('Typed without a network')
    await expect(page.getByText('What you wrote is kept on this device.')).toBeVisible()
    await page.reload()
    await expect(textField(page)).toHaveValue('Typed without a network')
    await expect(page.getByText('What you wrote is kept on this device.')).toBeVisible()
    await page.unroute('**/drafts/en')
    await page.getByRole('button', { name: 'Try again' }).press('Enter')
    await expect(saved(page)).toBeVisible()
    await expect(page.getByText('What you wrote is kept on this device.')).toBeHidden()
    expect((await readArticle(admin, team, id())).draft!.content).toBe('Typed without a network')
  })

  await test.step('What was typed last is saved when the page is left', async () => {
    await textField(page).fill('Typed just before leaving')
    const left = id()
    await goTo(page, '/articles')
    const rows = page.getByRole('table', { name: 'Articles' }).locator('tbody').getByRole('row')
    await expect(rows).toHaveText([/Set up VPN.*EN.*Everybody.*Draft.*Adam Admin/])
    await expect.poll(async () => (await readArticle(admin, team, left)).draft!.content).toBe('Typed just before leaving')
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await expect(textField(page)).toHaveValue('Typed just before leaving')
  })

  await test.step('It is published, and readers see it', async () => {
    await page.keyboard.press('p')
    const dialog = page.getByRole('dialog', { name: 'Publish this article' })
    await expect(dialog).toContainText('anybody on the internet')
    await dialog.getByRole('textbox', { name: 'Note for your team' }).fill('First text')
    await page.keyboard.press('Enter')
    await expect(notification(page, 'The article was published')).toBeVisible()
    await expect(page.getByText('Published', { exact: true })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Publish' })).toBeDisabled()
    const [{ slug }] = await database()<[{ slug: string }]>`select slug from public.teams where id = ${team.id}`
    const reader = await guest()
    await reader.goto(`/help/${slug}/articles/set-up-vpn`)
    await expect(reader.getByText('Typed just before leaving')).toBeVisible()
  })

  await test.step('A change shows what readers will see, and the first text is restored', async () => {
    await page.keyboard.press('e')
    await textField(page).fill('Typed long after leaving')
    await expect(page.getByText('Changed', { exact: true })).toBeVisible()
    await page.keyboard.press('Escape')
    await page.keyboard.press('p')
    const dialog = page.getByRole('dialog', { name: 'Publish the changes' })
    await expect(dialog.getByRole('listitem')).toHaveText([/removed:.*just before/, /added:.*long after/])
    await expectAccessible(page, 'the publication')
    await dialog.getByRole('button', { name: 'Publish' }).press('Enter')
    await expect(dialog).toBeHidden()

    await page.keyboard.press('h')
    const history = page.getByRole('dialog', { name: 'History, English' })
    await expect(history.getByRole('button', { name: /^Revision/ })).toHaveText([/Revision 2/, /Revision 1\s*First text/])
    await expect(history.getByText('Readers see this')).toHaveCount(1)
    await expectAccessible(page, 'the history')
    await history.getByRole('button', { name: 'Restore revision 1' }).press('Enter')
    await page.getByRole('dialog', { name: 'Make revision 1 the draft?' }).getByRole('button', { name: 'Restore' }).press('Enter')
    await expect(notification(page, 'Revision 1 is the draft now')).toBeVisible()
    await expect(textField(page)).toHaveValue('Typed just before leaving')
    expect((await readArticle(admin, team, id())).published!.content).toBe('Typed long after leaving')
  })

  await test.step('A deleted article leads its readers to another one', async () => {
    await publish(admin, team, await newArticle(admin, team, { title: 'Connect from home', content: 'Text', audience: 'public' }))
    await page.getByRole('button', { name: 'More actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Delete…' }).press('Enter')
    const dialog = page.getByRole('dialog', { name: 'Delete this article?' })
    await dialog.getByRole('button', { name: 'Delete article' }).press('Enter')
    await expect(dialog.getByText('Choose an article')).toBeVisible()
    await dialog.getByRole('combobox').fill('home')
    await page.getByRole('option', { name: /Connect from home/ }).click()
    await expectAccessible(page, 'the deletion')
    await dialog.getByRole('button', { name: 'Delete article' }).press('Enter')
    await expect(page).toHaveURL(/\/articles$/)
    await expect(page.getByRole('table', { name: 'Articles' }).locator('tbody').getByRole('row')).toHaveText([/Connect from home/])
  })
})

test('two editors of one text see each other’s text and combine both', async ({ signedIn, provokes }) => {
  const team = await newTeam('Editors', { admin: 'Adam Admin' })
  const { owner, admin } = team.people
  const { id } = await newArticle(owner, team, { title: 'VPN', content: 'First line\n\nSecond line\n\nThird line' })
  const page = await signedIn(owner)
  await open(page, `/articles/${id}`)
  provokes(/status of 409/)
  const putAsAdmin = (version: number, content: string) =>
    api<ArticleDraft>(admin, 'PUT', `/api/teams/${team.id}/articles/${id}/drafts/en`, { title: 'VPN', content, version })

  /** Olga types `content`; before it is saved, Adam saves another text. Without that order her page would show his before she types. */
  const typeMeanwhile = async (content: string, putByAdmin: () => Promise<unknown>) => {
    const release = await holdRequests(page, '**/drafts/en')
    await textField(page).fill(content)
    await putByAdmin()
    release()
  }

  await test.step('Changes of different lines are combined', async () => {
    await expect(textField(page)).toHaveValue(/First line/)
    await typeMeanwhile('First line\n\nSecond line\n\nThird line of Olga', () =>
      putAsAdmin(1, 'First line of Adam\n\nSecond line\n\nThird line')
    )
    const texts = page.getByRole('region', { name: 'Two texts' })
    await expect(texts.getByText('Adam Admin has saved another text while you were writing')).toBeVisible()
    await expect(texts.getByRole('list').first()).toContainText('First line of Adam')
    await expect(texts.getByRole('list').last()).toContainText('Third line of Olga')
    await expect(page.getByText('Not saved', { exact: true })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Publish' })).toBeDisabled()
    await expectAccessible(page, 'two texts')
    await texts.getByRole('button', { name: 'Combine both' }).press('Enter')
    await expect(textField(page)).toHaveValue('First line of Adam\n\nSecond line\n\nThird line of Olga')
    await expect(saved(page)).toBeVisible()
  })

  await test.step('A conflict survives a reload, and what was not chosen can be taken back', async () => {
    await typeMeanwhile('Olga only', () => putAsAdmin(3, 'Adam only'))
    await expect(page.getByRole('region', { name: 'Two texts' })).toBeVisible()
    await page.reload()
    const texts = page.getByRole('region', { name: 'Two texts' })
    await texts.getByRole('button', { name: 'Use Adam Admin’s' }).press('Enter')
    await expect(textField(page)).toHaveValue('Adam only')
    await notification(page, 'Use the other text').click()
    await expect(textField(page)).toHaveValue('Olga only')
    await expect(saved(page)).toBeVisible()
    expect((await readArticle(owner, team, id)).draft!.content).toBe('Olga only')
  })
})

test('what nobody edited stays byte for byte, and HTML is pasted as Markdown', async ({ signedIn }) => {
  const team = await newTeam('Bytes')
  const { owner } = team.people
  const page = await signedIn(owner)

  await test.step('One letter changes one letter', async () => {
    const content =
      '| a  |b|\r\n|:--|-|\r\n| 1 | \\| |\r\n\r\n~~~~ js title="x"\r\nconst a = `\t`;\r\n~~~~\r\n' +
      '<details open>\n<summary>Raw</summary>\n</details>\n\n* item  \n+ item\n1) one\n\n\n\u00a0&nbsp;\ttrailing  \n---\n\nend \t\r\n\n '
    const { id } = await newArticle(owner, team, { title: 'Bytes', content })
    await open(page, `/articles/${id}`)
    await expect(textField(page)).toHaveValue(/Raw/)
    await textField(page).evaluate((element: HTMLTextAreaElement) => {
      const place = element.value.indexOf('Raw')
      element.focus()
      element.setSelectionRange(place, place)
    })
    await page.keyboard.type('x')
    await expect(page.getByText('Saving…')).toBeVisible()
    await expect(saved(page)).toBeVisible()
    expect((await readArticle(owner, team, id)).draft!.content).toBe(content.replace('Raw', 'xRaw'))
  })

  const { id } = await newArticle(owner, team, { title: 'Paste' })
  await open(page, `/articles/${id}`)
  for (const [source, html, markdown] of [
    ['Word', wordHtml, wordMarkdown],
    ['Google Docs', googleDocsHtml, googleDocsMarkdown],
    ['a web page', webPageHtml, webPageMarkdown]
  ] as const) {
    await test.step(`Text of ${source} becomes Markdown`, async () => {
      await textField(page).fill('')
      await pasteInto(textField(page), html, 'plain')
      await expect(textField(page)).toHaveValue(`${markdown}\n`)
    })
  }

  await test.step('Code, and text without structure, stay plain', async () => {
    await textField(page).fill('')
    await pasteInto(textField(page), codeHtml, '**bold** # no heading')
    await expect(textField(page)).toHaveValue('**bold** # no heading')
    await textField(page).fill('')
    await pasteInto(textField(page), '<meta charset="utf-8"><span style="color: red">1 * 2</span>', '1 * 2')
    await expect(textField(page)).toHaveValue('1 * 2')
  })

  await test.step('A paste goes where the cursor is, and can be taken back', async () => {
    await textField(page).fill('before  after')
    await textField(page).evaluate((element: HTMLTextAreaElement) => element.setSelectionRange(7, 7))
    await pasteInto(textField(page), '<p>a <b>bold</b> word</p>', 'a bold word')
    await expect(textField(page)).toHaveValue('before a **bold** word after')
    await textField(page).press('ControlOrMeta+z')
    await expect(textField(page)).toHaveValue('before  after')
  })

  await test.step('Ctrl+Shift+V pastes the plain text', async () => {
    await textField(page).fill('<b>')
    await page.evaluate(() => {
      const copy = (event: ClipboardEvent) => {
        event.preventDefault()
        event.clipboardData!.setData('text/html', '<p>a <b>bold</b> word</p>')
        event.clipboardData!.setData('text/plain', 'a bold word')
      }
      document.addEventListener('copy', copy, { once: true })
    })
    await textField(page).press('ControlOrMeta+a')
    await textField(page).press('ControlOrMeta+c')
    await textField(page).press('ControlOrMeta+Shift+v')
    await expect(textField(page)).toHaveValue('a bold word')
    await textField(page).press('ControlOrMeta+a')
    await textField(page).press('ControlOrMeta+v')
    await expect(textField(page)).toHaveValue('a **bold** word')
  })

  await test.step('A text is translated, and its address changes', async () => {
    await textField(page).fill('Hold the button.')
    await expect(saved(page)).toBeVisible()
    await page.getByRole('tab', { name: 'German' }).click()
    await page.getByRole('button', { name: 'Start from the other language' }).click()
    await page.getByRole('textbox', { name: 'Text in German' }).fill('Halten Sie die Taste.')
    await expect(saved(page)).toBeVisible()
    await page.getByRole('button', { name: 'Address' }).click()
    await page.getByRole('textbox', { name: 'Address in the help centre' }).fill('Nicht gut')
    await page.getByRole('button', { name: 'Save address' }).click()
    await expect(page.getByText('Use small letters, digits and hyphens')).toBeVisible()
    await page.getByRole('textbox', { name: 'Address in the help centre' }).fill('taste')
    await page.getByRole('button', { name: 'Save address' }).click()
    await expect(notification(page, 'The address was changed')).toBeVisible()
    await page.reload()
    await expect(page.getByRole('textbox', { name: 'Text in German' })).toHaveValue('Halten Sie die Taste.')
    const { translations } = await api<Article>(owner, 'GET', `/api/teams/${team.id}/articles/${id}`)
    expect(translations.map(({ locale, slug, draft }) => [locale, slug, draft?.content])).toEqual([
      ['en', null, 'Hold the button.'],
      ['de', 'taste', 'Halten Sie die Taste.']
    ])
  })

  await test.step('On a narrow screen, the text and its preview are two tabs', async () => {
    await page.setViewportSize({ width: 375, height: 740 })
    await expect(page.getByRole('region', { name: 'Preview' })).toBeHidden()
    await page.getByRole('tab', { name: 'Preview' }).click()
    await expect(page.getByRole('region', { name: 'Preview' })).toContainText('Halten Sie die Taste.')
    await expect(page.getByRole('textbox', { name: 'Text in German' })).toBeHidden()
    await expectToFit(page)
    await expectAccessible(page, 'the preview on a narrow screen')
  })
})

test('articles are filtered, sorted into categories and rated, and a member edits what they began', async ({ signedIn }) => {
  const team = await newTeam('Library', { member: 'Mia Member', viewer: 'Vic Viewer' })
  const { owner, member, viewer } = team.people
  const path = `/api/teams/${team.id}`
  const network = await api<ArticleCategory>(owner, 'POST', `${path}/article-categories`, { name: 'Network' })
  await api(owner, 'POST', `${path}/article-categories`, { name: 'Accounts' })
  const vpn = await newArticle(owner, team, { title: 'Set up VPN', content: 'Text', audience: 'public', category_id: network.id })
  await publish(owner, team, vpn)
  await newArticle(owner, team, { title: 'Secret of the owner' })
  const mias = await newArticle(member, team, { title: 'By Mia', content: 'Text' })
  const rate = (visitor: string, isHelpful: boolean, missing: string | null) => database()`
    insert into public.article_feedback (team_id, article_id, locale, visitor, is_helpful, missing)
    values (${team.id}, ${vpn.id}, 'en', ${visitor}, ${isHelpful}, ${missing})`
  await rate('a', true, null)
  await rate('b', false, 'Where is the button?')

  const page = await signedIn(owner)
  await open(page, '/articles')
  const rows = page.getByRole('table', { name: 'Articles' }).locator('tbody').getByRole('row')

  await test.step('The list shows and filters articles', async () => {
    await expect(rows).toHaveCount(3)
    await expect(rows.filter({ hasText: 'Set up VPN' })).toHaveText(/Network.*EN.*Everybody.*Published.*50 %\s*of 2.*Olga Owens/)
    await page.getByRole('combobox', { name: 'State: All states' }).press('Enter')
    await page.getByRole('option', { name: 'Draft' }).click()
    await expect(rows).toHaveCount(2)
    await expect(page).toHaveURL(/state=draft/)
    await page.getByRole('searchbox', { name: 'Search articles' }).fill('secret')
    await expect(rows).toHaveText([/Secret of the owner/])
    await page.getByRole('searchbox', { name: 'Search articles' }).fill('nothing has this')
    await expect(page.getByText('No articles found')).toBeVisible()
    await page.getByRole('button', { name: 'Clear search and filters' }).click()
    await expect(rows).toHaveCount(3)
    await expectAccessible(page, 'the list of articles')
  })

  await test.step('Categories are added, moved and deleted', async () => {
    await page.getByRole('link', { name: 'Categories' }).click()
    const categories = page.getByRole('list', { name: 'Categories' }).getByRole('listitem')
    await expect(categories).toHaveText([/Network\s*1 article/, /Accounts\s*0 articles/])
    await page.getByRole('button', { name: 'Move Network down' }).press('Enter')
    await expect(categories).toHaveText([/Accounts/, /Network/])
    await expect(page.getByRole('button', { name: 'Move Network up' })).toBeFocused()
    await page.getByRole('button', { name: 'New category' }).press('Enter')
    const form = page.getByRole('dialog', { name: 'New category' })
    await form.getByRole('textbox').first().fill('Printers')
    await form.getByRole('textbox', { name: 'Name in German' }).fill('Drucker')
    await page.keyboard.press('Enter')
    await expect(notification(page, '“Printers” was saved')).toBeVisible()
    await expect(categories).toHaveText([/Accounts/, /Network/, /Printers\s*German: Drucker/])
    await expectAccessible(page, 'the categories')
    await categories.last().getByRole('button', { name: 'Printers', exact: true }).press('Enter')
    await page.getByRole('dialog', { name: 'Edit category' }).getByRole('button', { name: 'Delete' }).press('Enter')
    await page.getByRole('dialog', { name: 'Delete “Printers”?' }).getByRole('button', { name: 'Delete' }).press('Enter')
    await expect(categories).toHaveCount(2)
    expect((await api<ArticleCategory[]>(owner, 'GET', `${path}/article-categories`)).map(({ name }) => name)).toEqual([
      'Accounts',
      'Network'
    ])
    await page.getByRole('link', { name: '1 article in Network' }).click()
    await expect(rows).toHaveText([/Set up VPN/])
  })

  await test.step('What readers say stands at the article', async () => {
    await page.getByRole('link', { name: 'Set up VPN' }).press('Enter')
    await page.getByRole('button', { name: 'More actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'What readers say' }).press('Enter')
    const panel = page.getByRole('dialog', { name: 'What readers say' })
    await expect(panel).toContainText('50 % of 2 readers found it helpful.')
    await expect(panel.getByRole('listitem')).toHaveText([/Where is the button\?\s*Not helpful · English/])
    await expectAccessible(page, 'what readers say')
    await page.keyboard.press('Escape')
    await expect(panel).toBeHidden()
  })

  await test.step('An article is taken from its readers, and archived', async () => {
    await page.getByRole('button', { name: 'More actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Take from readers…' }).press('Enter')
    await page
      .getByRole('dialog', { name: 'Take this text from its readers?' })
      .getByRole('button', { name: 'Take from readers' })
      .press('Enter')
    await expect(page.getByText('Draft', { exact: true })).toBeVisible()
    await page.getByRole('button', { name: 'More actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Archive…' }).press('Enter')
    await page.getByRole('dialog', { name: 'Archive this article?' }).getByRole('button', { name: 'Archive' }).press('Enter')
    await expect(page.getByText('Archived', { exact: true })).toBeVisible()
    await expect(page.getByRole('button', { name: 'Publish' })).toBeDisabled()
    await page.getByRole('button', { name: 'More actions' }).press('Enter')
    await page.getByRole('menuitem', { name: 'Take out of the archive' }).press('Enter')
    await expect(page.getByText('Draft', { exact: true })).toBeVisible()
    await page.keyboard.press('p')
    await page.getByRole('dialog', { name: 'Publish this article' }).getByRole('button', { name: 'Publish' }).press('Enter')
    await expect(page.getByText('Published', { exact: true })).toBeVisible()
    expect(await api<ArticleRevision[]>(owner, 'GET', `${path}/articles/${vpn.id}/revisions`)).toHaveLength(2)
  })

  await test.step('The gaps name what readers miss, and a search without a result begins an article', async () => {
    await page.goto(`/help/${team.slug}/search?q=lost+badge`)
    await expect(page.getByText('lost badge')).toBeVisible()
    await open(page, '/articles/gaps')
    const gaps = page.getByRole('list', { name: 'Gaps' }).getByRole('listitem')
    await expect(gaps).toHaveText([/Where is the button\?.*Set up VPN.*1 reader/, /lost badge.*1 search/])
    await expectAccessible(page, 'the gaps')
    await page.setViewportSize({ width: 375, height: 740 })
    await expectToFit(page, 'the gaps')
    await page.setViewportSize({ width: 1280, height: 800 })
    await page.getByRole('button', { name: 'Write an article for “lost badge”' }).press('Enter')
    const form = page.getByRole('dialog', { name: 'New article' })
    await expect(form.getByRole('textbox', { name: 'Title' })).toHaveValue('Lost badge')
    await form.getByRole('button', { name: 'Start writing' }).press('Enter')
    await expect(page).toHaveURL(/\/articles\/[0-9a-f-]{36}/)
  })

  await test.step('A member edits what they began, and reads the rest', async () => {
    const mia = await signedIn(member)
    await open(mia, `/articles/${mias.id}`)
    await textField(mia).fill('Better')
    await expect(saved(mia)).toBeVisible()
    await expect(mia.getByRole('button', { name: 'Publish' })).toBeHidden()
    await api(owner, 'PUT', `${path}/articles/${mias.id}/publications/en`, { version: 2 })
    await goTo(mia, `/articles/${vpn.id}`)
    await expect(mia.getByRole('heading', { name: 'Set up VPN', level: 2 })).toBeVisible()
    await expect(textField(mia)).toBeHidden()
    await goTo(mia, `/articles/${mias.id}`)
    await expect(mia.getByRole('combobox', { name: 'Audience' })).toBeDisabled()
    await expect(textField(mia)).toBeEditable()

    const vic = await signedIn(viewer)
    await open(vic, '/articles')
    const shown = vic.getByRole('table', { name: 'Articles' }).locator('tbody').getByRole('row')
    await expect(shown).toHaveCount(2)
    await expect(vic.getByRole('link', { name: 'Gaps' })).toBeHidden()
    await expect(vic.getByRole('button', { name: 'New article' })).toBeHidden()
  })
})
