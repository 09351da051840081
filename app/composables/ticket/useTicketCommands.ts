import type { Member, TicketRow } from '#shared/types/api'
import { ticketPriorities } from '#shared/ticket'
import type { Command } from '~/utils/command/command'
import type { TicketPatch } from '~/composables/ticket/useTicketActions'

interface Verbs {
  change(patch: TicketPatch): void
  snooze(until: string | null): void
  /** Asks for the moment first. */
  snoozeUntil(): void
  /** Takes the last snooze or waking of this ticket back. */
  unsnooze(): void
  canUnsnooze(): boolean
  assign(id: string | null): void
  claim(): void
  release(): void
  isFollowing(): boolean
  follow(): void
  next(): void
  previous(): void
  remove(): void
}

/** What can be done with the open ticket; nothing while none is. */
export function useTicketCommands(ticket: Ref<TicketRow | null>, isOpen: () => boolean, members: Ref<Member[]>, verbs: Verbs): void {
  const { can } = usePermissions()
  const { profile } = useTeam()
  const { paths } = useCategories()
  const { noteTicket } = useCommandUsage()
  const toast = useToast()
  const { copy } = useClipboard({ legacy: true })
  const { copyTicket, copyCommands } = useTicketCopy()

  watch(
    () => isOpen() && ticket.value,
    now => {
      if (now) noteTicket({ number: now.ticket_number, subject: now.subject })
    },
    { immediate: true }
  )

  const move: Command[] = [
    {
      id: 'ticket.next',
      label: 'Next ticket',
      group: 'context',
      scope: 'ticket',
      shortcut: 'j',
      isKeyOnly: true,
      when: isOpen,
      run: verbs.next
    },
    {
      id: 'ticket.previous',
      label: 'Previous ticket',
      group: 'context',
      scope: 'ticket',
      shortcut: 'k',
      isKeyOnly: true,
      when: isOpen,
      run: verbs.previous
    },
    { id: 'ticket.close', label: 'Close the ticket', group: 'context', scope: 'ticket', shortcut: 'escape', isKeyOnly: true, when: isOpen }
  ]

  useCommands(
    () => {
      const open = isOpen() ? ticket.value : null
      return open
        ? [...commandsFor(open).map(command => ({ ...command, group: 'context' as const, scope: 'ticket' as const })), ...move]
        : move
    },
    { context: () => (isOpen() && ticket.value ? `${ticketNumber(ticket.value.ticket_number)} ${ticket.value.subject}` : null) }
  )

  function commandsFor(open: TicketRow): Omit<Command, 'group'>[] {
    const { change, snooze, snoozeUntil, unsnooze, canUnsnooze, assign, claim, release, isFollowing, follow, remove } = verbs
    const isMine = open.assigned_to !== null && open.assigned_to === profile.value?.id
    const mayAssign = can('tickets.assign')
    const mayUpdate = can('tickets.update')
    const offered: (Omit<Command, 'group'> | false)[] = [
      mayAssign && {
        id: 'ticket.assign',
        label: 'Assign to…',
        icon: 'i-lucide-user-round-plus',
        keywords: 'assignee person owner',
        shortcut: 'a',
        children: () => assignees(open, assign)
      },
      mayAssign &&
        !isMine && {
          id: 'ticket.assign-me',
          label: 'Assign to me',
          icon: 'i-lucide-hand',
          keywords: 'claim take',
          run: () => assign(profile.value?.id ?? null)
        },
      !mayAssign &&
        !open.assigned_to &&
        can('tickets.claim') && { id: 'ticket.claim', label: 'Claim', icon: 'i-lucide-hand', keywords: 'assign to me take', run: claim },
      !mayAssign &&
        isMine &&
        can('tickets.claim') && {
          id: 'ticket.release',
          label: 'Release',
          icon: 'i-lucide-user-round-x',
          keywords: 'unassign',
          run: release
        },
      statusTargets(open.status, can).length > 0 && {
        id: 'ticket.status',
        label: 'Change status…',
        icon: 'i-lucide-circle-dot',
        keywords: statusWords,
        shortcut: 's',
        children: () => statuses(open, status => change({ status }))
      },
      mayUpdate && {
        id: 'ticket.priority',
        label: 'Change priority…',
        icon: 'i-lucide-signal-high',
        keywords: 'urgent high normal low',
        shortcut: 'p',
        children: () =>
          [...ticketPriorities]
            .reverse()
            .map(priority =>
              value(
                `ticket.priority.${priority}`,
                priorityDisplay[priority].label,
                priorityDisplay[priority].icon,
                priority === open.priority,
                () => change({ priority })
              )
            )
      },
      mayUpdate && {
        id: 'ticket.severity',
        label: 'Change severity…',
        icon: 'i-lucide-gauge',
        keywords: 'sev',
        children: () =>
          severityLooks.map(({ value: severity, name }) =>
            value(`ticket.severity.${severity}`, name, 'i-lucide-gauge', severity === open.severity, () => change({ severity }))
          )
      },
      mayUpdate && {
        id: 'ticket.category',
        label: 'File under…',
        icon: 'i-lucide-folder-tree',
        keywords: 'category type item route',
        children: () =>
          paths.value.map(({ category, type_id, item_id, label, value: path }) =>
            value(`ticket.category.${path}`, label, 'i-lucide-folder', path === pathValue(open), () =>
              change({ category, type_id, item_id })
            )
          )
      },
      mayUpdate &&
        maySnooze(open) && {
          id: 'ticket.snooze',
          label: 'Snooze…',
          icon: 'i-lucide-alarm-clock',
          keywords: 'later remind hide put away until wake',
          shortcut: 'h',
          prompt: propertyLooks.snooze.prompt,
          children: () => moments(open, snooze, snoozeUntil),
          ofWords: words => typedMoment(words, snooze)
        },
      mayUpdate &&
        canUnsnooze() && { id: 'ticket.unsnooze', label: 'Undo the snooze', icon: 'i-lucide-undo-2', shortcut: 'z', run: unsnooze },
      mayUpdate && {
        id: 'ticket.tags',
        label: 'Tags…',
        icon: 'i-lucide-tag',
        keywords: 'label',
        shortcut: 'l',
        children: () => tags(open, change),
        ofWords: words => newTag(open, words, change)
      },
      {
        id: 'ticket.follow',
        label: isFollowing() ? 'Unfollow' : 'Follow',
        icon: isFollowing() ? 'i-lucide-bell-off' : 'i-lucide-bell-plus',
        keywords: 'watch subscribe notify notifications',
        shortcut: 'w',
        run: follow
      },
      {
        id: 'ticket.copy-link',
        label: 'Copy link',
        icon: 'i-lucide-link',
        keywords: 'url address share',
        run: () => take(ticketAddress(open.ticket_number, window.location.origin), 'The link was copied')
      },
      ...copyCommands('ticket', isOpen, () => copyTicket(open)),
      can('tickets.delete') && {
        id: 'ticket.delete',
        label: 'Delete ticket',
        icon: 'i-lucide-trash-2',
        keywords: 'remove',
        isDestructive: true,
        run: remove
      }
    ]
    return offered.filter(command => command !== false)
  }

  function assignees(open: TicketRow, assign: (id: string | null) => void): Command[] {
    const agents = members.value
      .filter(({ role }) => role !== 'viewer')
      .map(({ id, full_name, avatar_url }): Command => ({
        ...value(
          `ticket.assign.${id}`,
          id === profile.value?.id ? `${full_name} (you)` : full_name,
          undefined,
          id === open.assigned_to,
          () => assign(id)
        ),
        avatar: { src: avatar_url ?? undefined, alt: full_name }
      }))
    return [value('ticket.assign.nobody', 'Unassigned', 'i-lucide-user', open.assigned_to === null, () => assign(null)), ...agents]
  }

  function statuses(open: TicketRow, set: (status: TicketRow['status']) => void): Command[] {
    return statusChoices(open.status, can).map(status =>
      value(
        `ticket.status.${status}`,
        statusDisplay[status].label,
        statusDisplay[status].icon,
        status === open.status,
        () => status !== open.status && set(status)
      )
    )
  }

  function take(text: string, said: string): void {
    void copy(text)
    toast.add({ title: said, icon: 'i-lucide-check', color: 'success' })
  }
}

