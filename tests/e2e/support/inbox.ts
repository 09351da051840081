import postgres from 'postgres'

const supabaseUrl = process.env.E2E_SUPABASE_URL!

interface Message {
  id: string
  subject: string
  text: string
}

/** The link in the newest mail to `address` that leads to a page beginning with `path` (of that `type`); waits for the mail, up to 10 s. */
export async function linkFor(address: string, path: string, type?: string): Promise<string> {
  const deadline = Date.now() + 10_000
  for (;;) {
    for (const { text } of await messagesTo(address)) {
      const link = text.match(/https?:\/\/\S+/g)?.find(candidate => {
        const { pathname, searchParams } = new URL(candidate)
        return pathname.startsWith(path) && (!type || searchParams.get('type') === type)
      })
      if (link) return link
    }
    if (Date.now() > deadline) throw new Error(`No mail to ${address} with a link to ${path}`)
    await new Promise(resolve => setTimeout(resolve, 100))
  }
}

async function messagesTo(address: string): Promise<Message[]> {
  const response = await fetch(`${supabaseUrl}/inbox/api/messages?to=${encodeURIComponent(address)}`)
  if (!response.ok) throw new Error(`The inbox answered ${response.status}`)
  return (await response.json()) as Message[]
}

/** Lets the minute pass in which what happens in a team is gathered into mails: waits until one of this kind is there, up to 10 s. */
export async function passMinute(teamId: string, kind: string): Promise<void> {
  const sql = postgres(process.env.E2E_DATABASE_URL!, { max: 1, onnotice: () => {} })
  try {
    const deadline = Date.now() + 10_000
    while (
      (
        await sql`update public.mails set next_attempt_at = now() where team_id = ${teamId} and kind = ${kind} and state = 'waiting' and next_attempt_at > now() and not exists (select from private.event_outbox where team_id = ${teamId}) returning id`
      ).length === 0
    ) {
      if (Date.now() > deadline) throw new Error(`No ${kind} is waiting`)
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  } finally {
    await sql.end()
  }
}
