import type { TagCount } from '#shared/types/api'

const most = 10
const debounceMs = 150

/** Tags of the team that begin with what is being typed, the most used first; without anything typed, the most used of all. */
export function useTagSuggestions() {
  const { teamId } = useTeam()
  const suggestions = shallowRef<TagCount[]>([])
  let latest = 0

  async function load(q: string): Promise<void> {
    const request = ++latest
    // Suggestions are a convenience: where they cannot be had, tags are typed as before.
    const found = await $fetch<TagCount[]>(`/api/teams/${teamId.value}/tags`, {
      query: { limit: most, ...(q.trim() && { q: q.trim().slice(0, 50) }) }
    }).catch(() => [])
    if (request === latest) suggestions.value = found
  }

  return { suggestions, suggest: useDebounceFn(load, debounceMs) }
}
