/**
 * The form for an entry of a list. `editedId` is null for a new entry. `start` is the name of its drafts without the id: a form that was
 * open when the session ended opens again, once the list is loaded.
 */
export function useListForm(start: string, isLoaded: Readonly<Ref<boolean>>) {
  const reopened = useReopening().openAfter(start)
  const editedId = ref(reopened === 'new' ? null : reopened)
  const isFormOpen = ref(false)

  function edit(id: string | null): void {
    editedId.value = id
    isFormOpen.value = true
  }

  whenever(
    () => reopened !== null && isLoaded.value,
    () => edit(editedId.value),
    { immediate: true, once: true }
  )

  return { editedId, isFormOpen, openings: useMountOnOpen(isFormOpen), edit }
}
