import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { glob, mkdir, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { withDemo } from '../tests/e2e/support/demo.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const results = join(root, 'test-results')
const bin = (name: string) => join(root, 'node_modules', '.bin', name)

interface Count {
  passed: number
  failed: number
}

// A stage without single tests counts as one test.
const checks: Record<string, [command: string, args: string[]]> = {
  'build': [process.execPath, ['scripts/build.ts']],
  'types': [bin('nuxt'), ['typecheck']],
  'lint': [bin('eslint'), ['.']],
  'format': [bin('prettier'), ['--check', '.']],
  'lock file complete': [process.execPath, ['scripts/lock-check.mjs']],
  'no secrets': [process.execPath, ['scripts/secrets.ts']],
  'no known vulnerabilities': [process.execPath, ['scripts/audit.ts']],
  'database types fresh': [process.execPath, ['scripts/types.ts', '--check']],
  'database advisors': [process.execPath, ['scripts/advisors.ts']],
  'first-load budget': [process.execPath, ['scripts/budget.ts']]
}

await rm(results, { recursive: true, force: true })
await mkdir(results, { recursive: true })
const total: Count = { passed: 0, failed: 0 }
const failures: { stage: string; text: string }[] = []
const flaky: string[] = []

/** The output of running stages that is printed when they end. */
const kept = new Map<string, string>()
let isAlone = false
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    for (const [name, output] of kept) console.info(`\n▸ ${name}, interrupted\n${output}`)
    process.exit(1)
  })
}

// Two lanes for two cores: each takes the next stage as soon as it is free, the longest first. Each suite has its own processes, ports
// and database. The build empties .nuxt, which types and lint need, so it must not run beside them; two suites test the build.
const built = check('build')
// The demo serves the last two stages. It starts beside others, because that takes a while.
const demo = Promise.withResolvers<boolean>()
const tested = Promise.withResolvers<number>()
let served = Promise.resolve()
const stages = [
  () => suite('db'),
  () => built.then(() => suite('api')),
  () => check('types'),
  () => suite('conformance'),
  () => check('lint'),
  () => suite('unit'),
  startDemo,
  ...['format', 'no secrets', 'database advisors', 'database types fresh', 'no known vulnerabilities', 'lock file complete'].map(
    name => () => check(name)
  ),
  () => demo.promise.then(isRunning => (isRunning ? check('first-load budget') : undefined))
]
const lane = async () => {
  for (let next = stages.shift(); next; next = stages.shift()) await next()
}
await Promise.all([built.then(lane), lane()])
// The browser tests use both cores.
isAlone = true
if (await demo.promise) await stage('browser tests', browserTests)
tested.resolve(0)
await served

// Failures are printed again at the end, where people look first.
for (const test of flaky) console.info(`\n⚠ flaky, passed at the second try: ${test}`)
for (const { text } of failures) console.info(`\n✗ ${text}`)
console.info(`\n${total.passed} passed, ${total.failed} failed`)
process.exitCode = total.failed > 0 ? 1 : 0

function check(name: string): Promise<void> {
  const [command, args] = checks[name]!
  return stage(name, async print => ((await run(command, args, print)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 }))
}

/** Resolves with whether the demo runs. It runs until `tested`. */
function startDemo(): Promise<boolean> {
  served = withDemo(() => {
    demo.resolve(true)
    return tested.promise
  }).catch((error: unknown) => {
    demo.resolve(false)
    total.failed++
    failures.push({ stage: 'demo', text: `demo\n${error instanceof Error ? error.stack : String(error)}` })
  })
  return demo.promise
}

