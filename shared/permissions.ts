/**
 * The one list of who may do what. `private.role_permissions` in the database holds the same rows,
 * and a test fails when the two differ: policies ask the database, the interface asks this list.
 */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const

export type Role = typeof roles[number]

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

/** What an API key may be good for; `private.scope_permissions` holds the same list. */
export const scopes = ['read', 'write', 'assign', 'export'] as const

export type Scope = typeof scopes[number]

// A key that may change something reads as well: every answer shows what was changed.
const reading = ['team.view', 'members.view_emails', 'tickets.view', 'canned_responses.view', 'routing.view', 'audit.view'] as const satisfies Permission[]

/** The permissions that each scope leaves to a key, as far as the role of its member carries them. */
export const scopePermissions: Record<Scope, readonly Permission[]> = {
  read: reading,
  write: [
    ...reading, 'tickets.create', 'tickets.update', 'tickets.claim', 'tickets.close', 'tickets.delete', 'replies.create', 'replies.delete_any', 'own.manage',
    'canned_responses.manage', 'routing.manage', 'views.share'
  ],
  assign: [...reading, 'tickets.assign'],
  export: [...reading, 'tickets.export', 'audit.export']
}

/** Whether a key with these scopes keeps `permission`. */
export function scopesAllow(granted: readonly Scope[], permission: Permission): boolean {
  return granted.some(scope => scopePermissions[scope].includes(permission))
}

/** Whether `role` carries `permission`. */
export function roleCan(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role)
}
