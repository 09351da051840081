import type { Ref } from 'vue'
import { listInWords } from '#shared/utils/words'
import { droppedEntries, readDroppedFiles } from '~/utils/attachment/dropped-files'

/**
 * Takes files that are dropped on the dialog around `element`, or pasted in it; on `element` itself if no dialog is open. Returns whether
 * files are dragged over the page. A file that misses it is not opened by the browser, which would leave the app.
 */
export function useFileDrop(element: Ref<HTMLElement | null>, add: (files: File[], note?: string) => void): Ref<boolean> {
  const isDragging = ref(false)
  const zone = () => element.value?.closest<HTMLElement>('[role="dialog"]') ?? element.value
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false
  // A dialog above this one takes the files itself.
  const isOnTop = () => [undefined, zone()].includes([...document.querySelectorAll<HTMLElement>('[role="dialog"]')].at(-1))
  const isInside = (event: Event) => zone()?.contains(event.target as Node) ?? false

  useEventListener(document, 'dragenter', event => {
    if (hasFiles(event) && isOnTop()) isDragging.value = true
  })
  useEventListener(document, 'dragover', event => {
    if (!hasFiles(event) || !isOnTop()) return
    event.preventDefault()
    event.dataTransfer!.dropEffect = isInside(event) ? 'copy' : 'none'
  })
  useEventListener(document, 'dragleave', event => {
    if (event.relatedTarget === null) isDragging.value = false
  })
  useEventListener(document, 'drop', event => {
    isDragging.value = false
    if (!hasFiles(event) || !isOnTop()) return
    event.preventDefault()
    if (isInside(event)) void drop(event.dataTransfer!)
  })
  useEventListener(document, 'paste', event => {
    if (!isOnTop() || !isInside(event)) return
    const pasted = pastedFiles(event.clipboardData)
    if (pasted.length === 0) return
    event.preventDefault()
    add(pasted)
  })

  async function drop(transfer: DataTransfer): Promise<void> {
    try {
      const { files, folders } = await readDroppedFiles(droppedEntries(transfer))
      add(files, folderNote(folders))
    } catch (error) {
      if (!(error instanceof DOMException)) throw error
      add([], 'What you dropped could not be read.')
    }
  }

  return isDragging
}

// Office programs put a picture of the text beside the text: then the text is meant.
function pastedFiles(clipboard: DataTransfer | null): File[] {
  if (!clipboard || clipboard.types.includes('text/plain')) return []
  // Browsers name a picture without a file "image.png".
  return [...clipboard.files].map(file =>
    /^image\.[a-z]+$/.test(file.name) ? new File([file], screenshotName(file.type, new Date(serverNow())), { type: file.type }) : file
  )
}

function folderNote(folders: readonly string[]): string {
  if (folders.length === 0) return ''
  const names = listInWords(folders.map(name => `“${name}”`))
  return folders.length === 1
    ? `The files of the folder ${names} are added one by one.`
    : `The files of the folders ${names} are added one by one.`
}
