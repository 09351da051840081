import type { ArticleImage } from '#shared/types/api'
import type { DraftFile } from '~/composables/attachment/useUploads'
import type { FileOnItsWay } from '~/utils/attachment/transfer'

interface Transfer extends DraftFile, FileOnItsWay {
  file: File
  mark: string
  /** What replaces the mark; empty until it is uploaded. */
  markdown: string
}

// Shared by the whole app (browser only): a transfer continues when its article is left, and the text gets it when it is opened again.
const transfers = reactive<Transfer[]>([])

/** The pictures that are uploaded for a text. Each has a mark in the text, which `replace` replaces by the picture. */
export function useArticleImages(text: () => string, replace: (mark: string, markdown: string) => void) {
  const { teamId } = useTeam()
  const { sendAsPerson } = useSessionEnd()
  const notes = ref<string[]>([])

  const marks = computed(() => findImageMarks(text()))
  const files = computed<DraftFile[]>(() =>
    marks.value.flatMap(({ id, name }) => {
      const transfer = transfers.find(one => one.id === id)
      return transfer?.markdown ? [] : (transfer ?? leftFile(id, name))
    })
  )

  const uploaded = computed(() => marks.value.flatMap(({ id }) => transfers.find(one => one.id === id && one.markdown) ?? []))
  const insertUploaded = () => {
    for (const { mark, markdown } of uploaded.value) replace(mark, markdown)
  }
  watch(uploaded, insertUploaded, { flush: 'post' })
  onMounted(insertUploaded) // those that were uploaded while the text was closed

  /** Begins to upload what can be a picture, and returns the marks to insert; `notes` says why other files are not uploaded. */
  function add(given: readonly File[], note = ''): string[] {
    const { admitted, notes: refusals } = admitImages(given)
    notes.value = [note, ...refusals].filter(Boolean)
    const added = admitted.map(newTransfer)
    transfers.push(...added)
    void runAll(added)
    return added.map(({ mark }) => mark)
  }

  function retry(id: string): void {
    const transfer = transfers.find(one => one.id === id)
    if (!transfer) return
    resetTransfer(transfer)
    void run(transfer)
  }

  /** Cancels the upload, and removes its mark. */
  function remove(id: string): void {
    transfers.find(one => one.id === id)?.controller.abort()
    const left = marks.value.find(one => one.id === id)
    if (left) replace(left.mark, '')
  }

  async function runAll(added: Transfer[]): Promise<void> {
    for (const { id } of added) await run(transfers.find(one => one.id === id)!)
  }

  async function run(transfer: Transfer): Promise<void> {
    transfer.state = 'uploading'
    try {
      const [image, size] = await Promise.all([
        sendAsPerson(() =>
          sendFile<ArticleImage>(`/api/teams/${teamId.value}/article-images`, {
            file: transfer.file,
            key: transfer.key,
            signal: transfer.controller.signal,
            onProgress: share => reportProgress(transfer, share)
          })
        ),
        pixelSize(transfer.file)
      ])
      transfer.markdown = imageMarkdown(transfer.name, image.address, size)
    } catch (error) {
      failTransfer(transfer, error, 'Infected. It was not kept.')
    }
  }

  return { files, notes: readonly(notes), add, retry, remove }
}

function newTransfer(file: File): Transfer {
  const id = newRequestKey().slice(0, 8)
  return { ...startOfTransfer(file), id, mark: imageMark({ id, name: file.name }), markdown: '' }
}

// After a reload, or in the text of somebody else.
function leftFile(id: string, name: string): DraftFile {
  return {
    id,
    name,
    size: 0,
    contentType: 'image/png',
    state: 'failed',
    progress: 0,
    problem: 'Not uploaded: the page was left before. Remove it, and choose the picture again.',
    canRetry: false,
    isUnscanned: false
  }
}

/** The size at which the browser shows a picture; null if it cannot. */
async function pixelSize(file: File): Promise<{ width: number; height: number } | null> {
  const url = URL.createObjectURL(file)
  try {
    const image = new Image()
    image.src = url
    await image.decode()
    return { width: image.naturalWidth, height: image.naturalHeight }
  } catch {
    return null // the server has looked at the type only
  } finally {
    URL.revokeObjectURL(url)
  }
}
