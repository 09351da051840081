import { z } from 'zod'
import { describeIssue } from './messages'

// Must run before the first schema: zod tries eval, and the content security policy of our pages reports the attempt.
z.config({ jitless: 'document' in globalThis, localeError: describeIssue })

export { z }
