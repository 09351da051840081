import { maxArchiveBytes } from '#shared/attachment'
import type { Attachment } from '#shared/types/api'
import type { Db } from '../../db/types'
import { Refusal } from '../refusal'
import { getTicket } from '../ticket/get'
import { attachmentColumns, attachmentView, blocksUnscanned, type UnscannedPolicy } from './attachment'

/** The files of a ticket that are downloaded together. */
export interface TicketArchive {
  /** The name of the zip file: letters, digits, `.` and `-`. */
  name: string
  entries: { name: string; file: Attachment }[]
  /** The files that are left out, with the reason of each. Null if there are none. */
  missing: { name: string; text: string } | null
}

/** More entries than any program shows. */
const maxEntries = 1_000

/**
 * All files of a ticket and its replies, the oldest first. Removed and infected files are left out, and unscanned ones if the team, or
 * else `unscanned`, blocks them. Throws 404 for a ticket that the caller does not see, 413 `too_large` for more than 500 MB or 1,000 files.
 */
export async function getArchive(db: Db, teamId: string, ticketId: string, unscanned: UnscannedPolicy): Promise<TicketArchive> {
  const ticket = await getTicket(db, teamId, ticketId)
  const files = await db
    .selectFrom(attachmentView)
    .select(attachmentColumns)
    .where('file.team_id', '=', teamId)
    .where('file.ticket_id', '=', ticketId)
    .orderBy('file.created_at')
    .orderBy('file.position')
    .limit(10 * maxEntries)
    .execute()
  const isBlocking = await blocksUnscanned(db, teamId, unscanned)
  const left = files.flatMap(file => reasonToLeaveOut(file, isBlocking) ?? [])
  const kept = files.filter(file => reasonToLeaveOut(file, isBlocking) === null)
  if (kept.length > maxEntries || kept.reduce((sum, { size }) => sum + size, 0) > maxArchiveBytes)
    throw new Refusal(413, 'too_large', 'These files are more than 500 MB together; download them one by one')
  const names = distinctNames([...kept.map(({ name }) => name), 'MISSING.txt'])
  return {
    name: `ticket-${String(ticket.ticket_number).padStart(3, '0')}-files.zip`,
    entries: kept.map((file, index) => ({ name: names[index]!, file })),
    missing: left.length > 0 ? { name: names.at(-1)!, text: `These files are not in this archive:\r\n${left.join('')}` } : null
  }
}

function reasonToLeaveOut(file: Attachment, isBlocking: boolean): string | null {
  if (file.removed_at !== null) {
    const remover = file.removed_by?.full_name ?? 'a deleted account'
    return `${file.name}: removed by ${remover} at ${file.removed_at.slice(0, 16).replace('T', ' ')} UTC\r\n`
  }
  if (file.state === 'infected') return `${file.name}: deleted, because the virus scanner found ${file.signature}\r\n`
  return file.state === 'unscanned' && isBlocking ? `${file.name}: waits for the virus scanner\r\n` : null
}

/** Numbers repeated names: "a.txt", "a (2).txt". Names that differ in case only are the same to Windows and macOS. */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map(name => {
    const [, stem, extension] = /^(.+?)(\.[^.]*)?$/u.exec(name)!
    let free = name
    for (let count = 2; taken.has(free.toLowerCase()); count++) free = `${stem} (${count})${extension ?? ''}`
    taken.add(free.toLowerCase())
    return free
  })
}
