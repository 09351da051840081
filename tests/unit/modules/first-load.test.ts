import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build, type Rollup } from 'vite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { standIns } from '../../../modules/first-load/stand-ins.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stand-ins-'))
  await mkdir(join(root, 'library'))
  await writeFile(join(root, 'large.js'), 'export default "all of it"')
  await writeFile(join(root, 'small.js'), 'export default "a stand-in"')
  await writeFile(join(root, 'library', 'large.js'), 'export default "all of it"')
})

afterEach(() => rm(root, { recursive: true }))

test('stand-ins replace a module for the library, and for no other importer', async () => {
  await writeLibrary({ 'table.js': 'export { default as table } from "./large.js"' })
  const code = await bundle('export { table } from "./library/table.js"; export { default } from "./large.js"')
  expect(code).toContain('a stand-in')
  expect(code.match(/all of it/g)).toHaveLength(1)
})

test('stand-ins fail the build when the library no longer imports the module', async () => {
  await writeLibrary({ 'table.js': 'export const table = 1' })
  await expect(bundle('export { table } from "./library/table.js"')).rejects.toThrow('0 modules of /library/ import ./large.js, not one')
})

test('stand-ins fail the build when a second module of the library imports the module', async () => {
  await writeLibrary({
    'table.js': 'export { default as table } from "./large.js"',
    'tree.js': 'export { default as tree } from "./large.js"'
  })
  await expect(bundle('export { table } from "./library/table.js"; export { tree } from "./library/tree.js"')).rejects.toThrow(
    '2 modules of /library/ import ./large.js, not one'
  )
})

async function writeLibrary(files: Record<string, string>): Promise<void> {
  for (const [name, code] of Object.entries(files)) await writeFile(join(root, 'library', name), code)
}

async function bundle(entry: string): Promise<string> {
  await writeFile(join(root, 'entry.js'), entry)
  const output = (await build({
    root,
    configFile: false,
    logLevel: 'silent',
    plugins: [standIns([{ source: './large.js', importer: '/library/', file: join(root, 'small.js') }])],
    build: { write: false, minify: false, lib: { entry: join(root, 'entry.js'), formats: ['es'] } }
  })) as Rollup.RollupOutput[]
  return output[0]!.output[0].code
}
