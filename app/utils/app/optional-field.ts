import { z } from '#shared/schemas/zod'

/** An empty field becomes null; other values are validated like on the server. */
export function optionalField<T>(value: z.ZodType<T, string | null>) {
  return z
    .string()
    .transform(text => (text.trim() ? text : null))
    .pipe(value)
}
