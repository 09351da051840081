import type { HolidayCountry, HolidayDate, HolidayFile } from '#shared/types/api'

/** The countries with known public holidays, and where dates for the holidays of a calendar come from. */
export function useHolidays() {
  const { data, url, isLoaded, error, refresh } = useLive<{ countries: HolidayCountry[] }>('holidays/countries', {
    empty: () => ({ countries: [] })
  })
  const base = computed(() => url.value.replace(/\/countries$/, ''))

  /** The public holidays of a country, or of a region of it, in the years that a new calendar covers. */
  async function listPublic(country: string, region: string | null): Promise<HolidayDate[]> {
    const { holidays } = await $fetch<{ holidays: HolidayDate[] }>(base.value, { query: { country, ...(region && { region }) } })
    return holidays
  }

  /** The dates of an iCalendar file. Throws 413 and 422 with a message about the file. */
  function readFile(file: File): Promise<HolidayFile> {
    return $fetch<HolidayFile>(`${base.value}/file`, { method: 'POST', body: file, headers: { 'content-type': 'text/calendar' } })
  }

  return { countries: computed(() => data.value.countries), isLoaded, error, refresh, listPublic, readFile }
}
