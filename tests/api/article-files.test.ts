import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Article, ArticleSummary } from '#shared/types/api'
import { projectRoot } from '../../supabase/embedded/cli.ts'
import { api, database, newTeam } from '../support/api.ts'
import { onePixel } from '../support/form.ts'
import { product } from '../support/own-product.ts'
import { ann, bob, type TeamWorld } from '../support/world.ts'

let root: string
let number = 0

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'switchboard-articles-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))

const slugOf = async ({ id }: TeamWorld) => (await database()<[{ slug: string }]>`select slug from teams where id = ${id}`)[0].slug

async function newFolder(files: Record<string, string | Buffer>): Promise<string> {
  const folder = join(root, String(++number))
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), content)
  }
  return folder
}

async function run(script: 'import' | 'export', ...args: string[]): Promise<{ code: number | null; lines: string[]; errors: string }> {
  const child = spawn(process.execPath, [join(projectRoot, 'scripts', `${script}.ts`), 'articles', ...args], {
    cwd: projectRoot,
    env: {
      ...process.env,
      DATABASE_URL: product().databaseUrl,
      SUPABASE_URL: product().supabaseUrl,
      SUPABASE_SECRET_KEY: product().secretKey
    },
    stdio: ['ignore', 'pipe', 'pipe']
  })
  let [output, errors] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text))
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, lines: output.split('\n').filter(line => line !== ''), errors }
}

async function readFolder(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort()
  return Object.fromEntries(
    await Promise.all(names.map(async name => [name, (await readFile(join(folder, name))).toString('latin1')] as const))
  )
}

async function newEmptyTeam(): Promise<TeamWorld> {
  const team = await newTeam()
  await database()`delete from articles where team_id = ${team.id}`
  await database()`delete from article_categories where team_id = ${team.id}`
  return team
}

const articlesOf = async ({ id }: TeamWorld) => (await api<ArticleSummary[]>(ann, 'GET', `/teams/${id}/articles`)).body

const text = '\nA *table*:\r\n\r\n| a | b |\n|---|---|\n| 1 | 2 |\n\n---\n```\n<b>\u00a0\n```\n  trailing  \n\n'

