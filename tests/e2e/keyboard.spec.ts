import type { Locator, Page } from '@playwright/test'
import { newTeam, newTicket } from './support/people.ts'
import { expect, isInteractive, open, test } from './support/test.ts'

test('a person signs in, replies and opens the settings without a mouse', async ({ guest }) => {
  const team = await newTeam('Keys')
  await newTicket(team.people.owner, team, { subject: 'Answered by keyboard' })
  const page = await guest({ reducedMotion: 'no-preference', preloads: true })

  await open(page, '/sign-in')
  await expect(page.getByLabel('E-mail', { exact: true })).toBeFocused()
  await page.keyboard.type(team.people.owner.email)
  await tabTo(page, page.getByLabel('Password', { exact: true }))
  await page.keyboard.type(team.people.owner.password)
  await page.keyboard.press('Enter')
  await page.waitForURL('**/dashboard')
  await isInteractive(page)

  await tabTo(page, page.getByRole('link', { name: 'Skip to content' }))
  await page.keyboard.press('Enter')
  await expect(page.getByRole('main')).toBeFocused()
  await tabTo(page, page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tickets' }), 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/tickets')

  const row = page.getByRole('row', { name: /Answered by keyboard/ })
  await tabTo(page, row)
  await page.keyboard.press('Enter')
  const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
  await expect(slideover.getByText('Nobody has replied yet')).toBeVisible()
  await tabTo(page, slideover.getByRole('textbox', { name: 'Reply' }))
  await page.keyboard.type('Typed and sent without a mouse.')
  await tabTo(page, slideover.getByRole('button', { name: 'Reply', exact: true }))
  await page.keyboard.press('Enter')
  await expect(slideover.getByRole('region', { name: 'Conversation' }).getByText('Typed and sent without a mouse.')).toBeVisible()

  // The first Escape leaves the text field, so that keys work again; the second closes the ticket.
  await expect(slideover.getByRole('textbox', { name: 'Reply' })).toBeFocused()
  await page.keyboard.type('Kept')
  await page.keyboard.press('Escape')
  await expect(slideover).toBeVisible()
  await page.keyboard.press('n')
  await expect(slideover.getByRole('textbox', { name: 'Internal note' })).toBeFocused()
  await expect(slideover.getByRole('textbox', { name: 'Internal note' })).toHaveValue('Kept')
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(slideover).toBeHidden()
  await expect(row).toBeFocused()
  await tabTo(page, page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Settings' }), 'Shift+Tab')
  await page.keyboard.press('Enter')
  await page.waitForURL('**/settings/profile')
  await tabTo(page, page.getByLabel('Name', { exact: false }).first())
})

/** Presses the key until `target` has a visible focus. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  await expect(target).toBeAttached()
  for (let presses = 0; presses < 80 && !(await hasFocus(target)); presses++) await page.keyboard.press(key)
  await expect(target).toBeFocused()
  await expect.poll(async () => await target.evaluate(showsFocus), `${String(target)} shows its focus`).toBe(true)
}

/** Whether the element, its pseudo-elements or its parent have an outline or a ring. */
function showsFocus(element: HTMLElement | SVGElement): boolean {
  const styles = [
    getComputedStyle(element),
    getComputedStyle(element, '::before'),
    getComputedStyle(element, '::after'),
    getComputedStyle(element.parentElement!)
  ]
  return styles.some(
    ({ outlineStyle, outlineWidth, boxShadow }) => (outlineStyle !== 'none' && outlineWidth !== '0px') || /[1-9]\d*px/.test(boxShadow)
  )
}

async function hasFocus(target: Locator): Promise<boolean> {
  return await target.evaluate(element => element === document.activeElement)
}
