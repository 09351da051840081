import { describe, expect, test } from 'vitest'
import { contrast, teamColors, teamStyle } from '#shared/utils/team-color'

// Every corner and edge of the cube of colours, and what is between.
const steps = ['00', '33', '66', '77', '80', '99', 'cc', 'ff']
const colors = steps.flatMap(red => steps.flatMap(green => steps.map(blue => `#${red}${green}${blue}`)))

describe('contrast', () => {
  test.each([
    ['#000000', '#ffffff', 21],
    ['#ffffff', '#ffffff', 1],
    ['#777777', '#ffffff', 4.48],
    ['#767676', '#ffffff', 4.54],
    ['#ff0000', '#ffffff', 4],
    ['#0000ff', '#000000', 2.44]
  ])('of %s and %s is %d', (one, other, ratio) => {
    expect(contrast(one, other)).toBeCloseTo(ratio, 2)
    expect(contrast(other, one)).toBeCloseTo(ratio, 2)
  })
})

describe('the colours of a team', () => {
  test('are readable in both themes, whatever the team chose', () => {
    expect(colors).toHaveLength(512)
    for (const color of colors) {
      const { fill, text, hover, light, dark } = teamColors(color)
      expect(fill).toBe(color)
      for (const surface of ['#ffffff', '#fafafa', '#f4f4f5'])
        expect(contrast(light, surface), `${color} on ${surface}`).toBeGreaterThanOrEqual(4.5)
      for (const surface of ['#09090b', '#18181b', '#27272a', '#2b2b33'])
        expect(contrast(dark, surface), `${color} on ${surface}`).toBeGreaterThanOrEqual(4.5)
      expect(contrast(text, fill), `text on ${color}`).toBeGreaterThanOrEqual(4.5)
      expect(contrast(text, hover), `text on ${color} under the pointer`).toBeGreaterThanOrEqual(contrast(text, fill))
    }
  })

  test('stay as they are where they are readable', () => {
    expect(teamColors('#b91c1c')).toMatchObject({ text: '#ffffff', light: '#b91c1c' })
    expect(teamColors('#facc15')).toMatchObject({ text: '#000000', dark: '#facc15' })
  })

  test('give a button an edge where it would not be seen', () => {
    expect(teamStyle('#ffffff')).toMatch(
      /^html:root\{--ui-primary:#\w{6};--team-edge:(?!#ffffff)#\w{6}\}html:root\.dark\{[^}]*--team-edge:#ffffff\}/
    )
    expect(teamStyle('#18181b')).toMatch(/^html:root\{[^}]*--team-edge:#18181b\}html:root\.dark\{[^}]*--team-edge:(?!#18181b)#\w{6}\}/)
  })

  test('change no page of a team that has none', () => {
    expect(teamStyle(null)).toBe('')
    expect(teamStyle('#b91c1c')).toContain('--ui-primary:#b91c1c')
  })
})
