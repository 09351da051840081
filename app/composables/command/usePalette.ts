import { parseSearch, positiveTerms } from '#shared/utils/search-query'
import { fromMarkup, highlight, toMarkup } from '#shared/utils/snippet'
import type { FoundArticle, FoundReply, FoundTicket } from '#shared/types/api'
import type { Command, CommandGroup } from '~/utils/command/command'
import { parsePaletteQuery, rankCommands } from '~/utils/command/command-rank'

/** A row of the palette: a command, a ticket, a reply or an article. */
export interface PaletteItem {
  id: string
  command: Command
  ticket?: { number: number; subject: string; found?: FoundTicket }
  reply?: FoundReply
  article?: FoundArticle
}

export interface PaletteGroup {
  id: string
  label: string
  items: PaletteItem[]
}

const groupLabels: Record<CommandGroup, string> = {
  context: 'Actions',
  navigate: 'Go to',
  views: 'Views',
  create: 'Create',
  people: 'People',
  account: 'You'
}
const groupsOfKind: Record<string, CommandGroup[]> = {
  commands: ['context', 'navigate', 'create', 'account'],
  people: ['people'],
  views: ['views']
}
const maxRecent = 5
const maxPerGroup = 8

/** The content of the palette for the typed words, or the second step of the chosen command. */
export function usePalette(isOpen: Ref<boolean>, openTicket: (number: number, replyId?: string) => void) {
  const { commands, context } = useCommandRegistry()
  const { weight, recentTickets, recordUse } = useCommandUsage()
  const { team } = useTeam()
  const words = ref('')
  const path = shallowRef<Command[]>([])
  const values = shallowRef<Command[]>([])
  const isLoadingValues = ref(false)

  const query = computed(() => parsePaletteQuery(words.value, team.value?.slug))
  const issue = computed(() => parseSearch(query.value.words).issues[0] ?? null)
  const searchWords = computed(() => {
    const { kind, words } = query.value
    return isOpen.value && path.value.length === 0 && kind === 'anything' && words.length > 1 && !issue.value ? words : ''
  })
  const search = useSearch(searchWords, maxPerGroup)

  const groups = computed<PaletteGroup[]>(() =>
    path.value.length ? listValues() : query.value.words || query.value.kind !== 'anything' ? listMatches() : listEverything()
  )
  // Search results are appended below the other groups.
  const found = computed<PaletteGroup[]>(() => {
    const results = searchWords.value ? search.results.value : null
    if (!results) return []
    const shown = new Set(groups.value.flatMap(group => group.items.map(({ id }) => id)))
    return dropEmpty([
      {
        id: 'tickets',
        label: 'Tickets',
        items: results.tickets
          .map(ticket => ticketItem({ number: ticket.ticket_number, subject: ticket.subject, found: ticket }))
          .filter(({ id }) => !shown.has(id))
      },
      { id: 'replies', label: 'Conversations', items: results.replies.map(replyItem) },
      { id: 'articles', label: 'Articles', items: results.articles.map(articleItem) }
    ])
  })

  function listEverything(): PaletteGroup[] {
    const offered = commands.value.filter(({ group }) => group !== 'people')
    const groups = groupCommands(
      [...offered.filter(({ isDestructive }) => !isDestructive), ...offered.filter(({ isDestructive }) => isDestructive)],
      Infinity
    )
    const recent = { id: 'recent', label: 'Recent tickets', items: recentTickets.value.slice(0, maxRecent).map(ticketItem) }
    const [before, after] = [groups.filter(({ id }) => id === 'context'), groups.filter(({ id }) => id !== 'context')]
    return dropEmpty([...before, recent, ...after])
  }

  function listMatches(): PaletteGroup[] {
    const { kind, words, number } = query.value
    const offered = kind === 'anything' ? commands.value : commands.value.filter(({ group }) => groupsOfKind[kind]!.includes(group))
    const known = recentTickets.value.filter(ticket => words && ticket.subject.toLowerCase().includes(words.toLowerCase())).slice(0, 3)
    return dropEmpty([
      { id: 'number', label: 'Ticket', items: number === null ? [] : [ticketItem({ number, subject: subjectOf(number) })] },
      ...groupCommands(rankCommands(offered, words, weight), words ? maxPerGroup : Infinity),
      { id: 'recent', label: 'Recent tickets', items: kind === 'anything' && number === null ? known.map(ticketItem) : [] }
    ])
  }

  function listValues(): PaletteGroup[] {
    const step = path.value.at(-1)!
    const items = [...rankCommands(values.value, words.value), ...(words.value.trim() ? (step.ofWords?.(words.value) ?? []) : [])]
    return dropEmpty([{ id: step.id, label: '', items: items.slice(0, 100).map(commandItem) }])
  }

  function groupCommands(list: readonly Command[], limit: number): PaletteGroup[] {
    // Without words in a fixed order, otherwise the group of the best match first.
    const order = Number.isFinite(limit) ? [...new Set(list.map(({ group }) => group))] : (Object.keys(groupLabels) as CommandGroup[])
    return order.map(group => ({
      id: group,
      label: groupLabels[group],
      items: list
        .filter(command => command.group === group && !command.isKeyOnly && (command.run || command.children))
        .slice(0, limit)
        .map(commandItem)
    }))
  }

  function subjectOf(number: number): string {
    return (
      search.results.value?.tickets.find(ticket => ticket.ticket_number === number)?.subject ??
      recentTickets.value.find(ticket => ticket.number === number)?.subject ??
      ''
    )
  }

  function ticketItem(ticket: NonNullable<PaletteItem['ticket']>): PaletteItem {
    const id = `open.${ticket.number}`
    return {
      id,
      ticket,
      command: { id, label: `${ticketNumber(ticket.number)} ${ticket.subject}`, group: 'navigate', run: () => openTicket(ticket.number) }
    }
  }

  function replyItem(reply: FoundReply): PaletteItem {
    return {
      id: `reply.${reply.id}`,
      reply,
      command: {
        id: `open.${reply.ticket_number}`,
        label: reply.subject,
        group: 'navigate',
        run: () => openTicket(reply.ticket_number, reply.id)
      }
    }
  }

  function articleItem(article: FoundArticle): PaletteItem {
    const id = `article.${article.id}`
    return {
      id,
      article,
      command: { id, label: textOf(article.title), group: 'navigate', run: () => void navigateTo(articlePagePath(article.id)) }
    }
  }

  /** A subject as HTML with the search words marked, like the server's snippets. */
  function markSubject(subject: string): string {
    return toMarkup(highlight(subject, positiveTerms(parseSearch(searchWords.value))))
  }

  /** Opens the second step of a command with children. The caller runs other commands after the palette closed. */
  async function choose(command: Command): Promise<void> {
    recordUse(command.id)
    if (!command.children) return
    path.value = [...path.value, command]
    words.value = ''
    values.value = []
    isLoadingValues.value = true
    try {
      const loaded = await command.children()
      if (path.value.at(-1) === command) values.value = loaded
    } finally {
      isLoadingValues.value = false
    }
  }

  function reset(): void {
    words.value = ''
    path.value = []
    values.value = []
  }

  return {
    words,
    path,
    groups,
    found,
    context,
    issue,
    isSearching: computed(() => isLoadingValues.value || (searchWords.value !== '' && search.isLoading.value)),
    error: computed(() => (searchWords.value ? search.error.value : null)),
    retry: search.refresh,
    markSubject,
    choose,
    reset
  }
}

function commandItem(command: Command): PaletteItem {
  return { id: command.id, command }
}

function dropEmpty(groups: PaletteGroup[]): PaletteGroup[] {
  return groups.filter(({ items }) => items.length > 0)
}

function textOf(markup: string): string {
  return fromMarkup(markup)
    .map(({ text }) => text)
    .join('')
}
