import { agentRoles, roleCan, roles, type Role } from '#shared/permissions'
import type { MemberKind } from '#shared/types/api'

/** Roles that somebody of role `actor` may give a member of role `current`; empty when that role is not theirs to change. A service agent never manages. */
export function grantableRoles(actor: Role | null, current: Role, kind: MemberKind = 'person'): readonly Role[] {
  if (!actor || !roleCan(actor, 'members.manage')) return []
  if (kind === 'service') return agentRoles
  if (roleCan(actor, 'members.manage_owners')) return roles
  return current === 'owner' ? [] : roles.filter(role => role !== 'owner')
}

export const roleTexts: Record<Role, { label: string; description: string }> = {
  owner: { label: 'Owner', description: 'Everything, and the team itself' },
  admin: { label: 'Admin', description: 'Members, settings, all tickets' },
  member: { label: 'Member', description: 'Works on tickets' },
  viewer: { label: 'Viewer', description: 'Reads tickets' }
}
