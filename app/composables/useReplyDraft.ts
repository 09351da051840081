interface Draft { content: string, isInternal: boolean }

const empty: Draft = { content: '', isInternal: false }

/** The unsent reply of this person to a ticket: survives failures, other tickets, and reloads of the tab. */
export function useReplyDraft(ticketId: () => string) {
  const { profile } = useTeam()
  const key = computed(() => `${profile.value?.id ?? ''}:${ticketId()}`)
  const draft = computed(() => parse(readDraft(key.value)))

  function change(patch: Partial<Draft>): void {
    const next = { ...draft.value, ...patch }
    writeDraft(key.value, next.content || next.isInternal ? JSON.stringify(next) : '')
  }

  return {
    content: computed({ get: () => draft.value.content, set: (content: string) => change({ content }) }),
    isInternal: computed({ get: () => draft.value.isInternal, set: (isInternal: boolean) => change({ isInternal }) })
  }
}

function parse(text: string): Draft {
  return text ? { ...empty, ...JSON.parse(text) as Draft } : empty
}
