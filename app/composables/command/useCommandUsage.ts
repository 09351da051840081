import type { CommandUse } from '~/utils/command/command-rank'
import { countUse, weightOf } from '~/utils/command/command-rank'

export interface RecentTicket {
  number: number
  subject: string
}

const maxCommands = 200
const maxTickets = 20

/** Recently used commands and tickets of this person on this device. Deleted when the session ends. */
export function useCommandUsage() {
  const { profile, teamId } = useTeam()
  const uses = useLocalStorage<Record<string, CommandUse>>(() => `commands:${profile.value?.id ?? ''}`, {}, { shallow: true })
  const tickets = useLocalStorage<RecentTicket[]>(() => `recent-tickets:${profile.value?.id ?? ''}:${teamId.value}`, [], { shallow: true })

  function recordUse(id: string): void {
    const now = Date.now()
    const all = Object.entries({ ...uses.value, [id]: countUse(uses.value[id], now) })
    uses.value = Object.fromEntries(all.sort(([, a], [, b]) => weightOf(b, now) - weightOf(a, now)).slice(0, maxCommands))
  }

  function recordTicket({ number, subject }: RecentTicket): void {
    tickets.value = [{ number, subject }, ...tickets.value.filter(ticket => ticket.number !== number)].slice(0, maxTickets)
  }

  return { weight: (id: string) => weightOf(uses.value[id], Date.now()), recentTickets: tickets, recordUse, recordTicket }
}
