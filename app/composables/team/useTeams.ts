import type { TeamCreate, TeamUpdate } from '#shared/schemas/team'
import type { Team } from '#shared/types/api'

/** Creates, changes and deletes teams. */
export function useTeams() {
  const { teams, teamId, refresh, switchTeam } = useTeam()

  /** Creates a team with the caller as its owner, and switches to it. */
  async function create(input: TeamCreate): Promise<Team> {
    const team = await $fetch<Team>('/api/teams', { method: 'POST', body: input })
    teams.value = [...teams.value, team] // not refetched: if that failed, a retry would create a second team
    await switchTeam(team.id)
    return team
  }

  /** Changes the current team. */
  async function update(input: TeamUpdate): Promise<void> {
    const changed = await $fetch<Team>(`/api/teams/${teamId.value}`, { method: 'PATCH', body: input })
    teams.value = teams.value.map(team => (team.id === changed.id ? changed : team))
  }

  /** Deletes the current team and everything in it. */
  async function destroy(): Promise<void> {
    await $fetch(`/api/teams/${teamId.value}`, { method: 'DELETE' })
    await refresh()
  }

  return { create, update, destroy }
}
