import type { NotificationKind } from '#shared/notification'
import type { NotificationPreferences } from '#shared/types/api'

/** Which notifications I get in the current team, and how. A change shows at once and is taken back if it cannot be saved. */
export function useNotificationPreferences() {
  const { data: state, url, error, refresh } = useLive<NotificationPreferences | null>('notification-preferences', { empty: () => null })

  // In order: the last change is the one that stays.
  let last: Promise<unknown> = Promise.resolve()
  const { run: set } = useAction(
    (kind: NotificationKind, channel: 'in_app' | 'mail', isWanted: boolean) => {
      const saving = last.then(() => state.value && save(state.value, kind, { [channel]: isWanted }))
      last = saving.catch(() => {
        /* shown by the action */
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
