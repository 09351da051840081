// npm run export -- <file.jsonl> --team <slug> [--as <email>]: writes every ticket of a team with its conversation, in the
// format of `npm run import`. npm run export -- articles <folder> …: writes its articles. Exit codes: 0 success, 2 failure.
import { exportArticles } from './import/article-export.ts'
import { exportFile } from './import/export.ts'
import { readExportSettings, readFolderSettings, UsageError } from './import/settings.ts'
import { surviveClosedOutput } from './output.ts'
import { plural } from '../shared/utils/plural.ts'

surviveClosedOutput()
try {
  const args = process.argv.slice(2)
  const articles = readFolderSettings(args, 'export')
  if (articles) {
    const { articles: count, files, images } = await exportArticles(articles)
    const pictures = images > 0 ? ` with ${plural(images, '1 picture', '# pictures')}` : ''
    console.info(`${articles.folder}: ${plural(count, '1 article', '# articles')} in ${plural(files, '1 file', '# files')}${pictures}`)
  } else {
    const settings = readExportSettings(args)
    const { requests, replies } = await exportFile(settings)
    console.info(`${settings.file}: ${plural(requests, '1 request', '# requests')} with ${plural(replies, '1 reply', '# replies')}`)
  }
} catch (error) {
  console.error(
    error instanceof UsageError || !(error instanceof Error) ? (error instanceof Error ? error.message : String(error)) : error.stack
  )
  process.exitCode = 2
}
