/** The parts of FileSystemEntry (File and Directory Entries API) that are read. */
export interface DroppedEntry {
  name: string
  isDirectory: boolean
  file?(success: (file: File) => void, failure: (error: Error) => void): void
  createReader?(): { readEntries(success: (entries: DroppedEntry[]) => void, failure: (error: Error) => void): void }
}

export interface DroppedFiles {
  files: File[]
  /** The names of the dropped folders, whose files lose their paths. */
  folders: string[]
}

// Nobody sends so many: the rest of a folder is not read.
const maxRead = 200

/** What was dropped. Must be called before the drop event ends, when the browser empties `transfer`. */
export function droppedEntries(transfer: DataTransfer): (DroppedEntry | File)[] {
  return [...transfer.items]
    .filter(({ kind }) => kind === 'file')
    .flatMap(item => (item.webkitGetAsEntry?.() as DroppedEntry | null) ?? item.getAsFile() ?? [])
}

/** All files of what was dropped, with those of folders and their folders. */
export async function readDroppedFiles(dropped: readonly (DroppedEntry | File)[]): Promise<DroppedFiles> {
  const files: File[] = []
  for (const entry of dropped) await collect(entry, files)
  return { files, folders: dropped.flatMap(entry => ('isDirectory' in entry && entry.isDirectory ? entry.name : [])) }
}

async function collect(entry: DroppedEntry | File, files: File[]): Promise<void> {
  if (files.length >= maxRead) return
  if (!('isDirectory' in entry)) files.push(entry)
  else if (!entry.isDirectory) files.push(await new Promise<File>((resolve, reject) => entry.file!(resolve, reject)))
  else for (const child of await readFolder(entry)) await collect(child, files)
}

// Browsers return a folder in portions; an empty one is the end.
async function readFolder(folder: DroppedEntry): Promise<DroppedEntry[]> {
  const reader = folder.createReader!()
  const children: DroppedEntry[] = []
  for (;;) {
    const portion = await new Promise<DroppedEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (portion.length === 0 || children.length >= maxRead) return children
    children.push(...portion)
  }
}
