import { describe, expect, it } from 'vitest'
import { grantableRoles } from '~/utils/member/member'

describe('roles that can be given', () => {
  it('an owner gives every role to everybody', () => {
    expect(grantableRoles('owner', 'viewer')).toEqual(['owner', 'admin', 'member', 'viewer'])
    expect(grantableRoles('owner', 'owner')).toContain('admin')
  })

  it('an admin neither makes nor unmakes an owner', () => {
    expect(grantableRoles('admin', 'member')).toEqual(['admin', 'member', 'viewer'])
    expect(grantableRoles('admin', 'owner')).toEqual([])
  })

  it('nobody makes a service agent a manager', () => {
    expect(grantableRoles('owner', 'member', 'service')).toEqual(['member', 'viewer'])
    expect(grantableRoles('admin', 'viewer', 'service')).toEqual(['member', 'viewer'])
    expect(grantableRoles('member', 'viewer', 'service')).toEqual([])
  })

  it('members and viewers give none', () => {
    expect(grantableRoles('member', 'viewer')).toEqual([])
    expect(grantableRoles('viewer', 'viewer')).toEqual([])
    expect(grantableRoles(null, 'viewer')).toEqual([])
  })
})
