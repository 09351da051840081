/** Lets the browser save `content` as a download named `name`. */
export function saveFile(content: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(content)
  link.download = name
  link.click()
  // The browser may read the URL after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
}
