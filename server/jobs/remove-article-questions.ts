import { asService } from '../db/identity'
import { removeOldQuestions } from '../domain/article/question'
import { runBatches } from './batches'
import type { Job } from './boss'

const batchSize = 1_000

export const removeArticleQuestionsJob: Job = {
  name: 'remove-article-questions',
  async run(stopping) {
    await runBatches(stopping, () => asService('removing old questions to the knowledge base', db => removeOldQuestions(db, batchSize)))
  }
}