describe('a folder of articles', () => {
  test('brings its pictures, which go with the articles into the next team', async () => {
    const old = '11111111-2222-4333-8444-555555555555'
    const other = '99999999-2222-4333-8444-555555555555'
    const pictured = (id: string) => `A ![menu](images/${id}.png#1x1)\r\nand [no file](images/${other}.png)`
    const article = (id: string) => `---\ntitle: Menu\nslug: menu\naudience: public\nlocale: en\nstate: published\n---\n${pictured(id)}`
    const [team, next] = [await newEmptyTeam(), await newEmptyTeam()]
    const folder = await newFolder({ 'menu.en.md': article(old), [`images/${old}.png`]: onePixel })
    expect((await run('import', folder, '--team', await slugOf(team), '--dry-run')).lines).toEqual([
      '1 article in 1 file with 1 new picture could be imported'
    ])
    expect(await run('import', folder, '--team', await slugOf(team))).toEqual({
      code: 0,
      lines: ['1 article in 1 file with 1 new picture: imported'],
      errors: ''
    })
    const [{ id: stored }] = await database()<[{ id: string }]>`
      select id from private.article_images where team_id = ${team.id} and created_at > now() - interval '1 minute' and unused_since is null
        and size = ${onePixel.length}`
    const exported = join(root, 'with-pictures')
    expect(await run('export', exported, '--team', await slugOf(team))).toEqual({
      code: 0,
      lines: [`${exported}: 1 article in 1 file with 1 picture`],
      errors: ''
    })
    expect(await readFile(join(exported, 'menu.en.md'), 'utf8')).toBe(article(stored))
    expect((await readFile(join(exported, 'images', `${stored}.png`))).equals(onePixel)).toBe(true)
    expect((await run('import', exported, '--team', await slugOf(next))).lines).toEqual([
      '1 article in 1 file with 1 new picture: imported'
    ])
    const [found] = await articlesOf(next)
    const { translations } = (await api<Article>(ann, 'GET', `/teams/${next.id}/articles/${found!.id}`)).body
    const [, copy] = /images\/([0-9a-f-]+)/.exec(translations[0]!.published!.content)!
    expect(translations[0]!.published!.content).toBe(pictured(copy!))
    expect((await api(ann, 'GET', `/teams/${next.id}/article-images/${copy!}`)).status).toBe(200)
  }, 90_000) // five processes

  test('with a file that is no picture is refused as a whole', async () => {
    const team = await newEmptyTeam()
    const id = '11111111-2222-4333-8444-555555555555'
    const folder = await newFolder({
      'menu.en.md': `---\ntitle: Menu\nstate: published\n---\n![menu](images/${id}.png)`,
      [`images/${id}.png`]: '<svg xmlns="http://www.w3.org/2000/svg"/>'
    })
    const { code, lines } = await run('import', folder, '--team', await slugOf(team))
    expect([code, lines]).toEqual([
      1,
      [`menu.en.md · line 5 · images/${id}.png: Neither PNG, JPEG, GIF nor WebP`, '1 problem: nothing was imported']
    ])
    expect(await articlesOf(team)).toEqual([])
  })

  test('is imported, exported, and imported again with the same bytes', async () => {
    const team = await newEmptyTeam()
    const folder = await newFolder({
      'restart.en.md': `---\ntitle: Restart it\nslug: restart\narticle: restart\ncategory: Printers\naudience: public\nlocale: en\nstate: published\n---\n${text}`,
      'restart.en.draft.md': `---\ntitle: "Restart: it"\nslug: restart\narticle: restart\ncategory: Printers\naudience: public\nlocale: en\nstate: draft\n---\nBetter`,
      'restart.de.md': `---\ntitle: Neustart\nslug: neustart\narticle: restart\ncategory: Printers\naudience: public\nlocale: de\nstate: published\n---\nAus und an.`,
      'old.en.md': `---\ntitle: Old\nslug: old\naudience: clients\nlocale: en\nstate: archived\n---\nOld`
    })
    const { code, lines, errors } = await run('import', folder, '--team', await slugOf(team))
    expect([code, lines, errors]).toEqual([0, ['2 articles in 4 files: imported'], ''])
    const [article] = await articlesOf(team)
    const { translations, audience } = (await api<Article>(bob, 'GET', `/teams/${team.id}/articles/${article!.id}`)).body
    expect([audience, translations.map(({ locale, slug, published }) => [locale, slug, published?.content])]).toEqual([
      'public',
      [
        ['en', 'restart', text],
        ['de', 'neustart', 'Aus und an.']
      ]
    ])

    const exported = join(root, 'exported')
    expect(await run('export', exported, '--team', await slugOf(team))).toEqual({
      code: 0,
      lines: [`${exported}: 2 articles in 4 files`],
      errors: ''
    })
    expect(await readFolder(exported)).toEqual(await readFolder(folder))
    const again = await newEmptyTeam()
    expect((await run('import', exported, '--team', await slugOf(again))).code).toBe(0)
    const second = join(root, 'second')
    await run('export', second, '--team', await slugOf(again))
    expect(await readFolder(second)).toEqual(await readFolder(exported))
    expect((await run('export', second, '--team', await slugOf(again))).errors).toContain('exists already, and is not empty')
  }, 120_000)

  test('with bad files imports nothing, and names each file with its line and the reason', async () => {
    const team = await newEmptyTeam()
    const good = '---\ntitle: Good\nslug: good\n---\nText'
    const folder = await newFolder({
      'a/good.md': good,
      'a/twin.md': '---\ntitle: Twin\nslug: good\n---\nText',
      'audience.md': '---\ntitle: x\naudience: all\n---\nText',
      'bytes.md': Buffer.from([0x2d, 0x2d, 0x2d, 0x0a, 0xff]),
      'differs.de.md': '---\ntitle: x\narticle: one\nlocale: de\naudience: public\n---\n',
      'differs.en.md': '---\ntitle: x\narticle: one\n---\n',
      'field.md': '---\ntitle: x\nstat: published\n---\nText',
      'long.md': `---\ntitle: x\n---\n${'x'.repeat(50_001)}`,
      'notes.txt': 'not read',
      'none.md': 'Text',
      'nul.md': '---\ntitle: x\n---\na\u0000b',
      'size.md': `---\ntitle: x\n---\n${'x'.repeat(1_000_000)}`,
      'slug.md': '---\ntitle: x\nslug: Not a slug\n---\nText',
      'title.md': '---\nslug: y\n---\nText',
      '.hidden/x.md': 'not read'
    })
    const { code, lines } = await run('import', folder, '--team', await slugOf(team))
    expect(code).toBe(1)
    expect(lines).toEqual([
      'a/twin.md · line 3 · slug: a/good.md has the same address',
      'audience.md · line 3 · audience: Either public, clients or internal',
      'bytes.md · line 1 · Not valid UTF-8',
      'differs.de.md · line 5 · audience: Differs from differs.en.md, which is the same article',
      'field.md · line 3 · stat: Not a field of an article',
      'long.md · line 4 · content: Text must be at most 50000 characters',
      'none.md · line 1 · The file does not begin with a line “---”',
      'nul.md · line 4 · content: Contains characters that cannot be stored',
      'size.md · line 1 · Longer than 1 MB',
      'slug.md · line 3 · slug: Use small letters, digits and hyphens, at most 100',
      'title.md · line 1 · title: Is missing',
      '11 problems: nothing was imported'
    ])
    expect(await articlesOf(team)).toEqual([])

    // What only the database knows rolls everything back.
    await rm(folder, { recursive: true })
    const taken = await newFolder({ '1.md': '---\ntitle: First\n---\nText', '2.md': good })
    const slug = await slugOf(team)
    expect((await run('import', taken, '--team', slug, '--dry-run')).lines).toEqual(['2 articles in 2 files could be imported'])
    expect(await articlesOf(team)).toEqual([])
    await run('import', await newFolder({ 'x.md': good }), '--team', slug)
    expect(await run('import', taken, '--team', slug)).toMatchObject({
      code: 1,
      lines: ['2.md · line 3 · Another article has or had this address', '1 problem: nothing was imported']
    })
    expect(await articlesOf(team)).toHaveLength(1)
    const empty = await newFolder({ 'x.md': '---\ntitle: x\nstate: published\n---\n \n' })
    expect((await run('import', empty, '--team', slug)).lines[0]).toBe('x.md · line 5 · An article needs a text to be published')
  }, 120_000)

  test('is imported and exported by members who may publish, of a team and folder that exist', async () => {
    const team = await newEmptyTeam()
    const folder = await newFolder({ 'x.md': '---\ntitle: x\n---\n' })
    const slug = await slugOf(team)
    const member = await run('import', folder, '--team', slug, '--as', bob.email)
    expect([member.code, member.errors]).toEqual([2, `${bob.email} is member of ${slug}, and may not publish articles\n`])
    expect((await run('export', join(root, 'no'), '--team', slug, '--as', bob.email)).code).toBe(2)
    expect((await run('import', join(root, 'unknown'), '--team', slug)).errors).toContain('cannot be read: ENOENT')
    expect((await run('import', await newFolder({ 'x.txt': '' }), '--team', slug)).errors).toContain('has no Markdown files')
    expect((await run('import', folder)).errors).toContain('Usage: npm run import -- articles <folder>')
    expect((await run('export', join(root, 'no'), '--team', 'no-such-team')).code).toBe(2)
    expect(await readdir(root)).not.toContain('no.part')
  }, 120_000)
})
