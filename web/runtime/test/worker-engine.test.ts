// Streams and workflows over an engine in a worker (BrowserEngine), in Debian's Chromium, as over one in this thread.
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { chromium, type Browser, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { wasmPath } from './engine.ts'

const executablePath = '/usr/bin/chromium'
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))

/** Runs in the page. */
const program = `
import { BrowserEngine } from '@weir/engine-client/browser'
import { DefaultBackpressureHandler, GracefulErrorRecovery, StreamEngine, WorkflowEngine } from './src/index.ts'
const makeWorker = () => new Worker('/engine-worker.js', { type: 'module' })
const engine = await BrowserEngine.make({ module: '/weir.wasm', makeWorker, windowBytes: 65536 })
const streams = new StreamEngine({ engine })
streams.setBackpressureHandler(new DefaultBackpressureHandler())
streams.setErrorRecovery(new GracefulErrorRecovery())
const connection = streams.getConnection(streams.createConnection('a', 'b', 'out', 'in'))
const values = []
connection.subscribe((message) => { values.push(message.data.value) })
for (let value = 0; value < 200; value++) {
  const from = { sourceNodeId: 'a', targetNodeId: 'b', port: 'out' }
  await connection.writer.write({ ...from, id: 'm' + value, timestamp: Date.now(), data: { value } })
}
const { sent } = await connection.metrics()
await connection.close()
await connection.finished

const workflows = new WorkflowEngine({ engine })
workflows.registry.register('page/double', ({ id }) => ({ id, type: 'page/double', async *execute(row) { yield { twice: row.id * 2 } } }))
const node = (id, typeId, settings) => ({ id, typeId, version: '1.0.0', settings })
const edge = (id, source, target) => ({ id, source: { node: source, port: 'rows' }, target: { node: target, port: 'rows' } })
const execution = await workflows.executeWorkflow({
  id: 'w', version: '1.0.0',
  nodes: [node('count', 'generate/pattern', { pattern: 'sequential', rows: 500 }), node('double', 'page/double', {})],
  edges: [edge('e', 'count', 'double')]
}, { outlets: [{ node: 'double', port: 'rows' }] })
const twice = []
for await (const row of execution.rows('double', 'rows')) twice.push(row.twice)
const result = await execution.result

// A slow reader of everything that an endless flow tells: the source stops.
const reader = engine.execute({ id: 'x', version: '1.0.0', nodes: [node('count', 'generate/pattern', { rows: 2000000000 })], edges: [] }).getReader()
const ahead = []
let read = 0
while (ahead.length < 6) {
  await new Promise((resolve) => setTimeout(resolve, 50))
  for (let i = 0; i < 20; i++) {
    const { value } = await reader.read()
    if (value.type === 'node-output') read += value.data.length
    if (value.data.figures) ahead.push(value.data.figures.nodes.find((one) => one.id === 'count').rowsOut - read)
  }
}
await reader.cancel()
const workers = engine.workers
// A connection that still goes on when the engine is closed, and a listener that throws.
let told = 0
addEventListener('error', (event) => { event.preventDefault(); told += 1 })
streams.onEvent(() => { throw new Error('listener') })
const cut = streams.getConnection(streams.createConnection('a', 'b', 'out', 'in'))
const cutReader = cut.readable.getReader()
await cut.writer.write({ sourceNodeId: 'a', targetNodeId: 'b', port: 'out', id: 'one', timestamp: 1, data: 1 })
const first = (await cutReader.read()).value.data
engine.close()
const words = (reason) => 'failed: ' + reason.message
const cutEnds = await Promise.all([cutReader.read().then(() => 'end', words), cut.finished.then(() => 'end', words)])
globalThis.report = { first, cutEnds, told, values, sent, twice, outcome: result.outcome, ahead, workers }
`

interface Report {
  values: number[]
  sent: number
  twice: number[]
  outcome: string
  ahead: number[]
  first: number
  cutEnds: string[]
  told: number
}

describe.skipIf(!existsSync(executablePath))('over an engine in a worker', () => {
  let server: Server
  let browser: Browser
  let page: Page
  const complaints: string[] = []

  beforeAll(async () => {
    const stdin = { contents: program, resolveDir: here('..'), sourcefile: 'program.ts' }
    const options = { bundle: true, format: 'esm', platform: 'browser', write: false, target: 'es2022' } as const
    const worker = here('../../engine-client/src/browser/worker/engine-worker.ts')
    const [main, own] = await Promise.all([build({ ...options, stdin }), build({ ...options, entryPoints: [worker] })])
    const files: Record<string, [string, Uint8Array | string]> = {
      '/': ['text/html', '<!doctype html><title>worker</title><script type="module" src="/program.js"></script>'],
      '/program.js': ['text/javascript', main.outputFiles[0]?.text ?? ''],
      '/engine-worker.js': ['text/javascript', own.outputFiles[0]?.text ?? ''],
      '/weir.wasm': ['application/wasm', readFileSync(wasmPath)]
    }
    server = createServer((request, response) => {
      const found = files[request.url ?? '']
      response.setHeader('content-security-policy', "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'")
      response.writeHead(found ? 200 : 404, found ? { 'content-type': found[0] } : {})
      response.end(found?.[1])
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--no-first-run'] })
    page = await browser.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
  })

  afterAll(async () => {
    await browser.close()
    server.closeAllConnections()
    server.close()
  })

  it('messages arrive, workflows run with nodes of the page, slow readers stop the source, a closed engine is no end', async () => {
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    await page
      .waitForFunction(() => 'report' in globalThis, undefined, { timeout: 90_000 })
      .catch((reason: unknown) => {
        throw new Error(`${String(reason)}: ${complaints.join('; ')}`)
      })
    const report = await page.evaluate(() => (globalThis as unknown as { report: Report }).report)
    expect(report.values).toEqual(Array.from({ length: 200 }, (_, i) => i))
    expect(report.sent).toBe(200)
    expect(report.twice).toEqual(Array.from({ length: 500 }, (_, i) => 2 * i))
    expect(report.outcome).toBe('done')
    // An edge, an outlet, the worker's credit and one message.
    expect(Math.max(...report.ahead)).toBeLessThan(600_000)
    expect(report.first).toBe(1)
    for (const end of report.cutEnds) expect(end).toMatch(/^failed: connection 'a:out-b:in-2' ended.*closed/)
    expect(report.told).toBe(1)
    expect(complaints).toEqual([])
  })
})
