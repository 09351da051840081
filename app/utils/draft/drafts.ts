import { reactive } from 'vue'
import { mentionsAsText } from '#shared/utils/mentions'
import { isServerTimeKnown, latestServerTime, serverNow } from '../app/server-time'

interface Envelope {
  at: number
  value: Record<string, unknown>
}

const prefix = 'draft:'
const openFormsKey = 'open-forms'
const lifetime = 30 * 86_400_000 // milliseconds: as long as a session of the same person may last
const mostCharacters = 2_000_000 // a browser gives a site about five million

// What is being written, by person and form: on this device, so that no failure and no accident loses it. The tabs of one
// browser share it.
const drafts = reactive(new Map<string, string>())
// Forms that are on the screen now.
const openForms = new Set<string>()

/** Where a draft is kept: by person, so that nobody is shown another's. The empty person is a guest. */
export function draftKey(person: string, form: string): string {
  return `${person || 'guest'}:${form}`
}

/** What was written at `key` and not sent yet; null where nothing was, and on the server. */
export function readDraft<T extends object>(key: string): T | null {
  if (typeof window === 'undefined') return null
  return (parse(drafts.get(prefix + key) ?? localStorage.getItem(prefix + key))?.value as T | undefined) ?? null
}

/** Keeps `value`; null forgets the draft. */
export function writeDraft(key: string, value: object | null): void {
  if (typeof window === 'undefined') return // its memory is everybody's
  const text = value ? JSON.stringify({ at: latestServerTime(), value }) : ''
  drafts.set(prefix + key, text)
  if (!text) localStorage.removeItem(prefix + key)
  else if (!store(prefix + key, text)) {
    pruneDrafts(mostCharacters / 4)
    store(prefix + key, text) // where it does not fit all the same, only the copy that survives a reload is lost
  }
}

/** The keys that begin with `start` and have a draft. */
export function draftKeys(start: string): string[] {
  const keys = new Set([...Object.keys(localStorage), ...drafts.keys()])
  return [...keys]
    .filter(key => key.startsWith(prefix + start))
    .map(key => key.slice(prefix.length))
    .filter(key => readDraft(key))
}

/** Takes over what another tab of this browser has written. */
export function followDrafts({ key, newValue, storageArea }: StorageEvent): void {
  if (storageArea === localStorage && key?.startsWith(prefix)) drafts.set(key, newValue ?? '')
  if (storageArea === localStorage && key === null) drafts.clear()
}

/** Forgets every draft of this browser but those of `persons`. The empty person is a guest. */
export function forgetDrafts(persons: string[] = []): void {
  const kept = persons.map(person => prefix + draftKey(person, ''))
  const isForgotten = (key: string) => key.startsWith(prefix) && !kept.some(start => key.startsWith(start))
  for (const key of [...drafts.keys()].filter(isForgotten)) drafts.delete(key)
  for (const key of Object.keys(localStorage).filter(isForgotten)) localStorage.removeItem(key)
}

/** Forgets drafts that are older than a session can be, and the oldest where all take more than `most` characters. By the server's time alone: a wrong clock deletes nothing. */
export function pruneDrafts(most = mostCharacters): void {
  let size = 0
  const stored = Object.keys(localStorage)
    .filter(key => key.startsWith(prefix))
    .map(key => ({ key, text: localStorage.getItem(key) ?? '', at: parse(localStorage.getItem(key))?.at ?? 0 }))
  for (const { key, text, at } of stored.toSorted((one, other) => other.at - one.at)) {
    size += text.length
    if (size <= most && !(isServerTimeKnown() && serverNow() - at > lifetime)) continue
    localStorage.removeItem(key)
    drafts.delete(key)
  }
}

/** Notes that the form of a draft is on the screen, or no longer. */
export function noteOpenForm(key: string, isOpen: boolean): void {
  if (isOpen) openForms.add(key)
  else openForms.delete(key)
}

