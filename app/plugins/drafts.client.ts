/** Drafts outlive the page: they follow other tabs, and are saved before it goes and when the network is back. */
export default defineNuxtPlugin(() => {
  const { profile } = useTeam()
  const { saveAll, forget } = useReplyDraftSync()
  const visibility = useDocumentVisibility()

  useEventListener(window, 'storage', followDrafts)
  useEventListener(window, ['online', 'pagehide'], () => void saveAll())
  // A phone does not tell more than this before it ends a page.
  watch(visibility, now => now === 'hidden' && void saveAll())
  watch(
    () => profile.value?.id,
    id => {
      if (!id) return forget()
      pruneDrafts() // the server has just told its time
      void saveAll() // what the last visit could not save
    }
  )
})
