export interface CannedResponseDraft {
  title: string
  content: string
  category: string
  /** The `updated_at` of the response that was being changed. */
  base: string | null
}

/** What was typed into the form of a canned response and not saved yet, by person, team and response; null is a new one. */
export function useCannedResponseDrafts() {
  const { profile, teamId } = useTeam()
  const key = (id: string | null) => `${profile.value?.id ?? ''}:${teamId.value}:canned-response:${id ?? 'new'}`

  return {
    hasDraft: (id: string | null) => readDraft(key(id)) !== '',
    read(id: string | null): CannedResponseDraft | null {
      const text = readDraft(key(id))
      return text ? JSON.parse(text) as CannedResponseDraft : null
    },
    write: (id: string | null, draft: CannedResponseDraft | null) => writeDraft(key(id), draft ? JSON.stringify(draft) : '')
  }
}
