import { decodeMentions, encodeMentions, mentionedIds, resolveMentions } from '#shared/utils/mentions'
import type { Member } from '#shared/types/api'

// The limit of ticket_mentions per reply.
const maxMentions = 50

/** The editable text of a reply, with names in place of the mention tokens in `stored`. */
export function useMentionText(stored: Ref<string>, members: () => Member[]) {
  const { profile } = useTeam()

  const text = computed({
    get: () => decodeMentions(stored.value, members()),
    set: written => {
      stored.value = encodeMentions(written, members())
    }
  })
  /** False while the members are loading and the text has mentions, whose names are not known yet. */
  const isReadable = computed(() => members().length > 0 || mentionedIds(stored.value).length === 0)
  // Resolved like on the server, so that names typed without the picker count as well.
  const resolved = computed(() => resolveMentions(stored.value, 'markdown', members()))
  const mentioned = computed(() => {
    const membersById = new Map(members().map(member => [member.id, member]))
    return mentionedIds(resolved.value.content)
      .flatMap(id => membersById.get(id) ?? [])
      .slice(0, maxMentions)
      .filter(({ id }) => id !== profile.value?.id)
  })

  const ambiguous = computed(() => resolved.value.ambiguous)

  return { text, isReadable, mentioned, ambiguous }
}
