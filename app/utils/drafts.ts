import { mentionsAsText } from '#shared/utils/mentions'

const prefix = 'draft:'

// What is being written, by person and place: on this device, so that no failure and no accident loses it. The tabs of
// one browser share it.
const drafts = reactive(new Map<string, string>())

/** What was written at `key` and not sent yet. */
export function readDraft(key: string): string {
  const known = drafts.get(prefix + key)
  return known ?? localStorage.getItem(prefix + key) ?? ''
}

/** Keeps `text`; the empty text forgets the draft. */
export function writeDraft(key: string, text: string): void {
  drafts.set(prefix + key, text)
  try {
    if (text) localStorage.setItem(prefix + key, text)
    else localStorage.removeItem(prefix + key)
  } catch (error) {
    // A full storage only costs the copy that survives a reload.
    if (!(error instanceof DOMException)) throw error
  }
}

/** The keys that begin with `start` and have a draft. */
export function draftKeys(start: string): string[] {
  const keys = new Set([...Object.keys(localStorage), ...drafts.keys()])
  return [...keys].filter(key => key.startsWith(prefix + start)).map(key => key.slice(prefix.length)).filter(key => readDraft(key))
}

/** Takes over what another tab of this browser has written. */
export function followDrafts({ key, newValue, storageArea }: StorageEvent): void {
  if (storageArea === localStorage && key?.startsWith(prefix)) drafts.set(key, newValue ?? '')
}

/** Forgets every draft: at sign-out, as the next person at this machine is another. */
export function forgetDrafts(): void {
  drafts.clear()
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith(prefix)) localStorage.removeItem(key)
  }
}

export interface KeptDraft { key: string, kind: string, text: string }

/** Everything that is written on this device and not sent, whatever it was written for, to be read where nothing else works. */
export function keptDrafts(): KeptDraft[] {
  return draftKeys('').flatMap((key) => {
    const draft = parsed(readDraft(key))
    const text = [draft.subject, draft.description, draft.name, draft.content].filter(part => typeof part === 'string' && part.trim()).join('\n\n')
    // Names are not at hand where nothing else works.
    return text ? [{ key, kind: kindOf(key, draft), text: mentionsAsText(text, [], '@…') }] : []
  })
}

function kindOf(key: string, draft: Record<string, unknown>): string {
  if (key.includes(':reply:')) return draft.is_internal === true ? 'Internal note' : 'Reply'
  return key.endsWith(':new-ticket') ? 'New ticket' : 'Draft'
}

function parsed(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text)
    return value !== null && typeof value === 'object' ? { ...value } : { content: text }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { content: text }
  }
}
