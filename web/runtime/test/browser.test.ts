// The package in Debian's Chromium, under a strict Content-Security-Policy.
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packZones } from '../../engine-client/scripts/pack-zones.mjs'
import { wasmPath } from './engine.ts'

const executablePath = '/usr/bin/chromium'
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Runs in the page. */
const program = `
import {
  AdaptiveBackpressureHandler, PerformanceTestSuite, StreamDebugger, StreamEngine, WorkflowEngine, detectLimits, loadEngine, setSharedEngine
} from './src/index.ts'
const engine = await loadEngine('/weir.wasm')
setSharedEngine(engine)
const streams = new StreamEngine()
streams.setBackpressureHandler(new AdaptiveBackpressureHandler())
const seen = []
new StreamDebugger(streams).debug$.subscribe((event) => seen.push(event.type))
const connection = streams.getConnection(streams.createConnection('a', 'b', 'out', 'in'))
const values = []
connection.subscribe((message) => { values.push(message.data.value) })
for (let value = 0; value < 100; value++) {
  const from = { sourceNodeId: 'a', targetNodeId: 'b', port: 'out' }
  await connection.writer.write({ ...from, id: 'm' + value, timestamp: Date.now(), data: { value } })
}
await connection.close()
await connection.finished
const test = { name: 't', duration: 500, messageRate: 1000, messageSize: 100, concurrentConnections: 4, dataPattern: 'sine-wave' }
const measured = await new PerformanceTestSuite(new StreamEngine()).runTest(test)
const nodes = [{ id: 'n', typeId: 'generate/pattern', version: '1.0.0', settings: { rows: 100000 } }]
const run = await new WorkflowEngine().executeWorkflow({ id: 'w', version: '1.0.0', nodes, edges: [] })
globalThis.report = {
  values, received: seen.includes('received'), measured, outcome: (await run.result).outcome, limits: detectLimits()
}
`

async function serve(): Promise<{ server: Server; url: string }> {
  const stdin = { contents: program, resolveDir: here('..'), sourcefile: 'program.ts' }
  const made = await build({ stdin, bundle: true, format: 'esm', platform: 'browser', write: false, target: 'es2022' })
  const files: Record<string, [string, Uint8Array | string]> = {
    '/': ['text/html', '<!doctype html><title>runtime</title><script type="module" src="/program.js"></script>'],
    '/program.js': ['text/javascript', made.outputFiles[0]?.text ?? ''],
    '/weir.wasm': ['application/wasm', readFileSync(wasmPath)],
    '/zones.bin': ['application/octet-stream', packZones()]
  }
  const server = createServer((request, response) => {
    const found = files[request.url ?? '']
    response.setHeader('content-security-policy', "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'")
    response.writeHead(found ? 200 : 404, found ? { 'content-type': found[0] } : {})
    response.end(found?.[1])
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

interface Report {
  values: number[]
  received: boolean
  measured: { sent: number; received: number; dropped: number }
  outcome: string
  limits: { maxConcurrentNodes: number }
}

describe.skipIf(!existsSync(executablePath))('in Chromium', () => {
  let browser: Browser
  let page: Page
  let served: { server: Server; url: string }
  const complaints: string[] = []

  beforeAll(async () => {
    served = await serve()
    const args = [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking'
    ]
    browser = await chromium.launch({ executablePath, args })
    page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.location().url.endsWith('favicon.ico')) complaints.push(message.text())
    })
  }, 120_000)

  afterAll(async () => {
    await browser.close()
    served.server.close()
  })

  it('messages, measurement and workflows are as in Node.js, and nothing needs eval', async () => {
    await page.goto(served.url)
    await page.waitForFunction(() => 'report' in globalThis, undefined, { timeout: 60_000 })
    const report = await page.evaluate(() => (globalThis as unknown as { report: Report }).report)
    expect(report.values).toEqual(Array.from({ length: 100 }, (_, i) => i))
    expect(report).toMatchObject({
      received: true,
      outcome: 'done',
      measured: { sent: 500, received: 500, dropped: 0 }
    })
    expect(report.limits.maxConcurrentNodes).toBeGreaterThanOrEqual(1)
    expect(complaints).toEqual([])
  }, 120_000)
})
