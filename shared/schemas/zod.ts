import { z } from 'zod'

// Before the first schema: zod tries eval, and the content security policy of our pages reports the attempt.
z.config({ jitless: 'document' in globalThis })

export { z }
