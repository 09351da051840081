import type { Ref } from 'vue'

const debounceMs = 300

/**
 * The text of a search field, and its debounced query: `toQuery` converts the text, or returns null if it is not valid yet. A query
 * set from outside (a link, the history) replaces the text; the field's own query, arriving late, does not overwrite newer text.
 */
export function useSearchText(query: Ref<string>, toQuery: (text: string) => string | null): Ref<string> {
  const text = ref(query.value)
  let lastSynced = query.value // the query that the field sent or received last

  watchDebounced(
    text,
    now => {
      const next = toQuery(now)
      if (next === null || next === query.value) return
      lastSynced = next
      query.value = next
    },
    { debounce: debounceMs }
  )
  watch(query, now => {
    if (now === lastSynced) return
    lastSynced = now
    if (now !== toQuery(text.value)) text.value = now
  })
  return text
}
