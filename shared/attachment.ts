/** The types that pages show as images. Everything else is downloaded. */
export const inlineTypes: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp']

/** Files of one ticket that are downloaded together, in bytes. */
export const maxArchiveBytes = 500 * 1_048_576
