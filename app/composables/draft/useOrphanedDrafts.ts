/** Drafts of forms whose names begin with `start` and that can no longer be opened; `ids` are those that can. */
export function useOrphanedDrafts(start: () => string, ids: () => string[]) {
  const { profile } = useTeam()
  const texts = computed(() => {
    const before = draftKey(profile.value?.id ?? '', start())
    return draftKeys(before)
      .filter(key => !ids().includes(key.slice(before.length)))
      .map(describeDraft)
  })
  return { texts, discard: (key: string) => writeDraft(key, null) }
}
