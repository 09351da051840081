import { createHash, randomUUID } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { copyFile, mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import type { App } from '@supabase/lite'

type StorageAdapter = NonNullable<App['_storageAdapter']>
type Metadata = Awaited<ReturnType<StorageAdapter['headObject']>>
type Stored = Pick<Metadata, 'cacheControl' | 'contentLength' | 'size' | 'mimetype' | 'eTag'> & { lastModified: string }

/**
 * Stores the objects of the Storage API as files under `directory`, with their metadata in a `.json` file beside each. The
 * file name is the hash of bucket and key, so that a name from a user never becomes a path.
 */
export function createFileStorage(directory: string): StorageAdapter {
  const pathOf = (bucket: string, key: string) => {
    const hash = createHash('sha256')
      .update(JSON.stringify([bucket, key]))
      .digest('hex')
    return join(directory, hash.slice(0, 2), hash)
  }
  const readMetadata = async (path: string): Promise<Metadata> => {
    const stored = JSON.parse(await readFile(`${path}.json`, 'utf8')) as Stored
    return { ...stored, lastModified: new Date(stored.lastModified), httpStatusCode: 200 }
  }

  return {
    driver: null,
    async getObject(bucket, key) {
      const path = pathOf(bucket, key)
      const metadata = await readMetadata(path).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return null
        throw error
      })
      if (!metadata)
        return {
          metadata: { cacheControl: '', contentLength: 0, size: 0, mimetype: '', eTag: '', httpStatusCode: 404 },
          httpStatusCode: 404
        }
      return { metadata, httpStatusCode: 200, body: Readable.toWeb(createReadStream(path)) as ReadableStream }
    },
    async uploadObject(bucket, key, _version, body, contentType, cacheControl) {
      const path = pathOf(bucket, key)
      await mkdir(dirname(path), { recursive: true, mode: 0o700 })
      const temporary = `${path}.${randomUUID()}`
      const hash = createHash('md5')
      let size = 0
      try {
        const file = await open(temporary, 'wx', 0o600)
        try {
          for await (const chunk of body instanceof Uint8Array ? [body] : (body as AsyncIterable<Uint8Array>)) {
            hash.update(chunk)
            size += chunk.byteLength
            await file.writeFile(chunk)
          }
          await file.sync()
        } finally {
          await file.close()
        }
        const stored: Stored = {
          cacheControl,
          mimetype: contentType,
          size,
          contentLength: size,
          eTag: `"${hash.digest('hex')}"`,
          lastModified: new Date().toISOString()
        }
        await writeFile(`${path}.json`, JSON.stringify(stored), { mode: 0o600 })
        await rename(temporary, path)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
      return readMetadata(path)
    },
    async deleteObject(bucket, key) {
      await removeFiles(pathOf(bucket, key))
    },
    async deleteObjects(bucket, keys) {
      for (const key of keys) await removeFiles(pathOf(bucket, key))
    },
    async copyObject(sourceBucket, source, _version, destinationBucket, destination) {
      const [from, to] = [pathOf(sourceBucket, source), pathOf(destinationBucket, destination)]
      await mkdir(dirname(to), { recursive: true, mode: 0o700 })
      await copyFile(from, to)
      await copyFile(`${from}.json`, `${to}.json`)
      const { httpStatusCode, eTag, lastModified } = await readMetadata(to)
      return { httpStatusCode, eTag, lastModified }
    },
    headObject: (bucket, key) => readMetadata(pathOf(bucket, key)),
    async privateAssetUrl() {
      throw new Error('The embedded storage server does not support image transformation')
    }
  }
}

async function removeFiles(path: string): Promise<void> {
  await rm(path, { force: true })
  await rm(`${path}.json`, { force: true })
}
