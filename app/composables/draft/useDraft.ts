interface StoredDraft {
  fields: Record<string, unknown>
  note?: unknown
}

interface DraftOptions<N> {
  /** Stored with a new draft, for example the version that the edit is based on. */
  note?: () => N
  /** Whether the form is open. An open form opens again after the session ended and the person signed in. */
  isOpen?: () => boolean
}

/**
 * The state of a form, stored as a draft on this device until it is sent or discarded. It survives a reload, a lost network and the
 * end of the session, and is visible to this person only. `form` is unique among the forms of the person, so it must contain the
 * team; `saved` returns the values without a draft. Passwords and secrets are never stored. When `saved` changes, fields that
 * were not edited follow it.
 */
export function useDraft<T extends object, N = undefined>(form: MaybeRefOrGetter<string>, saved: () => T, options: DraftOptions<N> = {}) {
  const { profile } = useTeam()
  // Read once, because the profile is cleared when the session ends.
  const person = profile.value?.id ?? ''
  const key = computed(() => draftKey(person, toValue(form)))
  const state = reactive(copy(saved())) as T
  const note = shallowRef<N>()

  const changes = computed(() => changedFields(state, saved()))
  const isEdited = computed(() => Object.keys(changes.value).length > 0)
  const hasDraft = computed(() => readDraft(key.value) !== null)
  let isAssigning = false

  watch(
    [key, () => copy(saved())] as const,
    ([now, fields], [before, fieldsBefore]) => {
      if (now === before && fieldsBefore) follow(fields, fieldsBefore)
      else restore()
    },
    { immediate: true, flush: 'sync' }
  )
  // Store with every key press, so that nothing typed is lost.
  watch(changes, () => isAssigning || store(), { flush: 'sync' })

  if (options.isOpen) {
    watch(
      [key, options.isOpen] as const,
      ([now, isOpen], [before]) => {
        if (before && before !== now) noteOpenForm(before, false)
        noteOpenForm(now, isOpen)
      },
      { immediate: true }
    )
    tryOnScopeDispose(() => noteOpenForm(key.value, false))
  }

  /** Shows the draft, or the saved values if there is none. */
  function restore(): void {
    const draft = readDraft<StoredDraft>(key.value)
    note.value = draft?.note as N | undefined
    assign({ ...copy(saved()), ...draft?.fields })
  }

  /** Deletes the draft, after sending or on request. */
  function discard(): void {
    note.value = undefined
    assign(copy(saved()))
    writeDraft(key.value, null)
  }

  // A field that was cleared before the saved values were loaded looks unchanged, but is in the draft.
  function follow(fields: T, before: T): void {
    const typed = readDraft<StoredDraft>(key.value)?.fields ?? {}
    const unchanged = (Object.keys(fields) as (keyof T & string)[]).filter(name => !(name in typed) && isSame(state[name], before[name]))
    assign(Object.fromEntries(unchanged.map(name => [name, fields[name]])))
    if (hasDraft.value) store()
  }

  // Assigns all fields as one change: intermediate states must not be stored as drafts.
  function assign(fields: object): void {
    isAssigning = true
    Object.assign(state, fields)
    isAssigning = false
  }

  function store(): void {
    const fields = Object.fromEntries(Object.entries(changes.value).filter(([name]) => !/password|secret/i.test(name)))
    const isEmpty = Object.keys(fields).length === 0
    note.value = isEmpty ? undefined : (note.value ?? options.note?.())
    writeDraft(key.value, isEmpty ? null : { fields, ...(note.value !== undefined && { note: note.value }) })
  }

  return { state, note: readonly(note), isEdited, hasDraft, restore, discard }
}

/** Reads which forms were open when the session ended, for components that open them. */
export function useReopening() {
  const { profile } = useTeam()
  const keyOf = (form: string) => draftKey(profile.value?.id ?? '', form)
  return {
    wasOpen: (form: string) => takeOpenForm(keyOf(form)),
    /** Whether one of these forms was open. Keeps the entry, so that the form itself can read it. */
    wasAnyOpen: (forms: string[]) => forms.some(form => isRememberedForm(keyOf(form))),
    /** The rest of the name, after `start`, of a form that was open; null if there is none. */
    openAfter: (start: string) => takeOpenFormAfter(keyOf(start)),
    hasDraft: (form: string) => readDraft(keyOf(form)) !== null,
    /** The rest of the names, after `start`, of all forms with a draft. */
    draftsAfter: (start: string) => draftKeys(keyOf(start)).map(key => key.slice(keyOf(start).length))
  }
}

function changedFields<T extends object>(state: T, saved: T): Partial<T> {
  return Object.fromEntries(Object.entries(state).filter(([name, value]) => !isSame(value, saved[name as keyof T]))) as Partial<T>
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T
}
