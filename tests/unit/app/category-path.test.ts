import { describe, expect, test } from 'vitest'
import { deletionConsequence, categoryPaths, pathValue, categoryTree } from '../../../app/utils/category/category-path.ts'
import { categorySearch } from '../../../app/utils/category/category-search.ts'

const categories = [
  { id: 'c1', key: 'bug', name: 'Bug', portal_name: 'Technical issue', position: 1, ticket_count: 3 },
  { id: 'c2', key: 'billing', name: 'Billing', portal_name: null, position: 2, ticket_count: 1 },
  { id: 'c3', key: 'other', name: 'Other', portal_name: 'Other', position: 3, ticket_count: 0 }
]
const types = [
  { id: 't1', category_id: 'c1', category: 'bug', name: 'Network', position: 1, ticket_count: 2 },
  { id: 't2', category_id: 'c1', category: 'bug', name: 'Café printer', position: 2, ticket_count: 0 },
  { id: 't3', category_id: 'c2', category: 'billing', name: 'Invoices', position: 1, ticket_count: 1 }
]
const items = [
  { id: 'i1', type_id: 't1', name: 'VPN', position: 1, ticket_count: 1 },
  { id: 'i2', type_id: 't1', name: 'Wireless network', position: 2, ticket_count: 0 },
  { id: 'i3', type_id: 't3', name: 'Bug in the sum', position: 1, ticket_count: 0 }
]

describe('category paths', () => {
  const paths = categoryPaths(categories, types, items)

  test('category paths are those of the tree, each before its children', () => {
    expect(paths.map(({ label }) => label)).toEqual([
      'Bug',
      'Bug › Network',
      'Bug › Network › VPN',
      'Bug › Network › Wireless network',
      'Bug › Café printer',
      'Billing',
      'Billing › Invoices',
      'Billing › Invoices › Bug in the sum',
      'Other'
    ])
    expect(paths[2]).toMatchObject({ category: 'bug', type_id: 't1', item_id: 'i1', value: 'bug/t1/i1', names: ['Bug', 'Network', 'VPN'] })
  })

  test('category paths have unique values, equal to pathValue() of a ticket', () => {
    expect(new Set(paths.map(({ value }) => value)).size).toBe(paths.length)
    for (const path of paths) expect(pathValue(path)).toBe(path.value)
  })

  test('types and items whose parent is missing have no category path', () => {
    expect(categoryPaths([], types, items)).toEqual([])
    expect(categoryPaths(categories, [], items)).toHaveLength(3)
  })
})

describe('search for category paths', () => {
  const search = (words: string) => categorySearch(categoryPaths(categories, types, items))(words).map(({ label }) => label)

  test('a blank query finds all category paths in order', () => {
    expect(search('  ')).toHaveLength(9)
    expect(search('')[0]).toBe('Bug')
  })

  test('the search requires every word, in any order', () => {
    expect(search('vpn bug')).toEqual(['Bug › Network › VPN'])
    expect(search('bug › network › vpn')).toEqual(['Bug › Network › VPN'])
    expect(search('vpn billing')).toEqual([])
  })

  test('the best match comes first', () => {
    expect(search('net')[0]).toBe('Bug › Network')
    expect(search('wire')[0]).toBe('Bug › Network › Wireless network')
    expect(search('bug')[0]).toBe('Bug')
    expect(search('invo')).toEqual(['Billing › Invoices', 'Billing › Invoices › Bug in the sum'])
  })

  test('the search ignores case and accents, and tolerates a typo', () => {
    expect(search('CAFE')).toEqual(['Bug › Café printer'])
    expect(search('biling')[0]).toBe('Billing')
    expect(search('xyz')).toEqual([])
  })
})

describe('the text about deleting a category, type or item', () => {
  const tree = categoryTree(categories, types, items)
  const consequence = (path: [number, number?, number?]) => {
    const [category, type, item] = [
      tree[path[0]]!,
      tree[path[0]]!.children[path[1] ?? -1],
      tree[path[0]]!.children[path[1] ?? -1]?.children[path[2] ?? -1]
    ]
    return deletionConsequence(item ?? type ?? category, (item ? type : category)!.name, 'Other')
  }

  test('the text says where tickets move and which children are deleted', () => {
    expect(consequence([0])).toBe('3 tickets move to “Other”. Its 2 types and 2 items are deleted too. This cannot be undone.')
    expect(consequence([1])).toBe('1 ticket moves to “Other”. Its 1 type and 1 item are deleted too. This cannot be undone.')
    expect(consequence([0, 0])).toBe('2 tickets move up to “Bug”. Its 2 items are deleted too. This cannot be undone.')
    expect(consequence([1, 0])).toBe('1 ticket moves up to “Billing”. Its 1 item is deleted too. This cannot be undone.')
    expect(consequence([0, 0, 0])).toBe('1 ticket moves up to “Network”. This cannot be undone.')
    expect(consequence([0, 1])).toBe('No tickets are filed here. This cannot be undone.')
  })

  test('the category “Other” is the fallback', () => {
    expect(tree.map(({ isFallback }) => isFallback)).toEqual([false, false, true])
  })
})
