/**
 * Whether a text names a time zone. Intl accepts every name of the tz database but lists only one of several aliases, and browsers
 * differ in which. Intl and Postgres also accept offsets and odd spellings, which are not stored.
 */
export function isTimeZone(value: string): boolean {
  return value === 'UTC' || (/^[A-Z]\w*(?:\/[A-Z][\w+-]*)+$/.test(value) && isKnown(value))
}

function isKnown(timeZone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone }))
  } catch {
    return false
  }
}
