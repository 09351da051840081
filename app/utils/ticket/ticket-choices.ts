import type { Member } from '#shared/types/api'
import type { CategoryChoice } from '../category/category-path'
import { ticketPriorities, ticketStatuses, type TicketStatus } from '#shared/ticket'
import { priorityDisplay, severityLevels, statusDisplay } from './ticket'

/** A value for a property of a ticket, as an option in menus, fields, filters and the palette. */
export interface TicketChoice<T> {
  value: T
  label: string
  icon?: string
  avatar?: { src?: string; alt: string }
}

type Person = Pick<Member, 'id' | 'full_name' | 'avatar_url'>

/** The options for each property, in the order of all menus. For snooze times see `snoozeMenu()`. */
export const ticketChoices = {
  status: (statuses: readonly TicketStatus[] = ticketStatuses) =>
    statuses.map(value => ({ value, label: statusDisplay[value].label, icon: statusDisplay[value].icon })),
  /** Most urgent first. */
  priority: () =>
    ticketPriorities.map(value => ({ value, label: priorityDisplay[value].label, icon: priorityDisplay[value].icon })).reverse(),
  severity: () => severityLevels.map(({ value, name }) => ({ value, label: name })),
  /** "Unassigned" and all agents; `myId` gets "(you)". */
  assignee: (members: readonly Member[], myId?: string): TicketChoice<string | null>[] => [
    { value: null, label: 'Unassigned', icon: 'i-lucide-user' },
    ...agentsOf(members).map(member => personChoice(member, myId))
  ],
  category: (paths: readonly CategoryChoice[]) =>
    paths.map(({ label, category, type_id, item_id }) => ({ label, value: { category, type_id, item_id } })),
  tag: (tags: readonly string[]) => tags.map(tag => ({ value: tag, label: tag, icon: 'i-lucide-tag' }))
}

/** The members that tickets can be assigned to. */
export function agentsOf(members: readonly Member[]): Member[] {
  return members.filter(({ role }) => role !== 'viewer')
}

/** A person as an option; `myId` gets "(you)" after the name. */
export function personChoice({ id, full_name, avatar_url }: Person, myId?: string): TicketChoice<string> {
  return { value: id, label: id === myId ? `${full_name} (you)` : full_name, avatar: { src: avatar_url ?? undefined, alt: full_name } }
}
