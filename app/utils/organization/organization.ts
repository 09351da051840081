import type { Organization } from '#shared/types/api'

/** The organizations whose name or one of whose domains contains every word of `text`. */
export function searchOrganizations(organizations: Organization[], text: string): Organization[] {
  const words = text.toLocaleLowerCase('en').split(/\s+/).filter(Boolean)
  return organizations.filter(({ name, domains }) => {
    const searched = [name, ...domains].join('\n').toLocaleLowerCase('en')
    return words.every(word => searched.includes(word))
  })
}
