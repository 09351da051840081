import { api, newTeam } from './support/people.ts'
import { expect, goTo, openTickets, test } from './support/test.ts'

const attacks = [
  '<script>window.__xss = 1</script>',
  '<img src=x onerror="window.__xss = 2">',
  '<svg onload="window.__xss = 3"></svg>',
  '<svg><animate onbegin="window.__xss = 4" attributeName=x dur=1s></svg>',
  '<details open ontoggle="window.__xss = 5">',
  '<a href="javascript:window.__xss=6">six</a> <a href="jav&#x09;ascript:window.__xss=6">six</a>',
  '[seven](javascript:window.__xss=7) <javascript:window.__xss=7> [seven][ref]',
  '![x"onerror="window.__xss=8](y)',
  '[nine](data:text/html,<script>window.__xss=9</script>) [nine](vbscript:window.__xss=9)',
  '<iframe srcdoc="<script>parent.__xss=10</script>"></iframe>',
  '<form action="//evil.test"><input name=q></form>',
  '<div style="position:fixed;inset:0" id="__NUXT_DATA__">',
  '<style>@import "//evil.test/x.css"</style><base href="//evil.test/"><meta http-equiv=refresh content="0;url=//evil.test">',
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=window.__xss=17&gt;">',
  '![beacon](https://evil.test/p.gif) ![beacon](//evil.test/p.gif)',
  '{{constructor.constructor("window.__xss=22")()}} </textarea></title><!-- ]]>'
]

test('markup of an attacker is shown as text', async ({ signedIn }) => {
  const team = await newTeam('<b>Team</b>', { member: '<img src=x onerror="window.__xss=30">' })
  const { owner, member } = team.people
  const text = `${attacks.join('\n\n')}\n\n\`\`\`js"><img src=x onerror=window.__xss=20>\ncode\n\`\`\`\n\n[ref]: javascript:window.__xss=7`
  const page = await signedIn(owner)
  page.on('dialog', async dialog => {
    await dialog.dismiss()
    throw new Error(`A dialog opened: ${dialog.message()}`)
  })
  await openTickets(page)
  await expect(page.getByText('No tickets yet')).toBeVisible()
  for (const [index, attack] of attacks.entries()) {
    const ticket = await api<{ id: string }>(member, 'POST', `/api/teams/${team.id}/tickets`, {
      subject: attack.slice(0, 255),
      description: text,
      format: 'markdown',
      requester_name: attack.slice(0, 200),
      tags: [attack.replaceAll(',', ' ').slice(0, 50)]
    })
    if (index === 0) await api(member, 'POST', `/api/teams/${team.id}/tickets/${ticket.id}/replies`, { content: text, format: 'markdown' })
  }
  // The first ticket of an empty list is shown at once, the others after a click.
  await page.getByRole('button', { name: `${attacks.length - 1} new — show` }).click()
  await expect(page.getByRole('row', { name: attacks.at(-1)! })).toBeVisible()

  for (const number of [1, 7]) {
    await goTo(page, `/tickets?ticket=${number}`)
    const slideover = page.getByRole('dialog', { name: `Ticket #00${number}` })
    await expect(slideover.getByRole('heading', { level: 2 })).toHaveText(attacks[number - 1]!)
    await expect(slideover.getByText(attacks[0]!).first()).toBeVisible()
    await expect(slideover.locator('.prose').first()).toBeVisible()
    if (number === 1) await expect(slideover.getByRole('region', { name: 'Conversation' }).locator('.prose')).toBeVisible()
    for (const link of await slideover.getByRole('link').all()) expect(await link.getAttribute('href')).toMatch(/^(https?|mailto):/)
    const injected = slideover
      .locator('.prose')
      .locator('script, img, svg, iframe, form, input, style, base, meta, math, details, [id], [style], [onerror], [onload]')
    expect(await injected.evaluateAll(elements => elements.map(element => element.outerHTML))).toEqual([])
  }
  expect(await page.evaluate(() => '__xss' in window)).toBe(false)
  expect(await page.locator('iframe, form[action*=evil], base, object, embed').count()).toBe(0)
})
