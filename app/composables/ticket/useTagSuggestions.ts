import type { TagCount } from '#shared/types/api'

const limit = 10
const maxTagLength = 50
const debounceMs = 150

/** Tags of the team that match the typed prefix, most used first. After a failure there are no suggestions. */
export function useTagSuggestions() {
  const prefix = ref<string | null>(null)
  const { data, error, refresh } = useLive<TagCount[]>(() => (prefix.value === null ? null : 'tags'), {
    empty: () => [],
    query: () => ({ limit, q: prefix.value || undefined })
  })

  const suggest = useDebounceFn((text: string) => {
    const typed = text.trim().slice(0, maxTagLength)
    if (typed === prefix.value) void refresh()
    else prefix.value = typed
  }, debounceMs)

  return { suggestions: computed(() => (error.value ? [] : data.value)), suggest }
}
