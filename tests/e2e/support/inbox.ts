import { setTimeout as sleep } from 'node:timers/promises'
import { database } from './database.ts'

const supabaseUrl = process.env.E2E_SUPABASE_URL!
const giveUpAfterMs = 60_000

interface Message {
  id: string
  subject: string
  text: string
}

/** Returns the link to a path that starts with `path` (and has that `type`) in the newest mail to `address`. Waits up to a minute for the mail. */
export async function linkFor(address: string, path: string, type?: string): Promise<string> {
  const deadline = Date.now() + giveUpAfterMs
  for (;;) {
    for (const { text } of await messagesTo(address)) {
      const link = text.match(/https?:\/\/\S+/g)?.find(candidate => {
        const { pathname, searchParams } = new URL(candidate)
        return pathname.startsWith(path) && (!type || searchParams.get('type') === type)
      })
      if (link) return link
    }
    if (Date.now() > deadline) throw new Error(`No mail to ${address} with a link to ${path}`)
    await sleep(100)
  }
}

async function messagesTo(address: string): Promise<Message[]> {
  const response = await fetch(`${supabaseUrl}/inbox/api/messages?to=${encodeURIComponent(address)}`)
  if (!response.ok) throw new Error(`The inbox answered ${response.status}`)
  return (await response.json()) as Message[]
}

/** Sends the waiting mail of `kind` now, instead of after the minute that collects events. Waits up to a minute until one is queued. */
export async function passMinute(teamId: string, kind: string): Promise<void> {
  const deadline = Date.now() + giveUpAfterMs
  while ((await makeDue(teamId, kind)).length === 0) {
    if (Date.now() > deadline) throw new Error(`No ${kind} is waiting`)
    await sleep(50)
  }
}

async function makeDue(teamId: string, kind: string): Promise<{ id: string }[]> {
  return database()<{ id: string }[]>`
    update public.mails set next_attempt_at = now()
    where team_id = ${teamId} and kind = ${kind} and state = 'waiting' and next_attempt_at > now()
      and not exists (select from private.event_outbox where team_id = ${teamId})
    returning id`
}
