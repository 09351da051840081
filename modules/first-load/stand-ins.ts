import type { Plugin } from 'vite'

export interface StandIn {
  /** What is imported, as it is written. */
  source: string
  /** A part of the path of the one module that imports it. */
  importer: string
  /** What it gets instead. */
  file: string
}

/** Gives modules of libraries another import. The build fails unless each rule has matched exactly one of them. */
export function standIns(rules: StandIn[]): Plugin {
  const importers = new Map(rules.map(rule => [rule, new Set<string>()]))
  return {
    name: 'first-load:stand-ins',
    enforce: 'pre',
    apply: 'build',
    resolveId(source, importer = '') {
      const path = importer.split('?')[0]!
      const rule = rules.find(rule => rule.source === source && path.includes(rule.importer))
      if (!rule) return
      importers.get(rule)!.add(path)
      return rule.file
    },
    buildEnd(error) {
      if (error) return
      for (const [{ source, importer }, { size }] of importers) {
        if (size !== 1)
          this.error(
            `modules/first-load: ${size} modules of ${importer} import ${source}, not one. Adapt the stand-in to the library, or drop it.`
          )
      }
    }
  }
}
