import { describe, expect, it } from 'vitest'
import type { Member } from '#shared/types/api'
import { memberSearch } from '~/utils/member/member-search'

function members(...names: string[]): Member[] {
  return names.map((full_name, number) => ({
    id: String(number),
    full_name,
    avatar_url: null,
    kind: 'person',
    role: 'member',
    email: null,
    joined_at: '2026-01-01T00:00:00.000Z'
  }))
}

function found(query: string, ...names: string[]): string[] {
  return memberSearch(members(...names))(query).map(({ full_name }) => full_name)
}

describe('memberSearch', () => {
  it('members are found by the prefix of any word, and otherwise by substrings', () => {
    expect(found('an', 'Joanna Smith', 'Bob Anders', 'Ann Arbor')).toEqual(['Ann Arbor', 'Bob Anders'])
    expect(found('oan', 'Joanna Smith', 'Bob Anders', 'Ann Arbor')).toEqual(['Joanna Smith'])
  })

  it('the search ignores accents and case, and tolerates a typo', () => {
    expect(found('zoe', 'Bob Byrd', 'Zoë Éclair')).toEqual(['Zoë Éclair'])
    expect(found('tanka', 'Bob Byrd', 'Bob Tanaka')).toEqual(['Bob Tanaka'])
  })

  it('several words match in any order', () => {
    expect(found('tanaka bob', 'Bob Byrd', 'Bob Tanaka')).toEqual(['Bob Tanaka'])
    expect(found('bob ta', 'Bob Byrd', 'Bob Tanaka')).toEqual(['Bob Tanaka'])
  })

  it('a blank query offers 20 members, and an unrelated word nobody', () => {
    expect(found(' ', ...Array.from({ length: 30 }, (_, number) => `Person ${number}`))).toHaveLength(20)
    expect(found('xyzzy', 'Bob Byrd')).toEqual([])
  })
})
