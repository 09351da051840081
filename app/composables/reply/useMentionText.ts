import { decodeMentions, encodeMentions, mentionedIds, resolveMentions } from '#shared/utils/mentions'
import type { Member } from '#shared/types/api'

// The limit of ticket_mentions for a reply.
const maxMentions = 50

/** The text of a reply with names where `stored` has mention tokens. */
export function useMentionText(stored: Ref<string>, members: () => Member[]) {
  const { profile } = useTeam()

  const text = computed({
    get: () => decodeMentions(stored.value, members()),
    set: written => {
      stored.value = encodeMentions(written, members())
    }
  })
  /** Before the members are loaded, mentions show no names. */
  const isReadable = computed(() => members().length > 0 || mentionedIds(stored.value).length === 0)
  // As the server reads the text: names typed without the picker count as well.
  const resolved = computed(() => resolveMentions(stored.value, 'markdown', members()))
  const mentioned = computed(() => {
    const present = new Map(members().map(member => [member.id, member]))
    return mentionedIds(resolved.value.content)
      .flatMap(id => present.get(id) ?? [])
      .slice(0, maxMentions)
      .filter(({ id }) => id !== profile.value?.id)
  })

  const ambiguous = computed(() => resolved.value.ambiguous)

  return { text, isReadable, mentioned, ambiguous }
}
