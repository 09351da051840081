import type { Backend } from './backend.ts'
import { uniqueName } from './tables.ts'

const created = new Set<string>()

export interface ChannelPolicy {
  /** The `sub` claim of the user who gets the right. Default: all signed-in users. */
  sub?: string
  topic: string
  can: 'select' | 'insert'
  extensions?: ('broadcast' | 'presence')[]
}

/** Creates a policy that allows reading or writing a private channel. @returns the policy's name */
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
