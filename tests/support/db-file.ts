import { afterAll } from 'vitest'
import { endFile } from './as.ts'

// A set-up file runs once per test file; modules are shared by all files of a worker.
afterAll(endFile)
