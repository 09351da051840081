import { textFormats } from '../text-format'
import { z } from './zod'

// Postgres cannot store NUL, and turns a lone surrogate into U+FFFD without a word: both are refused here.
const storable = (value: string) => !value.includes('\0') && value.isWellFormed()

// Letters, marks, numbers, punctuation or symbols: a text of spaces and zero-width characters alone is empty to a reader.
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u

// Line breaks, other control characters, and the line and paragraph separators.
const lineBreaking = /[\p{Cc}\u2028\u2029]/u

/** One line of text as a person types it: trimmed, 1 to `max` code points (as Postgres counts), with something to see in it. */
export function line(max: number, name = 'This field') {
  return required(name)
    .trim()
    .min(1, { error: `${name} is required`, abort: true })
    .max(max, `${name} must be at most ${max} characters`)
    .refine(storable, { error: 'Contains characters that cannot be stored', abort: true })
    .refine(value => !lineBreaking.test(value), { error: `${name} must be on one line`, abort: true })
    .refine(value => visible.test(value), `${name} is required`)
}

/** Text of several lines, kept exactly as sent: 1 to `max` code points (as Postgres counts), with something to see in it. */
export function prose(max: number, name = 'This field') {
  return required(name)
    .min(1, { error: `${name} is required`, abort: true })
    .max(max, `${name} must be at most ${max} characters`)
    .refine(storable, { error: 'Contains characters that cannot be stored', abort: true })
    .refine(value => visible.test(value), `${name} is required`)
}

export const textFormat = z.enum(textFormats, 'Either text or markdown')

function required(name: string) {
  return z.string({ error: ({ input }) => input === undefined ? `${name} is required` : `${name} must be text` })
}

/** Text that somebody is still writing: 0 to `max` code points, and spaces are as good as words. */
export function unfinished(max: number, name = 'This field') {
  return z.string(`${name} must be text`)
    .max(max, `${name} must be at most ${max} characters`)
    .refine(storable, 'Contains characters that cannot be stored')
}

/** An e-mail address, trimmed and lower-cased: addresses are compared without regard to case everywhere. */
export const email = z.string('E-mail must be text')
  .trim()
  .max(320, 'E-mail must be at most 320 characters')
  .refine(storable, { error: 'Contains characters that cannot be stored', abort: true })
  .pipe(z.email('Not a valid e-mail address'))
  .refine(value => value.lastIndexOf('@') <= 64, 'Not a valid e-mail address') // RFC 5321 4.5.3.1; mail servers refuse longer ones
  .transform(value => value.toLowerCase())

export const uuid = z.uuid({ error: 'Not a valid id', abort: true })

// Fits ISO 8601, and Postgres refuses it all the same: the year 0000, offsets of 16 hours and more, texts that do not end.
const isReadable = (value: string) => !/^0000|[+-](?:1[6-9]|2\d):\d\d$|\.\d{10}/.test(value)
const unreadable = 'Years are 0001 to 9999, offsets at most 15:59, seconds have at most 9 decimals'

/** Where a list begins or ends. */
export const instant = z.union([z.iso.datetime({ offset: true }), z.iso.date()], 'Not an ISO 8601 date').refine(isReadable, unreadable)
  .describe('A moment with its offset, or a day, which begins in the team\'s time zone.')

/** A moment to be stored, with its offset. */
export const moment = z.iso.datetime({ offset: true, abort: true, error: 'Not an ISO 8601 time' }).refine(isReadable, unreadable)

/** A whole number in a query string: digits only, as `Number()` and Postgres both accept spaces, hex and underscores. */
export function wholeNumber(min: number, max: number) {
  return z.string()
    .regex(/^\d{1,9}$/, 'Must be a whole number')
    .transform(Number)
    .pipe(z.number().min(min, `Must be at least ${min}`).max(max, `Must be at most ${max}`))
    .describe(`A whole number from ${min} to ${max}.`)
}

/** Repeated query values (`?status=open&status=waiting`) as an array; one value counts as an array of one. */
export function anyOf<T extends z.ZodType>(value: T) {
  const values = z.array(value).min(1, 'Name at least one value').max(50, 'Name at most 50 values')
  // What is wrong with the one form that was meant says more than that neither fits.
  return z.union([values, value.transform(single => [single])], { error: issue => issue.code === 'invalid_union' ? issue.errors[Array.isArray(issue.input) ? 0 : 1]?.[0]?.message : undefined })
}
