import { z } from '../zod'

const issue = z.object({
  path: z.string().describe('The field or parameter.'),
  message: z.string()
})

export const apiError = z
  .object({
    statusCode: z.int(),
    statusMessage: z.string(),
    message: z.string().describe('A sentence to show to people.'),
    data: z
      .object({
        code: z.string().describe('A stable, machine-readable code.'),
        issues: z.array(issue).optional().describe('The problem of each invalid field.')
      })
      .catchall(z.unknown())
  })
  .meta({ id: 'Error', description: 'The body of every error.' })

export type Issue = z.output<typeof issue>
export type ApiError = z.output<typeof apiError>
