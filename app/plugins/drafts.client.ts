/** Drafts outlive the page: they follow other tabs, and are saved before it goes and when the network is back. */
export default defineNuxtPlugin(() => {
  const { profile } = useTeam()
  const { saveAll, forget } = useReplyDraftSync()
  const visibility = useDocumentVisibility()

  useEventListener(window, 'storage', followDrafts)
  useEventListener(window, ['online', 'pagehide'], () => void saveAll())
  // A phone does not tell more than this before it ends a page.
  watch(visibility, now => now === 'hidden' && void saveAll())
  // What the last visit could not save.
  watch(() => profile.value?.id, id => id ? void saveAll() : forget())
})
