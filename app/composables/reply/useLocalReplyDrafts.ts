import type { LocalDraft } from '~/utils/reply/reply-draft'

// Shared by the whole app (browser only).
const draftedTickets = ref<ReadonlySet<string>>(new Set())
// Numbers of the tickets with a draft, by id.
const ticketNumbers = new Map<string, number>()
let writeCount = 0

/** The reply drafts of this person on this device, and which tickets have a draft here or on the server. */
export function useLocalReplyDrafts() {
  const { profile, teamId } = useTeam()

  const keysStart = () => `${profile.value?.id ?? ''}:reply:`
  const keyOf = (ticketId: string) => keysStart() + ticketId

  /** The tickets with a draft on this device, in all teams. */
  function ticketIds(): string[] {
    const start = keysStart()
    return draftKeys(start).map(key => key.slice(start.length))
  }

  function read(ticketId: string): LocalDraft {
    const draft = readDraft<LocalDraft>(keyOf(ticketId))
    return draft ? { ...noDraft, ...draft } : noDraft
  }

  function write(ticketId: string, draft: LocalDraft): void {
    writeCount++
    // The draft was cleared or sent: the same text written again is another reply, so drop its idempotency key.
    if (!draft.content && profile.value)
      abandonRequests(profile.value.id, `/api/teams/${draft.team_id || teamId.value}/tickets/${ticketId}/replies`)
    const isBlank = !draft.content && draft.is_saved && !draft.is_internal
    const ticket_number = ticketNumbers.get(ticketId) ?? read(ticketId).ticket_number
    writeDraft(keyOf(ticketId), isBlank ? null : { ...draft, team_id: draft.team_id || teamId.value, ticket_number })
    if (draftedTickets.value.has(ticketId) === (draft.content !== '')) return
    const others = [...draftedTickets.value].filter(id => id !== ticketId)
    draftedTickets.value = new Set(draft.content ? [...others, ticketId] : others)
  }

  /** Records the number of a ticket, to store it with its draft. */
  function recordNumber(ticketId: string, ticketNumber: number): void {
    ticketNumbers.set(ticketId, ticketNumber)
  }

  /** Whether the server has the draft with this key of the draft store. */
  function isSaved(key: string): boolean {
    const start = keysStart()
    const draft = key.startsWith(start) && profile.value ? read(key.slice(start.length)) : null
    return draft !== null && (draft.is_saved || draft.content === '')
  }

  /** Whether the server has all reply drafts of this device. */
  function isAllSaved(): boolean {
    return ticketIds().every(ticketId => read(ticketId).is_saved)
  }

  function isDrafted(ticketId: string): boolean {
    const draft = read(ticketId)
    return draft.is_saved ? draftedTickets.value.has(ticketId) : draft.content !== ''
  }

  /** Sets which tickets have a draft on the server. */
  function setDrafted(tickets: ReadonlySet<string>): void {
    draftedTickets.value = tickets
  }

  return {
    keyOf,
    ticketIds,
    read,
    write,
    /** How often a draft was written since the page loaded. */
    writeCount: () => writeCount,
    recordNumber,
    isSaved,
    isAllSaved,
    isDrafted,
    setDrafted,
    forgetDrafted: () => setDrafted(new Set())
  }
}
