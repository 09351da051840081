interface StoredDraft {
  fields: Record<string, unknown>
  note?: unknown
}

interface DraftOptions<N> {
  /** Kept with the draft from its first key on: what the text was begun with. */
  note?: () => N
  /** Whether the form is on the screen; after a session that ended it is opened again. */
  isOpen?: () => boolean
}

/**
 * What a person types into a form, kept on this device until it is sent or discarded: it survives a reload, a lost
 * network and the end of the session, and nobody else is shown it. `form` names the form among those of this person
 * (the team belongs into it); `saved` answers what the form shows when nothing is typed. Fields that hold passwords or
 * secrets are never kept. What is saved meanwhile shows in the fields that were not changed here.
 */
export function useDraft<T extends object, N = undefined>(form: MaybeRefOrGetter<string>, saved: () => T, options: DraftOptions<N> = {}) {
  const { profile } = useTeam()
  // The person of this component's lifetime: the profile is gone when the session has ended.
  const person = profile.value?.id ?? ''
  const key = computed(() => draftKey(person, toValue(form)))
  const state = reactive(copy(saved())) as T
  const note = shallowRef<N>()

  const changes = computed(() => changedFields(state, saved()))
  const isWritten = computed(() => Object.keys(changes.value).length > 0)
  const hasDraft = computed(() => readDraft(key.value) !== null)
  let isQuiet = false

  watch(
    [key, () => copy(saved())] as const,
    ([now, fields], [before, fieldsBefore]) => {
      if (now === before && fieldsBefore) follow(fields, fieldsBefore)
      else restore()
    },
    { immediate: true, flush: 'sync' }
  )
  // With every key: whatever happens next finds it kept.
  watch(changes, () => isQuiet || keep(), { flush: 'sync' })

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

  /** Shows what is saved, or was typed and not sent. */
  function restore(): void {
    const draft = readDraft<StoredDraft>(key.value)
    note.value = draft?.note as N | undefined
    assign({ ...copy(saved()), ...draft?.fields })
  }

  /** Forgets what was typed: it is sent, or nobody wants it. */
  function discard(): void {
    note.value = undefined
    assign(copy(saved()))
    writeDraft(key.value, null)
  }

  // A field that was emptied before anything saved was there looks unchanged, and is in the draft.
  function follow(fields: T, before: T): void {
    const typed = readDraft<StoredDraft>(key.value)?.fields ?? {}
    const unchanged = (Object.keys(fields) as (keyof T & string)[]).filter(name => !(name in typed) && isSame(state[name], before[name]))
    assign(Object.fromEntries(unchanged.map(name => [name, fields[name]])))
    if (hasDraft.value) keep()
  }

  // As one change: what lies between two fields was typed by nobody.
  function assign(fields: object): void {
    isQuiet = true
    Object.assign(state, fields)
    isQuiet = false
  }

  function keep(): void {
    const fields = Object.fromEntries(Object.entries(changes.value).filter(([name]) => !/password|secret/i.test(name)))
    const isEmpty = Object.keys(fields).length === 0
    note.value = isEmpty ? undefined : (note.value ?? options.note?.())
    writeDraft(key.value, isEmpty ? null : { fields, ...(note.value !== undefined && { note: note.value }) })
  }

  return { state, note: readonly(note), isWritten, hasDraft, restore, discard }
}

/** Whether the form was open when the session ended, for those that are opened by something outside of them. */
export function useReopening() {
  const { profile } = useTeam()
  const keyOf = (form: string) => draftKey(profile.value?.id ?? '', form)
  return {
    wasOpen: (form: string) => takeOpenForm(keyOf(form)),
    /** Whether one of these forms was open; to be asked again by it. */
    wasAnyOpen: (forms: string[]) => forms.some(form => isRememberedForm(keyOf(form))),
    /** What follows `start` in the name of a form that was open; null where none was. */
    openAfter: (start: string) => takeOpenFormAfter(keyOf(start)),
    hasDraft: (form: string) => readDraft(keyOf(form)) !== null,
    /** What follows `start` in the names of the forms that have a draft. */
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