function suite(name: string): Promise<void> {
  const stageName = `${name} tests`
  return stage(stageName, async print => {
    const file = join(results, `${name}.json`)
    const code = await run(
      bin('vitest'),
      ['run', '--project', name, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
      print
    )
    const report = await readReport<VitestReport>(file)
    for (const { name, message, assertionResults } of report?.testResults ?? []) {
      if (message) failures.push({ stage: stageName, text: `${name}\n${message}` })
      for (const { fullName, failureMessages } of assertionResults)
        if (failureMessages.length > 0) failures.push({ stage: stageName, text: `${name} › ${fullName}\n${failureMessages.join('\n')}` })
    }
    return count(code, report, report => ({ passed: report.numPassedTests, failed: report.numTotalTests - report.numPassedTests }))
  })
}

async function browserTests(print: Print): Promise<Count> {
  const code = await run(process.execPath, ['scripts/e2e.ts'], print)
  // The content of the page of a failed test: in CI, often only this output is left of a run.
  for await (const file of glob('e2e/*/error-context.md', { cwd: results }))
    print(`\n${file}\n${(await readFile(join(results, file), 'utf8')).replace(/^[^]*?(?=# Error details)|# Test source[^]*$/g, '')}\n`)
  const report = await readReport<PlaywrightReport>(join(results, 'e2e.json'))
  for (const suite of report?.suites ?? []) collect(suite)
  return count(code, report, ({ stats }) => ({ passed: stats.expected + stats.flaky, failed: stats.unexpected + stats.skipped }))
}

function collect({ specs, suites = [] }: PlaywrightSuite): void {
  for (const { file, line, title, ok, tests } of specs) {
    if (tests.some(test => test.status === 'flaky')) flaky.push(`${file}:${line} › ${title}\n${errorsOf(tests)}`)
    if (!ok) failures.push({ stage: 'browser tests', text: `${file}:${line} › ${title}\n${errorsOf(tests)}` })
  }
  for (const suite of suites) collect(suite)
}

function errorsOf(tests: PlaywrightTest[]): string {
  return tests
    .flatMap(test => test.results.flatMap(result => result.errors.map(error => stripVTControlCharacters(error.message))))
    .join('\n')
}

interface VitestReport {
  numPassedTests: number
  numTotalTests: number
  testResults: { name: string; message: string; assertionResults: { fullName: string; failureMessages: string[] }[] }[]
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
  suites: PlaywrightSuite[]
}

interface PlaywrightSuite {
  specs: { file: string; line: number; title: string; ok: boolean; tests: PlaywrightTest[] }[]
  suites?: PlaywrightSuite[]
}

interface PlaywrightTest {
  status: 'expected' | 'unexpected' | 'flaky' | 'skipped'
  results: { errors: { message: string }[] }[]
}

async function readReport<T>(file: string): Promise<T | null> {
  return readFile(file, 'utf8').then(
    text => JSON.parse(text) as T,
    () => null
  )
}

// A runner that exits with an error without a failing test (a suite does not load, no report) is a failure, too.
function count<T>(code: number, report: T | null, read: (report: T) => Count): Count {
  const counted = report ? read(report) : { passed: 0, failed: 0 }
  const unexplained = (code !== 0 && counted.failed === 0) || counted.passed === 0
  return unexplained ? { ...counted, failed: counted.failed + 1 } : counted
}

type Print = (text: string) => void

/** Counts the results of a stage. Its output is printed live if it runs alone, otherwise when it ends. */
async function stage(name: string, work: (print: Print) => Promise<Count>): Promise<void> {
  const started = performance.now()
  console.info(isAlone ? `\n▸ ${name}` : `… ${name}`)
  if (!isAlone) kept.set(name, '')
  let output = ''
  const { passed, failed } = await work(text => {
    output += text
    if (isAlone) process.stdout.write(text)
    else kept.set(name, output)
  })
  // No single test failed, but the stage: what it said is all there is to know.
  if (failed > 0 && !failures.some(failure => failure.stage === name)) failures.push({ stage: name, text: `${name}\n${endOf(output)}` })
  total.passed += passed
  total.failed += failed
  if (!isAlone) console.info(`\n▸ ${name}\n${output}`)
  kept.delete(name)
  console.info(`${failed > 0 ? '✗' : '✓'} ${name}: ${passed} ok, ${failed} not, ${((performance.now() - started) / 1000).toFixed(0)} s`)
}

/** The last lines of an output, and earlier ones that name an error: a runner may report one long before its end. */
function endOf(output: string): string {
  const lines = stripVTControlCharacters(output).trimEnd().split('\n')
  const errors = lines.slice(0, -60).filter(line => /\b(error|unhandled|rejection)\b/i.test(line))
  return [...errors.slice(0, 40), ...lines.slice(-60)].join('\n')
}

async function run(command: string, args: string[], print: Print): Promise<number> {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, DO_NOT_TRACK: '1', NUXT_TELEMETRY_DISABLED: '1' }
  })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', print)
  const [code] = (await once(child, 'close')) as [number | null]
  return code ?? 1
}
