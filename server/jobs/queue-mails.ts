import { mailConfigured, mailSender } from '../adapters/mail'
import type { EventReader } from '../domain/event'
import { queueClientMails, queueMemberMails } from '../domain/mail/enqueue'

/** Without a configured mail server it queues nothing. */
export const mailReader: EventReader = async (db, events) => {
  if (!mailConfigured()) return
  const { address } = mailSender()
  await queueClientMails(db, events, address)
  await queueMemberMails(db, events, address)
}
