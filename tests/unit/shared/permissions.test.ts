import { expect, test } from 'vitest'
import { permissions, roleCan, roles, type Permission } from '#shared/permissions'

test('each role has all permissions of the role below it', () => {
  for (const permission of Object.keys(permissions) as Permission[]) {
    for (const [index, role] of roles.slice(1).entries()) {
      if (roleCan(role, permission)) expect(roleCan(roles[index]!, permission), `${roles[index]} ${permission}`).toBe(true)
    }
  }
})

test.each([
  ['owner', 'team.delete', true],
  ['admin', 'team.delete', false],
  ['admin', 'members.manage', true],
  ['admin', 'members.manage_owners', false],
  ['member', 'tickets.assign', false],
  ['member', 'tickets.claim', true],
  ['member', 'tickets.close', false],
  ['member', 'tickets.delete', false],
  ['viewer', 'tickets.view', true],
  ['viewer', 'tickets.create', false],
  ['viewer', 'members.view_emails', false],
  ['viewer', 'canned_responses.view', false]
] as const)('a role %s with permission %s: %s', (role, permission, allowed) => {
  expect(roleCan(role, permission)).toBe(allowed)
})
