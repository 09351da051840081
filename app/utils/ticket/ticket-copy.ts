import { ticketNumber } from '~/utils/ticket/ticket'

/** Milliseconds within which another press asks for more of the same ticket. */
const repeatWithinMs = 600

const said = [' was copied', ' and its title were copied', ', its title and its address were copied']

export interface CopyPress {
  ticketId: string
  at: number
  count: number
}

/** The press at `at` (milliseconds) after those before: of how many in a row it is the last, three at most. */
export function copyPress(last: CopyPress | null, ticketId: string, at: number): CopyPress {
  const isNext = last !== null && last.ticketId === ticketId && at - last.at <= repeatWithinMs
  return { ticketId, at, count: isNext ? Math.min(said.length, last.count + 1) : 1 }
}

/** What so many presses copy, and what is said of it: the number, then the title too, then the address too. */
export function buildTicketCopy(
  { ticket_number, subject }: { ticket_number: number; subject: string },
  count: number,
  origin: string
): { text: string; said: string } {
  const number = ticketNumber(ticket_number)
  return { text: [number, subject, ticketAddress(ticket_number, origin)].slice(0, count).join(' '), said: number + said[count - 1]! }
}

/** Where anybody of the team finds it. */
export function ticketAddress(number: number, origin: string): string {
  return `${origin}/tickets?ticket=${number}`
}
