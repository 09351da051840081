import type { ReplyDraft } from '#shared/types/api'

/** A draft as this device holds it. */
export interface LocalDraft {
  content: string
  is_internal: boolean
  team_id: string
  /** What the ticket is called, to find the text again where the ticket is gone. */
  ticket_number?: number
  /** The stored draft that it goes on from; null where none was stored. */
  version: string | null
  /** Whether the server holds the same. */
  is_saved: boolean
}

export type ReplyDraftState = 'idle' | 'saving' | 'saved' | 'unsaved'

export const noDraft: Readonly<LocalDraft> = { content: '', is_internal: false, team_id: '', version: null, is_saved: true }

/**
 * What this device shows after hearing what is stored (null is nothing). A copy that was saved follows the server; what
 * was typed here since stays. `newer` is a text of another device that neither goes on from ours nor is continued by it:
 * both are kept until a person chooses.
 */
export function mergeDraft(local: LocalDraft, stored: ReplyDraft | null): { draft: LocalDraft; newer: ReplyDraft | null } {
  const keep = (version: string | null, is_saved: boolean) => ({ draft: { ...local, version, is_saved }, newer: null })
  if (!stored) {
    // Sent or emptied on another device. The kind stays: a note begun next must not become public by itself.
    return local.is_saved ? { draft: { ...local, content: '', version: null }, newer: null } : keep(null, local.content === '')
  }
  if (local.is_saved) return { draft: continueDraft(stored, local), newer: null }
  if (stored.version === local.version) return keep(local.version, false)
  if (local.content === '') return { draft: continueDraft(stored, local), newer: null }
  if (stored.is_internal === local.is_internal) {
    if (local.content.startsWith(stored.content)) return keep(stored.version, local.content === stored.content)
    if (stored.content.startsWith(local.content)) return { draft: continueDraft(stored, local), newer: null }
  }
  return { draft: local, newer: stored }
}

/** The draft of this device once it has taken over what is stored. */
export function continueDraft({ content, is_internal, version }: ReplyDraft, { team_id }: Pick<LocalDraft, 'team_id'>): LocalDraft {
  return { content, is_internal, team_id, version, is_saved: true }
}

/** What of `content` was typed while `sent` was on its way; all of it when the sent text is not its beginning any more. */
export function unsentPart(content: string, sent: string): string {
  return content.startsWith(sent) ? content.slice(sent.length).trimStart() : content
}
