import { articleDraftPut } from '#shared/schemas/article'
import type { Locale } from '#shared/texts/locale'
import type { ArticleDraft } from '#shared/types/api'

export interface ArticleText {
  title: string
  content: string
}

/** A text and the version of the stored draft that has it; null before the language has a draft. */
type VersionedText = ArticleText & { version: number | null }

interface LocalText {
  fields: ArticleText
  /** What the edit is based on. */
  base: VersionedText
}

/** `conflict`: somebody else has saved another text. `unsaved`: the text is on this device only. */
export type ArticleSaveState = 'idle' | 'saving' | 'saved' | 'unsaved' | 'conflict'

const saveDelayMs = 2_000 // after the last key press
const retryDelayMs = 10_000
const maxKeepaliveLength = 15_000 // characters; browsers limit keepalive requests to 64 KiB in total
const nothing: VersionedText = { title: '', content: '', version: null }

// By draft key, shared by the whole app (browser only): a save continues when its page is left.
const stored = reactive(new Map<string, VersionedText>())
const conflicts = reactive(new Map<string, ArticleDraft>())
const problems = reactive(new Map<string, string>())
const timers = new Map<string, ReturnType<typeof setTimeout>>()
const requests = new Map<string, Promise<void>>()

/**
 * The text of one language of an article. Every key press stores it on this device, and two seconds later on the server, so it survives
 * failures, a reload and the end of the session. `onSaved` gets each draft that the server has stored.
 */
