import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, open, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { loadModule } from '../server-modules.ts'
import type { FileProblem, ReadArticle } from './article-files.ts'
import { UsageError, type FolderSettings } from './settings.ts'

type Storage = FolderSettings['storage']

/** A picture beside the files of an import that the team does not have yet. */
export interface NewImage {
  /** What the texts name it by. */
  address: string
  path: string
  /** Bytes. */
  size: number
  contentType: string
}

const maxTotalBytes = 500_000_000

/** Writes the pictures that `addresses` name into `folder`, and returns how many the team has. Throws UsageError. */
export async function saveImages(folder: string, teamId: string, addresses: ReadonlySet<string>, storage: Storage): Promise<number> {
  const [{ getObject, StorageError }, { objectKey }] = [
    await loadStorage(storage, addresses.size > 0),
    await loadModule('server/domain/attachment/upload')
  ]
  const known = await findKnown(teamId, addresses)
  if (known.size > 0) await mkdir(join(folder, 'images'))
  for (const [address, id] of known) {
    try {
      const content = await getObject(objectKey(teamId, id))
      if (!content) throw new UsageError(`The content of the picture ${id} is missing`)
      await pipeline(content, createWriteStream(join(folder, address), { flags: 'wx' }))
    } catch (error) {
      throw error instanceof StorageError ? new UsageError(error.message) : error
    }
  }
  return known.size
}

/**
 * The pictures that the texts of an import name, that are files beside them and that the team does not have. Others stay as they are.
 * Throws UsageError for more than 500 MB.
 */
export async function findNewImages(
  folder: string,
  teamId: string,
  articles: readonly ReadArticle[]
): Promise<{ images: NewImage[]; problems: FileProblem[] }> {
  const [{ imageAddressesIn }, { detectContentType, headBytes }, { inlineTypes }, { maxFileBytes }] = [
    await loadModule('shared/article'),
    await loadModule('server/domain/attachment/content-type'),
    await loadModule('shared/attachment'),
    await loadModule('shared/schemas/attachment')
  ]
  const named = new Map<string, { path: string; article: ReadArticle }>()
  for (const article of articles)
    for (const address of imageAddressesIn(article.content))
      if (!named.has(address)) named.set(address, { path: join(folder, dirname(article.file), address), article })
  const known = await findKnown(teamId, new Set(named.keys()))
  const images: NewImage[] = []
  const problems: FileProblem[] = []
  let total = 0
  for (const [address, { path, article }] of named) {
    const found = known.has(address) ? null : await stat(path).catch(() => null) // a text may name what is no file
    if (!found?.isFile()) continue
    const refuse = (reason: string) =>
      problems.push({ file: article.file, line: article.lineOf('content'), reason: `${address}: ${reason}` })
    total += found.size
    if (total > maxTotalBytes) throw new UsageError(`The pictures of ${folder} are larger than 500 MB`)
    if (found.size === 0) refuse('Is empty')
    else if (found.size > maxFileBytes) refuse('Larger than 25 MB')
    else {
      const contentType = await detectContentType(await readHead(path, headBytes))
      if (inlineTypes.includes(contentType)) images.push({ address, path, size: found.size, contentType })
      else refuse('Neither PNG, JPEG, GIF nor WebP')
    }
  }
  return { images, problems }
}

/**
 * Stores pictures for the articles that are imported next, and returns their new addresses by the old ones. If the import fails, a job
 * deletes them in a day. Throws UsageError.
 */
export async function storeImages(
  member: { teamId: string; userId: string; email: string },
  images: readonly NewImage[],
  storage: Storage
): Promise<Map<string, string>> {
  const addresses = new Map<string, string>()
  if (images.length === 0) return addresses
  const { putObject, StorageError } = await loadStorage(storage, true)
  const [{ asUser }, { databaseFailure }, { createUpload, finishUpload, objectKey }, { keepArticleImage }, { cleanFileName }] = [
    await loadModule('server/db/identity'),
    await loadModule('server/db/errors'),
    await loadModule('server/domain/attachment/upload'),
    await loadModule('server/domain/article/image'),
    await loadModule('server/domain/attachment/file-name')
  ]
  const { teamId, userId } = member
  const caller = { teamId, userId }
  const run = <T>(work: Parameters<typeof asUser<T>>[1]) =>
    asUser({ sub: userId, email: member.email }, work, { channel: 'import', teamId })
  try {
    for (const { address, path, size, contentType } of images) {
      const sha256 = await digestOf(path)
      const file = { name: cleanFileName(basename(path)), size, sha256, contentType }
      // In transactions of their own: content without a committed row is deleted.
      const id = await run(db => createUpload(db, caller, file, 'receiving'))
      await putObject(objectKey(teamId, id), createReadStream(path), size)
      const image = await run(async db => {
        await finishUpload(db, caller, id, { state: 'unscanned' }) // a job scans it
        return keepArticleImage(db, caller, id, 'warn')
      })
      addresses.set(address, image.address)
    }
  } catch (error) {
    const message = databaseFailure(error)?.message ?? (error instanceof StorageError ? error.message : undefined)
    throw message === undefined ? error : new UsageError(`A picture cannot be imported: ${message}`)
  }
  return addresses
}

/** The ids of the pictures that the team has, by their addresses. */
async function findKnown(teamId: string, addresses: ReadonlySet<string>): Promise<Map<string, string>> {
  const [{ parseImageAddress }, { asService }, { listTeamImages }] = [
    await loadModule('shared/article'),
    await loadModule('server/db/identity'),
    await loadModule('server/domain/article/image')
  ]
  const ids = new Map([...addresses].map(address => [address, parseImageAddress(address)!.id]))
  const known = new Set(await asService('finding pictures of articles', db => listTeamImages(db, teamId, [...ids.values()])))
  return new Map([...ids].filter(([, id]) => known.has(id)))
}

async function loadStorage(storage: Storage, isNeeded: boolean) {
  const adapter = await loadModule('server/adapters/storage')
  if (storage) adapter.configureStorage(storage)
  else if (isNeeded) throw new UsageError('Articles have pictures: set SUPABASE_URL and SUPABASE_SECRET_KEY, beside DATABASE_URL.')
  return adapter
}

async function readHead(path: string, length: number): Promise<Buffer> {
  const file = await open(path)
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}
