import { description, subject } from '#shared/schemas/ticket'
import type { EditableTicket } from '../data/useVersionedEdit'

const schemas = { subject, description }

/** Edits the subject or description of a ticket. The typed text is stored as a draft until it is saved or discarded. */
export function useTicketTextEdit(ticket: () => EditableTicket, column: keyof typeof schemas) {
  const { update } = useTicketActions()
  const isEditing = ref(false)
  // Whether the person opened the editor, rather than a restored draft: only then the field gets the focus.
  const isOpenedByPerson = ref(false)
  const { current, begin, save: saveVersion, pending, problem, conflict } = useVersionedEdit(ticket, column, update)
  const {
    state,
    note,
    isEdited,
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
      isOpenedByPerson.value = false
      isEditing.value = hasDraft.value
    },
    { immediate: true }
  )
  watch([() => ticket().id, note], () => begin(note.value), { immediate: true })

  function edit(): void {
    begin(note.value)
    isEditing.value = isOpenedByPerson.value = true
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

  return { state, isEditing, isOpenedByPerson, isEdited, pending, problem, conflict, edit, save, discard }
}
