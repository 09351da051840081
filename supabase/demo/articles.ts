import { readdir, readFile } from 'node:fs/promises'
import type { TransactionSql } from 'postgres'
import type { StorageSettings } from '../../server/adapters/storage.ts'
import { storeDemoPicture } from './files.ts'

interface DemoCategory {
  name: string
  /** In other languages. */
  names: Record<string, string>
  articles: { name: string; audience?: 'clients' | 'internal' }[]
}

const day = 86_400_000
const folder = new URL('./articles/', import.meta.url)

/**
 * The knowledge base of a team, all of it published: the categories of articles.json, and the texts of `articles/<name>.<language>.md`, of
 * which the first line is the title. `publishedAt` is when the first one was; the others follow a day apart, in the order of the list. Their
 * pictures are in `files`. Without `storage`, the texts have none.
 */
export async function loadArticles(
  tx: TransactionSql,
  team_id: string,
  created_by: string,
  { publishedAt, storage }: { publishedAt: Date; storage?: StorageSettings }
): Promise<void> {
  const categories = JSON.parse(await readFile(new URL('./articles.json', import.meta.url), 'utf8')) as DemoCategory[]
  const files = (await readdir(folder)).sort()
  let at = publishedAt.getTime()
  for (const [index, { name, names, articles }] of categories.entries()) {
    const [{ id: category_id }] = await tx<[{ id: string }]>`
      insert into public.article_categories ${tx({ team_id, name, names: tx.json(names), position: index + 1, created_at: publishedAt })} returning id`
    for (const { name, audience = 'public' } of articles) {
      const time = new Date(Math.min(at, Date.now()))
      const [{ id: article_id }] = await tx<[{ id: string }]>`
        insert into public.articles ${tx({ team_id, category_id, audience, is_published: true, created_by, created_at: time, updated_at: time })} returning id`
      for (const file of files.filter(file => file.startsWith(`${name}.`)))
        await publish(
          tx,
          { team_id, article_id, locale: file.split('.')[1]! },
          await withPictures(await readFile(new URL(file, folder), 'utf8'), name =>
            storage ? storeDemoPicture(tx, storage, name, { teamId: team_id, userId: created_by, at: time }) : null
          ),
          created_by,
          time
        )
      at += day
    }
  }
}

/** Stores the pictures of a text, `![…](images/<file>)`, and names them as the product does; removes them where `store` returns null. */
async function withPictures(source: string, store: (name: string) => Promise<string> | null): Promise<string> {
  let text = source
  for (const [picture, description, name] of source.matchAll(/!\[([^\]]*)\]\(images\/([^)]+)\)\n*/g)) {
    const address = await store(name!)
    text = text.replace(picture, address ? `![${description}](${address})\n\n` : '')
  }
  return text
}

async function publish(
  tx: TransactionSql,
  language: { team_id: string; article_id: string; locale: string },
  source: string,
  author: string,
  time: Date
): Promise<void> {
  const [heading, ...lines] = source.split('\n')
  const text = { title: heading!.replace(/^# /, ''), content: lines.join('\n').trim() }
  await tx`insert into public.article_translations ${tx(language)}`
  await tx`insert into public.article_drafts ${tx({ ...language, ...text, updated_by: author, updated_at: time })}`
  const [{ id }] = await tx<[{ id: string }]>`
    insert into public.article_revisions ${tx({ ...language, ...text, number: 1, kind: 'published', created_by: author, created_at: time })} returning id`
  await tx`
    insert into private.article_slugs (team_id, slug, article_id, locale)
    values (${language.team_id}, private.slug_of(${text.title}), ${language.article_id}, ${language.locale})`
  await tx`
    update public.article_translations set slug = private.slug_of(${text.title}), published_revision_id = ${id}, published_version = 1,
      published_at = ${time}, first_published_at = ${time}, title = ${text.title},
      search = private.article_search(${text.title}, ${text.content}), title_search = private.search_vector(${text.title})
    where article_id = ${language.article_id} and locale = ${language.locale}`
}

/** The names of the articles by their titles in all languages. */
export async function articleNames(): Promise<Map<string, string>> {
  const files = await readdir(folder)
  const titles = await Promise.all(
    files.map(async file => [(await readFile(new URL(file, folder), 'utf8')).split('\n')[0]!.slice(2), file.split('.')[0]!] as const)
  )
  return new Map(titles)
}
