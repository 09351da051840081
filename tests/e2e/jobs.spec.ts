import { newTeam } from './support/people.ts'
import { expect, open, test } from './support/test.ts'

test('the jobs page is for owners and admins, and says when it fails to load', async ({ signedIn, provokes }) => {
  provokes(/503/)
  const team = await newTeam('Works', { member: 'Mia Member' })
  const [page, agent] = [await signedIn(team.people.owner), await signedIn(team.people.member)]
  await open(agent, '/settings/jobs')
  await expect(agent.getByText('Jobs are for owners and admins')).toBeVisible()

  await open(page, '/settings/jobs')
  await expect(page.getByText('Nothing has failed.')).toBeVisible()
  await page.route('**/jobs', route =>
    route.fulfill({ status: 503, contentType: 'application/json', body: '{"statusCode":503,"message":"We are being repaired"}' })
  )
  await page.getByRole('button', { name: 'Refresh' }).click()
  await expect(page.getByText('This could not be loaded')).toBeVisible()
  await expect(page.getByText('Nothing has failed.')).toBeVisible()
  await page.unroute('**/jobs')
  await page.getByRole('button', { name: 'Try again' }).click()
  await expect(page.getByText('This could not be loaded')).toBeHidden()
})
