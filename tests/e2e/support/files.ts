import type { FileChooser, Locator, Page } from '@playwright/test'

/** A PNG picture of one pixel. */
export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** What browsers make of a picture without a file. */
export const screenshot = { name: 'image.png', type: 'image/png', base64: png }

/** Dispatches a paste or a drop of files, as the browser does for files of the system. */
export async function give(
  target: Locator,
  kind: 'paste' | 'drop',
  files: { name: string; type: string; base64: string }[]
): Promise<void> {
  await target.evaluate(
    (element, { kind, files }) => {
      const data = new DataTransfer()
      for (const { name, type, base64 } of files)
        data.items.add(new File([Uint8Array.from(atob(base64), character => character.charCodeAt(0))], name, { type }))
      const options = { bubbles: true, cancelable: true }
      if (kind === 'paste') element.dispatchEvent(new ClipboardEvent('paste', { ...options, clipboardData: data }))
      else
        for (const type of ['dragenter', 'dragover', 'drop']) element.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: data }))
    },
    { kind, files }
  )
}

/** Chooses files in the dialog that `openDialog` opens. */
export async function chooseFiles(
  page: Page,
  openDialog: () => Promise<void>,
  files: Parameters<FileChooser['setFiles']>[0]
): Promise<void> {
  const chooser = page.waitForEvent('filechooser')
  // A busy page can receive a key press before the order to report dialogs, but answers this after it.
  await page.evaluate(() => null)
  await openDialog()
  await (await chooser).setFiles(files)
}
