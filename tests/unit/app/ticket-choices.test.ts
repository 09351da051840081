import { describe, expect, test } from 'vitest'
import type { Member } from '#shared/types/api'
import { agentsOf, personChoice, ticketChoices } from '~/utils/ticket/ticket-choices'

const [ann, bob, vera] = [member('ann', 'owner'), member('bob', 'member'), member('vera', 'viewer')] as const

describe('ticketChoices', () => {
  test('the assignees are nobody and each agent, and the reader is marked', () => {
    expect(ticketChoices.assignee([ann, bob, vera], 'bob').map(({ value, label }) => [value, label])).toEqual([
      [null, 'Unassigned'],
      ['ann', 'ann'],
      ['bob', 'bob (you)']
    ])
    expect(agentsOf([ann, vera])).toEqual([ann])
  })

  test('a person is shown with their picture, or the initials of their name', () => {
    expect(personChoice(ann).avatar).toEqual({ src: undefined, alt: 'ann' })
    expect(personChoice({ ...ann, avatar_url: '/a.png' }).avatar).toEqual({ src: '/a.png', alt: 'ann' })
  })

  test('priorities are listed with the most urgent first, in a new array at each call', () => {
    expect(ticketChoices.priority().map(({ label }) => label)).toEqual(['Urgent', 'High', 'Normal', 'Low'])
    expect(ticketChoices.priority().reverse()).not.toEqual(ticketChoices.priority())
  })

  test('the statuses are all, or the given ones', () => {
    expect(ticketChoices.status().map(({ value }) => value)).toEqual(['open', 'in_progress', 'waiting', 'resolved', 'closed'])
    expect(ticketChoices.status(['closed'])).toEqual([{ value: 'closed', label: 'Closed', icon: 'i-lucide-circle-slash' }])
  })

  test('a category path is labelled with the names of category, type and item', () => {
    const path = { category: 'it', type_id: 't', item_id: null, value: 'it/t', names: ['IT', 'Laptop'], label: 'IT › Laptop' }
    expect(ticketChoices.category([path])).toEqual([{ label: 'IT › Laptop', value: { category: 'it', type_id: 't', item_id: null } }])
  })
})

function member(id: string, role: Member['role']): Member {
  return { id, full_name: id, avatar_url: null, role } as Member
}
