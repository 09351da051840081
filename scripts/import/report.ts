import { MultiBar, type SingleBar } from 'cli-progress'
import { plural } from '../../shared/utils/plural.ts'

export interface Finding {
  line: number
  /** The last line of a record of several lines. */
  lastLine?: number
  id?: string
  path?: string
  reason: string
}

/**
 * The output of an import: progress on stderr (a bar on a terminal, otherwise a line every 2 s), findings on stdout, and a
 * summary at the end.
 */
export class Report {
  readonly counts = { imported: 0, alreadyImported: 0, refused: 0, withoutBody: 0, notes: 0 }
  private readonly ignored = new Map<string, number>()
  private readonly startedAt = performance.now()
  private readonly totalBytes: number
  private readonly bars: MultiBar | undefined
  private readonly bar: SingleBar | undefined
  private lastProgressAt = performance.now()

  constructor(totalBytes: number) {
    this.totalBytes = totalBytes
    if (process.stderr.isTTY) {
      this.bars = new MultiBar({
        stream: process.stderr,
        format: '{bar} {percentage}% · {records} requests · {refused} refused',
        clearOnComplete: true,
        hideCursor: true
      })
      this.bar = this.bars.create(totalBytes, 0, { records: 0, refused: 0 })
    }
  }

  get records(): number {
    return this.counts.imported + this.counts.alreadyImported + this.counts.refused
  }

  refuse(findings: Finding[]): void {
    this.counts.refused++
    this.printFindings(findings)
  }

  /** Reports parts of an imported request that were left out or changed. */
  note(findings: Finding[]): void {
    this.counts.notes += findings.length
    this.printFindings(findings)
  }

  private printFindings(findings: Finding[]): void {
    for (const { line, lastLine = line, id, path, reason } of findings.slice(0, 5)) {
      this.print(
        [
          lastLine > line ? `lines ${line} to ${lastLine}` : `line ${line}`,
          ...(id === undefined ? [] : [`id ${id}`]),
          path ? `${path}: ${reason}` : reason
        ].join(' · ')
      )
    }
    if (findings.length > 5) this.print(`line ${findings[0]!.line} · and ${findings.length - 5} more`)
  }

  ignore(names: string[]): void {
    for (const name of names) this.ignored.set(name, (this.ignored.get(name) ?? 0) + 1)
  }

  progress(bytes: number): void {
    this.bar?.update(Math.min(bytes, this.totalBytes), { records: this.records, refused: this.counts.refused })
    if (this.bar || performance.now() - this.lastProgressAt < 2_000) return
    this.lastProgressAt = performance.now()
    process.stderr.write(
      `${Math.floor((100 * bytes) / Math.max(1, this.totalBytes))}% · ${this.records} requests · ${this.counts.refused} refused\n`
    )
  }

  finish({ isDryRun, stoppedAt }: { isDryRun: boolean; stoppedAt?: number }): void {
    this.stop()
    const { imported, alreadyImported, refused, withoutBody } = this.counts
    const seconds = (performance.now() - this.startedAt) / 1000
    const notes = [...this.ignored].map(([name, count]) => `${name} (${count})`).join(', ')
    if (withoutBody > 0) this.print(`${requests(withoutBody)} without a body: the title is used instead`)
    if (notes) this.print(`Fields that are not imported: ${notes}`)
    if (stoppedAt !== undefined) this.print(`Stopped after line ${stoppedAt}. Run the same command again to continue.`)
    this.print(
      `${requests(this.records)}: ${imported} ${isDryRun ? 'would be imported' : 'imported'}, ${alreadyImported} imported before, ${refused} refused (${seconds.toFixed(1)} s, ${Math.round(this.records / seconds)} a second)`
    )
    if (isDryRun) this.print('Nothing was written: this was a dry run.')
  }

  stop(): void {
    this.bars?.stop()
  }

  // On a terminal, print above the bar, which redraws its own line.
  private print(text: string): void {
    const line = `${printable(text)}\n`
    if (this.bars?.isActive && process.stdout.isTTY) this.bars.log(line)
    else process.stdout.write(line)
  }
}

function requests(count: number): string {
  return plural(count, '1 request', '# requests')
}

/** Escapes control and bidi characters, so that imported text cannot control a terminal. */
export function printable(text: string): string {
  return text
    .toWellFormed()
    .replace(
      /[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu,
      character => `\\u${character.codePointAt(0)!.toString(16).padStart(4, '0')}`
    )
}
