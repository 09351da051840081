import { sql, type RawBuilder, type SqlBool } from 'kysely'

export function anyOf(conditions: RawBuilder<SqlBool>[]): RawBuilder<SqlBool> {
  return sql`(${sql.join(conditions, sql` or `)})`
}

/** Text that `like` takes literally. */
export function escapePattern(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&')
}

/** The values in lower case, for `in (…)`. */
export function toLowerAll(values: string[]): RawBuilder<unknown> {
  return sql.join(values.map(value => sql`lower(${value})`))
}

/** The time of a `from` or `to` filter. A day means its beginning in the team's time zone. */
export function asInstant(value: string, teamId: string): RawBuilder<string> {
  return /^\d{4}-\d\d-\d\d$/.test(value)
    ? sql`(select private.day_start(${value}::date, team.time_zone) from teams as team where team.id = ${teamId})`
    : sql`${value}::timestamptz`
}
