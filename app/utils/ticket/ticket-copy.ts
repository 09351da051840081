import { ticketNumber } from '~/utils/ticket/ticket'

/** Another press within this time copies more of the same ticket. */
const repeatWithinMs = 600

const messages = [' was copied', ' and its title were copied', ', its title and its address were copied']

export interface CopyPress {
  ticketId: string
  at: number
  count: number
}

/** Counts the press at `at` (milliseconds) in its series of at most three. */
export function copyPress(last: CopyPress | null, ticketId: string, at: number): CopyPress {
  const isNext = last !== null && last.ticketId === ticketId && at - last.at <= repeatWithinMs
  return { ticketId, at, count: isNext ? Math.min(messages.length, last.count + 1) : 1 }
}

/** The text that `count` presses copy (number, then also title, then also URL), and the message for the toast. */
export function buildTicketCopy(
  { ticket_number, subject }: { ticket_number: number; subject: string },
  count: number,
  origin: string
): { text: string; message: string } {
  const number = ticketNumber(ticket_number)
  return { text: [number, subject, ticketAddress(ticket_number, origin)].slice(0, count).join(' '), message: number + messages[count - 1]! }
}

/** The URL of a ticket, for members of its team. */
export function ticketAddress(number: number, origin: string): string {
  return `${origin}/tickets?ticket=${number}`
}
