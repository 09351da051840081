import type { ReplyDraft } from '#shared/types/api'
import type { InsertedArticle } from '../article/article-insert'

/** A draft as stored on this device. */
export interface LocalDraft {
  content: string
  is_internal: boolean
  team_id: string
  /** To find the draft by its ticket's number after the ticket was deleted. */
  ticket_number?: number
  /** Articles whose text was inserted; the server does not store them. */
  articles?: InsertedArticle[]
  /** The server's version that it is based on; null if the server had none. */
  version: string | null
  /** Whether the server has the same text. */
  is_saved: boolean
}

export type ReplyDraftState = 'idle' | 'saving' | 'saved' | 'unsaved'

export const noDraft: Readonly<LocalDraft> = { content: '', is_internal: false, team_id: '', version: null, is_saved: true }

/**
 * Merges the local draft with the server's (null if it has none). A saved local copy follows the server; unsaved local text is
 * kept. `newer` is a conflicting draft of another device, neither a prefix nor a continuation of the local text: both are kept
 * until the person chooses.
 */
export function mergeDraft(local: LocalDraft, stored: ReplyDraft | null): { draft: LocalDraft; newer: ReplyDraft | null } {
  const keep = (version: string | null, is_saved: boolean) => ({ draft: { ...local, version, is_saved }, newer: null })
  if (!stored) {
    // Sent or cleared on another device. `is_internal` is kept, so that a note typed next does not become public.
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

/** The local draft after it adopted the server's. */
export function continueDraft(
  { content, is_internal, version }: ReplyDraft,
  { team_id, articles }: Pick<LocalDraft, 'team_id' | 'articles'>
): LocalDraft {
  return { content, is_internal, team_id, ...(articles && { articles }), version, is_saved: true }
}

/** The text that was typed while `sent` was being sent; all of `content` if it no longer starts with `sent`. */
export function unsentPart(content: string, sent: string): string {
  return content.startsWith(sent) ? content.slice(sent.length).trimStart() : content
}
