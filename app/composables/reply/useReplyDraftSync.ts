import type { DraftedTicket, ReplyDraft } from '#shared/types/api'
import type { LocalDraft, ReplyDraftState } from '~/utils/reply/reply-draft'

const saveDelayMs = 1_000 // after the last key press
const retryDelayMs = 10_000
const maxKeepaliveLength = 15_000 // characters; browsers limit keepalive requests to 64 KiB in total

// By draft key, shared by the whole app (browser only): a save continues when its composer closes.
const timers = new Map<string, ReturnType<typeof setTimeout>>()
const requests = new Map<string, Promise<void>>()
const sending = new Set<string>()
const failed = reactive(new Set<string>())
const newer = reactive(new Map<string, ReplyDraft>())

/** Synchronises the reply drafts of this device (`useLocalReplyDrafts`) with the server. Typed text is stored on the device at once. */
export function useReplyDraftSync() {
  const { profile, teamId } = useTeam()
  const session = useSupabaseSession()
  const local = useLocalReplyDrafts()
  const { keyOf, read } = local

  const url = (ticketId: string, draft: LocalDraft) => `/api/teams/${draft.team_id || teamId.value}/tickets/${ticketId}/draft`

  function stateOf(ticketId: string): ReplyDraftState {
    const draft = read(ticketId)
    if (!draft.content) return 'idle'
    if (draft.is_saved) return 'saved'
    return failed.has(keyOf(ticketId)) || newer.has(keyOf(ticketId)) ? 'unsaved' : 'saving'
  }

  /** A conflicting draft of another device. */
  function newerOf(ticketId: string): ReplyDraft | null {
    return newer.get(keyOf(ticketId)) ?? null
  }

  // False after the session ended or another person signed in in another tab, until this page is left.
  function isSamePerson(): boolean {
    return profile.value !== null && claimsOf(session.value?.access_token)?.sub === profile.value.id
  }

  function change(ticketId: string, patch: Partial<Pick<LocalDraft, 'content' | 'is_internal' | 'articles'>>): void {
    const before = read(ticketId)
    const draft = { ...before, ...patch }
    if (draft.content === before.content && draft.is_internal === before.is_internal) {
      if (draft.articles !== before.articles) local.write(ticketId, draft)
      return
    }
    const hasNothingToSave = !draft.content && !draft.version && !requests.has(keyOf(ticketId))
    local.write(ticketId, { ...draft, is_saved: hasNothingToSave })
    if (!hasNothingToSave) schedule(ticketId, saveDelayMs)
  }

  /** Fetches the stored draft and merges it. Rejects if the request fails; the local draft stays, even if the ticket was deleted. */
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
    // A save finished during the request, so the response is outdated.
    if (keyOf(ticketId) !== key || isBusy() || read(ticketId).version !== before.version) return
    accept(ticketId, stored)
  }

  /** Saves the draft now, if it is unsaved. Never rejects: a failure is visible in the state and retried if it is transient. */
  async function save(ticketId: string): Promise<void> {
    const key = keyOf(ticketId)
    unschedule(key)
    const draft = read(ticketId)
    if (draft.is_saved || !isSamePerson() || sending.has(key) || newer.has(key) || requests.has(key)) return
    const request = put(ticketId, draft).finally(() => requests.delete(key))
    requests.set(key, request)
    await request
    // The draft changed during the request, or was rebased on the draft of another device.
    if (keyOf(ticketId) === key && !timers.has(key) && !failed.has(key)) await save(ticketId)
  }

  /** Saves all unsaved drafts of this device. */
  async function saveAll(): Promise<void> {
    await Promise.all(local.ticketIds().map(ticketId => save(ticketId)))
  }

  /**
   * Runs `send` with the version of the draft that sending deletes. Saves are paused meanwhile, so that their responses cannot
   * interfere, and text typed meanwhile is kept.
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
      if (keyOf(ticketId) === key && !read(ticketId).is_saved) schedule(ticketId, saveDelayMs)
    }
  }

  function takeNewer(ticketId: string): void {
    const other = newerOf(ticketId)
    if (!other) return
    newer.delete(keyOf(ticketId))
    local.write(ticketId, continueDraft(other, read(ticketId)))
  }

  function keepMine(ticketId: string): void {
    const other = newerOf(ticketId)
    if (!other) return
    newer.delete(keyOf(ticketId))
    local.write(ticketId, { ...read(ticketId), version: other.version })
    void save(ticketId)
  }

  /** Fetches which tickets of the team have drafts, and deletes saved copies of drafts that no longer exist. */
  async function loadDrafted(signal: AbortSignal): Promise<void> {
    const team = teamId.value
    const before = local.writeCount()
    const rows = await fetchAll<DraftedTicket>(`/api/teams/${team}/drafts`, { signal })
    if (local.writeCount() !== before) return loadDrafted(signal) // a draft was written during the request
    const stored = new Set(rows.map(row => row.ticket_id))
    for (const ticketId of local.ticketIds()) {
      const draft = read(ticketId)
      if (!draft.is_saved || !draft.content || draft.team_id !== team || stored.has(ticketId) || sending.has(keyOf(ticketId))) continue
      // Sent or cleared elsewhere. If the ticket was deleted (404), the local draft stays.
      await load(ticketId, signal).catch(error => {
        if (statusOf(error) !== 404) throw error
      })
    }
    local.setDrafted(stored)
  }

  /** Clears the state after a sign-out; stored drafts stay on the server. */
  function forget(): void {
    for (const key of [...timers.keys()]) unschedule(key)
    failed.clear()
    newer.clear()
    local.forgetDrafted()
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
            keepalive: content.length < maxKeepaliveLength
          })
        : undefined
      failed.delete(key)
      if (keyOf(ticketId) !== key) return
      const now = read(ticketId)
      local.write(ticketId, {
        ...now,
        version: stored?.version ?? null,
        is_saved: now.content === content && now.is_internal === is_internal
      })
    } catch (error) {
      if (keyOf(ticketId) !== key) return
      if (statusOf(error) === 412) {
        failed.delete(key)
        accept(ticketId, apiErrorOf(error)?.data.current as ReplyDraft | null)
      } else {
        failed.add(key)
        if (statusOf(error) === 404) keepOrphan(ticketId)
        else if (isTransient(statusOf(error))) schedule(ticketId, retryDelayMs)
      }
    }
  }

  function accept(ticketId: string, stored: ReplyDraft | null): void {
    const key = keyOf(ticketId)
    const merged = mergeDraft(read(ticketId), stored)
    if (merged.newer) newer.set(key, merged.newer)
    else newer.delete(key)
    local.write(ticketId, merged.draft)
    if (!merged.draft.is_saved && !merged.newer && !timers.has(key) && !requests.has(key)) schedule(ticketId, saveDelayMs)
  }

  // The ticket was deleted, so the draft can only stay on this device.
  function keepOrphan(ticketId: string): void {
    const draft = read(ticketId)
    if (draft.content) local.write(ticketId, { ...draft, version: null, is_saved: false })
    failed.add(keyOf(ticketId))
    unschedule(keyOf(ticketId))
  }

  function finish(ticketId: string, sent: string): void {
    const draft = read(ticketId)
    const content = unsentPart(draft.content, sent)
    failed.delete(keyOf(ticketId))
    if (!content && newerOf(ticketId)) takeNewer(ticketId)
    else local.write(ticketId, { ...draft, content, articles: undefined, version: null, is_saved: content === '' })
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

  return { stateOf, newerOf, change, load, save, saveAll, whileSending, takeNewer, keepMine, loadDrafted, forget }
}

// Transient failures. Not 401: after the session ended, the draft is saved when the person signs in again.
function isTransient(status: number | null): boolean {
  return status === null || status >= 500 || status === 429 || status === 409
}
