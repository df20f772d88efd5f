// How the TypeScript tests run.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*/test/**/*.test.ts', '*/test/**/*.test.tsx'],
    testTimeout: 180_000,
    hookTimeout: 180_000,
    reporters: ['default']
  }
})
