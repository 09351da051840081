import type { Plugin } from 'vite'

export interface StandIn {
  /** The import specifier. */
  source: string
  /** Part of the path of the only module that imports it. */
  importer: string
  /** The path of the replacement. */
  file: string
}

/** Replaces imports inside of libraries. The build fails unless each rule matches exactly one importing module. */
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
