import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { scopePermissions } from '#shared/permissions'

const source = (...patterns: string[]) =>
  patterns
    .flatMap(pattern => globSync(pattern))
    .filter(file => /\.(ts|vue)$/.test(file))
    .map(file => ({ file, text: readFileSync(file, 'utf8') }))

/** What a file imports, by the names it writes; relative ones as paths from the root. */
function importsOf({ file, text }: { file: string; text: string }): string[] {
  const names = [
    ...text.matchAll(
      /(?:^|[\s;])(?:import|export)\s[^'"]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^import\s+['"]([^'"]+)['"]/gm
    )
  ].map(match => (match[1] ?? match[2] ?? match[3])!)
  return names.map(name =>
    name.startsWith('.')
      ? new URL(name, `file:///${file}`).pathname.slice(1)
      : name
          .replace(/^#(shared|server)\//, '$1/')
          .replace(/^(~~|@@)\//, '')
          .replace(/^(~|@)\//, 'app/')
  )
}

describe('imports go in one direction', () => {
  // [files, what they never import]
  const rules: [files: string, forbidden: RegExp][] = [
    ['app/**/*', /^(server|supabase|network|tests|scripts)\//],
    ['shared/**/*', /^(app|server|supabase|tests|scripts)\/|^(?!zod$|date-fns|markdown-it|shared\/).*/],
    ['server/**/*', /^(app|tests|scripts|supabase)\/|^postgres$/], // one driver: pg
    ['server/api/**/*', /^server\/(db|adapters|plugins|jobs)\//],
    ['server/domain/**/*', /^(h3|nitropack|#imports|server\/(api|utils|plugins|adapters|jobs|middleware)\/)/],
    ['server/db/**/*', /^server\/(api|utils|plugins|adapters|domain|jobs)\//],
    ['server/adapters/**/*', /^server\/(api|utils|db|domain|plugins)\//],
    ['supabase/embedded/**/*', /^(app|server|shared|tests|scripts)\//],
    ['network/**/*', /^(app|server|shared|supabase|tests|scripts)\//],
    ['scripts/!(e2e|budget|hostile|lighthouse|test)*', /^tests\//] // these look at the running product, as the browser tests do
  ]
  test.each(rules)('%s', (files, forbidden) => {
    const found = source(files)
    expect(found.length).toBeGreaterThan(0)
    expect(
      found.flatMap(one =>
        importsOf(one)
          .filter(name => forbidden.test(name))
          .map(name => `${one.file} imports ${name}`)
      )
    ).toEqual([])
  })

  test('the domain knows neither requests nor settings', () => {
    const knowing = source('server/domain/**/*').filter(({ text }) =>
      /H3Event|\bevent\.(node|context|path|headers|method)\b|useRuntimeConfig|process\.env|createError|setHeader|asService|asUser\(/.test(
        text
      )
    )
    expect(knowing.map(({ file }) => file)).toEqual([])
  })

  test('only what runs without a caller goes past row-level security', () => {
    const allowed = /^server\/(db\/|jobs\/|plugins\/|middleware\/|utils\/health\.ts)/
    expect(
      source('server/**/*')
        .filter(({ file, text }) => text.includes('asService') && !allowed.test(file))
        .map(({ file }) => file)
    ).toEqual([])
  })

  test('domain files do not import each other in a circle', () => {
    const graph = new Map(
      source('server/domain/**/*').map(one => [
        one.file.replace(/\.ts$/, ''),
        importsOf(one).filter(name => name.startsWith('server/domain/'))
      ])
    )
    const circle = (from: string, path: string[]): string[] | undefined =>
      path.includes(from) ? [...path, from] : (graph.get(from) ?? []).map(to => circle(to, [...path, from])).find(Boolean)
    expect([...graph.keys()].map(file => circle(file, [])).find(Boolean)).toBeUndefined()
  })
})

describe('what scripts, benches and tests load of the server outside of Nitro', () => {
  test('has the types of the server: one file alone loads it', () => {
    const loading = source('scripts/**/*', 'bench/**/*', 'tests/**/*', 'supabase/**/*').filter(one => importsOf(one).includes('jiti'))
    expect(loading.map(({ file }) => file)).toEqual(['scripts/server-modules.ts'])
    expect(readFileSync('scripts/server-modules.ts', 'utf8')).not.toMatch(/ as [A-Z]|unknown|: object/)
  })
})

describe('the server', () => {
  test('leaves the private fields of h3 events alone: the next version may drop them', () => {
    expect(
      source('server/**/*')
        .filter(({ text }) => /\b(?:event|forwarded)\._\w/.test(text))
        .map(({ file }) => file)
    ).toEqual([])
  })
})

describe('schemas', () => {
  test('take zod as shared/schemas/zod.ts has set it up', () => {
    const others = source('app/**/*', 'shared/**/*', 'server/**/*').filter(
      ({ file, text }) => /^import (?!type).*'zod'/m.test(text) && file !== 'shared/schemas/zod.ts'
    )
    expect(others.map(({ file }) => file)).toEqual([])
  })

  test('of answers stay on the server: browsers take their types alone, from shared/types/api.ts', () => {
    const schema = /(?:import|export)\s+(?!type\b)[^'"]*from\s*['"][^'"]*\/(?:answers\/[\w-]+|answer)['"]|import\(\s*['"][^'"]*\/answers\//
    const taking = source('app/**/*', 'shared/**/*').filter(
      ({ file, text }) => !file.startsWith('shared/schemas/answers/') && schema.test(text)
    )
    expect(taking.map(({ file }) => file)).toEqual(['shared/schemas/event.ts']) // itself an answer, and the names of the types
    const typing = source('app/**/*').filter(({ text }) => /schemas\/answers\//.test(text))
    expect(typing.map(({ file }) => file)).toEqual([])
  })
})

describe('routes', () => {
  const routes = source('server/api/**/*').filter(({ file }) => !file.endsWith('[...].ts'))

  test('each answers one method, named in its file', () => {
    expect(routes.filter(({ file }) => !/\.(get|post|put|patch|delete)\.ts$/.test(file)).map(({ file }) => file)).toEqual([])
  })

  test('each begins with who is calling, but those that ask for the token of a mail, and the reference', () => {
    const open = routes.filter(
      ({ text }) => !/defineEventHandler\(async event => \{\n {2}const \{[^}]*\} = await (authUser|requireUser)\(event/.test(text)
    )
    expect(open.map(({ file }) => file).sort()).toEqual([
      'server/api/invitations/[token]/index.get.ts',
      'server/api/openapi.json.get.ts',
      'server/api/ratings/[token]/index.get.ts',
      'server/api/ratings/[token]/index.post.ts',
      'server/api/reply-address/[token]/index.get.ts',
      'server/api/reply-address/[token]/index.post.ts',
      'server/api/unsubscribe/[token]/index.get.ts',
      'server/api/unsubscribe/[token]/index.post.ts'
    ])
  })

  test('each under a team asks for a permission', () => {
    expect(
      routes.filter(({ file, text }) => file.includes('[teamId]') && !/authUser\(event, '[\w.]+'\)/.test(text)).map(({ file }) => file)
    ).toEqual([])
  })

  test('each that writes asks for more than a key that only reads has', () => {
    const reading = new Set<string>(scopePermissions.read)
    const writing = routes.filter(({ file }) => file.includes('[teamId]') && !file.endsWith('.get.ts'))
    expect(writing.length).toBeGreaterThan(30)
    expect(
      writing.filter(({ text }) => reading.has(/authUser\(event, '([\w.]+)'\)/.exec(text)?.[1] ?? '')).map(({ file }) => file)
    ).toEqual([])
  })

  test('none reads a body or a query but through a schema', () => {
    expect(
      routes
        .filter(({ text }) => /\b(readBody|readRawBody|getQuery|readFormData|readMultipartFormData|getRouterParams)\(/.test(text))
        .map(({ file }) => file)
    ).toEqual([])
  })

  test('each noun has its tests', () => {
    const nouns = new Set(
      routes.map(({ file }) => {
        const folders = file
          .split('/')
          .slice(2, -1)
          .filter(folder => !folder.startsWith('['))
        return folders[0] === 'teams' && folders.length > 1
          ? folders.includes('replies')
            ? 'replies'
            : folders[1]!
          : (folders[0] ?? file.split(/[/.]/)[2]!)
      })
    )
    expect([...nouns].filter(noun => !existsSync(`tests/api/${noun}.test.ts`))).toEqual([])
  })
})

describe('tables', () => {
  test('each public one has its tests', () => {
    const tables = globSync('supabase/migrations/*.sql').flatMap(file =>
      [...readFileSync(file, 'utf8').matchAll(/^create table public\.(\w+)/gm)].map(match => match[1]!)
    )
    expect(tables.length).toBeGreaterThan(5)
    expect(tables.filter(table => !existsSync(`tests/db/${table.replaceAll('_', '-')}.test.ts`))).toEqual([])
  })
})

describe('migrations', () => {
  const chapters = globSync('supabase/migrations/*.sql').map(file => ({ file, lines: readFileSync(file, 'utf8').trimEnd().split('\n') }))

  test('are chapters of one noun: 250 lines at most, but for the generated table of letters', () => {
    expect(chapters.filter(({ lines }) => lines.length > 250).map(({ file }) => file)).toEqual([
      'supabase/migrations/20261121000300_text_folding.sql'
    ])
  })

  test('have lines of 140 characters at most', () => {
    expect(
      chapters.flatMap(({ file, lines }) => lines.flatMap((line, index) => (line.length > 140 ? [`${file}:${index + 1}`] : [])))
    ).toEqual([])
  })
})

describe('the browser', () => {
  test('only composables and plugins call the API', () => {
    const callers = source('app/components/**/*', 'app/pages/**/*', 'app/layouts/**/*', 'app/utils/**/*').filter(({ text }) =>
      /\$fetch\(|\buseFetch\(|\buseAsyncData\(/.test(text)
    )
    expect(callers.map(({ file }) => file)).toEqual([])
  })

  test('every request to the API goes the one way that gives each POST its Idempotency-Key', () => {
    const others = source('app/**/*').filter(({ text }) =>
      /\$fetch\.(raw|native|create)\b|import (?!type)[^\n]*'ofetch'|(?<![$\w.])fetch\(|import\('ofetch|XMLHttpRequest|sendBeacon|\baxios\b|globalThis\.\$fetch/.test(
        text
      )
    )
    // The second talks to Supabase; the third asks whether the server is there.
    expect(others.map(({ file }) => file).sort()).toEqual([
      'app/composables/data/useReconnect.ts',
      'app/plugins/requests.client.ts',
      'app/utils/session/session-fetch.ts'
    ])
  })

  test("what is shown or judged by the time of day goes by the server's, not by the clock of the machine", () => {
    const byClock = source('app/**/*').filter(({ text }) => /Date\.now\(\)|new Date\(\)/.test(text))
    // The clock itself; and what measures how long something took, or when it was last used on this machine.
    expect(byClock.map(({ file }) => file).sort()).toEqual([
      'app/composables/app/useStickToBottom.ts',
      'app/composables/command/useCommandUsage.ts',
      'app/composables/command/useTypeahead.ts',
      'app/composables/ticket/useTicketCopy.ts',
      'app/plugins/realtime.client.ts',
      'app/plugins/requests.client.ts',
      'app/plugins/updates.client.ts',
      'app/utils/app/server-time.ts'
    ])
  })

  test('what is typed is kept in one place, and nothing else writes into the storage of the browser', () => {
    const writing = source('app/**/*').filter(({ text }) => /(?:local|session)Storage\.(setItem|removeItem|clear)\(/.test(text))
    expect(writing.map(({ file }) => file).sort()).toEqual([
      'app/composables/ticket/useBulk.ts',
      'app/plugins/updates.client.ts',
      'app/utils/app/request-keys.ts',
      'app/utils/app/server-time.ts',
      'app/utils/draft/drafts.ts',
      'app/utils/session/session-person.ts'
    ])
  })

  // Vue renders a name that it does not know as an element without meaning, and says so in development alone.
  test('templates name components that exist', () => {
    const files = source('app/**/*.vue')
    const own = new Set(files.filter(({ file }) => file.startsWith('app/components/')).map(({ file }) => /(\w+)\.vue$/.exec(file)![1]!))
    const ofLibraries = /^(?:U[A-Z]|Nuxt|Client|RouterView|Component$|Suspense$|Teleport$|Transition|KeepAlive$)/
    const unknown = files.flatMap(({ file, text }) => {
      const imported = new Set([...text.matchAll(/^import ([^'"]+) from /gm)].flatMap(([, names]) => names!.match(/\w+/g) ?? []))
      const tags = text.slice(text.indexOf('<template>')).matchAll(/(?<=^\s*)<([A-Z]\w+)/gm)
      return [...tags]
        .map(([, tag]) => tag!)
        .filter(tag => ![tag, tag.replace(/^Lazy/, '')].some(name => own.has(name) || imported.has(name) || ofLibraries.test(name)))
        .map(tag => `${file}: <${tag}>`)
    })
    expect(own.size).toBeGreaterThan(50)
    expect(unknown).toEqual([])
  })

  test('only the markdown component sets HTML', () => {
    expect(
      source('app/**/*')
        .filter(({ text }) => /v-html|innerHTML|insertAdjacentHTML|document\.write/.test(text))
        .map(({ file }) => file)
    ).toEqual(['app/components/app/AppMarkdown.vue'])
  })
})

describe('the lock', () => {
  // mailparser and @supabase/lite pin versions of their own, with known faults.
  test('holds one nodemailer, not older than 10.0.13', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, { version?: string }> }
    const versions = Object.entries(packages)
      .filter(([path]) => /(^|\/)node_modules\/nodemailer$/.test(path))
      .map(([, { version }]) => version!)
    expect(versions).toHaveLength(1)
    expect(versions[0]!.localeCompare('10.0.13', 'en', { numeric: true })).toBeGreaterThanOrEqual(0)
  })
})

describe('the whole source', () => {
  const files = source(
    'app/**/*',
    'server/**/*',
    'shared/**/*',
    'scripts/**/*',
    'supabase/embedded/**/*',
    'network/**/*',
    'tests/**/*'
  ).filter(({ file }) => !file.endsWith('architecture.test.ts') && !file.endsWith('database.types.ts'))

  const banned: [what: string, pattern: RegExp][] = [
    ['untyped value', /\bas any\b|<any\b|: any(\[\])?\s*(?:[;)=]|$)/m],
    ['a suppressed check', /@ts-(ignore|nocheck|expect-error)|eslint-disable/],
    ['console.log', /console\.log\(/],
    ['something left to do', /\b(TODO|FIXME|XXX)\b/],
    ['a swallowed error', /catch\s*(\([^)]*\))?\s*\{\s*\}/],
    ['a skipped or lonely test', /\b(test|it|describe)\.(skip|only|todo|fixme)\(/],
    ['a debugger', /^\s*debugger\b/m],
    ['eval', /\beval\(|new Function\(/]
  ]
  test.each(banned)('holds nothing of this kind: %s', (_, pattern) => {
    expect(files.length).toBeGreaterThan(100)
    expect(files.filter(({ text }) => pattern.test(text)).map(({ file, text }) => `${file}: ${pattern.exec(text)![0]}`)).toEqual([])
  })

  test('no file is called by what kind of code it is', () => {
    expect(
      files
        .map(({ file }) => file)
        .filter(
          file =>
            !/^(app\/pages|server\/api|tests|app\/layouts)\//.test(file) &&
            /\/(helpers?|misc|common|manager|service|index)\.(ts|vue)$/.test(file)
        )
    ).toEqual([])
  })
})
