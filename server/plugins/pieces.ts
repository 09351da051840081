import { Readable } from 'node:stream'
import { inPieces } from '../utils/pieces'

// What the framework would turn into JSON at once.
export default defineNitroPlugin((nitroApp) => {
  nitroApp.hooks.hook('beforeResponse', (event, response) => {
    const pieces = event.path.startsWith('/api/') ? inPieces(response.body) : undefined
    if (!pieces) return
    setHeader(event, 'content-type', 'application/json')
    response.body = Readable.from(pieces, { objectMode: false })
  })
})
