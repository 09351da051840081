import type { Db } from '#server/db/types'
import type { Importer } from '#server/domain/ticket/import'
import { plural } from '../../shared/utils/plural.ts'
import { loadModule } from '../server-modules.ts'
import { readArticleFiles, type ArticleGroup, type FileProblem, type ReadArticle } from './article-files.ts'
import { findNewImages, storeImages } from './article-images.ts'
import { findMember } from './member.ts'
import { UsageError, type FolderSettings } from './settings.ts'

class DryRun extends Error {}

class Stopped extends Error {}

/** The database refused a file, so that nothing is imported. */
class RefusedFile extends Error {
  readonly problem: FileProblem

  constructor(problem: FileProblem) {
    super(problem.reason)
    this.problem = problem
  }
}

/**
 * Imports a folder of articles in one transaction: all of them, or none. Returns what is wrong with the files; nothing is imported if there
 * is anything, or if `signal` is aborted. Throws UsageError for mistakes of the operator.
 */
export async function importArticles(settings: FolderSettings, signal: AbortSignal): Promise<{ problems: FileProblem[]; summary: string }> {
  const { groups, problems } = await readArticleFiles(settings.folder)
  const files = groups.flat().length
  const refused = (found: FileProblem[]) => ({
    problems: found,
    summary: `${plural(found.length, '1 problem', '# problems')}: nothing was imported`
  })
  if (problems.length > 0) return refused(problems)
  let imageCount: number
  const server = await loadServer()
  server.configureDatabase(settings.databaseUrl, 1)
  try {
    const member = await findMember({ ...settings, permission: 'articles.publish' })
    const { images, problems: imageProblems } = await findNewImages(settings.folder, member.teamId, groups.flat())
    if (imageProblems.length > 0) return refused(imageProblems)
    imageCount = images.length
    const addresses = settings.isDryRun ? new Map<string, string>() : await storeImages(member, images, settings.storage)
    try {
      await server.asUser(
        { sub: member.userId, email: member.email },
        async db => {
          const categories = await findCategories(server, db, member)
          for (const group of groups) {
            if (signal.aborted) throw new Stopped()
            await importArticle(server, db, member, group.map(file => withNewAddresses(file, addresses)) as ArticleGroup, categories)
          }
          if (settings.isDryRun) throw new DryRun()
        },
        { channel: 'import', timeout: 'export', teamId: member.teamId }
      )
    } catch (error) {
      if (error instanceof RefusedFile) return refused([error.problem])
      if (error instanceof Stopped) return { problems: [], summary: 'Stopped: nothing was imported' }
      if (!(error instanceof DryRun)) throw error
    }
  } finally {
    await server.closePool()
  }
  const pictures = imageCount > 0 ? ` with ${plural(imageCount, '1 new picture', '# new pictures')}` : ''
  const summary = `${plural(groups.length, '1 article', '# articles')} in ${plural(files, '1 file', '# files')}${pictures}`
  return { problems: [], summary: settings.isDryRun ? `${summary} could be imported` : `${summary}: imported` }
}

function withNewAddresses(file: ReadArticle, addresses: ReadonlyMap<string, string>): ReadArticle {
  let { content } = file
  for (const [from, to] of addresses) content = content.replaceAll(from, to)
  return { ...file, content }
}

type Server = Awaited<ReturnType<typeof loadServer>>

async function loadServer() {
  const [{ closePool, configureDatabase }, { asUser }, { databaseFailure }, article, draft, category] = await Promise.all([
    loadModule('server/db/pool'),
    loadModule('server/db/identity'),
    loadModule('server/db/errors'),
    loadModule('server/domain/article/article'),
    loadModule('server/domain/article/draft'),
    loadModule('server/domain/article/category')
  ])
  return { closePool, configureDatabase, asUser, databaseFailure, ...article, ...draft, ...category }
}

async function findCategories({ listCategoryNames }: Server, db: Db, { teamId }: Importer): Promise<Map<string, string>> {
  return new Map((await listCategoryNames(db, teamId)).map(({ id, name }) => [name.toLowerCase(), id]))
}

async function importArticle(
  server: Server,
  db: Db,
  { teamId }: Importer,
  group: ArticleGroup,
  categories: Map<string, string>
): Promise<void> {
  const versions = new Map<string, number>()
  let id: string | undefined
  for (const file of group) {
    const { locale, title, content, slug, state, audience } = file
    await explain(server, file, async () => {
      const version = versions.get(locale)
      if (id === undefined)
        id = (
          await server.createArticle(db, teamId, {
            locale,
            title,
            content,
            audience,
            category_id: await categoryOf(server, db, teamId, file, categories)
          })
        ).id
      else
        versions.set(locale, (await server.saveArticleDraft(db, teamId, id, { locale, title, content, version: version ?? null })).version)
      if (version !== undefined) return
      versions.set(locale, 1)
      if (slug !== undefined) await server.updateArticleTranslation(db, teamId, id, { locale, slug })
      if (state === 'published') await server.publishArticle(db, teamId, id, { locale, version: 1, note: null })
    })
  }
  if (group[0].state === 'archived') await server.updateArticle(db, teamId, id!, { is_archived: true })
}

async function categoryOf(
  { createArticleCategory }: Server,
  db: Db,
  teamId: string,
  { category }: ReadArticle,
  categories: Map<string, string>
): Promise<string | null> {
  if (category === undefined) return null
  const known = categories.get(category.toLowerCase())
  if (known) return known
  const { id } = await createArticleCategory(db, teamId, { name: category, names: {} })
  categories.set(category.toLowerCase(), id)
  return id
}

/** Names the file that the database refuses. */
async function explain({ databaseFailure }: Server, { file, lineOf }: ReadArticle, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (error) {
    const failure = databaseFailure(error)
    if (failure && failure.statusCode >= 500) throw new UsageError(`${failure.message}. Nothing was imported.`)
    if (!failure && !(error instanceof Error && 'statusCode' in error)) throw error
    const reason = failure?.message ?? (error as Error).message
    const field = /address/.test(reason) ? 'slug' : /text/.test(reason) ? 'content' : 'title'
    throw new RefusedFile({ file, line: lineOf(field), reason })
  }
}
