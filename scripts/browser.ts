// Prints the path of a Chromium that starts on this machine. Installs one when there is none.
// Order: $CHROME_PATH, Playwright's build, a system browser, Playwright's download, Playwright's download with system libraries,
// the browser of apt (both as root on Debian and Ubuntu), the npm package @sparticuz/chromium in node_modules/.cache.
import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { chromium } from '@playwright/test'
import { installWithApt } from './apt.ts'

type Run = { timeout?: number; cwd?: string; env?: NodeJS.ProcessEnv }

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const cache = join(root, 'node_modules', '.cache', 'browser')

// The headless shell first: a full browser renders frames with a GPU, which most test machines emulate slowly.
const systemNames = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge']
const macPaths = ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome', '/Applications/Chromium.app/Contents/MacOS/Chromium']

/** The path of a Chromium that was started and rendered a page; undefined when none could be found or installed. */
export async function findBrowser({ install = true } = {}): Promise<string | undefined> {
  // In CI the shell is worth its installation: a full browser needs a fifth more processor time for the same tests.
  if (install && process.env.CI && systemBrowser() && !findInPath('chromium-headless-shell')) fromDebian()
  for (const path of [process.env.CHROME_PATH, chromium.executablePath(), systemBrowser()]) if (await canStart(path)) return path
  if (!install) return undefined
  for (const find of [download, downloadWithLibraries, fromDebian, fromNpm]) {
    for (const path of await find()) if (await canStart(path)) return path
  }
  return undefined
}

/** Like `findBrowser`, but throws when there is none. */
export async function requireBrowser(): Promise<string> {
  const path = await findBrowser()
  if (!path) throw new Error('No Chromium could be started; set CHROME_PATH')
  return path
}

async function canStart(path: string | undefined): Promise<boolean> {
  if (!path || !existsSync(path)) return false
  try {
    const browser = await chromium.launch({ executablePath: path, timeout: 20_000 })
    const page = await browser.newPage()
    await page.setContent('<p>ok</p>')
    const isRendered = (await page.textContent('p')) === 'ok'
    await browser.close()
    return isRendered
  } catch (error) {
    log(`${path} does not start: ${String(error).split('\n').slice(0, 2).join(' ')}`)
    return false
  }
}

function systemBrowser(): string | undefined {
  return systemNames.map(findInPath).find(Boolean) ?? macPaths.find(existsSync)
}

function download(): string[] {
  return runPlaywright(['install', 'chromium', '--only-shell']) ? downloadedPaths() : []
}

// Only when Playwright's browser is there but does not start: apt is slow.
function downloadWithLibraries(): string[] {
  if (!mayUseApt() || !downloadedPaths().some(existsSync)) return []
  return runPlaywright(['install', '--with-deps', 'chromium', '--only-shell']) ? downloadedPaths() : []
}

function runPlaywright(args: string[]): boolean {
  const cli = createRequire(join(root, 'x.js'))
    .resolve('playwright-core')
    .replace(/index\.m?js$/, 'cli.js')
  return run(process.execPath, [cli, ...args], { timeout: 180_000 })
}

function downloadedPaths(): string[] {
  const path = chromium.executablePath()
  const builds = dirname(dirname(dirname(path)))
  const shells = existsSync(builds) ? readdirSync(builds).filter(name => name.startsWith('chromium_headless_shell')) : []
  return [path, ...shells.map(name => join(builds, name, 'chrome-headless-shell-linux64', 'chrome-headless-shell'))]
}

function mayUseApt(): boolean {
  return process.getuid?.() === 0 && findInPath('apt-get') !== ''
}

function fromDebian(): string[] {
  const isInstalled = installWithApt(['chromium-headless-shell', 'fonts-liberation'], ['chromium', 'fonts-liberation']) // Ubuntu has only the second
  return isInstalled ? [systemBrowser() ?? ''] : []
}

async function fromNpm(): Promise<string[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return []
  const folder = join(cache, 'sparticuz')
  const installed = join(folder, 'node_modules', '@sparticuz', 'chromium')
  mkdirSync(folder, { recursive: true })
  if (!existsSync(join(folder, 'package.json'))) writeFileSync(join(folder, 'package.json'), '{"private":true,"type":"module"}')
  if (
    !existsSync(installed) &&
    !run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '@sparticuz/chromium@153'], { cwd: folder })
  )
    return []
  // This variable makes the package unpack its libraries (NSS, NSPR, expat) too.
  process.env.AWS_EXECUTION_ENV ??= 'AWS_Lambda_nodejs24.x'
  const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')) as { module?: string; main: string }
  const sparticuz = (await import(pathToFileURL(join(installed, manifest.module ?? manifest.main)).href)) as {
    default: { executablePath(): Promise<string> }
  }
  const path = await sparticuz.default.executablePath()
  const libraries = ['/tmp/al2023/lib', '/tmp/al2/lib'].filter(existsSync)
  if (!libraries.length) return [path]
  const wrapper = join(cache, 'chromium')
  writeFileSync(wrapper, `#!/bin/sh\nexport LD_LIBRARY_PATH="$LD_LIBRARY_PATH:${libraries.join(':')}"\nexec ${path} "$@"\n`)
  chmodSync(wrapper, 0o755)
  return [wrapper]
}

function run(command: string, args: string[], options: Run = {}): boolean {
  log(`${command} ${args.join(' ')}`)
  return spawnSync(command, args, { stdio: ['ignore', 2, 2], timeout: 300_000, cwd: root, ...options }).status === 0
}

function findInPath(command: string): string {
  return spawnSync('sh', ['-c', `command -v ${command}`], { encoding: 'utf8' }).stdout.trim()
}

function log(line: string): void {
  process.stderr.write(`[browser] ${line}\n`)
}

if (import.meta.main) {
  const path = await findBrowser()
  if (path) process.stdout.write(`${path}\n`)
  else {
    log('no Chromium could be started; set CHROME_PATH')
    process.exitCode = 1
  }
}
