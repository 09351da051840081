import { pipeline } from 'node:stream/promises'
import type { H3Event } from 'h3'
import { inlineTypes } from '#shared/attachment'
import type { ArticleImage, Attachment, Upload } from '#shared/types/api'
import { hasScanner, scanFile } from '../adapters/clamd'
import { StorageError, deleteObjects, getObject, putObject } from '../adapters/storage'
import { keepArticleImage } from '../domain/article/image'
import { attachUpload, requireTarget, type Target, type UnscannedPolicy } from '../domain/attachment/attachment'
import { contentDisposition } from '../domain/attachment/file-name'
import { parseRange } from '../domain/attachment/range'
import { createUpload, finishUpload, getUpload, objectKey, type UploadResult } from '../domain/attachment/upload'
import type { Db } from '../db/types'
import type { TeamCaller } from './auth'
import { receiveFile, type ReceivedFile } from './receive-file'

/** What a team that has not decided does with unscanned files: block them if there is a scanner, because it will look at them soon. */
export function unscannedPolicy(): UnscannedPolicy {
  return hasScanner() ? 'block' : 'warn'
}

/**
 * Receives, scans and stores a file as an upload of the caller. Throws what `receiveFile` throws, 422 `upload_infected` for a file that
 * the scanner refuses (it is not stored), 502 `storage_failed` when the storage server fails.
 */
export function receiveUpload(event: H3Event, team: Pick<TeamCaller, 'caller' | 'db'>): Promise<Upload> {
  return receive(event, team, () => Promise.resolve(undefined)).then(({ upload }) => upload)
}

/** Receives a file and attaches it at once. Throws what `receiveUpload` and `attachUploads` throw. */
export async function receiveAttachment(
  event: H3Event,
  team: Pick<TeamCaller, 'caller' | 'db'>,
  target: Parameters<typeof requireTarget>[2]
): Promise<Attachment> {
  const found = await receive(event, team, db => requireTarget(db, team.caller.teamId, target))
  return team.db(tx => attachUpload(tx, team.caller, found.checked, found.upload.id, unscannedPolicy()))
}

/**
 * Receives a picture for articles. Throws what `receiveUpload` throws, 422 `not_a_picture` for other files, which are not stored, and 409
 * `upload_unscanned`.
 */
export async function receiveArticleImage(event: H3Event, team: Pick<TeamCaller, 'caller' | 'db'>): Promise<ArticleImage> {
  const { upload } = await receive(event, team, (_, { contentType }) =>
    inlineTypes.includes(contentType)
      ? Promise.resolve(undefined)
      : Promise.reject(failure(422, 'not_a_picture', 'Choose a PNG, JPEG, GIF or WebP picture'))
  )
  return team.db(tx => keepArticleImage(tx, team.caller, upload.id, unscannedPolicy()))
}

// The number and order of transactions must not depend on the outcome: see withIdempotency().
async function receive<T extends Target | undefined>(
  event: H3Event,
  { caller, db }: Pick<TeamCaller, 'caller' | 'db'>,
  check: (db: Db, file: ReceivedFile) => Promise<T>
): Promise<{ upload: Upload; checked: T }> {
  refuseUnreadQuery(event)
  return inFileTurn(event, 'upload', async () => {
    const file = await receiveFile(event)
    try {
      const { id, checked } = await db(async tx => ({
        checked: (await check(tx, file)) ?? null,
        id: await createUpload(tx, caller, file, hasScanner() ? 'scanning' : 'receiving')
      }))
      let finished: Upload | undefined
      await runOncePerKey(event, async () => {
        const result = await scanAndStore(event, objectKey(caller.teamId, id), file)
        finished = await db(tx => finishUpload(tx, caller, id, result))
      })
      const upload = finished ?? (await db(tx => getUpload(tx, caller.teamId, id)))
      if (upload.state === 'infected')
        throw failure(422, 'upload_infected', `${upload.name} is infected (${upload.signature}) and was not stored`, { upload })
      return { upload, checked: (checked ?? undefined) as T }
    } finally {
      await file.close()
    }
  })
}

// Received files wait on disk. Sending all of them to the scanner and the storage at once would be no faster, and take more memory.
const storedAtOnce = 8
const storeWaitMs = 240_000

/** Scans a file and stores it unless it is infected, in turn. Throws 502 `storage_failed`, 429 after four minutes of waiting. */
export function scanAndStore(event: H3Event, key: string, file: ReceivedFile): Promise<UploadResult> {
  return runInTurn(
    [{ key: 'scan and store', max: storedAtOnce }],
    () => storeClean(key, file),
    () => tooManyRequests(event, 30, 'files at once'),
    storeWaitMs
  )
}

async function storeClean(key: string, file: ReceivedFile): Promise<UploadResult> {
  const scan = await scanFile(file.read())
  if (scan.state === 'infected') return scan
  if (scan.state === 'unscanned' && hasScanner()) console.error(`A file could not be scanned: ${scan.reason}`)
  await translateStorageErrors(() => putObject(key, file.read(), file.size))
  return { state: scan.state }
}

/** Deletes the content of a file whose row is gone. If the storage server fails, a job deletes it later. */
export async function deleteContent(key: string): Promise<void> {
  await deleteObjects([key]).catch((error: unknown) => {
    console.error('The content of a file could not be deleted yet:', error instanceof Error ? error.message : 'unknown error')
  })
}

/**
 * Answers with the content of a file, or the part that `Range` asks for. Images are shown, everything else is downloaded. `isPublic`: anybody
 * may see it, so caches that many people share may keep it.
 */
export async function sendAttachment(
  event: H3Event,
  file: Pick<Attachment, 'id' | 'team_id' | 'name' | 'size' | 'content_type'>,
  { isPublic = false } = {}
): Promise<void> {
  const { res } = event.node
  const isInline = inlineTypes.includes(file.content_type)
  const tag = `"${file.id}"` // its content never changes
  setHeaders(event, {
    'content-disposition': contentDisposition(isInline ? 'inline' : 'attachment', file.name),
    'x-content-type-options': 'nosniff',
    'content-security-policy': "sandbox; default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': isInline ? `${isPublic ? 'public' : 'private'}, max-age=300` : 'private, no-store',
    'accept-ranges': 'bytes',
    ...(isInline && { etag: tag })
  })
  if (isInline && getHeader(event, 'if-none-match') === tag) {
    setResponseStatus(event, 304)
    res.end()
    return
  }
  const range = parseRange(getHeader(event, 'range'), file.size)
  if (range === 'unsatisfiable') {
    setHeader(event, 'content-range', `bytes */${file.size}`)
    throw failure(416, 'range', 'The file has no such range')
  }
  await inFileTurn(event, 'attachment', async () => {
    const content = await translateStorageErrors(() => getObject(objectKey(file.team_id, file.id), range))
    if (!content) throw failure(502, 'storage_failed', 'The content of this file is missing')
    setHeaders(event, {
      'content-type': file.content_type,
      'content-length': range ? range.end - range.start + 1 : file.size,
      ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${file.size}` })
    })
    setResponseStatus(event, range ? 206 : 200)
    event.node.req.socket.setTimeout(idleMs)
    try {
      await pipeline(content, res)
    } catch (error) {
      // The reader closed the connection, or the storage server failed in between: the connection is gone, so nothing can be answered.
      if (!res.destroyed && !res.headersSent) throw error
    }
  })
}

/** A reader who takes nothing for this long is disconnected. */
export const idleMs = 120_000

export async function translateStorageErrors<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof StorageError)) throw error
    console.error(error.message)
    throw failure(502, 'storage_failed', 'The file storage does not answer; try again in a moment')
  }
}
