import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Article } from '#shared/types/api'
import { loadModule } from '../server-modules.ts'
import { writeFrontMatter } from './front-matter.ts'
import { saveImages } from './article-images.ts'
import { findMember } from './member.ts'
import { UsageError, type FolderSettings } from './settings.ts'

/**
 * Writes every article of a team into a new folder: a Markdown file for each language, and a second one where the draft differs from what
 * is published. The pictures that they name are in the folder `images` in it. Throws UsageError for mistakes of the operator. Leaves no
 * partial folder.
 */
export async function exportArticles({
  folder,
  team,
  as,
  databaseUrl,
  storage
}: FolderSettings): Promise<{ articles: number; files: number; images: number }> {
  if (await isFilled(folder)) throw new UsageError(`${folder} exists already, and is not empty`)
  const [
    { closePool, configureDatabase },
    { asUser },
    { databaseFailure },
    { listArticleIds, getArticle },
    { listCategoryNames },
    { imageAddressesIn }
  ] = await Promise.all([
    loadModule('server/db/pool'),
    loadModule('server/db/identity'),
    loadModule('server/db/errors'),
    loadModule('server/domain/article/article'),
    loadModule('server/domain/article/category'),
    loadModule('shared/article')
  ])
  configureDatabase(databaseUrl, 1)
  const part = `${folder}.part`
  const counts = { articles: 0, files: 0, images: 0 }
  const addresses = new Set<string>()
  try {
    const { teamId, userId, email } = await findMember({ team, as, permission: 'articles.publish' })
    await mkdir(part)
    await asUser(
      { sub: userId, email },
      async db => {
        const categories = new Map((await listCategoryNames(db, teamId)).map(({ id, name }) => [id, name]))
        for (const id of await listArticleIds(db, teamId)) {
          const article = await getArticle(db, teamId, id)
          const files = filesOf(article, article.category_id === null ? undefined : categories.get(article.category_id))
          for (const { name, text } of files) {
            await writeFile(join(part, name), text, { flag: 'wx' })
            for (const address of imageAddressesIn(text)) addresses.add(address)
          }
          counts.articles += files.length > 0 ? 1 : 0
          counts.files += files.length
        }
      },
      { isReadOnly: true, hasOneSnapshot: true, timeout: 'export', teamId }
    )
    counts.images = await saveImages(part, teamId, addresses, storage)
    await rm(folder, { recursive: true, force: true }) // it is empty
    await rename(part, folder)
    return counts
  } catch (error) {
    if (isFileError(error)) {
      if (error.code !== 'EEXIST') await rm(part, { recursive: true, force: true })
      throw new UsageError(`${error.path ?? part} cannot be written: ${error.code}`)
    }
    await rm(part, { recursive: true, force: true })
    const failure = databaseFailure(error)
    throw failure ? new UsageError(failure.message) : error
  } finally {
    await closePool()
  }
}

/** The files of an article. All of its files have the field `article` if there are several. */
function filesOf({ id, audience, archived_at, translations }: Article, category: string | undefined): { name: string; text: string }[] {
  const key = translations.find(({ slug }) => slug !== null)?.slug ?? id
  const texts = translations.flatMap(({ locale, slug, published, draft }) => {
    const state = archived_at === null ? 'draft' : 'archived'
    return [
      ...(published ? [{ locale, slug, state: 'published', suffix: '', ...published }] : []),
      ...(draft && (!published || draft.has_changes) ? [{ locale, slug, state, suffix: published ? '.draft' : '', ...draft }] : [])
    ]
  })
  return texts.map(({ locale, slug, state, suffix, title, content }) => ({
    name: `${key}.${locale}${suffix}.md`,
    text: writeFrontMatter({ title, slug, article: texts.length > 1 ? key : null, category, audience, locale, state }, content)
  }))
}

async function isFilled(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length > 0
  } catch (error) {
    if (isFileError(error) && error.code === 'ENOENT') return false
    throw isFileError(error) ? new UsageError(`${folder} cannot be read: ${error.code}`) : error
  }
}

function isFileError(error: unknown): error is Error & { code: string; path?: string } {
  return error instanceof Error && 'syscall' in error && 'code' in error && typeof error.code === 'string' && /^E[A-Z]+$/.test(error.code)
}
