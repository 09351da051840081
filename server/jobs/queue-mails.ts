import { mailConfigured, mailSender } from '../adapters/mail'
import type { EventReader } from '../domain/event'
import { queueClientMails, queueMemberMails } from '../domain/mail/enqueue'

/** Queues the mails about events; none where no mail server is configured. */
export const mailReader: EventReader = async (db, events) => {
  if (!mailConfigured()) return
  const { address } = mailSender()
  await queueClientMails(db, events, address)
  await queueMemberMails(db, events, address)
}
