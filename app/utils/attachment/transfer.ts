import type { DraftFile } from '~/composables/attachment/useUploads'

/** A file on its way to the server. */
export interface FileOnItsWay extends Pick<DraftFile, 'state' | 'progress' | 'problem' | 'canRetry'> {
  /** The Idempotency-Key: the same one makes a repeated transfer the same file. */
  key: string
  controller: AbortController
}

/** What a transfer of `file` begins with. */
export function startOfTransfer(file: File) {
  return {
    key: newRequestKey(),
    name: file.name,
    size: file.size,
    contentType: file.type,
    state: 'waiting' as const,
    progress: 0,
    problem: '',
    canRetry: false,
    isUnscanned: false,
    file: markRaw(file),
    controller: markRaw(new AbortController())
  }
}

/** Prepares a transfer that failed for another try. */
export function resetTransfer(transfer: FileOnItsWay): void {
  Object.assign(transfer, { state: 'waiting', progress: 0, problem: '', canRetry: false, controller: markRaw(new AbortController()) })
}

/** Takes what `sendFile()` reports: the share of the bytes that the server has. */
export function reportProgress(transfer: FileOnItsWay, share: number): void {
  transfer.progress = share
  transfer.state = share < 1 ? 'uploading' : 'checking'
}

/** Says why a transfer failed. `infected` is the sentence about a file that the virus scanner refused. */
export function failTransfer(transfer: FileOnItsWay, error: unknown, infected: string): void {
  const isInfected = codeOf(error) === 'upload_infected'
  if (!isOutcomeUnknown(statusOf(error))) transfer.key = newRequestKey()
  Object.assign(transfer, {
    state: 'failed',
    problem: isInfected ? infected : `Not uploaded. ${messageOf(error)}`,
    canRetry: !isInfected && statusOf(error) !== 413
  })
}
