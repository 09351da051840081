import type { z } from 'zod'

type RawIssue = Parameters<z.core.$ZodErrorMap>[0]

const kinds: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  date: 'a date',
  null: 'null',
  map: 'a list',
  set: 'a list',
  file: 'a file'
}
const formats: Record<string, string> = {
  uuid: 'Not a valid id',
  guid: 'Not a valid id',
  email: 'Not a valid e-mail address',
  url: 'Not a valid address',
  datetime: 'Not an ISO 8601 time',
  date: 'Not an ISO 8601 date',
  time: 'Not an ISO 8601 time of day',
  duration: 'Not an ISO 8601 duration',
  json_string: 'Not valid JSON',
  base64: 'Not valid base64',
  base64url: 'Not valid base64'
}

/** The message for issues without a message of their own in the schema, written for the person who sent the input. */
export function describeIssue(issue: RawIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? 'This is required' : `Must be ${kinds[issue.expected] ?? 'of another kind'}`
    case 'invalid_value':
      return issue.input === undefined ? 'This is required' : `Must be ${choice(issue.values.map(String))}`
    case 'too_small':
      return sizeMessage(issue.origin, Number(issue.minimum), 'least')
    case 'too_big':
      return sizeMessage(issue.origin, Number(issue.maximum), 'most')
    case 'not_multiple_of':
      return `Must be a multiple of ${issue.divisor}`
    case 'invalid_format':
      return formats[issue.format] ?? 'Not in the right form'
    case 'unrecognized_keys':
      return 'Unknown field'
    case 'invalid_union':
      return issue.input === undefined ? 'This is required' : 'Not in one of the right forms'
    case 'invalid_key':
    case 'invalid_element':
    default:
      return 'Not a valid value'
  }
}

function choice(values: string[]): string {
  return values.length < 2 ? values.join('') : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`
}

function sizeMessage(origin: string, bound: number, side: 'least' | 'most'): string {
  const unit = origin === 'string' ? 'character' : ['array', 'set', 'map'].includes(origin) ? 'entry' : ''
  if (unit === 'character' && side === 'least' && bound === 1) return 'This is required'
  if (!unit) return `Must be at ${side} ${bound}`
  const units = bound === 1 ? unit : unit === 'entry' ? 'entries' : 'characters'
  return `Must have at ${side} ${bound} ${units}`
}
