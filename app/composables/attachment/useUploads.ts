import type { Upload } from '#shared/types/api'
import type { FileOnItsWay } from '~/utils/attachment/transfer'

/** A file of a message that is not sent yet. */
export interface DraftFile {
  id: string
  name: string
  /** Bytes. */
  size: number
  contentType: string
  /** `checking`: the server has all bytes, and stores and scans them. Only `ready` files can be sent. */
  state: 'waiting' | 'uploading' | 'checking' | 'ready' | 'failed'
  /** Between 0 and 1. */
  progress: number
  /** Why it failed. */
  problem: string
  canRetry: boolean
  isUnscanned: boolean
  /** The URL of its content in this page, for images. */
  preview?: string
}

/** A file on its way to the server, and one that did not arrive. */
interface Transfer extends DraftFile, FileOnItsWay {
  place: number
  /** Missing after a reload. */
  file?: File
  url: string
}

/** An upload as the draft stores it on this device. */
type StoredUpload = Pick<Upload, 'id' | 'name' | 'size' | 'content_type' | 'state' | 'signature' | 'expires_at'> & { place: number }

const maxParallel = 3 // browsers open six connections to a server without HTTP/2, and the rest of the app needs some

// By draft key, shared by the whole app (browser only): a transfer continues when its form closes.
const transfers = reactive(new Map<string, Transfer[]>())
// By the id of the upload.
const previews = reactive(new Map<string, string>())
const problems = reactive(new Map<string, string>())
const checked = new Set<string>()
let lastPlace = 0

/**
 * The files of the unsent message `form`. They are uploaded at once. This device stores which uploads are finished, so that they survive a
 * reload; the server keeps them for 24 hours.
 */
export function useUploads(form: () => string) {
  const { profile, teamId } = useTeam()
  const { sendAsPerson } = useSessionEnd()
  const key = computed(() => draftKey(profile.value?.id ?? '', form()))
  const notes = ref<string[]>([])

  const files = computed<DraftFile[]>(() =>
    [...readStored(key.value).map(asDraftFile), ...(transfers.get(key.value) ?? [])].sort((one, other) => one.place - other.place)
  )
  const isUploading = computed(() => files.value.some(({ state }) => ['waiting', 'uploading', 'checking'].includes(state)))
  const failed = computed(() => files.value.filter(({ state }) => state === 'failed'))

  watch(
    key,
    () => {
      notes.value = []
      restoreInterrupted(key.value, teamId.value)
      void checkStored(key.value, teamId.value)
    },
    { immediate: true }
  )

  /** Uploads the files that fit; `notes` says why others do not. */
  function add(added: readonly File[], note = ''): void {
    const { admitted, notes: refusals } = admitFiles(added, files.value.filter(({ state }) => state !== 'failed').length)
    notes.value = [note, ...refusals].filter(Boolean)
    for (const file of admitted) appendTransfer(key.value, newTransfer(file, `/api/teams/${teamId.value}/uploads`))
    startNext()
  }

  function retry(id: string): void {
    const transfer = transfers.get(key.value)?.find(one => one.id === id)
    if (!transfer?.file) return
    resetTransfer(transfer)
    startNext()
  }

  /** Cancels the upload, or deletes the uploaded file. */
  function remove(id: string): void {
    const transfer = transfers.get(key.value)?.find(one => one.id === id)
    if (transfer) {
      dropTransfer(key.value, transfer)
      transfer.controller.abort()
      revokePreview(transfer.preview)
      startNext()
    } else {
      forget(key.value, [id])
      // A file that stays on the server is deleted after 24 hours.
      $fetch(`/api/teams/${teamId.value}/uploads/${id}`, { method: 'DELETE' }).catch(() => {})
    }
  }

  /** The files to send, and what to call when they are sent. */
  function take(): { ids: string[]; forget: () => void } {
    const draft = key.value
    const ids = files.value.filter(({ state }) => state === 'ready').map(({ id }) => id)
    return { ids, forget: () => forget(draft, ids) }
  }

  function discard(): void {
    for (const { id } of files.value) remove(id)
    notes.value = []
  }

  function startNext(): void {
    const all = [...transfers].flatMap(([draft, list]) => list.map(transfer => ({ draft, transfer })))
    const running = all.filter(({ transfer: { state } }) => state === 'uploading' || state === 'checking').length
    const waiting = all.filter(({ transfer }) => transfer.state === 'waiting')
    for (const { draft, transfer } of waiting.slice(0, Math.max(0, maxParallel - running))) void run(draft, transfer)
  }

  async function run(draft: string, transfer: Transfer): Promise<void> {
    transfer.state = 'uploading'
    try {
      const upload = await sendAsPerson(() => transmit(transfer))
      if (!isListed(draft, transfer)) return
      if (transfer.preview) previews.set(upload.id, transfer.preview)
      checked.add(upload.id)
      writeStored(draft, [...readStored(draft), { ...storedPart(upload), place: transfer.place }])
      dropTransfer(draft, transfer)
    } catch (error) {
      if (isListed(draft, transfer)) fail(transfer, error)
    } finally {
      startNext()
    }
  }

  function fail(transfer: Transfer, error: unknown): void {
    const signature = (apiErrorOf(error)?.data.upload as Upload | undefined)?.signature
    failTransfer(transfer, error, `Infected (${signature ?? 'unknown virus'}). It was not kept.`)
  }

  return {
    files,
    /** Sentences about files that were not added. */
    notes: readonly(notes),
    isUploading,
    /** The sentence that keeps a message with failed files from being sent; empty if there is none. */
    problem: computed(() => (failed.value[0] ? `Not sent: “${failed.value[0].name}” is not uploaded. Try it again, or remove it.` : '')),
    add,
    retry,
    remove,
    take,
    discard,
    /** Asks the server again about the uploaded files, after they could not be sent. */
    check: () => checkStored(key.value, teamId.value, true)
  }
}

