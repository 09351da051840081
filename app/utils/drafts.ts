const prefix = 'draft:'

// What is being written, by person and place: kept while the tab lives, so that no failure and no accident loses it.
const drafts = reactive(new Map<string, string>())

/** What was written at `key` and not sent yet. */
export function readDraft(key: string): string {
  const known = drafts.get(prefix + key)
  return known ?? sessionStorage.getItem(prefix + key) ?? ''
}

/** Keeps `text`; the empty text forgets the draft. */
export function writeDraft(key: string, text: string): void {
  drafts.set(prefix + key, text)
  try {
    if (text) sessionStorage.setItem(prefix + key, text)
    else sessionStorage.removeItem(prefix + key)
  } catch (error) {
    // A full storage only costs the copy that survives a reload.
    if (!(error instanceof DOMException)) throw error
  }
}

/** Forgets every draft: at sign-out, as the next person at this machine is another. */
export function forgetDrafts(): void {
  drafts.clear()
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(prefix)) sessionStorage.removeItem(key)
  }
}
