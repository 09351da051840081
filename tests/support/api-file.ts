import { afterAll } from 'vitest'
import { endFile } from './api.ts'

// A set-up file runs once per test file; modules are shared by all files of a worker.
afterAll(endFile)
