import { textFormats } from '../text-format'
import { z } from './zod'

// Postgres cannot store NUL and silently replaces a lone surrogate with U+FFFD, so both are rejected here.
const storable = (value: string) => !value.includes('\0') && value.isWellFormed()

// SQL has the same rules for a line, an address and a tag (private.is_line, is_email, is_tag). A test compares them
// character by character.

// Matches a visible character: anything but blanks, controls, format characters and fillers.
export const visible = new RegExp(
  `[^${ranges(
    '01-20 7f-a0 ad 34f 61c 115f 1160 1680 17b4 17b5 180b-180f 2000-200f 2028-202f 205f-206f 2800 3000 3164 fe00-fe0f feff ' +
      'ffa0 fff0-fffb 1bca0-1bca3 1d173-1d17a e0000-e0fff'
  )}]`,
  'u'
)

// Line breaks, other control characters, and the line and paragraph separators.
const lineBreaking = /[\p{Cc}\u2028\u2029]/u

// Phones and mail programs put embedding marks into copied text; they are removed. The two override marks reverse all characters
// behind them and appear only in spoofed text; they are rejected.
const embedding = /[\u202a-\u202c\u2066-\u2069]/g
const override = /[\u202d\u202e]/

/** One line of text: trimmed, 1 to `max` code points (as Postgres counts), with a visible character. */
export function line(max: number, name = 'This field') {
  return requiredText(name)
    .overwrite(value => value.replace(embedding, '').trim())
    .min(1, { error: `${name} is required`, abort: true })
    .max(max, `${name} must be at most ${max} characters`)
    .refine(storable, { error: 'Contains characters that cannot be stored', abort: true })
    .refine(value => !lineBreaking.test(value), { error: `${name} must be on one line`, abort: true })
    .refine(value => !override.test(value), { error: `${name} must not turn the direction of its text`, abort: true })
    .refine(value => visible.test(value), `${name} is required`)
}

/** Text of several lines, kept exactly as sent: 1 to `max` code points (as Postgres counts), with a visible character. */
export function prose(max: number, name = 'This field') {
  return requiredText(name)
    .min(1, { error: `${name} is required`, abort: true })
    .max(max, `${name} must be at most ${max} characters`)
    .refine(storable, { error: 'Contains characters that cannot be stored', abort: true })
    .refine(value => visible.test(value), `${name} is required`)
}

export const textFormat = z.enum(textFormats, 'Either text or markdown')

// Converts hexadecimal code points and ranges to the content of a character class.
function ranges(list: string): string {
  return list
    .split(' ')
    .map(range =>
      range
        .split('-')
        .map(code => `\\u{${code}}`)
        .join('-')
    )
    .join('')
}

function requiredText(name: string) {
  return z.string({ error: ({ input }) => (input === undefined ? `${name} is required` : `${name} must be text`) })
}

/** Text of a draft: 0 to `max` code points, blank text included. */
export function draftText(max: number, name = 'This field') {
  return z
    .string(`${name} must be text`)
    .max(max, `${name} must be at most ${max} characters`)
    .refine(storable, 'Contains characters that cannot be stored')
}

// An unquoted local part (RFC 5321) in ASCII, because few servers accept others, and a domain of at least two labels, which may be
// internationalised.
const atom = "[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
const letter = ranges(
  'b7 c0-d6 d8-f6 f8-34e 350-61b 61d-115e 1161-167f 1681-17b3 17b6-180a 1810-1fff 2c00-2dff 2e80-2fef 3005-3007 3021-302f ' +
    '3031-303c 3040-3163 3165-d7ff f900-fdcf fdf0-fdff fe20-fe2f fe70-fefe 10000-1bc9f 1bca4-1d172 1d17b-1efff 20000-3ffff'
)
const label = `[a-z0-9${letter}](?:[a-z0-9${letter}-]{0,61}[a-z0-9${letter}])?`
const address = new RegExp(`^${atom}(?:\\.${atom})*@(?:${label}\\.)+[a-z${letter}][a-z0-9${letter}-]{0,61}[a-z0-9${letter}]$`, 'u')

/** An e-mail address, trimmed and lower-cased, because addresses are compared case-insensitively everywhere. */
export const email = z
  .string('E-mail must be text')
  .trim()
  .max(320, { error: 'E-mail must be at most 320 characters', abort: true })
  .refine(storable, { error: 'Contains characters that cannot be stored', abort: true })
  .overwrite(value => value.toLowerCase().normalize('NFC'))
  .refine(value => address.test(value) && value.lastIndexOf('@') <= 64 && [...value].length <= 318, 'Not a valid e-mail address') // RFC 5321 4.5.3.1
  .meta({ format: 'email' })

export const uuid = z.uuid({ error: 'Not a valid id', abort: true })

// Valid ISO 8601 that Postgres still rejects: the year 0000, offsets from 16 hours, more than 9 decimals of a second.
const isStorableTime = (value: string) => !/^0000|[+-](?:1[6-9]|2\d):\d\d$|\.\d{10}/.test(value)
const timeLimits = 'Years are 0001 to 9999, offsets at most 15:59, seconds have at most 9 decimals'

/** A bound of a time range in a filter. */
export const instant = z
  .union([z.iso.datetime({ offset: true }), z.iso.date()], 'Not an ISO 8601 date')
  .refine(isStorableTime, timeLimits)
  .describe("An instant with its offset, or a day, which starts at midnight in the team's time zone.")

/** An instant to store, with its offset. */
export const timestamp = z.iso.datetime({ offset: true, abort: true, error: 'Not an ISO 8601 time' }).refine(isStorableTime, timeLimits)

/** A whole number in a query string: digits only, as `Number()` and Postgres both accept spaces, hex and underscores. */
export function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/, 'Must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `Must be at least ${min}`).max(max, `Must be at most ${max}`))
    .describe(`A whole number from ${min} to ${max}.`)
}

/** Repeated query values (`?status=open&status=waiting`) as an array; one value counts as an array of one. */
export function anyOf<T extends z.ZodType>(value: T) {
  const values = z.array(value).min(1, 'Name at least one value').max(50, 'Name at most 50 values')
  // Report the issue of the form that was used, not that neither form matched.
  return z.union([values, value.transform(single => [single])], {
    error: issue => (issue.code === 'invalid_union' ? issue.errors[Array.isArray(issue.input) ? 0 : 1]?.[0]?.message : undefined)
  })
}
