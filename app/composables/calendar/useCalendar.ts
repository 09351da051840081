import type { CalendarDetails } from '#shared/types/api'

/** One calendar with its holidays, live; null while it loads and for a null id. */
export function useCalendar(id: string | null) {
  const {
    data: calendar,
    isLoaded,
    error,
    refresh
  } = useLive<CalendarDetails | null>(id === null ? null : `calendars/${id}`, {
    empty: () => null,
    tables: { calendars: change => change.record.id === id && change.operation !== 'DELETE' }
  })
  return { calendar, isLoaded, error, refresh }
}