function transmit(transfer: Transfer): Promise<Upload> {
  return sendFile(transfer.url, {
    file: transfer.file!,
    key: transfer.key,
    signal: transfer.controller.signal,
    onProgress: share => reportProgress(transfer, share)
  })
}

function newTransfer(file: File, url: string): Transfer {
  return reactive({
    ...startOfTransfer(file),
    id: newRequestKey(),
    place: (lastPlace = Math.max(serverNow(), lastPlace + 1)),
    preview: isImage(file.type) ? URL.createObjectURL(file) : undefined,
    url
  })
}

function appendTransfer(draft: string, transfer: Transfer): void {
  transfers.set(draft, [...(transfers.get(draft) ?? []), transfer])
  rememberInterrupted(draft, transfers.get(draft) ?? [])
}

function dropTransfer(draft: string, { id }: Transfer): void {
  transfers.set(
    draft,
    (transfers.get(draft) ?? []).filter(other => other.id !== id)
  )
  rememberInterrupted(draft, transfers.get(draft) ?? [])
}

function isListed(draft: string, { id }: Transfer): boolean {
  return transfers.get(draft)?.some(other => other.id === id) ?? false
}

function readStored(draft: string): StoredUpload[] {
  return readDraft<{ uploads: StoredUpload[] }>(draft)?.uploads ?? []
}

function writeStored(draft: string, uploads: StoredUpload[]): void {
  writeDraft(draft, uploads.length > 0 ? { uploads } : null)
}

function forget(draft: string, ids: readonly string[]): void {
  writeStored(
    draft,
    readStored(draft).filter(({ id }) => !ids.includes(id))
  )
  for (const id of ids) {
    revokePreview(previews.get(id))
    previews.delete(id)
    problems.delete(id)
  }
}

function storedPart({ id, name, size, content_type, state, signature, expires_at }: Upload): Omit<StoredUpload, 'place'> {
  return { id, name, size, content_type, state, signature, expires_at }
}

function asDraftFile({ id, name, size, content_type, state, signature, place }: StoredUpload): DraftFile & { place: number } {
  const problem = problems.get(id) ?? (state === 'infected' ? `Infected (${signature ?? 'unknown virus'}). It cannot be sent.` : '')
  return {
    id,
    place,
    name,
    size,
    contentType: content_type,
    state: problem ? 'failed' : 'ready',
    progress: 1,
    problem,
    canRetry: false,
    isUnscanned: state === 'unscanned',
    preview: previews.get(id)
  }
}

/** Compares the stored uploads with those of the server, once for each page load or if `isForced`. */
async function checkStored(draft: string, teamId: string, isForced = false): Promise<void> {
  const unchecked = readStored(draft).filter(({ id }) => isForced || !checked.has(id))
  await Promise.all(
    unchecked.map(async ({ id, expires_at }) => {
      checked.add(id)
      try {
        const upload = await $fetch<Upload>(`/api/teams/${teamId}/uploads/${id}`)
        writeStored(
          draft,
          readStored(draft).map(stored => (stored.id === id ? { ...stored, ...storedPart(upload) } : stored))
        )
      } catch (error) {
        if (statusOf(error) !== 404) return void checked.delete(id) // sending it says what is wrong
        const isExpired = Date.parse(expires_at) < serverNow()
        problems.set(
          id,
          isExpired ? 'Expired: a file waits 24 hours to be sent. Attach it again.' : 'No longer on the server. Attach it again.'
        )
      }
    })
  )
}

function restoreInterrupted(draft: string, teamId: string): void {
  if (transfers.has(draft)) return
  transfers.set(
    draft,
    readInterrupted(draft).map(({ name, size }) => ({
      ...newTransfer(new File([], name), `/api/teams/${teamId}/uploads`),
      size,
      file: undefined,
      state: 'failed',
      problem: 'Not uploaded: the page was reloaded in between. Attach it again.'
    }))
  )
}

function revokePreview(url: string | undefined): void {
  if (url) URL.revokeObjectURL(url)
}
