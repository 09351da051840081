import type { ProjectCreate, ProjectUpdate } from '#shared/schemas/contact'
import type { Project } from '#shared/types/api'

/** The team's projects by name, live; shared by the list, the form and tickets. */
export const useProjects = createSharedComposable(() => {
  const {
    data: projects,
    url,
    isLoaded,
    error,
    refresh
  } = useLive<Project[]>('projects', { empty: () => [], tables: { projects: true, organizations: true }, load: fetchAll })

  async function create(body: ProjectCreate): Promise<void> {
    await $fetch(url.value, { method: 'POST', body })
    await refresh()
  }

  async function update(id: string, body: ProjectUpdate): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'PATCH', body })
    await refresh()
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    await refresh()
  }

  return { projects, isLoaded, error, refresh, create, update, remove }
})
