/**
 * The permissions of each role. `private.role_permissions` in the database holds the same rows,
 * and a test fails when the two differ: policies ask the database, the interface asks this list.
 */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const

export type Role = (typeof roles)[number]

/** The roles that a service agent can have: its keys never manage a team. */
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
  'attachments.create': ['owner', 'admin', 'member', 'viewer'],
  'attachments.delete_any': ['owner', 'admin'],
  'own.manage': ['owner', 'admin', 'member', 'viewer'],
  'canned_responses.view': ['owner', 'admin', 'member'],
  'canned_responses.manage': ['owner', 'admin'],
  'articles.view': ['owner', 'admin', 'member', 'viewer'],
  'articles.manage': ['owner', 'admin', 'member'],
  'articles.publish': ['owner', 'admin'],
  'contacts.view': ['owner', 'admin', 'member', 'viewer'],
  'contacts.manage': ['owner', 'admin', 'member'],
  'contacts.merge': ['owner', 'admin'],
  'contacts.erase': ['owner'],
  'organizations.manage': ['owner', 'admin'],
  'routing.view': ['owner', 'admin', 'member', 'viewer'],
  'routing.manage': ['owner', 'admin'],
  'sla.view': ['owner', 'admin', 'member', 'viewer'],
  'sla.manage': ['owner', 'admin'],
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

/** Extra permissions of service agents with the role member; the database stores them as the role `agent`. */
export const agentPermissions = ['tickets.assign'] as const satisfies Permission[]

/** Scopes of API keys; `private.scope_permissions` holds the same list. */
export const scopes = ['read', 'write', 'assign', 'export'] as const

export type Scope = (typeof scopes)[number]

// Every scope includes reading, because every answer shows the changed row.
const reading = [
  'team.view',
  'members.view_emails',
  'tickets.view',
  'canned_responses.view',
  'articles.view',
  'contacts.view',
  'routing.view',
  'sla.view',
  'audit.view'
] as const satisfies Permission[]

/**
 * The permissions that a scope grants to a key, limited by the role of its member. No scope grants `own.manage`: keys have no
 * access to the personal data (drafts, views, notifications) of the member they act as.
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
    'attachments.create',
    'attachments.delete_any',
    'canned_responses.manage',
    'articles.manage',
    'articles.publish',
    'contacts.manage',
    'routing.manage',
    'sla.manage'
  ],
  assign: [...reading, 'tickets.assign'],
  export: [...reading, 'tickets.export', 'audit.export']
}

/** Whether a key with these scopes has `permission`. */
export function scopesAllow(granted: readonly Scope[], permission: Permission): boolean {
  return granted.some(scope => scopePermissions[scope].includes(permission))
}

/** The member that a key acts as. */
export interface KeyHolder {
  kind: 'person' | 'service'
  role: Role
}

/** Whether the holder of a key has `permission`, regardless of the key's scopes. */
export function holderCan({ kind, role }: KeyHolder, permission: Permission): boolean {
  return (
    roleCan(role, permission) ||
    (kind === 'service' && role === 'member' && (agentPermissions as readonly Permission[]).includes(permission))
  )
}

/** Why a key with these scopes is useless for its holder, as `private.require_key_scopes()` words it; null if it is not. */
export function scopesIssue(holder: KeyHolder, granted: readonly Scope[]): string | null {
  if (granted.includes('assign') && !granted.includes('write'))
    return 'The scope assign also requires the scope write, because assigning changes a ticket'
  const useless = granted.filter(
    scope =>
      scope !== 'read' &&
      !scopePermissions[scope].some(permission => !(reading as readonly Permission[]).includes(permission) && holderCan(holder, permission))
  )
  return useless.length > 0 ? `The role of this member does not allow anything in the scope ${useless.join(', ')}` : null
}

export function roleCan(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role)
}
