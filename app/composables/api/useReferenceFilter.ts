/**
 * Filters the API reference: hides elements whose `data-words` lack a word of `query`, and groups (`data-group`) without visible
 * elements. `found` counts the visible entries; null without a query.
 */
export function useReferenceFilter(root: Readonly<Ref<HTMLElement | null>>): { query: Ref<string>; found: Ref<number | null> } {
  const query = ref('')
  const found = ref<number | null>(null)

  watch(query, value => {
    const words = value
      .toLowerCase()
      .split(/\s+/)
      .filter(word => word !== '')
    const entries = [...(root.value?.querySelectorAll<HTMLElement>('[data-words]') ?? [])]
    for (const entry of entries) entry.hidden = !words.every(word => entry.dataset.words!.includes(word))
    for (const group of root.value?.querySelectorAll<HTMLElement>('[data-group]') ?? [])
      group.hidden = words.length > 0 && !group.querySelector('[data-words]:not([hidden])')
    found.value = words.length === 0 ? null : entries.filter(entry => entry.tagName === 'SECTION' && !entry.hidden).length
  })

  return { query, found }
}
