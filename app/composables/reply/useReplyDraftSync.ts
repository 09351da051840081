import type { DraftedTicket, ReplyDraft } from '#shared/types/api'
import type { LocalDraft, ReplyDraftState } from '~/utils/reply/reply-draft'

const saveDelay = 1_000 // milliseconds after the last key
const retryDelay = 10_000
const keepaliveLength = 15_000 // characters: a browser lets at most 64 KiB of requests outlive their page

// By draft, for the whole app and in the browser alone: a save goes on when its composer is closed.
const timers = new Map<string, ReturnType<typeof setTimeout>>()
const requests = new Map<string, Promise<void>>()
const sending = new Set<string>()
const failed = reactive(new Set<string>())
const newer = reactive(new Map<string, ReplyDraft>())
const drafted = ref<ReadonlySet<string>>(new Set())
// Of tickets that have been written to.
const ticketNumbers = new Map<string, number>()
let savings = 0

/** Keeps the drafts of this device and those of the server in step. What is typed is on the device at once. */
export function useReplyDraftSync() {
  const { profile, teamId } = useTeam()
  const session = useSupabaseSession()

  const keysStart = () => `${profile.value?.id ?? ''}:reply:`
  const keyOf = (ticketId: string) => keysStart() + ticketId
  const url = (ticketId: string, draft: LocalDraft) => `/api/teams/${draft.team_id || teamId.value}/tickets/${ticketId}/draft`

  function read(ticketId: string): LocalDraft {
    const draft = readDraft<LocalDraft>(keyOf(ticketId))
    return draft ? { ...noDraft, ...draft } : noDraft
  }

  function stateOf(ticketId: string): ReplyDraftState {
    const draft = read(ticketId)
    if (!draft.content) return 'idle'
    if (draft.is_saved) return 'saved'
    return failed.has(keyOf(ticketId)) || newer.has(keyOf(ticketId)) ? 'unsaved' : 'saving'
  }

  /** A text of another device that stands against the one here. */
  function newerOf(ticketId: string): ReplyDraft | null {
    return newer.get(keyOf(ticketId)) ?? null
  }

  function isDrafted(ticketId: string): boolean {
    const draft = read(ticketId)
    return draft.is_saved ? drafted.value.has(ticketId) : draft.content !== ''
  }

  // Between the end of a session, or the sign-in of another person in another tab, and the end of this page.
  function isMine(): boolean {
    return profile.value !== null && claimsOf(session.value?.access_token)?.sub === profile.value.id
  }

  /** Notes what the ticket is called. */
  function noteNumber(ticketId: string, ticketNumber: number): void {
    ticketNumbers.set(ticketId, ticketNumber)
  }

  function change(ticketId: string, patch: Partial<Pick<LocalDraft, 'content' | 'is_internal'>>): void {
    const before = read(ticketId)
    const draft = { ...before, ...patch }
    if (draft.content === before.content && draft.is_internal === before.is_internal) return
    const isNothing = !draft.content && !draft.version && !requests.has(keyOf(ticketId))
    keep(ticketId, { ...draft, is_saved: isNothing })
    if (!isNothing) schedule(ticketId, saveDelay)
  }

  /** Asks what is stored, and brings both together. Rejects when the server cannot be asked; what is here stays, also that of a deleted ticket. */
  async function load(ticketId: string, signal?: AbortSignal): Promise<void> {
    const key = keyOf(ticketId)
    const before = read(ticketId)
    const isBusy = () => requests.has(key) || sending.has(key)
    if (isBusy()) return
    const stored =
      (await $fetch<ReplyDraft | undefined>(url(ticketId, before), { signal }).catch(error => {
        if (statusOf(error) === 404 && keyOf(ticketId) === key) keepOrphan(ticketId)
        throw error
      })) ?? null
    // Saved meanwhile: what was asked for is older than what is known.
    if (keyOf(ticketId) !== key || isBusy() || read(ticketId).version !== before.version) return
    accept(ticketId, stored)
  }

  /** Saves now what is not saved yet. Never rejects: a failure shows in the state, and is tried again when that may help. */
  async function save(ticketId: string): Promise<void> {
    const key = keyOf(ticketId)
    unschedule(key)
    const draft = read(ticketId)
    if (draft.is_saved || !isMine() || sending.has(key) || newer.has(key) || requests.has(key)) return
    const request = put(ticketId, draft).finally(() => requests.delete(key))
    requests.set(key, request)
    await request
    // Changed meanwhile, or built upon what another device had written.
    if (keyOf(ticketId) === key && !timers.has(key) && !failed.has(key)) await save(ticketId)
  }

  /** Saves everything that is on this device alone, of whatever ticket. */
  async function saveAll(): Promise<void> {
    const start = keysStart()
    await Promise.all(draftKeys(start).map(key => save(key.slice(start.length))))
  }

  /** Whether the server holds the draft at `key` of the draft store. */
  function isSaved(key: string): boolean {
    const start = keysStart()
    const draft = key.startsWith(start) && profile.value ? read(key.slice(start.length)) : null
    return draft !== null && (draft.is_saved || draft.content === '')
  }

  /** Whether the server holds every reply that is written here. */
  function isAllSaved(): boolean {
    const start = keysStart()
    return draftKeys(start).every(key => read(key.slice(start.length)).is_saved)
  }

  /**
   * Runs `send` with the version of the draft that ends with it. Nothing is saved meanwhile, so that no answer crosses
   * with it, and what is typed meanwhile stays.
   */
  async function whileSending<R>(ticketId: string, content: string, send: (version: string | null) => Promise<R>): Promise<R> {
    const key = keyOf(ticketId)
    sending.add(key)
    unschedule(key)
    try {
      await requests.get(key)
      const result = await send(read(ticketId).version)
      if (keyOf(ticketId) === key) finish(ticketId, content)
      return result
    } finally {
      sending.delete(key)
      if (keyOf(ticketId) === key && !read(ticketId).is_saved) schedule(ticketId, saveDelay)
    }
  }

  function takeNewer(ticketId: string): void {
    const other = newerOf(ticketId)
    if (!other) return
    newer.delete(keyOf(ticketId))
    keep(ticketId, continueDraft(other, read(ticketId)))
  }

  function keepMine(ticketId: string): void {
    const other = newerOf(ticketId)
    if (!other) return
    newer.delete(keyOf(ticketId))
    keep(ticketId, { ...read(ticketId), version: other.version })
    void save(ticketId)
  }

  /** Asks in which tickets of the team there are drafts, and forgets copies of those that are gone. */
  async function loadDrafted(signal: AbortSignal): Promise<void> {
    const [team, start] = [teamId.value, keysStart()]
    const before = savings
    const rows = await fetchAll<DraftedTicket>(`/api/teams/${team}/drafts`, { signal })
    if (savings !== before) return loadDrafted(signal) // asked before a save that is done by now
    const stored = new Set(rows.map(row => row.ticket_id))
    for (const ticketId of draftKeys(start).map(key => key.slice(start.length))) {
      const draft = read(ticketId)
      if (!draft.is_saved || !draft.content || draft.team_id !== team || stored.has(ticketId) || sending.has(start + ticketId)) continue
      // Sent or emptied elsewhere, or its ticket was deleted: then it stays here.
      await load(ticketId, signal).catch(error => {
        if (statusOf(error) !== 404) throw error
      })
    }
    drafted.value = stored
  }

  function forgetDrafted(): void {
    drafted.value = new Set()
  }

  /** After a sign-out: what is stored stays on the server. */
  function forget(): void {
    for (const key of [...timers.keys()]) unschedule(key)
    failed.clear()
    newer.clear()
    forgetDrafted()
  }

  async function put(ticketId: string, draft: LocalDraft): Promise<void> {
    const key = keyOf(ticketId)
    const { content, is_internal, version } = draft
    try {
      const isStored = content !== '' || version !== null
      const stored = isStored
        ? await $fetch<ReplyDraft | undefined>(url(ticketId, draft), {
            method: 'PUT',
            body: { content, is_internal, version },
            keepalive: content.length < keepaliveLength
          })
        : undefined
      failed.delete(key)
      if (keyOf(ticketId) !== key) return
      const now = read(ticketId)
      keep(ticketId, { ...now, version: stored?.version ?? null, is_saved: now.content === content && now.is_internal === is_internal })
    } catch (error) {
      if (keyOf(ticketId) !== key) return
      if (statusOf(error) === 412) {
        failed.delete(key)
        accept(ticketId, apiErrorOf(error)?.data.current as ReplyDraft | null)
      } else {
        failed.add(key)
        if (statusOf(error) === 404) keepOrphan(ticketId)
        else if (mayPass(statusOf(error))) schedule(ticketId, retryDelay)
      }
    }
  }

  function accept(ticketId: string, stored: ReplyDraft | null): void {
    const key = keyOf(ticketId)
    const merged = mergeDraft(read(ticketId), stored)
    if (merged.newer) newer.set(key, merged.newer)
    else newer.delete(key)
    keep(ticketId, merged.draft)
    if (!merged.draft.is_saved && !merged.newer && !timers.has(key) && !requests.has(key)) schedule(ticketId, saveDelay)
  }

  // Nothing but this device holds it now, and nothing will.
  function keepOrphan(ticketId: string): void {
    const draft = read(ticketId)
    if (draft.content) keep(ticketId, { ...draft, version: null, is_saved: false })
    failed.add(keyOf(ticketId))
    unschedule(keyOf(ticketId))
  }

  function finish(ticketId: string, sent: string): void {
    const draft = read(ticketId)
    const content = unsentPart(draft.content, sent)
    failed.delete(keyOf(ticketId))
    if (!content && newerOf(ticketId)) takeNewer(ticketId)
    else keep(ticketId, { ...draft, content, version: null, is_saved: content === '' })
  }

  function keep(ticketId: string, draft: LocalDraft): void {
    savings++
    // Cleared by its person, or sent elsewhere: the same words written again are another reply.
    if (!draft.content && profile.value)
      abandonRequests(profile.value.id, `/api/teams/${draft.team_id || teamId.value}/tickets/${ticketId}/replies`)
    const isBlank = !draft.content && draft.is_saved && !draft.is_internal
    const ticket_number = ticketNumbers.get(ticketId) ?? read(ticketId).ticket_number
    writeDraft(keyOf(ticketId), isBlank ? null : { ...draft, team_id: draft.team_id || teamId.value, ticket_number })
    if (drafted.value.has(ticketId) === (draft.content !== '')) return
    const others = [...drafted.value].filter(id => id !== ticketId)
    drafted.value = new Set(draft.content ? [...others, ticketId] : others)
  }

  function schedule(ticketId: string, delay: number): void {
    const key = keyOf(ticketId)
    unschedule(key)
    timers.set(
      key,
      setTimeout(() => {
        timers.delete(key)
        if (keyOf(ticketId) === key) void save(ticketId)
      }, delay)
    )
  }

  function unschedule(key: string): void {
    clearTimeout(timers.get(key))
    timers.delete(key)
  }

  return {
    read,
    noteNumber,
    stateOf,
    newerOf,
    isDrafted,
    change,
    load,
    save,
    saveAll,
    isSaved,
    isAllSaved,
    whileSending,
    takeNewer,
    keepMine,
    loadDrafted,
    forgetDrafted,
    forget
  }
}

// No answer, or one that says: not now. A session that ended goes on when its person signs in again.
function mayPass(status: number | null): boolean {
  return status === null || status >= 500 || status === 429 || status === 409
}
