import { z } from '../zod'

const issue = z.object({
  path: z.string().describe('The field, or the parameter.'),
  message: z.string()
})

export const apiError = z
  .object({
    statusCode: z.int(),
    statusMessage: z.string(),
    message: z.string().describe('A sentence for people.'),
    data: z
      .object({
        code: z.string().describe('A stable name for programs.'),
        issues: z.array(issue).optional().describe('What is wrong with which field.')
      })
      .catchall(z.unknown())
  })
  .meta({ id: 'Error', description: 'The body of every error.' })

export type Issue = z.output<typeof issue>
export type ApiError = z.output<typeof apiError>
