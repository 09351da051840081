import { setImmediate } from 'node:timers/promises'
import type Holidays from 'date-holidays'
import type { HolidayQuery } from '#shared/schemas/calendar'
import type { HolidayCountry, HolidayDate } from '#shared/types/api'
import { compareTexts } from '#shared/utils/collation'
import { addDays } from '#shared/utils/day'
import { Refusal } from '../refusal'
import { coveredYears, currentCoverage, type Coverage } from './coverage'

interface Place {
  country: string
  region: string | null
}

/** The countries with known public holidays and their regions, in English, by name. */
export async function listHolidayCountries(): Promise<HolidayCountry[]> {
  const known = new (await load())()
  return listPlaces(known.getCountries('en')).map(({ code, name }) => {
    const regions = listPlaces(known.getStates(code, 'en')).flatMap(state => [
      state,
      ...listPlaces(known.getRegions(code, state.code, 'en')).map(region => ({
        code: `${state.code}-${region.code}`,
        name: `${state.name}, ${region.name}`
      }))
    ])
    return { code, name, regions }
  })
}

/** The public holidays of a query; by default in the years that a new calendar covers. Throws 422 like `listPublicHolidays`. */
export function findPublicHolidays({ country, region, from, until }: HolidayQuery): Promise<HolidayDate[]> {
  const { first, last } = coveredYears(currentCoverage(Date.now()))
  return listPublicHolidays({ country, region: region ?? null }, from ?? first, until ?? last)
}

/**
 * The public holidays of a country, or of a region of it, on whole days of the years `first` to `last`, in the language of the country.
 * Throws 422 `unknown_country` or `unknown_region`.
 */
export async function listPublicHolidays({ country, region }: Place, first: number, last: number): Promise<HolidayDate[]> {
  const Holidays = await load()
  const known = new Holidays()
  const [state, part] = region?.split('-') ?? []
  if (!Object.hasOwn(known.getCountries() ?? {}, country))
    throw new Refusal(422, 'unknown_country', `The public holidays of the country ${country} are not known`)
  if (
    (state && !Object.hasOwn(known.getStates(country) ?? {}, state)) ||
    (state && part && !Object.hasOwn(known.getRegions(country, state) ?? {}, part))
  )
    throw new Refusal(422, 'unknown_region', `The public holidays of the region ${region} are not known`)
  const place = new Holidays({ country, ...(state && { state }), ...(part && { region: part }) }, { types: ['public'] })
  const names = new Map<string, string>()
  for (let year = first; year <= last; year++) {
    for (const holiday of place.getHolidays(year)) for (const date of expandDates(holiday)) names.set(date, names.get(date) ?? holiday.name)
    await setImmediate() // some countries cost 50 ms a year
  }
  return [...names].map(([date, name]) => ({ date, name })).sort((a, b) => (a.date < b.date ? -1 : 1))
}

/** The public holidays of the years of `coverage` behind those that the calendar covered before; people may have changed the others. */
export async function listLaterHolidays(
  { country, region, covered_until }: { country: string | null; region: string | null; covered_until: string },
  coverage: Coverage
): Promise<HolidayDate[]> {
  const known = new Date(covered_until).getUTCFullYear()
  const { last } = coveredYears(coverage)
  return country && last > known ? listPublicHolidays({ country, region }, known + 1, last) : []
}

// Half days are left out: a holiday closes a whole date. A day on which clocks go forward has 23 hours.
function expandDates({ date, start, end }: { date: string; start: Date; end: Date }): string[] {
  const days = Math.floor((end.getTime() - start.getTime()) / 86_400_000 + 0.1)
  return Array.from({ length: days }, (_, index) => addDays(date.slice(0, 10), index))
}

function listPlaces(places: Record<string, string> | undefined): { code: string; name: string }[] {
  return Object.entries(places ?? {})
    .map(([code, name]) => ({ code, name }))
    .sort((a, b) => compareTexts(a.name, b.name))
}

// 200 ms and 35 MB: only for those who ask.
async function load(): Promise<typeof Holidays> {
  return (await import('date-holidays')).default
}
