import { agentRoles, roleCan, roles, type Role } from '#shared/permissions'
import type { MemberKind } from '#shared/types/api'

/**
 * Roles that somebody with role `actor` may give a member with role `current`; empty if they may not change it. Service agents
 * cannot become owner or admin.
 */
export function grantableRoles(actor: Role | null, current: Role, kind: MemberKind = 'person'): readonly Role[] {
  if (!actor || !roleCan(actor, 'members.manage')) return []
  if (kind === 'service') return agentRoles
  if (roleCan(actor, 'members.manage_owners')) return roles
  return current === 'owner' ? [] : roles.filter(role => role !== 'owner')
}

export const roleTexts: Record<Role, { label: string; description: string }> = {
  owner: { label: 'Owner', description: 'Can do everything, including deleting the team' },
  admin: { label: 'Admin', description: 'Manages members, settings and all tickets' },
  member: { label: 'Member', description: 'Works on tickets' },
  viewer: { label: 'Viewer', description: 'Can read tickets and reply' }
}
