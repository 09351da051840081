import { z } from '#shared/schemas/zod'
import { json, type Noun } from '../describe'

export const reference: Noun = {
  name: 'This reference',
  description: 'The OpenAPI document behind this reference, for client generators.',
  routes: {
    'GET /openapi.json': {
      id: 'getOpenApi',
      summary: 'Fetch the OpenAPI document',
      isPublic: true,
      answers: {
        200: json(z.looseObject({ openapi: z.string() }), 'The document. It has an `ETag`.'),
        304: { description: 'The document still has the `ETag` from `If-None-Match`.' }
      }
    }
  }
}
