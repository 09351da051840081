import { decodeMentions, encodeMentions, mentionedIds, resolveMentions } from '#shared/utils/mentions'
import type { Member } from '#shared/types/api'

// As many as ticket_mentions keeps of a reply.
const most = 50

/** A stored text, with its tokens, as it is written: with names. */
export function useMentionText(stored: Ref<string>, members: () => Member[]) {
  const { profile } = useTeam()

  const text = computed({
    get: () => decodeMentions(stored.value, members()),
    set: written => {
      stored.value = encodeMentions(written, members())
    }
  })
  /** Until the members are there, what is shown does not say whom the text mentions. */
  const isReadable = computed(() => members().length > 0 || mentionedIds(stored.value).length === 0)
  // What the server will make of the text: names that were typed without the picker count as well.
  const resolved = computed(() => resolveMentions(stored.value, 'markdown', members()))
  const mentioned = computed(() => {
    const present = new Map(members().map(member => [member.id, member]))
    return mentionedIds(resolved.value.content)
      .flatMap(id => present.get(id) ?? [])
      .slice(0, most)
      .filter(({ id }) => id !== profile.value?.id)
  })

  const ambiguous = computed(() => resolved.value.ambiguous)

  return { text, isReadable, mentioned, ambiguous }
}
