import { execFileSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { surviveClosedOutput } from './output.ts'

surviveClosedOutput()

const rule = '@secretlint/secretlint-rule'
// Placeholders in .env.example and in the Markdown tests.
const config = {
  rules: [
    {
      id: `${rule}-preset-recommend`,
      rule: creator,
      rules: [
        { id: `${rule}-database-connection-string`, options: { allows: ['/postgres\\.<project>:<password>@/'] } },
        { id: `${rule}-basicauth`, options: { allows: ['/user:pass@a\\.test/'] } }
      ]
    }
  ]
}
const binary = new Set(['.png', '.jpg', '.ico', '.woff2'])

// Tracked files, and untracked files that are not ignored.
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: projectRoot,
  encoding: 'utf8',
  maxBuffer: 64 * 1024 * 1024
})
for (const filePath of listed.split('\0').filter(path => path && !binary.has(extname(path)))) {
  const content = await readFile(join(projectRoot, filePath), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null // deleted but still in the index
    throw error
  })
  if (content === null) continue
  const { messages } = await lintSource({
    source: { filePath, content, ext: extname(filePath), contentType: 'text' },
    options: { config, maskSecrets: true }
  })
  for (const { loc, ruleId, message } of messages) {
    console.error(`${filePath}:${loc.start.line} · ${ruleId} · ${message}`)
    process.exitCode = 1
  }
}
