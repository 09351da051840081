import type { Article, ArticleCategory } from '../../shared/types/api.ts'
import { expectAccessible, expectToFit } from './support/accessible.ts'
import { database } from './support/database.ts'
import { api, newTeam } from './support/people.ts'
import { expect, test } from './support/test.ts'

const content = `You need a **certificate** for this.

## Install it

1. Open the settings
2. Choose [Certificates](https://ca.test/)

| system | menu |
| --- | --- |
| Windows | Control panel |
| macOS | Keychain |

\`\`\`
vpn connect --certificate=mine
\`\`\`

> Never share it.
`

/** The help centre of a new team: a category with an English article that is also German, and an English one. */
async function newHelpCentre(): Promise<{ home: string; slug: string }> {
  const team = await newTeam('Bakery')
  const { owner } = team.people
  const path = `/api/teams/${team.id}`
  const category = await api<ArticleCategory>(owner, 'POST', `${path}/article-categories`, { name: 'Network', names: { de: 'Netzwerk' } })
  const add = async (title: string, content: string, german?: string) => {
    const fields = { title, content, audience: 'public', category_id: category.id }
    const { id } = await api<Article>(owner, 'POST', `${path}/articles`, fields)
    if (german)
      await api(owner, 'PUT', `${path}/articles/${id}/drafts/de`, { title: german, content: 'Sie brauchen ein Zertifikat.', version: null })
    for (const locale of german ? ['en', 'de'] : ['en'])
      await api(owner, 'PUT', `${path}/articles/${id}/publications/${locale}`, { version: 1 })
  }
  await add('Set up VPN', content, 'VPN einrichten')
  await add('Reset your password', 'Choose *Forgot password*.')
  const [{ slug }] = await database()<[{ slug: string }]>`select slug from public.teams where id = ${team.id}`
  return { home: `/help/${slug}`, slug }
}

test('a visitor without JavaScript finds an article, reads it and says what is missing', async ({ guest, provokes }) => {
  provokes(/status of 404/)
  const { home } = await newHelpCentre()
  const page = await guest({ javaScriptEnabled: false })
  await page.goto(home)
  await page.getByRole('link', { name: 'Network' }).click()
  await expect(page.getByRole('heading', { name: 'Network' })).toBeVisible()
  await page.goto(home)
  await page.getByRole('searchbox').fill('certificate')
  await page.keyboard.press('Enter')
  await expect(page.getByRole('heading', { name: '1 article for “certificate”' })).toBeVisible()
  await expect(page.locator('mark').first()).toHaveText('certificate')
  await page.getByRole('link', { name: 'Set up VPN' }).click()
  await expect(page.getByRole('heading', { name: 'Install it', level: 2 })).toBeVisible()
  await page.getByRole('button', { name: 'No' }).click()
  await page.getByRole('textbox', { name: 'What is missing?' }).fill('Linux')
  await page.getByRole('button', { name: 'Send' }).click()
  await expect(page.getByText('The team will read this.')).toBeVisible()
  await page.getByRole('link', { name: 'Read in German' }).click()
  await expect(page.getByRole('heading', { name: 'VPN einrichten' })).toBeVisible()
  await page.emulateMedia({ media: 'print' })
  await expect(page.getByText('War das hilfreich?')).toBeHidden()
})

test('every page is accessible in light and dark, and fits a phone', async ({ guest, provokes }) => {
  provokes(/status of 404/)
  const { home } = await newHelpCentre()
  const page = await guest()
  const article = `${home}/articles/set-up-vpn`
  for (const path of [
    home,
    `${home}/categories/network`,
    `${home}/search?q=certificate`,
    `${home}/search?q=xyzzy`,
    article,
    `${article}?rated=no`,
    `${home}/nothing`
  ]) {
    await page.goto(path)
    for (const viewport of [
      { width: 375, height: 740 },
      { width: 1440, height: 900 }
    ]) {
      await page.setViewportSize(viewport)
      await expectAccessible(page, `${path}, ${viewport.width} px`)
      await expectToFit(page, path)
    }
  }
})

test('with JavaScript, results appear while somebody types, and the overview returns', async ({ guest }) => {
  const { home } = await newHelpCentre()
  const page = await guest()
  await page.goto(home)
  await page.getByRole('searchbox').pressSequentially('passw')
  await expect(page.getByRole('heading', { name: '1 article for “passw”' })).toBeVisible()
  await expect(page.getByRole('link', { name: 'Reset your password' })).toBeVisible()
  await expect(page).toHaveURL(new RegExp(`${home}$`))
  await page.getByRole('searchbox').fill('')
  await expect(page.getByRole('link', { name: 'Network' })).toBeVisible()
})
