/**
 * The one list of who may do what. `private.role_permissions` in the database holds the same rows,
 * and a test fails when the two differ: policies ask the database, the interface asks this list.
 */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const

export type Role = (typeof roles)[number]

/** The roles of a service agent: its keys never manage. */
export const agentRoles = ['member', 'viewer'] as const satisfies Role[]

export const permissions = {
  'team.view': ['owner', 'admin', 'member', 'viewer'],
  'team.leave': ['owner', 'admin', 'member', 'viewer'],
  'team.update': ['owner', 'admin'],
  'team.delete': ['owner'],
  'members.view_emails': ['owner', 'admin', 'member'],
  'members.manage': ['owner', 'admin'],
  'members.manage_owners': ['owner'],
  'members.invite': ['owner', 'admin'],
  'tickets.view': ['owner', 'admin', 'member', 'viewer'],
  'tickets.create': ['owner', 'admin', 'member'],
  'tickets.update': ['owner', 'admin', 'member'],
  'tickets.delete': ['owner', 'admin'],
  'tickets.assign': ['owner', 'admin'],
  'tickets.claim': ['owner', 'admin', 'member'],
  'tickets.close': ['owner', 'admin'],
  'replies.create': ['owner', 'admin', 'member', 'viewer'],
  'replies.delete_any': ['owner', 'admin'],
  'own.manage': ['owner', 'admin', 'member', 'viewer'],
  'canned_responses.view': ['owner', 'admin', 'member'],
  'canned_responses.manage': ['owner', 'admin'],
  'routing.view': ['owner', 'admin', 'member', 'viewer'],
  'routing.manage': ['owner', 'admin'],
  'audit.view': ['owner', 'admin'],
  'audit.export': ['owner', 'admin'],
  'views.share': ['owner', 'admin'],
  'tickets.export': ['owner', 'admin', 'member'],
  'webhooks.manage': ['owner', 'admin'],
  'api_keys.manage': ['owner', 'admin'],
  'api_keys.own': ['owner', 'admin', 'member', 'viewer'],
  'jobs.manage': ['owner', 'admin']
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof permissions

/** What service agents that work tickets carry beyond their role; the database holds it as the role `agent`. */
export const agentPermissions = ['tickets.assign'] as const satisfies Permission[]

/** What an API key may be good for; `private.scope_permissions` holds the same list. */
export const scopes = ['read', 'write', 'assign', 'export'] as const

export type Scope = (typeof scopes)[number]

// A key that may change something reads as well: every answer shows what was changed.
const reading = [
  'team.view',
  'members.view_emails',
  'tickets.view',
  'canned_responses.view',
  'routing.view',
  'audit.view'
] as const satisfies Permission[]

/**
 * The permissions that each scope leaves to a key, as far as the role of its member carries them. `own.manage` is in none: what is
 * somebody's own (drafts, views, notifications) is not for the keys that act as them.
 */
export const scopePermissions: Record<Scope, readonly Permission[]> = {
  read: reading,
  write: [
    ...reading,
    'tickets.create',
    'tickets.update',
    'tickets.claim',
    'tickets.close',
    'tickets.delete',
    'replies.create',
    'replies.delete_any',
    'canned_responses.manage',
    'routing.manage'
  ],
  assign: [...reading, 'tickets.assign'],
  export: [...reading, 'tickets.export', 'audit.export']
}

/** Whether a key with these scopes keeps `permission`. */
export function scopesAllow(granted: readonly Scope[], permission: Permission): boolean {
  return granted.some(scope => scopePermissions[scope].includes(permission))
}

/** Whom a key acts as. */
export interface KeyHolder {
  kind: 'person' | 'service'
  role: Role
}

/** Whether whom a key acts as carries `permission`, whatever the scopes of the key. */
export function holderCan({ kind, role }: KeyHolder, permission: Permission): boolean {
  return (
    roleCan(role, permission) ||
    (kind === 'service' && role === 'member' && (agentPermissions as readonly Permission[]).includes(permission))
  )
}

/** Why a key of these scopes could not work for its holder, as `private.require_key_scopes()` says it; null where it can. */
export function scopesIssue(holder: KeyHolder, granted: readonly Scope[]): string | null {
  if (granted.includes('assign') && !granted.includes('write'))
    return 'The scope assign needs write beside it: who assigns a ticket changes it'
  const useless = granted.filter(
    scope =>
      scope !== 'read' &&
      !scopePermissions[scope].some(permission => !(reading as readonly Permission[]).includes(permission) && holderCan(holder, permission))
  )
  return useless.length > 0 ? `The role of this member allows nothing in the scope ${useless.join(', ')}` : null
}

/** Whether `role` carries `permission`. */
export function roleCan(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role)
}
