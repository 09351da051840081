export interface InterruptedFile {
  name: string
  /** Bytes. */
  size: number
}

const storageKey = (draft: string) => `draft:${draft}:interrupted`

/** Notes for this tab which files of a draft are on their way, so that a reload does not lose them silently. */
export function rememberInterrupted(draft: string, files: readonly InterruptedFile[]): void {
  const names = files.map(({ name, size }) => ({ name, size }))
  if (names.length > 0) sessionStorage.setItem(storageKey(draft), JSON.stringify(names))
  else sessionStorage.removeItem(storageKey(draft))
}

export function readInterrupted(draft: string): InterruptedFile[] {
  return JSON.parse(sessionStorage.getItem(storageKey(draft)) ?? '[]') as InterruptedFile[]
}
