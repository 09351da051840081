/** Synchronises drafts with other tabs, and saves them when the page is left and when the network is back. */
export default defineNuxtPlugin(() => {
  const { profile } = useTeam()
  const { saveAll, forget } = useReplyDraftSync()
  const visibility = useDocumentVisibility()

  useEventListener(window, 'storage', followDrafts)
  useEventListener(window, ['online', 'pagehide'], () => void saveAll())
  // Phones can end a hidden page without another event.
  watch(visibility, now => now === 'hidden' && void saveAll())
  watch(
    () => profile.value?.id,
    id => {
      if (!id) return forget()
      pruneDrafts() // the clock was just synchronised
      void saveAll() // drafts that the last visit could not save
    }
  )
})
