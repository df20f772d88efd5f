// npm run demo: it ends well, and shows what it says it shows.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { wasmPath } from './engine.ts'

it('the demo shows patterns, metrics, backpressure, a performance test and the debug export', async () => {
  const script = fileURLToPath(new URL('../scripts/run-demo.mjs', import.meta.url))
  const env = { ...process.env, WEIR_WASM: wasmPath }
  const { stdout } = await promisify(execFile)(process.execPath, [script], { env, timeout: 100_000 })
  expect(stdout).toMatch(/sine-wave +[▁▂▃▄▅▆▇█]{60}/)
  expect(stdout).toMatch(/250 read +0 dropped/)
  expect(stdout).toContain('150 messages in')
  expect(stdout).toContain('dropping:')
  expect(stdout).toMatch(/of 40 messages of a higher priority \d+ arrived/)
  expect(stdout).toMatch(/\| Demo \| (yes|no) \|/)
  expect(stdout).toMatch(/\d+ bytes of JSON/)
}, 120_000)
