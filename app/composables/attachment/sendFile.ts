import type { Upload } from '#shared/types/api'

export interface FileTransfer {
  file: File
  /** The Idempotency-Key: the same one makes a repeated transfer the same upload. */
  key: string
  signal: AbortSignal
  /** `share` is between 0 and 1. */
  onProgress: (share: number) => void
}

/**
 * Sends a file as the field `file` of a form, with XMLHttpRequest: `fetch` does not report the progress of a request. Rejects like
 * `$fetch`, with `statusCode` and `data`, so that `messageOf` and `codeOf` read the error.
 */
export function sendFile<T = Upload>(url: string, { file, key, signal, onProgress }: FileTransfer): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const abort = () => request.abort()
    request.open('POST', url)
    request.responseType = 'json'
    request.setRequestHeader('idempotency-key', key)
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0)
    request.onload = () => {
      if (request.status === 201) resolve(request.response as T)
      else reject(Object.assign(new Error('The upload was refused'), { statusCode: request.status, data: request.response as unknown }))
    }
    request.onerror = () => reject(new TypeError('Network error during an upload'))
    request.onabort = () => reject(new DOMException('The upload was cancelled', 'AbortError'))
    request.onloadend = () => signal.removeEventListener('abort', abort)
    signal.addEventListener('abort', abort)
    const form = new FormData()
    form.append('file', file, file.name)
    request.send(form)
  })
}
