import { request as requestHttp, type IncomingMessage, type RequestOptions } from 'node:http'
import { request as requestHttps } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface StorageSettings {
  /** Of Supabase. */
  url: string
  /** Row-level security of storage does not bind it: authorise before every call. */
  secretKey: string
}

/** Bytes of an object, both inclusive. */
interface Part {
  start: number
  end: number
}

const bucket = 'attachments'
// Without any traffic on the connection.
const timeoutMs = 30_000

let settings: StorageSettings = { url: '', secretKey: '' }

export function configureStorage(given: StorageSettings): void {
  settings = given
}

/** The storage server did not do what it should. */
export class StorageError extends Error {}

/** Stores `size` bytes of `content` under `key`, and replaces an object of that key. Throws StorageError. */
export async function putObject(key: string, content: AsyncIterable<Uint8Array>, size: number): Promise<void> {
  // Always as unknown bytes, so that no URL of the storage server shows a file in a browser.
  const headers = { 'content-type': 'application/octet-stream', 'content-length': size, 'x-upsert': 'true', 'cache-control': 'no-store' }
  const response = await send({ method: 'POST', path: objectPath(key), headers }, content)
  await requireSuccess(response, 'store an object')
}

/** The bytes of an object, or a part of them. Undefined if it does not exist. Destroy the stream to stop. Throws StorageError. */
export async function getObject(key: string, part?: Part): Promise<Readable | undefined> {
  const response = await send({ method: 'GET', path: objectPath(key), headers: part ? { range: `bytes=${part.start}-${part.end}` } : {} })
  if (response.statusCode === 206 && part) return response
  if (response.statusCode === 200) return part ? Readable.from(cut(response, part), { objectMode: false }) : response
  // The storage server answers 400 with the real status in the body.
  const text = await readText(response)
  if (response.statusCode === 404 || /"statusCode":\s*"?404/.test(text)) return undefined
  throw new StorageError(`Could not read an object: ${response.statusCode} ${text}`)
}

/** Deletes the objects that exist. Throws StorageError. */
export async function deleteObjects(keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  const body = Buffer.from(JSON.stringify({ prefixes: keys }))
  const headers = { 'content-type': 'application/json', 'content-length': body.length }
  const response = await send({ method: 'DELETE', path: `/storage/v1/object/${bucket}`, headers }, Readable.from([body]))
  await requireSuccess(response, 'delete objects')
}

function objectPath(key: string): string {
  return `/storage/v1/object/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
}

async function send(
  { headers, path, ...options }: RequestOptions & { path: string; headers: Record<string, string | number> },
  body?: AsyncIterable<Uint8Array>
): Promise<IncomingMessage> {
  const url = new URL(path, settings.url)
  const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, {
    ...options,
    headers: { ...headers, apikey: settings.secretKey, authorization: `Bearer ${settings.secretKey}` }
  })
  request.setTimeout(timeoutMs, () => request.destroy(new Error('the storage server did not answer in time')))
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  try {
    if (body) await Promise.all([pipeline(body, request), answered])
    else request.end()
    return await answered
  } catch (error) {
    request.destroy()
    throw new StorageError(`The storage server failed: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

async function requireSuccess(response: IncomingMessage, task: string): Promise<void> {
  const text = await readText(response)
  if (response.statusCode !== 200) throw new StorageError(`Could not ${task}: ${response.statusCode} ${text}`)
}

// The beginning of an answer in JSON.
async function readText(response: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of response as AsyncIterable<Buffer>) if (text.length < 500) text += chunk.toString('utf8')
  return text.slice(0, 500)
}

/** For a storage server that ignores Range: reads up to the end of the part, and drops what is before it. */
async function* cut(source: AsyncIterable<Uint8Array>, { start, end }: Part): AsyncGenerator<Uint8Array> {
  let at = 0
  for await (const chunk of source) {
    const piece = chunk.subarray(Math.max(0, start - at), Math.max(0, end + 1 - at))
    at += chunk.length
    if (piece.length > 0) yield piece
    if (at > end) return
  }
}
