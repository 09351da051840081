import type { Ref } from 'vue'

const typingPauseMs = 300

/**
 * The text of a field that narrows a list, and the query that follows it a moment later: what `toQuery` makes of the text, null
 * where it cannot be understood yet. A query that somebody else sets (a link, the history) becomes the text; one that comes
 * back late from the field itself leaves what was typed since.
 */
export function useSearchText(query: Ref<string>, toQuery: (text: string) => string | null): Ref<string> {
  const text = ref(query.value)
  let known = query.value // what the field has sent or received last

  watchDebounced(
    text,
    now => {
      const next = toQuery(now)
      if (next === null || next === query.value) return
      known = next
      query.value = next
    },
    { debounce: typingPauseMs }
  )
  watch(query, now => {
    if (now === known) return
    known = now
    if (now !== toQuery(text.value)) text.value = now
  })
  return text
}