/**
 * Remembers in this tab which forms with a text in them are open, for the return after a sign-in. The end of a session is
 * heard once for each request that it refuses: the later ones find the page left already, and change nothing.
 */
export function rememberOpenForms(): void {
  const open = [...openForms].filter(key => readDraft(key))
  if (open.length > 0) sessionStorage.setItem(openFormsKey, JSON.stringify(open))
}

/** Whether the form at `key` was open when the session ended; asked once. */
export function takeOpenForm(key: string): boolean {
  const remembered = rememberedForms()
  if (!remembered.includes(key)) return false
  sessionStorage.setItem(openFormsKey, JSON.stringify(remembered.filter(other => other !== key)))
  return readDraft(key) !== null
}

/** Whether the form at `key` was open when the session ended, and has not been opened again. */
export function isRememberedForm(key: string): boolean {
  return rememberedForms().includes(key) && readDraft(key) !== null
}

/** What follows `start` in the key of a form that was open when the session ended; null where none was. Asked once. */
export function takeOpenFormAfter(start: string): string | null {
  const key = rememberedForms().find(other => other.startsWith(start))
  return key !== undefined && takeOpenForm(key) ? key.slice(start.length) : null
}

export interface DraftSummary {
  key: string
  kind: string
  text: string
}

/** Everything that `person` wrote on this device and did not send, whatever it was written for, to be read where nothing else works. */
export function listDrafts(person: string): DraftSummary[] {
  return draftKeys(`${person}:`)
    .map(describeDraft)
    .filter(({ text }) => text)
}

/** A draft as its person reads it where its form is not at hand. `text` is empty where a field was emptied, or no text was typed. */
export function describeDraft(key: string): DraftSummary {
  const text = textOf(readDraft<Record<string, unknown>>(key) ?? {})
  // Names are not at hand where nothing else works.
  return { key, kind: kindOf(key), text: mentionsAsText(text, [], '@…') }
}

/** What the forms are called whose drafts are on this device alone. */
export function kindOf(key: string): string {
  const form = key.split(':').slice(1)
  const kinds: [part: string, kind: string][] = [
    ['reply', readDraft<{ is_internal?: boolean }>(key)?.is_internal ? 'Internal note' : 'Reply'],
    ['new-ticket', 'New ticket'],
    ['description', 'Description'],
    ['subject', 'Subject'],
    ['canned-response', 'Canned response'],
    ['webhook', 'Webhook'],
    ['api-key', 'API key'],
    ['invitation', 'Invitation'],
    ['view', 'Saved view'],
    ['routing', 'Routing'],
    ['reply-address', 'Reply address'],
    ['team', 'Team settings'],
    ['new-team', 'New team'],
    ['profile', 'Profile'],
    ['rating', 'Rating']
  ]
  return kinds.find(([part]) => form.includes(part))?.[1] ?? 'Draft'
}

function textOf(draft: Record<string, unknown>): string {
  const fields = typeof draft.fields === 'object' && draft.fields !== null ? (draft.fields as Record<string, unknown>) : draft
  const parts = [
    'subject',
    'description',
    'name',
    'portal_name',
    'slug',
    'title',
    'text',
    'content',
    'comment',
    'email',
    'url',
    'full_name'
  ]
  return parts
    .map(part => fields[part])
    .filter(part => typeof part === 'string' && part.trim())
    .join('\n\n')
}

function rememberedForms(): string[] {
  const value: unknown = JSON.parse(sessionStorage.getItem(openFormsKey) ?? '[]')
  return Array.isArray(value) ? value.filter(key => typeof key === 'string') : []
}

function store(key: string, text: string): boolean {
  try {
    localStorage.setItem(key, text)
    return true
  } catch (error) {
    if (!(error instanceof DOMException)) throw error
    return false
  }
}

function parse(text: string | null): Envelope | null {
  if (!text) return null
  try {
    const value = JSON.parse(text) as Partial<Envelope> | null
    return value && typeof value.at === 'number' && typeof value.value === 'object' && value.value !== null ? (value as Envelope) : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}
