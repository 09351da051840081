import { readFile } from 'node:fs/promises'
import { articleNames } from '../../supabase/demo/articles.ts'

interface Asked {
  question: string
  /** The names of the articles that answer it. */
  expected: string[]
  /** The names of those that `suggest` returns, the best first. */
  suggested: string[]
  isFound: boolean
}

type Suggest = (question: string) => Promise<{ title: string }[]>

/** Asks the questions of supabase/demo/questions.json: those that an article of the demo answers, and those that none answers. */
export async function askQuestions(suggest: Suggest): Promise<{ answered: Asked[]; unanswered: Asked[] }> {
  const questions = JSON.parse(await readFile(new URL('../../supabase/demo/questions.json', import.meta.url), 'utf8')) as {
    answered: { question: string; articles: string[] }[]
    unanswered: string[]
  }
  const names = await articleNames()
  const ask = async (question: string, expected: string[]): Promise<Asked> => {
    const suggested = (await suggest(question)).map(({ title }) => names.get(title) ?? title)
    return { question, expected, suggested, isFound: suggested.some(name => expected.includes(name)) }
  }
  const answered = []
  for (const { question, articles } of questions.answered) answered.push(await ask(question, articles))
  const unanswered = []
  for (const question of questions.unanswered) unanswered.push(await ask(question, []))
  return { answered, unanswered }
}
