import { afterAll } from 'vitest'
import { endFile } from './as.ts'

// Runs for every file, unlike the modules that files share.
afterAll(endFile)
