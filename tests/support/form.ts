/** A multipart body with one file in the field `file`. */
export function formOf(content: BlobPart = 'Hello', { name = 'hello.txt', type = 'text/plain', field = 'file' } = {}): FormData {
  const form = new FormData()
  form.append(field, new Blob([content], { type }), name)
  return form
}

/** A PNG picture of one pixel. */
export const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64'
)
