import type { Member, TicketRow } from '#shared/types/api'
import type { Command } from '~/utils/command/command'
import type { SnoozeMenuItem } from '~/utils/ticket/snooze-choice'
import type { TicketChoice } from '~/utils/ticket/ticket-choices'
import type { TicketPatch } from '~/composables/ticket/useTicketActions'

interface Verbs {
  change(patch: TicketPatch): void
  snooze(until: string | null): void
  /** Opens the date picker. */
  snoozeUntil(): void
  /** Undoes the last snooze or wake-up of this ticket. */
  unsnooze(): void
  canUnsnooze(): boolean
  assign(id: string | null): void
  claim(): void
  release(): void
  isFollowing(): boolean
  follow(): void
  markUnread(): void
  draftArticle(): void
  next(): void
  previous(): void
  remove(): void
}

/** Registers the commands for the open ticket. */
export function useTicketCommands(ticket: Ref<TicketRow | null>, isOpen: () => boolean, members: Ref<Member[]>, verbs: Verbs): void {
  const { can } = usePermissions()
  const { profile } = useTeam()
  const { paths } = useCategories()
  const { recordTicket } = useCommandUsage()
  const toast = useToast()
  const { copy } = useClipboard({ legacy: true })
  const { copyTicket, copyCommands } = useTicketCopy()

  watch(
    () => isOpen() && ticket.value,
    now => {
      if (now) recordTicket({ number: now.ticket_number, subject: now.subject })
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
    const { change, unsnooze, canUnsnooze, assign, claim, release, isFollowing, follow, markUnread, draftArticle, remove } = verbs
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
          ticketChoices
            .priority()
            .map(choice =>
              choiceCommand(`ticket.priority.${choice.value}`, choice, choice.value === open.priority, priority => change({ priority }))
            )
      },
      mayUpdate && {
        id: 'ticket.severity',
        label: 'Change severity…',
        icon: 'i-lucide-gauge',
        keywords: 'sev',
        children: () =>
          ticketChoices
            .severity()
            .map(choice =>
              choiceCommand(
                `ticket.severity.${choice.value}`,
                { icon: 'i-lucide-gauge', ...choice },
                choice.value === open.severity,
                severity => change({ severity })
              )
            )
      },
      mayUpdate && {
        id: 'ticket.category',
        label: 'File under…',
        icon: 'i-lucide-folder-tree',
        keywords: 'category type item route',
        children: () =>
          ticketChoices
            .category(paths.value)
            .map(choice =>
              choiceCommand(
                `ticket.category.${pathValue(choice.value)}`,
                { icon: 'i-lucide-folder', ...choice },
                pathValue(choice.value) === pathValue(open),
                change
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
          prompt: propertyDisplay.snooze.prompt,
          children: () => snoozes(snoozeMenu(new Date(serverNow()), open.snoozed_until !== null), verbs),
          ofWords: words => snoozes(typedSnooze(words, new Date(serverNow())), verbs)
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
      // What a client has not written cannot be new.
      open.last_message_by === 'requester' && {
        id: 'ticket.unread',
        label: 'Mark as unread',
        icon: 'i-lucide-mail',
        keywords: 'read later new',
        shortcut: 'u',
        run: markUnread
      },
      {
        id: 'ticket.copy-link',
        label: 'Copy link',
        icon: 'i-lucide-link',
        keywords: 'url address share',
        run: () => copyText(ticketAddress(open.ticket_number, window.location.origin), 'The link was copied')
      },
      ...copyCommands('ticket', isOpen, () => copyTicket(open)),
      can('articles.manage') &&
        (open.status === 'resolved' || open.status === 'closed') && {
          id: 'ticket.draft-article',
          label: 'Draft an article from this ticket',
          icon: 'i-lucide-book-plus',
          keywords: 'knowledge base help centre write',
          shortcut: 'b',
          run: draftArticle
        },
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
    return ticketChoices
      .assignee(members.value, profile.value?.id)
      .map(choice => choiceCommand(`ticket.assign.${choice.value ?? 'nobody'}`, choice, choice.value === open.assigned_to, assign))
  }

  function statuses(open: TicketRow, set: (status: TicketRow['status']) => void): Command[] {
    return ticketChoices
      .status(statusChoices(open.status, can))
      .map(choice =>
        choiceCommand(
          `ticket.status.${choice.value}`,
          choice,
          choice.value === open.status,
          status => status !== open.status && set(status)
        )
      )
  }

  function copyText(text: string, message: string): void {
    void copy(text)
    toast.add({ title: message, icon: 'i-lucide-check', color: 'success' })
  }
}

const statusWords = Object.values(statusDisplay)
  .map(({ label }) => label)
  .join(' ')

function choiceCommand<T>(
  id: string,
  { value, label, icon, avatar }: TicketChoice<T>,
  isCurrent: boolean,
  run: (value: T) => void
): Command {
  return { id, label, icon, avatar, group: 'context', isCurrent, run: () => run(value) }
}

function snoozes(items: SnoozeMenuItem[], { snooze, snoozeUntil }: Verbs): Command[] {
  return items.map(({ id, label, icon, hint, value }) => ({
    id: `ticket.snooze.${id}`,
    label,
    icon,
    hint,
    group: 'context',
    keywords: value === null ? 'unsnooze back' : value === pickTime ? 'custom calendar' : undefined,
    run: () => (value === pickTime ? snoozeUntil() : snooze(value))
  }))
}

function tags(open: TicketRow, change: Verbs['change']): Command[] {
  return ticketChoices
    .tag(open.tags)
    .map(choice =>
      choiceCommand(`ticket.tag.${choice.value}`, choice, true, tag => change({ tags: open.tags.filter(other => other !== tag) }))
    )
}

function newTag(open: TicketRow, words: string, change: Verbs['change']): Command[] {
  const added = parseTags(words).filter(tag => !open.tags.includes(tag))
  const choice = { value: added, label: `Add “${added.join('”, “')}”`, icon: 'i-lucide-plus' }
  return added.length ? [choiceCommand('ticket.tag.new', choice, false, () => change({ tags: [...open.tags, ...added] }))] : []
}
