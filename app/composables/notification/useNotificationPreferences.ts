import type { NotificationKind } from '#shared/notification'
import type { NotificationPreferences } from '#shared/types/api'

/** My notification preferences in the current team. Changes are optimistic. */
export function useNotificationPreferences() {
  const { data: state, url, error, refresh } = useLive<NotificationPreferences | null>('notification-preferences', { empty: () => null })

  // Saved one after the other, so that the last change wins.
  let last: Promise<unknown> = Promise.resolve()
  const { run: set } = useAction(
    (kind: NotificationKind, channel: 'in_app' | 'mail', isWanted: boolean) => {
      const saving = last.then(() => state.value && save(state.value, kind, { [channel]: isWanted }))
      last = saving.catch(() => {
        /* useAction shows the failure */
      })
      return saving
    },
    { failure: 'Your preference was not saved' }
  )

  async function save(
    current: NotificationPreferences,
    kind: NotificationKind,
    change: { in_app?: boolean; mail?: boolean }
  ): Promise<void> {
    const preferences = current.preferences.map(preference => (preference.kind === kind ? { ...preference, ...change } : preference))
    const body = { preferences: preferences.filter(preference => preference.kind === kind) }
    await optimistic(state, { ...current, preferences }, () => $fetch(url.value, { method: 'PUT', body }))
  }

  return { state, error, refresh, set }
}
