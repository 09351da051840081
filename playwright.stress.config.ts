import { defineConfig } from '@playwright/test'
import config from './playwright.config.ts'

// Measurements in a browser, one at a time: node scripts/e2e.ts --config playwright.stress.config.ts
export default defineConfig({
  ...config,
  testDir: 'tests/stress',
  testMatch: '**/*.spec.ts',
  outputDir: 'test-results/stress',
  reporter: 'list',
  workers: 1,
  retries: 0
})
