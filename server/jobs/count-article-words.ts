import { asService } from '../db/identity'
import { countStaleArticleWords } from '../domain/article/search'
import { runBatches } from './batches'
import type { Job } from './boss'

export const countArticleWordsJob: Job = {
  name: 'count-article-words',
  async run(stopping) {
    await runBatches(stopping, () => asService('counting the words of articles', countStaleArticleWords))
  }
}
