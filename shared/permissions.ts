/**
 * The one list of who may do what. `private.role_permissions` in the database holds the same rows,
 * and a test fails when the two differ: policies ask the database, the interface asks this list.
 */
export const roles = ['owner', 'admin', 'member', 'viewer'] as const

export type Role = typeof roles[number]

export const permissions = {
  'team.view': ['owner', 'admin', 'member', 'viewer'],
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
  'replies.delete_any': ['owner', 'admin'],
  'canned_responses.view': ['owner', 'admin', 'member'],
  'canned_responses.manage': ['owner', 'admin'],
  'routing.view': ['owner', 'admin', 'member', 'viewer'],
  'routing.manage': ['owner', 'admin'],
  'audit.view': ['owner', 'admin'],
  'views.share': ['owner', 'admin'],
  'tickets.export': ['owner', 'admin', 'member'],
  'webhooks.manage': ['owner', 'admin'],
  'api_keys.manage': ['owner', 'admin'],
  'jobs.manage': ['owner', 'admin']
} as const satisfies Record<string, readonly Role[]>

export type Permission = keyof typeof permissions

/** Whether `role` carries `permission`. */
export function roleCan(role: Role, permission: Permission): boolean {
  return (permissions[permission] as readonly Role[]).includes(role)
}
