import { readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import type { ArticleFile } from '#shared/schemas/article-file'
import { decodeUtf8 } from './bytes.ts'
import { readFrontMatter } from './front-matter.ts'
import { loadModule } from '../server-modules.ts'
import { UsageError } from './settings.ts'

/** What is wrong with a file. */
export interface FileProblem {
  file: string
  line: number
  reason: string
}

/** One language of an article, as its file has it. */
export type ReadArticle = ArticleFile & {
  file: string
  lineOf: (field: string) => number
}

/** The languages and drafts of one article, in the order in which they are written. */
export type ArticleGroup = [ReadArticle, ...ReadArticle[]]

const maxFiles = 5_000
const maxFileBytes = 1_000_000
const maxTotalBytes = 100_000_000

/**
 * Reads the Markdown files of a folder and of the folders in it. Throws UsageError for a folder that cannot be read, has none, more than
 * 5,000, or more than 100 MB.
 */
export async function readArticleFiles(folder: string): Promise<{ groups: ArticleGroup[]; problems: FileProblem[] }> {
  const { articleFile } = await loadModule('shared/schemas/article-file')
  const articles: ReadArticle[] = []
  const problems: FileProblem[] = []
  let total = 0
  for (const file of await listFiles(folder)) {
    const path = join(folder, file)
    const { size } = await stat(path)
    total += size
    if (total > maxTotalBytes) throw new UsageError(`The files of ${folder} are larger than 100 MB`)
    const refuse = (line: number, reason: string) => problems.push({ file, line, reason })
    if (size > maxFileBytes) {
      refuse(1, 'Longer than 1 MB')
      continue
    }
    const source = decodeUtf8(await readFile(path))
    const reading = source === undefined ? { line: 1, problem: 'Not valid UTF-8' } : readFrontMatter(source)
    if ('problem' in reading) {
      refuse(reading.line, reading.problem)
      continue
    }
    const { fields, content, contentLine } = reading
    const lineOf = (field: string) => (field === 'content' ? contentLine : (fields[field]?.line ?? 1))
    const values = Object.fromEntries(Object.entries(fields).map(([name, { value }]) => [name, value]))
    const parsed = articleFile.safeParse({ ...values, content })
    if (parsed.success) articles.push({ ...parsed.data, file, lineOf })
    else
      for (const issue of parsed.error.issues) {
        const unknown = issue.code === 'unrecognized_keys' ? issue.keys : []
        for (const name of unknown) refuse(lineOf(name), `${name}: Not a field of an article`)
        if (unknown.length > 0) continue
        const field = String(issue.path[0])
        refuse(lineOf(field), `${field}: ${values[field] === undefined && field === 'title' ? 'Is missing' : issue.message}`)
      }
  }
  const groups = groupArticles(articles)
  return { groups, problems: [...problems, ...groups.flatMap(checkGroup), ...checkSlugs(articles)].sort(inOrder) }
}

async function listFiles(folder: string): Promise<string[]> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error) throw new UsageError(`${folder} cannot be read: ${String(error.code)}`)
    throw error
  })
  const files = found
    .filter(entry => entry.isFile() && /\.(?:md|markdown)$/i.test(entry.name))
    .map(entry => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter(path => !path.split('/').some(part => part.startsWith('.')))
    .sort()
  if (files.length === 0) throw new UsageError(`${folder} has no Markdown files`)
  if (files.length > maxFiles) throw new UsageError(`${folder} has more than 5,000 Markdown files`)
  return files
}

// English first, as the API shows them, and what is published before the draft that continues it.
function groupArticles(articles: ReadArticle[]): ArticleGroup[] {
  const groups = Map.groupBy(articles, ({ article, file }) => (article === undefined ? `file ${file}` : `article ${article}`))
  const order = ({ locale, state }: ReadArticle) => `${locale === 'en' ? '' : locale} ${state === 'published' ? 0 : 1}`
  return [...groups.values()].map(group => group.toSorted((one, other) => (order(one) < order(other) ? -1 : 1)) as ArticleGroup)
}

function checkGroup([first, ...others]: ArticleGroup): FileProblem[] {
  const problems: FileProblem[] = []
  const known = new Map([[`${first.locale} ${first.state}`, first]])
  for (const other of others) {
    const refuse = (field: string, reason: string) =>
      problems.push({ file: other.file, line: other.lineOf(field), reason: `${field}: ${reason}` })
    for (const field of ['category', 'audience'] as const)
      if (other[field] !== first[field]) refuse(field, `Differs from ${first.file}, which is the same article`)
    if ((other.state === 'archived') !== (first.state === 'archived'))
      refuse('state', `${first.file} is the same article; archive both or none`)
    const key = `${other.locale} ${other.state}`
    const twin = known.get(key)
    if (twin) refuse('locale', `${twin.file} is the same language of the same article`)
    known.set(key, other)
  }
  return problems
}

function checkSlugs(articles: ReadArticle[]): FileProblem[] {
  const owners = new Map<string, ReadArticle>()
  return articles.flatMap(article => {
    if (article.slug === undefined) return []
    const owner = owners.get(article.slug)
    owners.set(article.slug, owner ?? article)
    const isSame = !owner || (article.article !== undefined && owner.article === article.article && owner.locale === article.locale)
    return isSame ? [] : [{ file: article.file, line: article.lineOf('slug'), reason: `slug: ${owner.file} has the same address` }]
  })
}

function inOrder(one: FileProblem, other: FileProblem): number {
  return one.file < other.file ? -1 : one.file > other.file ? 1 : one.line - other.line
}
