// How the TypeScript tests run.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['*/test/**/*.test.ts', '*/test/**/*.test.tsx'],
    testTimeout: 180_000,
    hookTimeout: 600_000,
    globalSetup: ['studio/test/built-studio.setup.ts'],
    // No test is proof by being quick: the default is one second.
    expect: { poll: { timeout: 60_000 } },
    reporters: ['default']
  }
})
