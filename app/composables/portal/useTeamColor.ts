import { teamStyle } from '#shared/utils/team-color'

/** Gives a page for clients the colour of their team: links, lines, and what has `data-team-button` or `data-team-rule`. */
export function useTeamColor(color: MaybeRefOrGetter<string | null>) {
  useHead({ style: () => (toValue(color) === null ? [] : [{ key: 'team-color', textContent: teamStyle(toValue(color)) }]) })
}