export function useArticleDraft(
  article: () => { id: string },
  locale: () => Locale,
  onSaved: (locale: Locale, draft: ArticleDraft) => void
) {
  const { profile, teamId } = useTeam()
  const session = useSupabaseSession()
  const visibility = useDocumentVisibility()
  // Read once, because both are cleared when the session ends.
  const person = profile.value?.id ?? ''
  const team = teamId.value
  const current = computed<Draft>(previous => {
    const next = { articleId: article().id, locale: locale(), key: keyOf(article().id, locale()) }
    return previous?.key === next.key ? previous : next
  })
  const local = (key: string) => readDraft(key) as LocalText | null

  const text = computed<ArticleText>(() => local(current.value.key)?.fields ?? stored.get(current.value.key) ?? nothing)
  const base = computed<VersionedText>(() => local(current.value.key)?.base ?? stored.get(current.value.key) ?? nothing)
  const state = computed<ArticleSaveState>(() => {
    const { key } = current.value
    if (conflicts.has(key)) return 'conflict'
    if (problems.has(key)) return 'unsaved'
    if (local(key)) return 'saving'
    return stored.has(key) ? 'saved' : 'idle'
  })

  watch(
    current,
    (now, before) => {
      if (before) void save(before)
      if (local(now.key)) schedule(now, saveDelayMs) // what the last visit could not save
    },
    { immediate: true }
  )
  tryOnScopeDispose(() => void save(current.value))
  useEventListener(window, ['online', 'pagehide'], () => void save())
  // Phones can end a hidden page without another event.
  watch(visibility, now => now === 'hidden' && void save())

  /** Takes over what the server has stored, unless this page knows a later version. Text that is not saved yet stays. */
  function accept(locale: Locale, draft: ArticleDraft | null): void {
    const key = keyOf(article().id, locale)
    if (draft && draft.version > (stored.get(key)?.version ?? 0)) stored.set(key, toVersion(draft))
  }

  function change(patch: Partial<ArticleText>): void {
    const { key } = current.value
    const fields = { title: text.value.title, content: text.value.content, ...patch }
    if (isSameText(fields, text.value)) return
    problems.delete(key)
    const isBackAtBase = isSameText(fields, base.value) && !requests.has(key) && !conflicts.has(key)
    writeDraft(key, isBackAtBase ? null : { fields, base: base.value })
    if (isBackAtBase) unschedule(key)
    else schedule(current.value, saveDelayMs)
  }

  /** Saves now. Never rejects: `state` and `problem` show a failure. Returns whether everything is saved. */
  async function save(draft = current.value): Promise<boolean> {
    const { key } = draft
    unschedule(key)
    await requests.get(key)
    const edit = local(key)
    if (!edit || conflicts.has(key) || !isSamePerson()) return !edit
    const issue = articleDraftPut.safeParse({ ...edit.fields, version: edit.base.version }).error?.issues[0]
    if (issue) {
      problems.set(key, issue.message)
      return false
    }
    const request = put(draft, edit).finally(() => requests.delete(key))
    requests.set(key, request)
    await request
    return !local(key)
  }

  /** Ends a conflict with `merged`, which is saved as the next version. */
  async function resolve(merged: ArticleText): Promise<void> {
    const { key } = current.value
    const theirs = conflicts.get(key)
    if (!theirs) return
    conflicts.delete(key)
    stored.set(key, toVersion(theirs))
    writeDraft(key, isSameText(merged, theirs) ? null : { fields: merged, base: toVersion(theirs) })
    await save()
  }

  /** Deletes what this device keeps of all languages, after the article was deleted. */
  function forget(): void {
    for (const key of draftKeys(draftKey(person, articleTextForm(team, article().id, '')))) {
      unschedule(key)
      writeDraft(key, null)
    }
  }

  async function put(draft: Draft, { fields, base }: LocalText): Promise<void> {
    const { key, articleId, locale } = draft
    try {
      const saved = await $fetch<ArticleDraft>(`/api/teams/${team}/articles/${articleId}/drafts/${locale}`, {
        method: 'PUT',
        body: { ...fields, version: base.version },
        keepalive: fields.content.length < maxKeepaliveLength
      })
      problems.delete(key)
      // As it was sent: the server trims the title, and somebody may be about to type the next word.
      const next = { ...fields, version: saved.version }
      stored.set(key, next)
      const now = local(key)
      const isEditedSince = now !== null && !isSameText(now.fields, fields)
      writeDraft(key, isEditedSince ? { fields: now.fields, base: next } : null)
      if (isEditedSince) schedule(draft, saveDelayMs)
      onSaved(locale, saved)
    } catch (error) {
      const theirs = codeOf(error) === 'conflict' ? (apiErrorOf(error)!.data.current as ArticleDraft) : null
      const now = local(key)
      if (theirs && now && isSameText(theirs, base)) {
        // The text was restored meanwhile: only its version is another one.
        writeDraft(key, { fields: now.fields, base: toVersion(theirs) })
        schedule(draft, 0)
      } else if (theirs && now) conflicts.set(key, theirs)
      else if (theirs) stored.set(key, toVersion(theirs))
      else {
        problems.set(key, messageOf(error))
        if (isTransient(statusOf(error))) schedule(draft, retryDelayMs)
      }
    }
  }

  // False after the session ended or another person signed in in another tab, until this page is left.
  function isSamePerson(): boolean {
    return claimsOf(session.value?.access_token)?.sub === person
  }

  function keyOf(articleId: string, locale: Locale): string {
    return draftKey(person, articleTextForm(team, articleId, locale))
  }

  function schedule(draft: Draft, delay: number): void {
    unschedule(draft.key)
    timers.set(
      draft.key,
      setTimeout(() => void save(draft), delay)
    )
  }

  return {
    text,
    state,
    /** The version of the draft that the text is based on; null if the language has no draft. */
    version: computed(() => base.value.version),
    /** What both edits of a conflict are based on. */
    base: computed<ArticleText>(() => base.value),
    /** The other person's draft while there is a conflict. */
    conflict: computed(() => conflicts.get(current.value.key) ?? null),
    problem: computed(() => problems.get(current.value.key) ?? ''),
    accept,
    change,
    save,
    resolve,
    forget
  }
}

interface Draft {
  articleId: string
  locale: Locale
  key: string
}

function unschedule(key: string): void {
  clearTimeout(timers.get(key))
  timers.delete(key)
}

function toVersion({ title, content, version }: ArticleDraft): VersionedText {
  return { title, content, version }
}

function isSameText(one: ArticleText, other: ArticleText): boolean {
  return one.title === other.title && one.content === other.content
}

// Not 401: after the session ended, the text is saved when the person signs in again and opens the article.
function isTransient(status: number | null): boolean {
  return status === null || status >= 500 || status === 429
}
