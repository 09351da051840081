import type { Page } from '@playwright/test'
import type { TicketPriority, TicketStatus } from '../../../shared/schemas/ticket.ts'
import { newTeam, newTicket, type Person } from './people.ts'
import { openTickets } from './test.ts'

export interface Delays {
  /** Milliseconds from the answer in the changing browser to the changed page in the other; 0 when the page was first. */
  fromAnswer: number[]
  /** Milliseconds from sending the request in the changing browser to the changed page in the other. */
  fromRequest: number[]
}

type Change =
  | { kind: 'status'; value: TicketStatus; label: string }
  | { kind: 'priority'; value: TicketPriority; label: string }
  | { kind: 'reply'; value: string; label: string }

const statuses: [TicketStatus, string][] = [
  ['in_progress', 'In Progress'],
  ['waiting', 'Waiting'],
  ['resolved', 'Resolved'],
  ['open', 'Open']
]
const priorities: [TicketPriority, string][] = [
  ['high', 'High'],
  ['urgent', 'Urgent'],
  ['low', 'Low'],
  ['normal', 'Normal']
]

/**
 * One agent changes status, priority and conversation of a ticket in turn, `changes` times in all; another has it open,
 * in the list and beside it. Both browsers are on one machine and read one clock.
 */
export async function measureSync(openAs: (person: Person) => Promise<Page>, changes: number): Promise<Delays> {
  const team = await newTeam('Sync', { member: 'Mia Member' })
  const ticket = await newTicket(team.people.owner, team, { subject: 'Everybody sees the same' })
  const [changing, watching] = [await openAs(team.people.owner), await openAs(team.people.member)]
  await Promise.all([openTickets(changing), openTickets(watching, '?ticket=1')])
  await watching
    .getByRole('dialog', { name: 'Ticket #001' })
    .getByRole('button', { name: /^Status: Open/ })
    .waitFor()
  await watching.getByText('Nobody has replied yet').waitFor()

  const delays: Delays = { fromAnswer: [], fromRequest: [] }
  for (let n = 0; n < changes; n++) {
    const change = changeNumber(n)
    await expectChange(watching, change)
    const { sent, answered } = await send(changing, `/api/teams/${team.id}/tickets/${ticket.id}`, change)
    const seen = await watching.evaluate(() => (window as unknown as { seen: Promise<number> }).seen)
    delays.fromAnswer.push(Math.max(0, seen - answered))
    delays.fromRequest.push(seen - sent)
  }
  return delays
}

function changeNumber(n: number): Change {
  const turn = Math.floor(n / 3)
  if (n % 3 === 2) return { kind: 'reply', value: `Reply ${n} of this measurement.`, label: `Reply ${n} of this measurement.` }
  const [value, label] = n % 3 === 0 ? statuses[turn % 4]! : priorities[turn % 4]!
  return { kind: n % 3 === 0 ? 'status' : 'priority', value, label } as Change
}

/** Records on the page when it shows `change`: in the row and in the open ticket, or in its conversation. */
async function expectChange(page: Page, { kind, label }: Change): Promise<void> {
  await page.evaluate(
    ({ kind, label }) => {
      const isShown = () => {
        const dialog = document.querySelector('[role="dialog"]')
        if (kind === 'reply') return [...(dialog?.querySelectorAll('ol > li') ?? [])].some(item => item.textContent.includes(label))
        const control = dialog?.querySelector(`[aria-label^="${kind === 'status' ? 'Status' : 'Priority'}: ${label}."]`)
        const row = [...document.querySelectorAll('tbody tr')].find(candidate => candidate.textContent.includes('#001'))
        return Boolean(control) && Boolean(row?.textContent.includes(label))
      }
      if (isShown()) throw new Error(`The page shows ${label} already`)
      Object.assign(window, {
        seen: new Promise<number>(resolve => {
          const observer = new MutationObserver(() => {
            if (!isShown()) return
            observer.disconnect()
            resolve(Date.now())
          })
          observer.observe(document.documentElement, { subtree: true, childList: true, attributes: true, characterData: true })
        })
      })
    },
    { kind, label }
  )
}

async function send(page: Page, path: string, { kind, value }: Change): Promise<{ sent: number; answered: number }> {
  const request =
    kind === 'reply'
      ? { path: `${path}/replies`, method: 'POST', body: JSON.stringify({ content: value }) }
      : { path, method: 'PATCH', body: JSON.stringify({ [kind]: value }) }
  return await page.evaluate(async ({ path, method, body }) => {
    const sent = Date.now()
    const headers = { 'content-type': 'application/json', ...(method === 'POST' && { 'idempotency-key': crypto.randomUUID() }) }
    const { ok, status } = await fetch(path, { method, body, headers })
    const answered = Date.now()
    if (!ok) throw new Error(`${method} ${path} answered ${status}`)
    return { sent, answered }
  }, request)
}
