import { linkFor } from './support/inbox.ts'
import { api, newAddress, newPerson, newTeam } from './support/people.ts'
import { signInWith } from './support/session.ts'
import { expect, goTo, isInteractive, notification, open, test } from './support/test.ts'

const password = 'correct horse battery'

test('a newcomer signs up, founds a team and invites a colleague, who joins it', async ({ guest, provokes }) => {
  provokes(/status of 400 .*\/auth\/v1\/token/)
  const [ninasAddress, colinsAddress] = [newAddress('Nina Newcomer'), newAddress('Colin Colleague')]
  const nina = await guest()
  await open(nina, '/')
  await expect(nina).toHaveURL(/sign-in/)
  await nina.getByRole('link', { name: 'Create an account' }).click()
  await nina.getByLabel('Your name').fill('Nina Newcomer')
  await nina.getByLabel('E-mail').fill(ninasAddress)
  await nina.getByRole('button', { name: 'Create account' }).click()
  await expect(nina.getByRole('heading', { name: 'Check your mail' })).toBeVisible()

  await open(nina, await linkFor(ninasAddress, '/auth/confirm'))
  await nina.getByRole('button', { name: 'Confirm and sign in' }).click()
  await expect(nina.getByLabel('Your name')).toHaveValue('Nina Newcomer')
  await nina.getByRole('textbox', { name: 'Password' }).fill('short')
  await nina.getByRole('button', { name: 'Save and continue' }).click()
  await expect(nina.getByText('Use at least 8 characters')).toBeVisible()
  await nina.getByRole('textbox', { name: 'Password' }).fill(password)
  await nina.getByRole('button', { name: 'Save and continue' }).click()
  await nina.getByLabel('Team name').fill('Nina’s Bakery')
  await nina.getByRole('button', { name: 'Create team' }).click()
  await expect(nina).toHaveURL(/dashboard/)

  await goTo(nina, '/settings/members')
  await nina.getByRole('button', { name: 'Invite' }).click()
  const modal = nina.getByRole('dialog', { name: 'Invite somebody' })
  await modal.getByLabel('E-mail').fill(colinsAddress)
  await modal.getByRole('button', { name: 'Send invitation' }).click()
  await expect(nina.getByRole('region', { name: 'Invitations' }).getByText(colinsAddress)).toBeVisible()

  const colin = await guest()
  await open(colin, await linkFor(colinsAddress, '/invitations/'))
  await expect(colin.getByText('Nina’s Bakery')).toBeVisible()
  await colin.getByRole('link', { name: 'Create an account' }).click()
  await expect(colin.getByLabel('E-mail')).toHaveValue(colinsAddress)
  await colin.getByLabel('Your name').fill('Colin Colleague')
  await colin.getByRole('button', { name: 'Create account' }).click()
  await expect(colin.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  await open(colin, await linkFor(colinsAddress, '/auth/confirm'))
  // The auth server answers late who Colin is; nothing of the following waits for it.
  const { promise: isJoining, resolve: join } = Promise.withResolvers<null>()
  await colin.route('**/auth/v1/user', async route => {
    if (route.request().method() === 'GET') await isJoining
    await route.fallback()
  })
  await colin.getByRole('button', { name: 'Confirm and sign in' }).click()
  await colin.getByRole('textbox', { name: 'Password' }).fill(password)
  await colin.getByRole('button', { name: 'Save and continue' }).click()
  await colin.getByRole('button', { name: 'Join the team' }).click()
  join(null)
  await expect(colin).toHaveURL(/dashboard/)

  await expect(nina.getByRole('row', { name: /Colin Colleague/ })).toContainText('Member')
  await goTo(colin, '/settings/members')
  await expect(colin.getByRole('row', { name: /Nina Newcomer/ })).toContainText('Owner')
  await expect(colin.getByRole('button', { name: 'Invite' })).toHaveCount(0)

  await colin.getByRole('button', { name: /profile, theme, help, sign out/ }).click()
  await colin.getByRole('menuitem', { name: 'Sign out' }).click()
  await signInWith(colin, { email: colinsAddress, password: 'not the password' })
  await expect(colin.getByText('The e-mail address or password is wrong.')).toBeVisible()
  await colin.getByRole('textbox', { name: 'Password' }).fill(password)
  await colin.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(colin).toHaveURL(/dashboard/)
})

test('an invitation can be accepted only with the address that it was sent to', async ({ signedIn }) => {
  const team = await newTeam('Sealed')
  const [address, stranger] = [newAddress('Somebody Else'), await newPerson('Sam Stranger')]
  await api(team.people.owner, 'POST', `/api/teams/${team.id}/invitations`, { email: address, role: 'admin' })
  const page = await signedIn(stranger)
  await open(page, await linkFor(address, '/invitations/'))
  await expect(page.getByText('You are signed in with another address')).toBeVisible()
  await expect(page.getByText(stranger.email)).toBeVisible()
  await expect(page.getByRole('button', { name: 'Join the team' })).toHaveCount(0)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await expect(page.getByRole('link', { name: 'I have an account: sign in' })).toBeVisible()
})

test('a magic link signs in once', async ({ guest, provokes }) => {
  provokes(/status of 4\d\d .*\/auth\/v1\/verify/)
  const team = await newTeam('Magic')
  const page = await guest()
  await open(page, '/sign-in')
  await page.getByRole('button', { name: 'E-mail me a sign-in link' }).click()
  await expect(page.getByText('Enter your e-mail address here first')).toBeVisible()
  await page.getByLabel('E-mail').fill(team.people.owner.email)
  await page.getByRole('button', { name: 'E-mail me a sign-in link' }).click()
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  const link = await linkFor(team.people.owner.email, '/auth/confirm', 'magiclink')
  await open(page, link)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(page).toHaveURL(/dashboard/)

  const again = await guest()
  await open(again, link)
  await again.getByRole('button', { name: 'Sign in', exact: true }).click()
  await expect(again.getByRole('heading', { name: 'This link no longer works' })).toBeVisible()
})

test('a forgotten password is replaced through a link in a mail', async ({ guest }) => {
  const {
    people: { owner }
  } = await newTeam('Forgetful')
  const page = await guest()
  await open(page, '/sign-in')
  await page.getByRole('link', { name: 'Forgot your password?' }).click()
  await expect(page.getByRole('heading', { name: 'Reset your password' })).toBeVisible()
  await page.getByLabel('E-mail').fill(owner.email)
  await page.getByRole('button', { name: 'Send the link' }).click()
  await expect(page.getByRole('heading', { name: 'Check your mail' })).toBeVisible()
  await open(page, await linkFor(owner.email, '/auth/confirm', 'recovery'))
  await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('textbox', { name: 'New password' }).fill('a new password of mine')
  await page.getByRole('button', { name: 'Save password' }).click()
  await expect(page).toHaveURL(/dashboard/)

  const elsewhere = await guest()
  await open(elsewhere, '/sign-in')
  await signInWith(elsewhere, { email: owner.email, password: 'a new password of mine' })
  await expect(elsewhere).toHaveURL(/dashboard/)
})

test('a person changes their password, name and picture', async ({ signedIn, provokes }) => {
  provokes(/status of 4\d\d .*\/auth\/v1\/user/)
  const {
    people: { owner }
  } = await newTeam('Profile')
  const page = await signedIn(owner)
  await open(page, '/settings/profile')

  await test.step('The new password needs the current one', async () => {
    await page.getByRole('textbox', { name: 'Current password' }).fill('something else')
    await page.getByRole('textbox', { name: 'New password' }).fill('the next password')
    const save = page.getByRole('button', { name: 'Change password' })
    await save.click()
    await expect(page.getByText('This is not your current password.')).toBeVisible()
    await page.getByRole('textbox', { name: 'Current password' }).fill(owner.password)
    await save.click()
    await expect(page.getByRole('textbox', { name: 'New password' })).toHaveValue('')
    await expect(notification(page, 'Your password was changed')).toBeVisible()
  })

  await test.step('The new name and picture are shown, and the picture can be removed', async () => {
    await page.getByLabel('Name', { exact: true }).fill('Ольга Овенс')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const menu = page.getByRole('button', { name: 'Ольга Овенс: profile, theme, help, sign out' })
    await expect(menu).toBeVisible()

    await page.getByRole('button', { name: 'Upload picture' }).click()
    await page
      .getByLabel('Picture')
      .setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: await page.locator('h1').first().screenshot() })
    const picture = page.getByRole('main').getByRole('img').first()
    await expect(picture).toHaveAttribute('src', /\/api\/avatars\//)
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(256)

    await page.reload()
    await isInteractive(page)
    await expect(menu).toBeVisible()
    await page.getByRole('button', { name: 'Remove' }).click()
    await expect(page.getByRole('button', { name: 'Upload picture' })).toBeVisible()
  })
})

