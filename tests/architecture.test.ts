import { existsSync, globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { settingsPages } from '~/utils/settings/settings-pages'
import { scopePermissions } from '#shared/permissions'

const readSources = (...patterns: string[]) =>
  patterns
    .flatMap(pattern => globSync(pattern))
    .filter(file => /\.(ts|vue)$/.test(file))
    .map(file => ({ file, text: readFileSync(file, 'utf8') }))

/** The module names that a file imports. Relative ones become paths from the root. */
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
  const rules: [files: string, forbidden: RegExp][] = [
    ['app/**/*', /^(server|supabase|network|tests|scripts)\//],
    [
      'shared/**/*',
      /^(app|server|supabase|tests|scripts)\/|^(?!zod$|date-fns|markdown-it|@internationalized\/date$|@intlify\/core-base$|shared\/).*/
    ],
    ['server/**/*', /^(app|tests|scripts|supabase)\/|^postgres$/], // one driver: pg
    ['server/api/**/*', /^server\/(db|adapters|plugins|jobs)\//],
    ['server/domain/**/*', /^(h3|nitropack|#imports|server\/(api|utils|plugins|adapters|jobs|middleware)\/)/],
    ['server/db/**/*', /^server\/(api|utils|plugins|adapters|domain|jobs)\//],
    ['server/adapters/**/*', /^server\/(api|utils|db|domain|plugins)\//],
    ['supabase/embedded/**/*', /^(app|server|shared|tests|scripts)\//],
    ['network/**/*', /^(app|server|shared|supabase|tests|scripts)\//],
    ['scripts/!(e2e|budget|hostile|lighthouse|test|ui-cost)*', /^tests\//] // the excluded scripts drive the running product, as browser tests do
  ]
  test.each(rules)('files in %s have no import that matches %s', (files, forbidden) => {
    const found = readSources(files)
    expect(found.length).toBeGreaterThan(0)
    expect(
      found.flatMap(one =>
        importsOf(one)
          .filter(name => forbidden.test(name))
          .map(name => `${one.file} imports ${name}`)
      )
    ).toEqual([])
  })

  test('server/domain uses neither the request nor the settings', () => {
    const offenders = readSources('server/domain/**/*').filter(({ text }) =>
      /H3Event|\bevent\.(node|context|path|headers|method)\b|useRuntimeConfig|process\.env|createError|setHeader|asService|asUser\(/.test(
        text
      )
    )
    expect(offenders.map(({ file }) => file)).toEqual([])
  })

  test('only database, jobs, plugins, middleware and health checks bypass row-level security with asService', () => {
    const allowed = /^server\/(db\/|jobs\/|plugins\/|middleware\/|utils\/health\.ts)/
    expect(
      readSources('server/**/*')
        .filter(({ file, text }) => text.includes('asService') && !allowed.test(file))
        .map(({ file }) => file)
    ).toEqual([])
  })

  test('files in server/domain have no circular imports', () => {
    const graph = new Map(
      readSources('server/domain/**/*').map(one => [
        one.file.replace(/\.ts$/, ''),
        importsOf(one).filter(name => name.startsWith('server/domain/'))
      ])
    )
    const circle = (from: string, path: string[]): string[] | undefined =>
      path.includes(from) ? [...path, from] : (graph.get(from) ?? []).map(to => circle(to, [...path, from])).find(Boolean)
    expect([...graph.keys()].map(file => circle(file, [])).find(Boolean)).toBeUndefined()
  })
})

describe('server modules outside of Nitro', () => {
  test('only scripts/server-modules.ts loads server modules with jiti, and it casts none of their types', () => {
    const loaders = readSources('scripts/**/*', 'bench/**/*', 'tests/**/*', 'supabase/**/*').filter(one => importsOf(one).includes('jiti'))
    expect(loaders.map(({ file }) => file)).toEqual(['scripts/server-modules.ts'])
    expect(readFileSync('scripts/server-modules.ts', 'utf8')).not.toMatch(/ as [A-Z]|unknown|: object/)
  })
})

describe('the server', () => {
  test('the server uses no private field of an h3 event, because the next version may drop it', () => {
    expect(
      readSources('server/**/*')
        .filter(({ text }) => /\b(?:event|forwarded)\._\w/.test(text))
        .map(({ file }) => file)
    ).toEqual([])
  })
})

describe('schemas', () => {
  test('only shared/schemas/zod.ts imports zod, because it configures the messages', () => {
    const others = readSources('app/**/*', 'shared/**/*', 'server/**/*').filter(
      ({ file, text }) => /^import (?!type).*'zod'/m.test(text) && file !== 'shared/schemas/zod.ts'
    )
    expect(others.map(({ file }) => file)).toEqual([])
  })

  test('the browser never loads the schemas of answers, and takes their types from shared/types/api.ts', () => {
    const schema = /(?:import|export)\s+(?!type\b)[^'"]*from\s*['"][^'"]*\/(?:answers\/[\w-]+|answer)['"]|import\(\s*['"][^'"]*\/answers\//
    const importers = readSources('app/**/*', 'shared/**/*').filter(
      ({ file, text }) => !file.startsWith('shared/schemas/answers/') && schema.test(text)
    )
    expect(importers.map(({ file }) => file)).toEqual(['shared/schemas/event.ts']) // payloads of events are answers too
    const typeImporters = readSources('app/**/*').filter(({ text }) => /schemas\/answers\//.test(text))
    expect(typeImporters.map(({ file }) => file)).toEqual([])
  })
})

describe('routes', () => {
  const routes = readSources('server/api/**/*').filter(({ file }) => !file.endsWith('[...].ts'))

  test('the file name of a route names its method', () => {
    expect(routes.filter(({ file }) => !/\.(get|post|put|patch|delete)\.ts$/.test(file)).map(({ file }) => file)).toEqual([])
  })

  test('every route first authenticates its caller, except routes with a token from a mail, public articles and the OpenAPI document', () => {
    const open = routes.filter(
      ({ text }) => !/defineEventHandler\(async event => \{\n {2}const \{[^}]*\} = await (authUser|requireUser)\(event/.test(text)
    )
    expect(open.map(({ file }) => file).sort()).toEqual([
      'server/api/invitations/[token]/index.get.ts',
      'server/api/openapi.json.get.ts',
      'server/api/public/[teamSlug]/articles/[articleSlug].get.ts',
      'server/api/public/[teamSlug]/articles/index.get.ts',
      'server/api/public/[teamSlug]/articles/suggest.get.ts',
      'server/api/ratings/[token]/index.get.ts',
      'server/api/ratings/[token]/index.post.ts',
      'server/api/reply-address/[token]/index.get.ts',
      'server/api/reply-address/[token]/index.post.ts',
      'server/api/unsubscribe/[token]/index.get.ts',
      'server/api/unsubscribe/[token]/index.post.ts'
    ])
  })

  test('every route of a team requires a permission', () => {
    expect(
      routes.filter(({ file, text }) => file.includes('[teamId]') && !/authUser\(event, '[\w.]+'\)/.test(text)).map(({ file }) => file)
    ).toEqual([])
  })

  test('every route that writes requires a permission that the scope read lacks', () => {
    const readPermissions = new Set<string>(scopePermissions.read)
    const writeRoutes = routes.filter(({ file }) => file.includes('[teamId]') && !file.endsWith('.get.ts'))
    expect(writeRoutes.length).toBeGreaterThan(30)
    expect(
      writeRoutes.filter(({ text }) => readPermissions.has(/authUser\(event, '([\w.]+)'\)/.exec(text)?.[1] ?? '')).map(({ file }) => file)
    ).toEqual([])
  })

  test('routes read bodies and queries only through schemas', () => {
    expect(
      routes
        .filter(({ text }) => /\b(readBody|readRawBody|getQuery|readFormData|readMultipartFormData|getRouterParams)\(/.test(text))
        .map(({ file }) => file)
    ).toEqual([])
  })

  test('every noun of the API has a test file in tests/api', () => {
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
  test('every table of the schema public has a test file in tests/db', () => {
    const tables = globSync('supabase/migrations/*.sql').flatMap(file =>
      [...readFileSync(file, 'utf8').matchAll(/^create table public\.(\w+)/gm)].map(match => match[1]!)
    )
    expect(tables.length).toBeGreaterThan(5)
    expect(tables.filter(table => !existsSync(`tests/db/${table.replaceAll('_', '-')}.test.ts`))).toEqual([])
  })
})

describe('migrations', () => {
  const chapters = globSync('supabase/migrations/*.sql').map(file => ({ file, lines: readFileSync(file, 'utf8').trimEnd().split('\n') }))

  test('a migration has at most 250 lines, except the generated table of letters', () => {
    expect(chapters.filter(({ lines }) => lines.length > 250).map(({ file }) => file)).toEqual([
      'supabase/migrations/20261121000300_text_folding.sql'
    ])
  })

  test('a line of a migration has at most 140 characters', () => {
    expect(
      chapters.flatMap(({ file, lines }) => lines.flatMap((line, index) => (line.length > 140 ? [`${file}:${index + 1}`] : [])))
    ).toEqual([])
  })
})

describe('the browser', () => {
  test('every settings page is in the list that the menu, the palette and the titles show', () => {
    const pages = globSync('app/pages/settings/*.vue').filter(file => !file.endsWith('/index.vue'))
    expect(pages.length).toBeGreaterThan(10)
    for (const reader of ['app/composables/command/usePaletteCommands.ts', 'app/pages/settings.vue'])
      expect(readFileSync(reader, 'utf8')).toMatch(/\bsettingsPages\b/)
    expect(pages.map(file => file.replace(/^app\/pages/, '').replace('.vue', '')).sort()).toEqual(
      settingsPages.map(({ path }) => path).sort()
    )
  })

  test('only composables and plugins call the API', () => {
    const callers = readSources('app/components/**/*', 'app/pages/**/*', 'app/layouts/**/*', 'app/utils/**/*').filter(({ text }) =>
      /\$fetch\(|\buseFetch\(|\buseAsyncData\(/.test(text)
    )
    expect(callers.map(({ file }) => file)).toEqual([])
  })

  test('every request to the API goes through requests.client.ts, which sets the Idempotency-Key of a POST', () => {
    const others = readSources('app/**/*').filter(({ text }) =>
      /\$fetch\.(raw|native|create)\b|import (?!type)[^\n]*'ofetch'|(?<![$\w.])fetch\(|import\('ofetch|XMLHttpRequest|sendBeacon|\baxios\b|globalThis\.\$fetch/.test(
        text
      )
    )
    // session-fetch.ts talks to Supabase; useReconnect.ts asks whether the server answers; sendFile.ts shows the progress of a file and
    // sets the key itself.
    expect(others.map(({ file }) => file).sort()).toEqual([
      'app/composables/attachment/sendFile.ts',
      'app/composables/data/useReconnect.ts',
      'app/plugins/requests.client.ts',
      'app/utils/session/session-fetch.ts'
    ])
  })

  test('code that shows or compares times uses the server time, not the local clock', () => {
    const clockReaders = readSources('app/**/*').filter(({ text }) => /Date\.now\(\)|new Date\(\)/.test(text))
    // server-time.ts reads the clock; the others measure durations, or note when this browser last used something.
    expect(clockReaders.map(({ file }) => file).sort()).toEqual([
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

  test('only the listed files write to localStorage or sessionStorage; typed text is stored by drafts.ts alone', () => {
    const writers = readSources('app/**/*').filter(({ text }) => /(?:local|session)Storage\.(setItem|removeItem|clear)\(/.test(text))
    expect(writers.map(({ file }) => file).sort()).toEqual([
      'app/composables/ticket/useBulk.ts',
      'app/plugins/updates.client.ts',
      'app/utils/app/request-keys.ts',
      'app/utils/app/server-time.ts',
      'app/utils/attachment/interrupted-files.ts',
      'app/utils/draft/drafts.ts',
      'app/utils/session/session-person.ts'
    ])
  })

  // Vue renders an unknown component as an unknown element, and warns only in development.
  test('templates name components that exist', () => {
    const files = readSources('app/**/*.vue')
    const own = new Set(files.filter(({ file }) => file.startsWith('app/components/')).map(({ file }) => /(\w+)\.vue$/.exec(file)![1]!))
    const libraryComponents = /^(?:U[A-Z]|Nuxt|Client|RouterView|Component$|Suspense$|Teleport$|Transition|KeepAlive$)/
    const unknown = files.flatMap(({ file, text }) => {
      const imported = new Set([...text.matchAll(/^import ([^'"]+) from /gm)].flatMap(([, names]) => names!.match(/\w+/g) ?? []))
      const tags = text.slice(text.indexOf('<template>')).matchAll(/(?<=^\s*)<([A-Z]\w+)/gm)
      return [...tags]
        .map(([, tag]) => tag!)
        .filter(tag => ![tag, tag.replace(/^Lazy/, '')].some(name => own.has(name) || imported.has(name) || libraryComponents.test(name)))
        .map(tag => `${file}: <${tag}>`)
    })
    expect(own.size).toBeGreaterThan(50)
    expect(unknown).toEqual([])
  })

  test('only AppMarkdown and, on the server, PortalText set HTML', () => {
    expect(
      readSources('app/**/*')
        .filter(({ text }) => /v-html|innerHTML|insertAdjacentHTML|document\.write/.test(text))
        .map(({ file }) => file)
        .sort()
    ).toEqual(['app/components/app/AppMarkdown.vue', 'app/components/portal/PortalText.vue'])
  })
})

describe('package-lock.json', () => {
  // mailparser and @supabase/lite pin older versions with known vulnerabilities.
  test('package-lock.json has one nodemailer, of version 10.0.13 or later', () => {
    const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as { packages: Record<string, { version?: string }> }
    const versions = Object.entries(packages)
      .filter(([path]) => /(^|\/)node_modules\/nodemailer$/.test(path))
      .map(([, { version }]) => version!)
    expect(versions).toHaveLength(1)
    expect(versions[0]!.localeCompare('10.0.13', 'en', { numeric: true })).toBeGreaterThanOrEqual(0)
  })
})

describe('the whole source', () => {
  const files = readSources(
    'app/**/*',
    'server/**/*',
    'shared/**/*',
    'scripts/**/*',
    'supabase/embedded/**/*',
    'network/**/*',
    'tests/**/*'
  ).filter(({ file }) => !file.endsWith('architecture.test.ts') && !file.endsWith('database.types.ts'))

  const banned: [name: string, pattern: RegExp][] = [
    ['an untyped value', /\bas any\b|<any\b|: any(\[\])?\s*(?:[;)=]|$)/m],
    ['a suppressed check', /@ts-(ignore|nocheck|expect-error)|eslint-disable/],
    ['console.log', /console\.log\(/],
    ['a TODO comment', /\b(TODO|FIXME|XXX)\b/],
    ['a swallowed error', /catch\s*(\([^)]*\))?\s*\{\s*\}/],
    ['a skipped or focused test', /\b(test|it|describe)\.(skip|only|todo|fixme)\(/],
    ['a debugger', /^\s*debugger\b/m],
    ['eval', /\beval\(|new Function\(/]
  ]
  test.each(banned)('no source file contains %s', (_, pattern) => {
    expect(files.length).toBeGreaterThan(100)
    expect(files.filter(({ text }) => pattern.test(text)).map(({ file, text }) => `${file}: ${pattern.exec(text)![0]}`)).toEqual([])
  })

  test('no file is named after a kind of code, such as helpers or common', () => {
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
