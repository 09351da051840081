import type { NotificationKind } from '#shared/notification'
import type { NotificationPreferences } from '#shared/types/api'

/** How I want to be told of things in the current team. A change shows at once; one that cannot be saved is taken back. */
export function useNotificationPreferences() {
  const { value: state, path, error, refresh } = useTeamResource<NotificationPreferences>('notification-preferences')

  // One after the other: the last that was asked for is the one that stays.
  let last: Promise<unknown> = Promise.resolve()
  const { run: set } = useAction(
    (kind: NotificationKind, way: 'in_app' | 'mail', isWanted: boolean) => {
      const saving = last.then(async () => {
        if (!state.value) return
        const before = state.value
        const preferences = before.preferences.map(preference =>
          preference.kind === kind ? { ...preference, [way]: isWanted } : preference
        )
        state.value = { ...before, preferences }
        try {
          await $fetch(path.value, { method: 'PUT', body: { preferences: preferences.filter(preference => preference.kind === kind) } })
        } catch (cause) {
          state.value = before
          throw cause
        }
      })
      last = saving.catch(() => {
        /* the action says so */
      })
      return saving
    },
    { failure: 'Your preference was not saved' }
  )

  return { state, error, refresh, set }
}
