import type { Calendar, CalendarDetails } from '#shared/types/api'
import type { CalendarBody } from '~/utils/calendar/calendar-form'

/** The team's calendars by name, live. */
export const useCalendars = createSharedComposable(() => {
  const {
    data: calendars,
    url,
    isLoaded,
    error,
    refresh
  } = useLive<Calendar[]>('calendars', { empty: () => [], tables: { calendars: true }, load: fetchAll })

  async function create(body: CalendarBody): Promise<CalendarDetails> {
    const calendar = await $fetch<CalendarDetails>(url.value, { method: 'POST', body })
    await refresh()
    return calendar
  }

  /** Throws 412 if somebody changed the calendar since `version`. */
  async function update(id: string, body: CalendarBody, version: number): Promise<CalendarDetails> {
    const calendar = await $fetch<CalendarDetails>(`${url.value}/${id}`, { method: 'PATCH', body, headers: { 'if-match': `"${version}"` } })
    await refresh()
    return calendar
  }

  async function remove(id: string): Promise<void> {
    await $fetch(`${url.value}/${id}`, { method: 'DELETE' })
    await refresh()
  }

  return { calendars, isLoaded, error, refresh, create, update, remove }
})
