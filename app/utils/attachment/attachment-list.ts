import type { Attachment } from '#shared/types/api'

/** A file that was added, changed or removed; after `isDeleted`, `file` has only ids. */
export interface AttachmentChange {
  file: Pick<Attachment, 'id' | 'ticket_id' | 'reply_id'> & Partial<Attachment>
  isDeleted: boolean
}

/** Applies a change to the files of one message. */
export function applyAttachmentChange(files: readonly Attachment[], { file, isDeleted }: AttachmentChange): Attachment[] {
  if (isDeleted) return files.filter(({ id }) => id !== file.id)
  const isKnown = files.some(({ id }) => id === file.id)
  return isKnown ? files.map(known => (known.id === file.id ? { ...known, ...file } : known)) : [...files, file as Attachment]
}

/** `fresh`, and those of `known` that it lacks: a reply is broadcast before its files. Files never disappear, they become tombstones. */
export function joinAttachments(known: readonly Attachment[], fresh: readonly Attachment[]): Attachment[] {
  return [...fresh, ...known.filter(({ id }) => !fresh.some(file => file.id === id))]
}
