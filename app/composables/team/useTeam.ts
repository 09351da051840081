import type { Profile, Team } from '#shared/types/api'

let loading: Promise<void> | undefined

/** The signed-in person, their teams, and the current team. Shared by the whole app; client only. */
export function useTeam() {
  const teams = useState<Team[]>('teams', () => [])
  const profile = useState<Profile | null>('profile', () => null)
  const chosenId = useState<string | null>('team-id', () => null)

  const team = computed(() => teams.value.find(({ id }) => id === chosenId.value) ?? null)
  const teamId = computed(() => team.value?.id ?? '')

  /** Fetches the profile and teams, once per session. */
  async function load(): Promise<void> {
    if (profile.value) return
    loading ??= refresh().finally(() => {
      loading = undefined
    })
    await loading
  }

  /** Refetches both. If the person no longer belongs to the current team, chooses another. */
  async function refresh(): Promise<void> {
    const [me, mine] = await Promise.all([$fetch<Profile>('/api/profile'), fetchAll<Team>('/api/teams')])
    profile.value = me
    teams.value = mine
    if (!team.value) chosenId.value = (mine.find(({ id }) => id === me.last_team_id) ?? mine[0])?.id ?? null
  }

  /** Switches to a team, also for the next sign-in. */
  async function switchTeam(id: string): Promise<void> {
    if (!teams.value.some(candidate => candidate.id === id)) await refresh()
    chosenId.value = id
    if (profile.value?.last_team_id !== id)
      profile.value = await $fetch<Profile>('/api/profile', { method: 'PATCH', body: { last_team_id: id } })
  }

  function forget(): void {
    teams.value = []
    profile.value = null
    chosenId.value = null
  }

  return { teams, team, teamId, profile, load, refresh, switchTeam, forget }
}
