import { describe, expect, test } from 'vitest'
import { listHolidayCountries, listPublicHolidays } from '#server/domain/calendar/holidays'

const dates = async (country: string, region: string | null, year: number) =>
  (await listPublicHolidays({ country, region }, year, year)).map(({ date }) => date)

describe('public holidays', () => {
  test('Bavaria has Epiphany, Corpus Christi and All Saints, which Germany has not, in German', async () => {
    const germany = await dates('DE', null, 2026)
    const bavaria = await dates('DE', 'BY', 2026)
    expect(germany).toEqual([
      '2026-01-01',
      '2026-04-03',
      '2026-04-06',
      '2026-05-01',
      '2026-05-14',
      '2026-05-25',
      '2026-10-03',
      '2026-12-25',
      '2026-12-26'
    ])
    expect(bavaria.filter(date => !germany.includes(date))).toEqual(['2026-01-06', '2026-06-04', '2026-11-01'])
    expect((await listPublicHolidays({ country: 'DE', region: 'BY' }, 2026, 2026))[1]).toEqual({
      date: '2026-01-06',
      name: 'Heilige Drei Könige'
    })
  })

  test('a part of a region has its own: the Peace Festival of Augsburg', async () => {
    expect((await dates('DE', 'BY-A', 2026)).filter(date => date.startsWith('2026-08'))).toEqual(['2026-08-08', '2026-08-15'])
  })

  test('a holiday of several days has each of them, one of half a day has none', async () => {
    expect((await dates('TR', null, 2026)).filter(date => date > '2026-03-01' && date < '2026-04-01')).toEqual([
      '2026-03-20',
      '2026-03-21',
      '2026-03-22'
    ])
    expect(await dates('CW', null, 2026)).not.toContain('2026-12-31')
  })

  test('the day on which clocks change is one day', async () => {
    expect((await dates('AU', null, 2026)).filter(date => date >= '2026-04-05' && date <= '2026-04-07')).not.toContain('2026-04-07')
  })

  test('several years follow each other', async () => {
    const years = new Set((await listPublicHolidays({ country: 'GB', region: 'SCT' }, 2025, 2031)).map(({ date }) => date.slice(0, 4)))
    expect([...years]).toEqual(['2025', '2026', '2027', '2028', '2029', '2030', '2031'])
  })

  test.each([
    ['XX', null, 'unknown_country'],
    ['DE', 'XX', 'unknown_region'],
    ['DE', 'BY-XX', 'unknown_region'],
    ['DE', 'constructor', 'unknown_region']
  ])('%s and %s are refused as %s', async (country, region, code) => {
    await expect(listPublicHolidays({ country, region }, 2026, 2026)).rejects.toMatchObject({ statusCode: 422, code })
  })

  test('countries and regions are listed by name, and each code is valid in a calendar', async () => {
    const countries = await listHolidayCountries()
    expect(countries.length).toBeGreaterThan(190)
    expect(
      countries
        .find(({ code }) => code === 'DE')!
        .regions.slice(0, 3)
        .map(({ name }) => name)
    ).toEqual(['Baden-Württemberg', 'Bayern', 'Bayern, Predominantly catholic communities'])
    for (const { code, regions } of countries) {
      expect(code).toMatch(/^[A-Z]{2}$/)
      for (const region of regions) expect(region.code).toMatch(/^[A-Za-z0-9]{1,20}(-[A-Za-z0-9]{1,20})?$/)
    }
  })
})