const statusWords = Object.values(statusDisplay)
  .map(({ label }) => label)
  .join(' ')

function value(id: string, label: string, icon: string | undefined, isCurrent: boolean, run: () => void): Command {
  return { id, label, icon, group: 'context', isCurrent, run }
}

function moments(open: TicketRow, snooze: Verbs['snooze'], snoozeUntil: Verbs['snoozeUntil']): Command[] {
  const now = new Date(serverNow())
  const wake: Command = {
    id: 'ticket.snooze.wake',
    label: 'Wake now',
    icon: 'i-lucide-alarm-clock-off',
    group: 'context',
    keywords: 'unsnooze back',
    run: () => snooze(null)
  }
  return [
    ...(open.snoozed_until ? [wake] : []),
    ...snoozeChoices(now).map(({ id, label, icon, until }) => moment(`ticket.snooze.${id}`, label, icon, until, snooze)),
    {
      id: 'ticket.snooze.pick',
      label: 'Pick date and time…',
      icon: 'i-lucide-calendar-clock',
      group: 'context',
      keywords: 'custom calendar',
      run: snoozeUntil
    }
  ]
}

function typedMoment(words: string, snooze: Verbs['snooze']): Command[] {
  const until = parseMoment(words, new Date(serverNow()))
  return until ? [moment('ticket.snooze.typed', 'Until', 'i-lucide-alarm-clock', until, snooze)] : []
}

function moment(id: string, label: string, icon: string, until: Date, snooze: Verbs['snooze']): Command {
  const iso = until.toISOString()
  return { id, label, icon, hint: momentName(iso), group: 'context', run: () => snooze(iso) }
}

function tags(open: TicketRow, change: Verbs['change']): Command[] {
  return open.tags.map(tag =>
    value(`ticket.tag.${tag}`, tag, 'i-lucide-tag', true, () => change({ tags: open.tags.filter(other => other !== tag) }))
  )
}

function newTag(open: TicketRow, words: string, change: Verbs['change']): Command[] {
  const added = parseTags(words).filter(tag => !open.tags.includes(tag))
  return added.length
    ? [value('ticket.tag.new', `Add “${added.join('”, “')}”`, 'i-lucide-plus', false, () => change({ tags: [...open.tags, ...added] }))]
    : []
}
