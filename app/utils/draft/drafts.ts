import { reactive } from 'vue'
import { mentionsAsText } from '#shared/utils/mentions'
import { isServerTimeKnown, latestServerTime, serverNow } from '../app/server-time'

interface Envelope {
  at: number
  value: Record<string, unknown>
}

const prefix = 'draft:'
const openFormsKey = 'open-forms'
const lifetimeMs = 30 * 86_400_000 // the maximum length of a session
const maxCharacters = 2_000_000 // browsers allow about five million per site

// Unsent texts by person and form. They are stored on this device, so that no failure loses them, and shared between tabs.
const drafts = reactive(new Map<string, string>())
// Keys of the forms that are open now.
const openForms = new Set<string>()

/** The key of a draft. It contains the person, so that nobody sees drafts of others. The empty person is a guest. */
export function draftKey(person: string, form: string): string {
  return `${person || 'guest'}:${form}`
}

/** The draft at `key`; null if there is none, and during server rendering. */
export function readDraft<T extends object>(key: string): T | null {
  if (typeof window === 'undefined') return null
  return (parse(drafts.get(prefix + key) ?? localStorage.getItem(prefix + key))?.value as T | undefined) ?? null
}

/** Stores `value` as a draft; null deletes it. */
export function writeDraft(key: string, value: object | null): void {
  if (typeof window === 'undefined') return // the server's memory is shared by all users
  const text = value ? JSON.stringify({ at: latestServerTime(), value }) : ''
  drafts.set(prefix + key, text)
  if (!text) localStorage.removeItem(prefix + key)
  else if (!store(prefix + key, text)) {
    pruneDrafts(maxCharacters / 4)
    store(prefix + key, text) // if it still does not fit, the draft survives until a reload only
  }
}

/** The keys of all drafts that begin with `start`. */
export function draftKeys(start: string): string[] {
  const keys = new Set([...Object.keys(localStorage), ...drafts.keys()])
  return [...keys]
    .filter(key => key.startsWith(prefix + start))
    .map(key => key.slice(prefix.length))
    .filter(key => readDraft(key))
}

/** Applies a change of another tab. */
export function followDrafts({ key, newValue, storageArea }: StorageEvent): void {
  if (storageArea === localStorage && key?.startsWith(prefix)) drafts.set(key, newValue ?? '')
  if (storageArea === localStorage && key === null) drafts.clear()
}

/** Deletes all drafts in this browser except those of `persons`. The empty person is a guest. */
export function forgetDrafts(persons: string[] = []): void {
  const kept = persons.map(person => prefix + draftKey(person, ''))
  const isDeleted = (key: string) => key.startsWith(prefix) && !kept.some(start => key.startsWith(start))
  for (const key of [...drafts.keys()].filter(isDeleted)) drafts.delete(key)
  for (const key of Object.keys(localStorage).filter(isDeleted)) localStorage.removeItem(key)
}

/**
 * Deletes drafts that are older than a session can be, and the oldest ones beyond `limit` characters in total. Ages are checked
 * only once the server's time is known, so that a wrong clock deletes nothing.
 */
export function pruneDrafts(limit = maxCharacters): void {
  let size = 0
  const stored = Object.keys(localStorage)
    .filter(key => key.startsWith(prefix))
    .map(key => ({ key, text: localStorage.getItem(key) ?? '', at: parse(localStorage.getItem(key))?.at ?? 0 }))
  for (const { key, text, at } of stored.toSorted((one, other) => other.at - one.at)) {
    size += text.length
    if (size <= limit && !(isServerTimeKnown() && serverNow() - at > lifetimeMs)) continue
    localStorage.removeItem(key)
    drafts.delete(key)
  }
}

/** Records whether the form of a draft is open. */
export function noteOpenForm(key: string, isOpen: boolean): void {
  if (isOpen) openForms.add(key)
  else openForms.delete(key)
}

/**
 * Stores for this tab which forms with a draft are open, so that they open again after the next sign-in. Runs once per rejected
 * request when a session ends; later runs find no open form and change nothing.
 */
export function rememberOpenForms(): void {
  const open = [...openForms].filter(key => readDraft(key))
  if (open.length > 0) sessionStorage.setItem(openFormsKey, JSON.stringify(open))
}

/** Whether the form at `key` was open when the session ended. Clears the entry. */
export function takeOpenForm(key: string): boolean {
  const remembered = rememberedForms()
  if (!remembered.includes(key)) return false
  sessionStorage.setItem(openFormsKey, JSON.stringify(remembered.filter(other => other !== key)))
  return readDraft(key) !== null
}

/** Whether the form at `key` was open when the session ended. Keeps the entry. */
export function isRememberedForm(key: string): boolean {
  return rememberedForms().includes(key) && readDraft(key) !== null
}

/** The rest of the key, after `start`, of a form that was open when the session ended; null if there is none. Clears the entry. */
export function takeOpenFormAfter(start: string): string | null {
  const key = rememberedForms().find(other => other.startsWith(start))
  return key !== undefined && takeOpenForm(key) ? key.slice(start.length) : null
}

export interface DraftSummary {
  key: string
  kind: string
  text: string
}

/** All drafts of `person` on this device, for the page that is shown without a network. */
export function listDrafts(person: string): DraftSummary[] {
  return draftKeys(`${person}:`)
    .map(describeDraft)
    .filter(({ text }) => text)
}

/** Describes a draft outside of its form. `text` is empty if a field was cleared or no text was typed. */
export function describeDraft(key: string): DraftSummary {
  const text = textOf(readDraft<Record<string, unknown>>(key) ?? {})
  // Names of members are not available without a network.
  return { key, kind: kindOf(key), text: mentionsAsText(text, [], '@…') }
}

/** The label of the form that a draft belongs to. */
export function kindOf(key: string): string {
  const form = key.split(':').slice(1)
  const kinds: [part: string, kind: string][] = [
    ['reply', readDraft<{ is_internal?: boolean }>(key)?.is_internal ? 'Internal note' : 'Reply'],
    ['reply-files', 'Files of a reply'],
    ['new-ticket', 'New ticket'],
    ['new-ticket-files', 'Files of a new ticket'],
    ['article', 'Article'],
    ['new-article', 'New article'],
    ['article-category', 'Article category'],
    ['description', 'Description'],
    ['subject', 'Subject'],
    ['canned-response', 'Canned response'],
    ['webhook', 'Webhook'],
    ['api-key', 'API key'],
    ['invitation', 'Invitation'],
    ['view', 'Saved view'],
    ['routing', 'Category'],
    ['reply-address', 'Reply address'],
    ['team', 'Team settings'],
    ['new-team', 'New team'],
    ['profile', 'Profile'],
    ['rating', 'Rating']
  ]
  return kinds.find(([part]) => form.includes(part))?.[1] ?? 'Draft'
}

function textOf(draft: Record<string, unknown>): string {
  if (Array.isArray(draft.uploads)) return (draft.uploads as { name: string }[]).map(({ name }) => name).join('\n')
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
