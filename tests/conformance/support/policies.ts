import type { Backend } from './backend.ts'
import { uniqueName } from './tables.ts'

const created = new Set<string>()

export interface ChannelPolicy {
  /** Whose rights these are: the token's `sub`. */
  sub?: string
  topic: string
  can: 'select' | 'insert'
  extensions?: ('broadcast' | 'presence')[]
}

/** Lets a person read or write a private channel. @returns the policy's name */
export async function allowChannel({ sql }: Backend, policy: ChannelPolicy): Promise<string> {
  const name = uniqueName('conformance')
  const extensions = (policy.extensions ?? ['broadcast', 'presence']).map(extension => `'${extension}'`).join(', ')
  const who = policy.sub ? ` and (auth.jwt() ->> 'sub') = '${policy.sub}'` : ''
  const condition = `realtime.topic() = '${policy.topic}' and extension in (${extensions})${who}`
  created.add(name)
  await sql.unsafe(
    `create policy ${name} on realtime.messages for ${policy.can} to authenticated ${policy.can === 'select' ? 'using' : 'with check'} (${condition})`
  )
  return name
}

export async function dropPolicy({ sql }: Backend, name: string): Promise<void> {
  await sql.unsafe(`drop policy if exists ${name} on realtime.messages`)
  created.delete(name)
}

export async function dropPolicies(backend: Backend): Promise<void> {
  for (const name of [...created]) await dropPolicy(backend, name)
}
