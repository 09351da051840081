import type { TeamUpdate } from '#shared/schemas/team'
import type { Team } from '#shared/types/api'

type ClientMails = Pick<Team, 'client_mails' | 'rating_delay_minutes'>
type Kind = ClientMails['client_mails'][number]

/** The mails that clients of the current team get. Changes are optimistic. */
export function useClientMails() {
  const { teams, team, teamId } = useTeam()

  // Saved one after the other, because each change of a kind sends the whole list.
  let last: Promise<unknown> = Promise.resolve()
  const { run: change } = useAction(
    (next: (current: Team) => Partial<ClientMails>) => {
      const saving = last.then(() => team.value && save(team.value, next(team.value)))
      last = saving.catch(() => {
        /* useAction shows the failure */
      })
      return saving
    },
    { failure: 'The setting was not saved' }
  )

  async function save(current: Team, changes: Partial<ClientMails> & TeamUpdate): Promise<void> {
    const next = teams.value.map(one => (one.id === current.id ? { ...one, ...changes } : one))
    await optimistic(teams, next, () => $fetch(`/api/teams/${teamId.value}`, { method: 'PATCH', body: changes }))
  }

  const setKind = (kind: Kind, isWanted: boolean) =>
    change(({ client_mails }) => ({ client_mails: isWanted ? [...client_mails, kind] : client_mails.filter(one => one !== kind) }))
  const setRatingDelay = (rating_delay_minutes: number | null) => change(() => ({ rating_delay_minutes }))

  return { setKind, setRatingDelay }
}
