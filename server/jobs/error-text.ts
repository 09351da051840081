export function reasonOf(error: unknown): string {
  // pg-boss emits copies of errors, which are not instances of Error.
  const { message } = Object(error) as { message?: unknown }
  return typeof message === 'string' && message ? message : String(error)
}
