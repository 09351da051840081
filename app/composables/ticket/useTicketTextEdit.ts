import { description, subject } from '#shared/schemas/ticket'
import type { EditableTicket } from '../data/useVersionedEdit'

const schemas = { subject, description }

/** Edits the subject or the description of a ticket. What is typed is kept as a draft of that ticket until it is saved or discarded. */
export function useTicketTextEdit(ticket: () => EditableTicket, column: keyof typeof schemas) {
  const { update } = useTicketActions()
  const isEditing = ref(false)
  // Opened by a click, not by a kept draft: only then the field takes the focus.
  const isAsked = ref(false)
  const { current, begin, save: saveVersion, pending, problem, conflict } = useVersionedEdit(ticket, column, update)
  const {
    state,
    note,
    isWritten,
    hasDraft,
    discard: forget
  } = useDraft(
    () => editForm(ticket(), column),
    () => ({ text: ticket()[column] ?? '' }),
    { note: current }
  )

  watch(
    () => ticket().id,
    () => {
      isAsked.value = false
      isEditing.value = hasDraft.value
    },
    { immediate: true }
  )
  watch([() => ticket().id, note], () => begin(note.value), { immediate: true })

  function edit(): void {
    begin(note.value)
    isEditing.value = isAsked.value = true
  }

  function discard(): void {
    forget()
    isEditing.value = false
  }

  async function save(): Promise<void> {
    const parsed = schemas[column].safeParse(state.text)
    if (!parsed.success) problem.value = parsed.error.issues[0]!.message
    else if (await saveVersion(parsed.data)) discard()
  }

  return { state, isEditing, isAsked, isWritten, pending, problem, conflict, edit, save, discard }
}
