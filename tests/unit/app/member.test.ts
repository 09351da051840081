import { describe, expect, it } from 'vitest'
import { grantableRoles } from '~/utils/member/member'

describe('grantableRoles', () => {
  it('an owner can grant every role to everybody', () => {
    expect(grantableRoles('owner', 'viewer')).toEqual(['owner', 'admin', 'member', 'viewer'])
    expect(grantableRoles('owner', 'owner')).toContain('admin')
  })

  it('an admin can neither appoint nor demote an owner', () => {
    expect(grantableRoles('admin', 'member')).toEqual(['admin', 'member', 'viewer'])
    expect(grantableRoles('admin', 'owner')).toEqual([])
  })

  it('nobody can make a service agent an owner or admin', () => {
    expect(grantableRoles('owner', 'member', 'service')).toEqual(['member', 'viewer'])
    expect(grantableRoles('admin', 'viewer', 'service')).toEqual(['member', 'viewer'])
    expect(grantableRoles('member', 'viewer', 'service')).toEqual([])
  })

  it('members and viewers can grant no role', () => {
    expect(grantableRoles('member', 'viewer')).toEqual([])
    expect(grantableRoles('viewer', 'viewer')).toEqual([])
    expect(grantableRoles(null, 'viewer')).toEqual([])
  })
})
