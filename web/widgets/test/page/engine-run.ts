// The engine in its worker, for the scenes.
import type { Execution } from '@weir/engine-client'
import { BrowserEngine } from '@weir/engine-client/browser'

let engine: Promise<BrowserEngine> | undefined

function started(): Promise<BrowserEngine> {
  engine ??= BrowserEngine.make({
    module: '/weir.wasm',
    makeWorker: () => new Worker('/engine-worker.js', { type: 'module' }),
    warm: 1
  })
  return engine
}

/** A run whose port `rows` of `node` is read. */
export async function runOf(flow: Record<string, unknown>, node: string): Promise<Execution> {
  return (await started()).run(flow, { outlets: [{ node, port: 'rows' }] })
}

/** Workers that the engine keeps. */
export async function engineWorkers(): Promise<number> {
  return (await started()).workers
}

export function oneNode(id: string, typeId: string, settings: Record<string, unknown>): Record<string, unknown> {
  return { id: 'scene', version: '1.0.0', nodes: [{ id, typeId, version: '1.0.0', settings }], edges: [] }
}
