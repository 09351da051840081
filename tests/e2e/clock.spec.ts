import type { Page } from '@playwright/test'
import { newTeam, newTicket } from './support/people.ts'
import { revoke, signInWith } from './support/session.ts'
import { expect, goTo, open, test } from './support/test.ts'

const hour = 3_600_000

for (const [name, wrong] of [
  ['an hour fast', hour],
  ['a day fast', 24 * hour],
  ['an hour slow', -hour],
  ['a day slow', -24 * hour]
] as const) {
  test(`a clock that is ${name} ends no session and shows no wrong ages`, async ({ guest }) => {
    const team = await newTeam('Wrong clock')
    const { owner } = team.people
    await newTicket(owner, team, { subject: 'Just written' })
    const page = await guest()
    await setClock(page, wrong)
    let renewals = 0
    page.on('request', request => (renewals += Number(request.url().includes('grant_type=refresh_token'))))
    await open(page, '/sign-in')
    await signInWith(page, owner)
    await expect(page).toHaveURL(/dashboard/)
    for (const visit of [goTo, open, open]) {
      await visit(page, '/tickets')
      await expect(page.getByRole('row', { name: /Just written/ })).toContainText(/just now|[12] minutes? ago/)
    }
    await page
      .getByRole('row', { name: /Just written/ })
      .getByText('Just written')
      .click()
    await expect(page.getByRole('dialog', { name: 'Ticket #001' })).toBeVisible()
    // The auth client does this twice a minute, and whenever the page becomes visible.
    for (let look = 0; look < 10; look++)
      await page.evaluate(
        async () =>
          await (window as unknown as { useNuxtApp(): { $supabase: { client: { auth: { getSession(): Promise<unknown> } } } } })
            .useNuxtApp()
            .$supabase.client.auth.getSession()
      )
    expect(renewals).toBeLessThanOrEqual(2)
    await expect(page.getByText('Live', { exact: true })).toBeAttached()

    // The snooze choices are counted from the time of the server.
    await page.keyboard.press('h')
    const label = await page.getByRole('option', { name: /Later today|In 3 hours/ }).textContent()
    const offered = /(\d\d):(\d\d)/.exec(label!)!
    const inThreeHours = new Date(Date.now() + 3 * hour)
    const minutes = Number(offered[1]) * 60 + Number(offered[2]) - inThreeHours.getHours() * 60 - inThreeHours.getMinutes()
    expect(Math.abs(minutes)).toBeLessThanOrEqual(2)
  })
}

for (const [name, wrong] of [
  ['fast', 40 * 24 * hour],
  ['slow', -40 * 24 * hour]
] as const) {
  test(`text that is typed while the clock is forty days ${name} survives a reload and the end of the session`, async ({
    guest,
    provokes
  }) => {
    provokes(/status of 40\d .*\/(api|auth\/v1)\//)
    const team = await newTeam('Wrong clock')
    const { owner } = team.people
    await newTicket(owner, team, { subject: 'Just written' })
    const page = await guest()
    await setClock(page, wrong)
    await open(page, '/sign-in')
    await signInWith(page, owner)
    await expect(page).toHaveURL(/dashboard/)
    await goTo(page, '/tickets?ticket=1')
    const slideover = page.getByRole('dialog', { name: 'Ticket #001' })
    const reply = slideover.getByRole('textbox', { name: 'Reply' })
    const description = slideover.getByRole('textbox', { name: 'Description' })
    await slideover.getByRole('button', { name: 'Edit description' }).click()
    await description.fill('Described at the wrong time')
    await reply.fill('Answered at the wrong time')
    const areThere = async () => {
      await expect(description).toHaveValue('Described at the wrong time')
      await expect(reply).toHaveValue('Answered at the wrong time')
    }
    await page.reload()
    await areThere()
    await revoke(owner)
    await page.reload()
    await expect(page.getByText('Your session ended. Sign in again: what you typed is kept.')).toBeVisible()
    await signInWith(page, owner)
    await areThere()
  })
}

/** Shifts the clock of the page by `wrong` milliseconds; its timers stay right. */
async function setClock(page: Page, wrong: number): Promise<void> {
  await page.addInitScript(wrong => {
    const Right = Date
    const now = () => Right.now() + wrong
    window.Date = new Proxy(Right, {
      construct: (target, parameters: unknown[]) => Reflect.construct(target, parameters.length ? parameters : [now()]) as object,
      apply: () => new Right(now()).toString(),
      get: (target, key) => (key === 'now' ? now : Reflect.get(target, key))
    })
  }, wrong)
}