test('a member leaves a team, and its last owner can only delete it', async ({ signedIn, provokes }) => {
  provokes(/status of 409 .*\/members\/me/)
  // Requests of Mia's page at the moment of her leaving are refused.
  provokes(/status of 404 .*\/api\/teams\//)
  const team = await newTeam('Short-lived', { member: 'Mia Member' })
  const [mia, olga] = [await signedIn(team.people.member), await signedIn(team.people.owner)]
  await Promise.all([open(mia, '/settings/team'), open(olga, '/settings/team')])

  await olga.getByRole('button', { name: 'Leave team' }).click()
  await olga.getByRole('dialog').getByRole('button', { name: 'Leave team' }).click()
  await expect(notification(olga, 'You did not leave the team')).toBeVisible()

  await expect(mia.getByRole('button', { name: 'Delete team' })).toHaveCount(0)
  await mia.getByRole('button', { name: 'Leave team' }).click()
  await mia.getByRole('dialog').getByRole('button', { name: 'Leave team' }).click()
  await expect(mia.getByRole('heading', { name: 'Create your first team' })).toBeVisible()

  await olga.getByRole('button', { name: 'Delete team' }).click()
  const confirmation = olga.getByRole('dialog', { name: 'Delete Short-lived?' })
  await expect(confirmation.getByRole('button', { name: 'Delete team' })).toBeDisabled()
  await confirmation.getByRole('textbox').fill('Short-lived')
  await confirmation.getByRole('button', { name: 'Delete team' }).click()
  await expect(olga.getByRole('heading', { name: 'Create your first team' })).toBeVisible()
})
