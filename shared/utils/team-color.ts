/** The shades in which a colour of a team is readable. */
export interface TeamColors {
  /** Of a filled button. */
  fill: string
  /** The text on it: black or white, with a contrast of at least 4.5. */
  text: string
  /** The button under the pointer: the contrast with its text grows. */
  hover: string
  /** Links, focus rings and lines, with a contrast of at least 4.5 on every surface of the light and of the dark theme. */
  light: string
  dark: string
}

/** What a team without a colour of its own has. */
export const productColor = '#4f46e5'

const black = '#000000'
const white = '#ffffff'
// The surfaces with the least contrast: the darkest one of the light theme, and the lightest one of the dark theme; mails included.
const lightSurface = '#f4f4f5'
const darkSurface = '#2b2b33'
const minContrast = 4.5

export function teamColors(color: string): TeamColors {
  const text = contrast(color, white) >= contrast(color, black) ? white : black
  return {
    fill: color,
    text,
    hover: mix(color, text === white ? black : white, 0.15),
    light: readable(color, lightSurface, black),
    dark: readable(color, darkSurface, white)
  }
}

/** The contrast ratio of two colours, 1 to 21 (WCAG 2.2, relative luminance). */
export function contrast(one: string, other: string): number {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** The rules that give a page for clients the colour of the team; '' for a team without one. */
export function teamStyle(color: string | null): string {
  if (color === null) return ''
  const { fill, text, hover, light, dark } = teamColors(color)
  const ofTheme = (shade: string, surface: string) => `--ui-primary:${shade};--team-edge:${isVisible(fill, surface) ? fill : shade}`
  // `html` makes them stronger than the same variables in main.css.
  return [
    `html:root{${ofTheme(light, white)}}`,
    `html:root.dark{${ofTheme(dark, darkSurface)}}`,
    `@media screen and (prefers-color-scheme:dark){html:root:not(.light,.dark){${ofTheme(dark, darkSurface)}}}`,
    `[data-team-rule]{border-top:4px solid ${fill}}`,
    `[data-team-button]{background-color:${fill};color:${text};box-shadow:inset 0 0 0 1px var(--team-edge)}`,
    `[data-team-button]:is(:hover,:active){background-color:${hover}}`
  ].join('')
}

// Whether a button needs no edge to be seen.
function isVisible(fill: string, surface: string): boolean {
  return contrast(fill, surface) >= 1.5
}

function readable(color: string, surface: string, towards: string): string {
  for (let share = 0; share < 1; share += 0.02) {
    const shade = mix(color, towards, share)
    if (contrast(shade, surface) >= minContrast) return shade
  }
  return towards
}

/** `share`: how much of `other`, 0 to 1. */
function mix(color: string, other: string, share: number): string {
  const to = channels(other)
  return `#${channels(color)
    .map((value, index) =>
      Math.round(value + (to[index]! - value) * share)
        .toString(16)
        .padStart(2, '0')
    )
    .join('')}`
}

function luminance(color: string): number {
  const [red, green, blue] = channels(color).map(value => {
    const share = value / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function channels(color: string): number[] {
  return [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16))
}
