import type { CommandUse } from '~/utils/command/command-rank'
import { countUse, weightOf } from '~/utils/command/command-rank'

export interface RecentTicket {
  number: number
  subject: string
}

const mostCommands = 200
const mostTickets = 20

/** What this person has used on this device lately. It ends with the session, as everything that is theirs. */
export function useCommandUsage() {
  const { profile, teamId } = useTeam()
  const uses = useLocalStorage<Record<string, CommandUse>>(() => `commands:${profile.value?.id ?? ''}`, {}, { shallow: true })
  const tickets = useLocalStorage<RecentTicket[]>(() => `recent-tickets:${profile.value?.id ?? ''}:${teamId.value}`, [], { shallow: true })

  function noteUse(id: string): void {
    const now = Date.now()
    const all = Object.entries({ ...uses.value, [id]: countUse(uses.value[id], now) })
    uses.value = Object.fromEntries(all.sort(([, a], [, b]) => weightOf(b, now) - weightOf(a, now)).slice(0, mostCommands))
  }

  function noteTicket({ number, subject }: RecentTicket): void {
    tickets.value = [{ number, subject }, ...tickets.value.filter(ticket => ticket.number !== number)].slice(0, mostTickets)
  }

  return { weight: (id: string) => weightOf(uses.value[id], Date.now()), recentTickets: tickets, noteUse, noteTicket }
}
