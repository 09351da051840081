import { expectAccessible } from './support/accessible.ts'
import { api, newTeam } from './support/people.ts'
import { expect, notification, open, test } from './support/test.ts'
import type { Calendar } from '../../shared/types/api.ts'

const file = (...events: string[]) => ({
  name: 'holidays.ics',
  mimeType: 'text/calendar',
  buffer: Buffer.from(
    `BEGIN:VCALENDAR\r\nVERSION:2.0\r\n${events.map(event => `BEGIN:VEVENT\r\nUID:${event}\r\n${event}\r\nEND:VEVENT\r\n`).join('')}END:VCALENDAR\r\n`
  )
})

test('an admin sets up a calendar with hours, holidays and a preview, and a viewer reads it', async ({ signedIn, provokes }) => {
  const team = await newTeam('Hours', { admin: 'Adam Admin', viewer: 'Vic Viewer' })
  const admin = await signedIn(team.people.admin)
  const year = new Date().getUTCFullYear() + 1
  provokes(/422 .*\/holidays\/file/)
  provokes(/ERR_FAILED .*\/calendars\)$/)
  await open(admin, '/settings/calendars')
  await admin.getByRole('button', { name: 'New calendar' }).click()
  const form = admin.getByRole('dialog', { name: 'New calendar' })
  const day = (name: string) => form.getByRole('group', { name })

  await test.step('Hours are wrong until they are complete and do not overlap', async () => {
    await form.getByRole('button', { name: 'Create calendar' }).click()
    await expect(form.getByText('Name is required')).toBeVisible()
    await form.getByPlaceholder('For example Office Berlin').fill('Office Berlin')
    await form.getByLabel('Time zone').click()
    await admin.getByPlaceholder('Find a time zone').fill('Berlin')
    await admin.getByRole('option', { name: 'Europe/Berlin' }).click()
    await day('Monday').getByLabel('Monday, closes').fill('12:30')
    await day('Monday').getByRole('button', { name: 'Add hours to Monday' }).click()
    await expect(day('Monday').getByLabel('Monday, opens').nth(1)).toBeFocused()
    await form.getByRole('button', { name: 'Create calendar' }).click()
    await expect(form.getByText('Monday has hours without a beginning or end')).toBeVisible()
    await day('Monday').getByLabel('Monday, opens').nth(1).fill('12:00')
    await day('Monday').getByLabel('Monday, closes').nth(1).fill('18:00')
    await expect(form.getByText('Two opening times overlap on Monday')).toBeVisible()
    await day('Monday').getByLabel('Monday, opens').nth(1).fill('13:15')
    await day('Monday').getByRole('button', { name: 'Copy Monday to all weekdays' }).click()
    await expect(day('Friday').getByLabel('Friday, opens')).toHaveCount(2)
    await day('Saturday').getByRole('button', { name: 'Add hours to Saturday' }).click()
    await day('Saturday').getByLabel('Saturday, opens').fill('22:00')
    await day('Saturday').getByLabel('Saturday, closes').fill('02:00')
    await expect(day('Saturday').getByText('until the next day')).toBeVisible()
  })

  await test.step('Holidays come from the region, by hand and from a file; a bad file says what is wrong', async () => {
    await form.getByLabel('Country').click()
    await admin.getByPlaceholder('Find a country').fill('Germany')
    await admin.getByRole('option', { name: 'Germany' }).click()
    await form.getByLabel('Region').click()
    await admin.getByPlaceholder('Find a region').fill('Bayern')
    await admin.getByRole('option', { name: 'Bayern', exact: true }).click()
    await form.getByRole('button', { name: 'Year after' }).click()
    const holidays = form.getByRole('list', { name: `Holidays of ${year}` })
    await expect(holidays.getByText('Heilige Drei Könige')).toBeVisible()
    await holidays.getByRole('button', { name: 'Remove Heilige Drei Könige' }).click()
    await expect(holidays.getByText('Heilige Drei Könige')).toBeHidden()
    await form.getByLabel('Date of a holiday').fill(`${year}-12-24`)
    await form.getByLabel('Name of a holiday').fill('Christmas Eve')
    await form.getByLabel('Name of a holiday').press('Enter')
    await expect(holidays.getByText('Christmas Eve')).toBeVisible()
    const input = form.locator('input[type="file"]')
    await input.setInputFiles(file(`DTSTART;VALUE=DATE:${year}0831\r\nRRULE:FREQ=HOURLY\r\nSUMMARY:Bell`))
    await expect(form.getByRole('status').getByText('“Bell” repeats more often than daily.')).toBeVisible()
    await input.setInputFiles(file(`DTSTART;VALUE=DATE:${year}0831\r\nSUMMARY:Outing`, `DTSTART;VALUE=DATE:${year}1224\r\nSUMMARY:Eve`))
    await expect(form.getByRole('status').getByText('1 date was added. 1 was there before.')).toBeVisible()
    await expect(holidays.getByText('Outing')).toBeVisible()
  })

  await test.step('The preview follows the form, which is accessible', async () => {
    const preview = form.getByRole('region', { name: 'Preview' })
    await expect(preview.getByRole('cell', { name: /09:00–12:30, 13:15–18:00/ }).first()).toBeVisible()
    await expect(preview.getByRole('cell', { name: /^Sat.*22:00–00:00$/ }).first()).toBeVisible()
    await expect(preview.getByRole('cell', { name: /^Sun.*00:00–02:00$/ }).first()).toBeVisible()
    await expectAccessible(admin)
  })

  await test.step('A failed save keeps everything, also over a reload', async () => {
    await admin.route('**/calendars', route => (route.request().method() === 'POST' ? route.abort() : route.continue()))
    await form.getByRole('button', { name: 'Create calendar' }).click()
    await expect(notification(admin, 'The calendar was not saved')).toBeVisible()
    await admin.unroute('**/calendars')
    await admin.reload()
    await admin.getByRole('button', { name: 'New calendar' }).click()
    await expect(form.getByPlaceholder('For example Office Berlin')).toHaveValue('Office Berlin')
    await expect(day('Saturday').getByLabel('Saturday, closes')).toHaveValue('02:00')
    await form.getByRole('button', { name: 'Create calendar' }).click()
    await expect(notification(admin, '“Office Berlin” was saved')).toBeVisible()
    await expect(admin.getByRole('list', { name: 'Calendars' }).getByRole('listitem')).toContainText(
      'Mon–Fri 09:00–12:30, 13:15–18:00 · Sat 22:00–24:00 · Sun 00:00–02:00'
    )
  })

  await test.step('Hours over midnight are one again, and a change of somebody else is named before it is replaced', async () => {
    await admin.getByRole('button', { name: 'Office Berlin' }).click()
    const edit = admin.getByRole('dialog', { name: 'Edit calendar' })
    await expect(edit.getByLabel('Saturday, closes')).toHaveValue('02:00')
    await expect(edit.getByRole('group', { name: 'Sunday' }).getByText('Closed')).toBeVisible()
    await edit.getByPlaceholder('For example Office Berlin').fill('Berlin')
    const [calendar] = await api<Calendar[]>(team.people.owner, 'GET', `/api/teams/${team.id}/calendars`)
    await api(team.people.owner, 'PATCH', `/api/teams/${team.id}/calendars/${calendar!.id}`, { time_zone: 'Europe/Vienna' })
    await expect(edit.getByText('Somebody has changed this calendar')).toBeVisible()
    await edit.getByRole('button', { name: 'Save' }).click()
    await expect(notification(admin, '“Berlin” was saved')).toBeVisible()
  })

  await test.step('A viewer reads the calendar and cannot change it', async () => {
    const viewer = await signedIn(team.people.viewer)
    await open(viewer, '/settings/calendars')
    await expect(viewer.getByRole('button', { name: 'New calendar' })).toBeHidden()
    await viewer.getByRole('button', { name: 'Berlin' }).click()
    const shown = viewer.getByRole('dialog', { name: 'Calendar' })
    await expect(shown.getByLabel('Monday, opens').first()).toBeDisabled()
    await expect(shown.getByRole('button', { name: 'Delete' })).toBeHidden()
    await shown.getByRole('button', { name: 'Close' }).last().click()
    await expect(shown).toBeHidden()
  })

  await test.step('A calendar is deleted after a question', async () => {
    await admin.getByRole('button', { name: 'Berlin' }).click()
    await admin.getByRole('dialog', { name: 'Edit calendar' }).getByRole('button', { name: 'Delete' }).click()
    await admin.getByRole('dialog', { name: 'Delete “Berlin”?' }).getByRole('button', { name: 'Delete' }).click()
    await expect(notification(admin, '“Berlin” was deleted')).toBeVisible()
    await expect(admin.getByText('No calendars yet')).toBeVisible()
  })
})
