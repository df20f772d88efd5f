// The cases of *.test.json, as `weir test` has them, in wasm: given rows in, expected rows out.
import { existsSync, readFileSync } from 'node:fs'
import { LocalEngine, PackedZones, type Execution } from '@weir/engine-client'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { packZones } from '../../../engine-client/scripts/pack-zones.mjs'
import { flowCases, type FlowCase, type FlowDocument } from './golden-flows.ts'
import { MODULE } from './golden-runs.ts'

/** Nodes that are given rows, or whose rows are looked at, stand for the page. */
function withPage(flow: FlowDocument, one: FlowCase): FlowDocument {
  for (const node of flow.nodes) {
    if (one.in && node.id in one.in) Object.assign(node, { typeId: 'page/inlet', settings: {} })
    if (one.out && node.id in one.out) Object.assign(node, { typeId: 'page/outlet', settings: {} })
  }
  return flow
}

async function rowsOf(run: Execution, node: string): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const row of run.rows(node, 'rows')) rows.push(row)
  return rows
}

/** Nothing waits in real time: the clock goes on to when the run wants to be woken. */
async function untilDone(run: Execution): Promise<void> {
  const state = { over: false }
  void run.result.finally(() => {
    state.over = true
  })
  while (!state.over) {
    await new Promise((resolve) => setImmediate(resolve))
    if (vi.isFakeTimers() && vi.getTimerCount() > 0) await vi.advanceTimersToNextTimerAsync()
  }
}

describe.skipIf(!existsSync(MODULE))('A case of an example gives in wasm the rows that it says', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  for (const { example, flow, one } of existsSync(MODULE) ? flowCases() : []) {
    it(`${example}: ${one.name}`, { timeout: 60_000 }, async () => {
      if (one.clock !== undefined) {
        vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'], now: Date.parse(one.clock) })
      }
      const zones = await PackedZones.unpack(new Uint8Array(packZones()))
      const module = await WebAssembly.compile(readFileSync(MODULE))
      const engine = await LocalEngine.make(module, { zones, now: () => Date.now() })
      const outlets = Object.keys(one.out ?? {}).map((node) => ({ node, port: 'rows' }))
      const document = withPage(structuredClone(flow), one)
      const { parameters } = one
      const run = await engine.run(document as unknown as Record<string, unknown>, {
        outlets,
        seed: 1,
        ...(parameters && { parameters })
      })
      for (const [node, rows] of Object.entries(one.in ?? {})) {
        const writer = run.inlet(node).getWriter()
        void writer.write(rows).then(() => writer.close())
      }
      const seen = Promise.all(outlets.map(async ({ node }) => [node, await rowsOf(run, node)] as const))
      await untilDone(run)
      const { outcome } = await run.result
      expect(outcome).toBe('done')
      for (const [node, rows] of await seen) expect(rows, node).toEqual(one.out?.[node])
      if (one.deadLetters !== undefined) expect(await run.deadLetters()).toHaveLength(one.deadLetters)
    })
  }
})
