/** What an error says, for the log and for those who look after jobs. */
export function reasonOf(error: unknown): string {
  // pg-boss emits copies of errors, which are none any more.
  const { message } = Object(error) as { message?: unknown }
  return typeof message === 'string' && message ? message : String(error)
}
