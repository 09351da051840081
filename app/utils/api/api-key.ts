import { roleCan, type Role, type Scope } from '#shared/permissions'
import type { ApiKey, Member } from '#shared/types/api'
import { serverNow } from '../app/server-time'

export const scopeTexts: Record<Scope, { label: string; description: string }> = {
  read: { label: 'Read', description: 'See tickets, conversations and reports. Every other scope includes it.' },
  write: { label: 'Write', description: 'Create, change and claim tickets, reply, manage canned responses.' },
  assign: {
    label: 'Assign',
    description: 'Assign tickets to members. Needs Write, and a key that acts as a service agent, admin or owner.'
  },
  export: { label: 'Export', description: 'Download tickets as a file.' }
}

/** The lifetimes on offer for a new key, in days; 0 never expires. */
export const lifetimes = [
  { label: 'Until it is revoked', value: 0 },
  { label: '30 days', value: 30 },
  { label: '90 days', value: 90 },
  { label: 'A year', value: 365 }
]

/** Whether somebody with role `mine` may create or rotate keys that act as `member`: themselves, or somebody they outrank. */
export function mayHoldKey(mine: Role | null, myId: string | undefined, member: Pick<Member, 'id' | 'role'>): boolean {
  return mine !== null && roleCan(mine, 'api_keys.manage') && (member.id === myId || member.role === 'member' || member.role === 'viewer')
}

export function isExpired({ expires_at }: Pick<ApiKey, 'expires_at'>, now = serverNow()): boolean {
  return expires_at !== null && Date.parse(expires_at) <= now
}

/** An example request to paste into a terminal. */
export function curlSample(origin: string, key: string): string {
  return `curl ${origin}/api/v1/tickets \\\n  -H "X-Api-Key: ${key}" \\\n  -H "Content-Type: application/json" \\\n  -d '{"subject": "Backup failed", "description": "On host 3"}'`
}
