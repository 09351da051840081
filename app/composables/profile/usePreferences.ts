import { defaultPreferences, type Preferences } from '#shared/preferences'

/** The list and keyboard preferences of the signed-in person. Changes are optimistic. */
export function usePreferences() {
  const { profile } = useTeam()
  const { save } = useProfile()
  const preferences = computed<Preferences>(() => profile.value?.preferences ?? defaultPreferences)

  const { run: set } = useAction(
    async (changes: Partial<Preferences>) => {
      const me = profile.value
      if (!me) return
      await optimistic(profile, { ...me, preferences: { ...me.preferences, ...changes } }, () => save({ preferences: changes }))
    },
    { failure: 'Your preference was not saved' }
  )

  return { preferences, set }
}
